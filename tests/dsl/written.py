"""Build files written for a test, loaded and called as the command does."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from llbpy import Build, State
from llbpy.buildfile import BuildFile, load
from llbpy.dsl.targets import Outcome
from tests.dsl.decoded import only


def write(folder: Path, text: str, name: str = "build.py") -> str:
    """Writes a file, with the folders above it, and gives its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return str(path)


def loaded(folder: Path, text: str, **neighbours: str) -> BuildFile:
    """A build file with modules beside it, `name="text"`, loaded."""
    for name, content in neighbours.items():
        write(folder, content, f"{name}.py")
    return load(write(folder, text))


def call(build_file: BuildFile, name: str | None = None, /, **args: str) -> State:
    """What a target makes of arguments given as text."""
    target = build_file.find(name)
    made = build_file.call(target, Build(target=target.name, args=args), args)
    return made.state if isinstance(made, Outcome) else made


def said(build_file: BuildFile, name: str | None = None, /, **args: str) -> str:
    """The text of the one file that a target writes."""
    data: bytes = only(call(build_file, name, **args), "mkfile").get("data", b"")
    return data.decode()
