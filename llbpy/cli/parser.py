"""The command line: argparse with one clear line for what is wrong, and help that teaches."""

from __future__ import annotations

import argparse

from llbpy.errors import near

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, Protocol

    class Command(Protocol):
        """A module of `llbpy.cli` that is a subcommand."""

        HELP: str
        DESCRIPTION: str

        def configure(self, parser: argparse.ArgumentParser) -> None: ...
        def run(self, options: argparse.Namespace) -> int: ...


COMMANDS = ("dump", "targets", "digest", "graph")
"""The modules that are subcommands, in the order of the help."""

_INTRODUCTION = """\
Write build.py instead of a Dockerfile: a typed Python file whose functions are targets, built by any BuildKit.

  llbpy targets                        what there is to build here, with its arguments
  llbpy dump | buildctl build          build the default target with a stock buildctl
  llbpy graph                          look at what would be built
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with the nearest right word, and where the help is."""

    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments: "):
            words = message.removeprefix("unrecognized arguments: ").split()
            known = [option for action in self._actions for option in action.option_strings]
            message = f"there is no {words[0]!r}{near(words[0].partition('=')[0], known)}"
        self.exit(2, f"llbpy: {message} (see {self.prog} --help)\n")
