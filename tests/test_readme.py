"""The README's snippets do what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from llbpy.buildfile import load
from llbpy.cli import main
from llbpy.dsl.build import Build
from llbpy.dsl.targets import Outcome

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(README.read_text())
SNIPPETS = [text for language, text in BLOCKS if language == "python"]
TRANSCRIPTS = [text for language, text in BLOCKS if not language and text.startswith("$ ")]
REQUIRED = {"published": {"channel": "beta"}}
"""Arguments of the README's targets that have no default."""


def test_there_are_snippets_of_each_kind() -> None:
    assert len(SNIPPETS) >= 6
    assert len(TRANSCRIPTS) == 1


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_a_python_snippet_is_a_build_file_whose_targets_can_all_be_marshalled(number: int, tmp_path: Path) -> None:
    path = tmp_path / "build.py"
    path.write_text(SNIPPETS[number])
    build_file = load(str(path))
    for target in build_file.targets.values():
        made = build_file.call(target, Build(target=target.name), REQUIRED.get(target.name, {}))
        state = made.state if isinstance(made, Outcome) else made
        assert state.marshal(platform="linux/amd64", unique_id="readme").ops


def test_the_transcript_shows_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command, _, expected = TRANSCRIPTS[0].removeprefix("$ llbpy ").partition("\n")
    (tmp_path / "build.py").write_text(next(text for text in SNIPPETS if "jobs: int" in text))
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)) == 2
    assert capsys.readouterr().err == expected


def test_the_make_targets_that_it_names_exist() -> None:
    makefile = (README.parent / "Makefile").read_text()
    named = re.findall(r"^make (\w+)", README.read_text(), re.MULTILINE)
    assert named == ["demo", "test"]
    assert all(f"\n{name}:" in makefile for name in named)
