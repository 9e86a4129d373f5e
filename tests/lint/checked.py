"""Build files written for a test, loaded, called, marshalled as the command does, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llbpy import Build, State, UnresolvedError
from llbpy.buildfile import BuildFile
from llbpy.dsl.targets import Outcome, Target
from llbpy.graph.config import image_config
from llbpy.graph.marshal import Marshaller, check_answered, marshal
from llbpy.graph.platforms import as_platform
from llbpy.graph.questions import HostKeysQuestion, ImageQuestion, ResolvedImage
from llbpy.lint.check import check
from llbpy.lint.finding import Finding
from llbpy.lint.subject import Subject
from tests.dsl.written import loaded

IMPORTS = """\
from llbpy import *
from pathlib import Path
from typing import Literal
"""
PLATFORM = as_platform("linux/amd64")
Config = Mapping[str, Any]
Answered = dict["ImageQuestion | HostKeysQuestion", "ResolvedImage | str"]


def subject(build_file: BuildFile, name: str | None = None, /, *, base: Config | None = None, **args: str) -> Subject:
    """A target with its graph. Images that are asked for have `base` as their config, and no digest."""
    target = build_file.find(name)
    made = build_file.call(target, Build(target=target.name, args=args), args)
    state = made.state if isinstance(made, Outcome) else made
    return with_graph(build_file, target, state, base or {}, args)


def with_graph(build_file: BuildFile, target: Target, state: State, base: Config, args: Mapping[str, str]) -> Subject:
    try:
        return _with_answers(build_file, target, state, {}, args)
    except UnresolvedError as error:
        asked = [question for question in error.questions if isinstance(question, ImageQuestion)]
        answers: Answered = {question: ResolvedImage("", base) for question in asked}
        return _with_answers(build_file, target, state, answers, args)


def _with_answers(
    build_file: BuildFile, target: Target, state: State, answers: Answered, args: Mapping[str, str]
) -> Subject:
    marshaller = Marshaller(PLATFORM, "not-sent", None, answers, build_file.source_files())
    view = marshaller.view(state.facts)
    definition = marshal(state.vertex, marshaller)
    check_answered(marshaller)
    image = state.facts.inherits
    base = None if image is None else marshaller.image(image.question(PLATFORM))
    config = image_config(state.facts, view, None if base is None else base.config, PLATFORM)
    return Subject(build_file, target, definition, args=args, config=config, answers=answers)


def findings(
    folder: Path, text: str, *, given: str | None = None, base: Config | None = None, **args: str
) -> list[Finding]:
    """All that is found in a build file's only or default target; imports are written in front unless it has some."""
    whole = text if "from llbpy import" in text else IMPORTS + text
    return [*check([subject(loaded(folder, whole), base=base, **args)], given).findings]


def rules(folder: Path, text: str, *, given: str | None = None, base: Config | None = None, **args: str) -> list[str]:
    """The names of the rules that found something."""
    return [finding.rule for finding in findings(folder, text, given=given, base=base, **args)]


def target(body: str, *, parameters: str = "build: Build", head: str = "") -> str:
    """A build file with one target, whose function returns an expression."""
    return f"{head}@target\ndef app({parameters}) -> State:\n    return {body}\n"
