"""`llbpy digest`: one line that changes if and only if the graph does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from llbpy import Definition
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]

STEP = r"sha256:[0-9a-f]{64} \S+ .+"
UNSTABLE = """\
from llbpy import State, scratch, target

NAMES = {"anna", "bert", "carl", "dora", "emil", "fred", "gina", "hans"}

@target
def app() -> State:
    state = scratch().write("/first", "")
    for name in NAMES:
        state = state.write(f"/{name}", "")
    return state
"""


def test_it_is_the_digest_of_the_definition_and_nothing_else(llbpy: Run, dumped: Callable[..., Definition]) -> None:
    assert llbpy("digest", "app").out == dumped("app").digests[-1] + "\n"


def test_it_is_the_same_each_time_local_folders_included(llbpy: Run) -> None:
    assert llbpy("digest", "sources") == llbpy("digest", "sources")


def test_arguments_change_it_and_names_do_not(llbpy: Run, folder: Path) -> None:
    before = llbpy("digest")
    assert llbpy("digest", "--arg", "jobs=8").out != before.out
    text = (folder / "build.py").read_text()
    (folder / "build.py").write_text("# a comment\n" + text.replace('name=f"compile', 'name=f"make'))
    assert llbpy("digest") == before


def test_scratch_has_no_digest(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text("from llbpy import *\n@target\ndef app() -> State:\n    return scratch()\n")
    assert llbpy("digest", "--steps") == (0, "scratch\n", "")


def test_steps_come_before_it_with_digest_line_and_name(llbpy: Run) -> None:
    lines = llbpy("digest", "--steps").out.splitlines()
    assert lines[-1] + "\n" == llbpy("digest").out
    assert all(re.fullmatch(STEP, line) for line in lines[:-1])
    assert [line.split(" ", 1)[1] for line in lines[:-1]] == [
        "build.py:10 docker-image://docker.io/library/golang:1.26",
        "build.py:11 compile dev",
        "build.py:12 copy /app /app",
    ]


def test_check_of_a_stable_file_is_its_digest(llbpy: Run) -> None:
    options = ("app", "-f", "build.py", "--arg", "jobs=2", "--platform", "linux/arm64")
    assert llbpy("digest", "--check", *options) == (0, llbpy("digest", *options).out, "")


def test_check_names_the_steps_that_differ_with_their_lines(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text(UNSTABLE)
    code, out, err = llbpy("digest", "--check")
    assert (code, err) == (1, "")
    first, *steps = out.splitlines()
    assert "order of a set" in first
    assert all(re.fullmatch(rf"[-+] {STEP}", line) for line in steps)
    assert all(" build.py:9 mkfile /" in line for line in steps)
    assert not any("/first" in line for line in steps)
    removed, added = ([line for line in steps if line[0] == sign] for sign in "-+")
    assert len(removed) == len(added) > 0


def test_check_says_if_one_run_has_more_steps(llbpy: Run, folder: Path) -> None:
    text = UNSTABLE.replace("for name in NAMES:", "for name in list(NAMES)[:list(NAMES).index('anna') + 1]:")
    (folder / "build.py").write_text(text)
    code, out, _ = llbpy("digest", "--check")
    assert code == 1
    assert re.search(r"and one run has \d+ steps, the other \d+$", out)


def test_check_of_a_wrong_file_says_so_once(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text("def (")
    code, out, err = llbpy("digest", "--check")
    assert (code, out) == (2, "")
    assert err.count("syntax error") == 1


def test_check_takes_no_module_of_its_own_from_the_folder(llbpy: Run, folder: Path) -> None:
    (folder / "argparse.py").write_text("raise SystemExit('not this one')\n")
    assert llbpy("digest", "--check") == llbpy("digest")
