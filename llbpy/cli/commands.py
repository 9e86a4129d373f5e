"""Which subcommands there are, and how a command line becomes a call of one."""

from __future__ import annotations

import argparse
import os
import sys

from llbpy.errors import near

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn, Protocol

    class Command(Protocol):
        """A module that is a subcommand."""

        HELP: str
        DESCRIPTION: str

        def configure(self, parser: argparse.ArgumentParser) -> None: ...
        def run(self, options: argparse.Namespace) -> int: ...


_INTRODUCTION = """\
Write build.py instead of a Dockerfile: a typed Python file whose functions are targets, built by any BuildKit.

  llbpy targets                            what there is to build here, and its arguments
  llbpy dump | buildctl build --progress plain --local context=.
  llbpy graph                              look at what would be built
  docker build -f build.py .               the same with a `# syntax=` line, and without this command
"""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal; argparse would load a module of archive formats to learn how wide that is."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=min(_columns(), 120) - 2)


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", 0)) or os.get_terminal_size().columns
    except (OSError, ValueError):
        return 100  # no terminal: a pipe, a pager, a test


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with the nearest right word, and where the help is."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(prog=name, description=description, formatter_class=_Help, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments: "):
            word = message.removeprefix("unrecognized arguments: ").split()[0]
            known = [option for action in self._actions for option in action.option_strings]
            message = f"there is no {word!r}{near(word.partition('=')[0], known)}"
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def run(argv: Sequence[str]) -> int:
    """Runs the subcommand that `argv` begins with. Ends the process for --help, --version and wrong usage, as argparse does."""
    if not argv or argv[0].startswith("-"):
        return _without_command(argv)
    name = argv[0]
    if name not in names():
        print(f"llbpy: there is no command {name!r}{near(name, names())} (see llbpy --help)", file=sys.stderr)
        return 2
    command = _command(name)
    parser = Parser(f"llbpy {name}", command.DESCRIPTION)
    command.configure(parser)
    return command.run(parser.parse_args(argv[1:]))


def names() -> tuple[str, ...]:
    """The subcommands, in the order in which the help lists them."""
    return ("dump", "targets", "digest", "graph")


def _command(name: str) -> Command:
    __import__(f"llbpy.cli.{name}")  # `importlib` would have to be loaded for this alone
    command: Any = sys.modules[f"llbpy.cli.{name}"]
    return command  # type: ignore[no-any-return]


def _without_command(argv: Sequence[str]) -> int:
    listed = "\n".join([f"  {name:<10}{_command(name).HELP}" for name in names()])
    parser = Parser("llbpy", f"{_INTRODUCTION}\ncommands (llbpy COMMAND --help says more):\n{listed}")
    parser.usage = "llbpy COMMAND …"
    parser.add_argument("--version", action="store_true", help="print the version and end")
    if parser.parse_args(argv).version:
        from importlib.metadata import version

        print(f"llbpy {version('llbpy')}")
        return 0
    parser.print_help(sys.stderr)
    return 2
