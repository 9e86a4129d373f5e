"""`llbpy graph`: a look at what would be built."""

from __future__ import annotations

import io
import json
import os
import pty
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from fcntl import ioctl
from pathlib import Path
from typing import TextIO

import pytest

from llbpy import Definition
from llbpy.explain.formats import names
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]
FOR = ("--platform", "linux/amd64")


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    """A terminal of 40 columns."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    with open(theirs, "r+b", buffering=0) as raw, io.TextIOWrapper(raw, write_through=True) as file:
        yield file
    os.close(ours)


def give(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_people_see_steps_lines_and_mounts(llbpy: Run) -> None:
    code, out, err = llbpy("graph", *FOR)
    assert (code, err) == (0, "")
    for part in ("compile dev", "build.py:11", "copy /app /app", "output /out", "3 vertices for linux/amd64"):
        assert part in out


@pytest.mark.parametrize(("format", "word"), [("dot", "digraph"), ("mermaid", "flowchart"), ("json", '"vertices"')])
def test_a_format_is_what_its_readers_expect(llbpy: Run, format: str, word: str) -> None:
    code, out, _ = llbpy("graph", "app", "--format", format)
    assert code == 0
    assert word in out
    assert "compile dev" in out


def test_every_format_there_is_can_be_chosen(llbpy: Run) -> None:
    for format in names():
        assert llbpy("graph", "--format", format).code == 0


def test_json_is_json(llbpy: Run) -> None:
    found = json.loads(llbpy("graph", "--format", "json", *FOR).out)
    assert [vertex["kind"] for vertex in found["vertices"]] == ["source", "exec", "file"]


def test_a_format_that_does_not_exist_is_refused_with_those_there_are(llbpy: Run) -> None:
    code, _, err = llbpy("graph", "--format", "png")
    assert code == 2
    for format in names():
        assert format in err


def test_any_definition_is_drawn_from_stdin(
    llbpy: Run, dumped: Callable[..., Definition], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    drawn = llbpy("graph", "app", *FOR)
    data = dumped("app", *FOR).to_bytes()
    (folder / "build.py").unlink()
    give(monkeypatch, data)
    assert llbpy("graph", "-") == drawn


def test_nothing_on_stdin_is_scratch(llbpy: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, b"")
    assert llbpy("graph", "-") == (0, "scratch\n", "")


@pytest.mark.parametrize("data", [b"FROM alpine\n", b"\xff", b'{"ops": []}'])
def test_what_is_no_definition_is_refused_in_a_line(llbpy: Run, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    give(monkeypatch, data)
    code, out, err = llbpy("graph", "-")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("llbpy: ")


def test_a_terminal_is_not_waited_for(llbpy: Run, monkeypatch: pytest.MonkeyPatch, terminal: TextIO) -> None:
    monkeypatch.setattr(sys, "stdin", terminal)
    code, _, err = llbpy("graph", "-")
    assert (code, err) == (
        2,
        "llbpy: graph - reads a definition from stdin, and that is a terminal; write llbpy graph - < FILE\n",
    )


def test_lines_are_as_wide_as_the_terminal(llbpy: Run, monkeypatch: pytest.MonkeyPatch, terminal: TextIO) -> None:
    shown: list[str] = []
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(terminal, "write", shown.append, raising=False)
    assert llbpy("graph").code == 0
    lines = "".join(shown).splitlines()
    assert max(map(len, lines)) == 40
