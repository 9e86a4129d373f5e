"""Options that several subcommands share, and the way from them to a marshalled target."""

from __future__ import annotations

import os
import sys

from llbpy.buildfile import find_build_file, load
from llbpy.cli.failures import show_warning
from llbpy.dsl.build import Build
from llbpy.dsl.targets import Outcome
from llbpy.errors import LLBError, OptionError
from llbpy.graph import platforms
from llbpy.graph.history import exported
from llbpy.graph.marshal import Marshaller, check_answered, marshal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from llbpy.buildfile import BuildFile
    from llbpy.dsl.state import State
    from llbpy.dsl.targets import Target
    from llbpy.graph.definition import Definition
    from llbpy.graph.questions import Answers, Question, ResolvedImage

NOT_SENT = "not-sent"
"""The id of local folders in definitions that no daemon sees."""


def add_target(parser: argparse.ArgumentParser) -> None:
    """What to build: TARGET, -f, --arg, --platform."""
    parser.add_argument(
        "target", metavar="TARGET", nargs="?", help="the target (default: the one marked default, or the only one)"
    )
    add_file(parser)
    parser.add_argument(
        "--arg", metavar="NAME=VALUE", action="append", default=[], help="an argument of the target; see llbpy targets"
    )
    parser.add_argument("--platform", metavar="OS/ARCH", help="what to build for (default: this machine's platform)")


def add_file(parser: argparse.ArgumentParser) -> None:
    """Which build file: -f."""
    parser.add_argument("-f", "--file", metavar="FILE", help="the build file (default: build.py, else buildfile.py)")


def pairs(option: str, given: list[str]) -> dict[str, str]:
    """NAME=VALUE options as a dict, the last of a name counting. Raises OptionError for one without `=`."""
    found: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise OptionError(f"{option} {each!r} is no NAME=VALUE", option)
        found[name] = value
    return found


class Made:
    """A target that was called, and all that is known of its graph."""

    def __init__(
        self, build_file: BuildFile, target: Target, made: State | Outcome, platform: platforms.Platform
    ) -> None:
        self.build_file = build_file
        self.target = target
        self.state = made.state if isinstance(made, Outcome) else made
        self.exit_code = made.exit_code if isinstance(made, Outcome) else None
        self.platform = platform

    def marshal(self, unique_id: str, *, ask_hosts: bool = False) -> Definition:
        """Its definition, with the keys of ssh hosts if these are to be asked. Raises GraphError at the line that made it."""
        with _AtFolder(self.build_file.folder):
            marshaller = self.marshaller(unique_id)
            definition = marshal(self.state.vertex, marshaller)
            if not (ask_hosts and marshaller.unknown_hosts):
                return definition
            answers = _ask_hosts(marshaller)
            return marshal(self.state.vertex, self.marshaller(unique_id, answers)) if answers else definition

    def image_config(self) -> dict[str, Any]:
        """The config of the image that its state would be exported as, with its history. Raises UnresolvedError."""
        with _AtFolder(self.build_file.folder):
            marshaller = self.marshaller("")
            made = exported(self.state.vertex, self.state.facts, marshaller)
            check_answered(marshaller)
            return made.config

    def marshaller(self, unique_id: str, answers: Answers | None = None) -> Marshaller:
        return Marshaller(self.platform, unique_id, None, answers or {}, self.build_file.source_files())


class _AtFolder:
    """Completes the places of errors, which are named as seen from the build file's folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, LLBError) and error.where:
            error.at(os.path.join(self._folder, error.where))


def _ask_hosts(marshaller: Marshaller) -> Answers:
    from llbpy.cli.hostkeys import scan

    answers: dict[Question, ResolvedImage | str] = {}
    for question, op in marshaller.unknown_hosts.items():
        keys = scan(question.host)
        if keys is not None:
            answers[question] = keys
            continue
        places = marshaller.files.locate(op.site)
        where = f"{places[0]}: " if places else ""
        advice = "pass known_hosts= to git(), or known_hosts='' to say that this is meant"
        print(
            f"llbpy: warning: {where}nobody knows the keys of {question.host}, so they go unchecked; {advice}",
            file=sys.stderr,
        )
    return answers


def make(options: argparse.Namespace) -> Made:
    """Loads the build file and calls the target that the options name. Raises BuildFileError, OptionError, PlatformError."""
    args = pairs("--arg", options.arg)
    native = platforms.normalize(platforms.default())
    platform = platforms.normalize(platforms.parse(options.platform)) if options.platform else native
    build_file = load(options.file or find_build_file())
    target = build_file.find(options.target)
    build = Build(
        target=target.name, target_platform=platform, build_platform=native, args=args, ignored=build_file.ignored
    )
    try:
        made = build_file.call(target, build, args)
    finally:
        for note in build_file.notes:
            show_warning(note)
    return Made(build_file, target, made, platform)
