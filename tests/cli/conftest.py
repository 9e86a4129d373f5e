"""A folder with a build file, and the command run in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from llbpy import Definition
from llbpy.cli import main

BUILD = '''\
"""What the tests of the command build."""

from llbpy import Build, State, group, image, output, scratch, target


@target(default=True, tags=["example/app:{version}"])
def app(build: Build, version: str = "dev", jobs: int = 4) -> State:
    """The app,
    alone in its image."""
    base = image("golang:1.26", inherit=False).dir("/src")
    made = base.run(["make", f"-j{jobs}", version], mounts=[output("/out")], name=f"compile {version}")
    return scratch().copy(made.output("/out")["/app"], "/app").config(entrypoint=["/app"])


@target
def sources(build: Build) -> State:
    """The context."""
    return build.context(include=["*.py"])


group(app, sources, name="all")
'''


class Outcome(NamedTuple):
    """What a command line came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a build.py."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build.py").write_text(BUILD, encoding="utf-8")
    return tmp_path


@pytest.fixture
def llbpy(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Outcome]:
    """Runs a command line in the folder."""

    def run(*argv: str) -> Outcome:
        try:
            code = main(argv)
        except SystemExit as ended:  # argparse ends by itself
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        out, err = capfdbinary.readouterr()
        return Outcome(code, out.decode(errors="replace"), err.decode())

    return run


@pytest.fixture
def dumped(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Definition]:
    """The definition that `llbpy dump` writes, and nothing else."""

    def run(*argv: str) -> Definition:
        assert main(["dump", *argv]) == 0
        out, err = capfdbinary.readouterr()
        made = Definition.from_bytes(out)
        assert (made.to_bytes(), err) == (out, b"")
        return made

    return run
