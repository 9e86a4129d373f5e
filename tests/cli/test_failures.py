"""How an error looks on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from tests.dsl.written import write

Run = Callable[..., Outcome]
TOKEN = "ghp_0123456789abcdefghij"
TEXT = """\
from llbpy import State, bind, git, image, scratch, target

@target
def app(version: str = "dev", jobs: int = 1) -> State:
    base = image("alpine", inherit=False)
    return {body}
"""


@pytest.fixture
def failed(llbpy: Run, folder: Path) -> Callable[..., list[str]]:
    """The lines on stderr for a target with a wrong body."""

    def run(body: str, *argv: str) -> list[str]:
        write(folder, TEXT.format(body=body))
        code, out, err = llbpy("digest", *argv)
        assert (code, out) == (2, "")
        return err.splitlines()

    return run


Failed = Callable[..., list[str]]


def test_an_error_is_a_line_and_the_failing_line_between_its_neighbours(failed: Failed) -> None:
    assert failed("base.mkdir('/a', mode=755)") == [
        "llbpy: build.py:6: mode=755 is decimal (0o1363); did you mean 0o755?",
        '       5 |     base = image("alpine", inherit=False)',
        ">>>    6 |     return base.mkdir('/a', mode=755)",
    ]


def test_the_first_and_the_last_line_have_one_neighbour(llbpy: Run, folder: Path) -> None:
    write(folder, "def (\npass\n")
    first, *excerpt = llbpy("digest").err.splitlines()
    assert first.startswith("llbpy: build.py:1: syntax error: ")
    assert excerpt == [">>>    1 | def (", "       2 | pass"]


def test_paths_are_as_seen_from_the_current_folder(llbpy: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "x = (\n", "sub/broken.py")
    assert llbpy("digest", "-f", "sub/broken.py").err.startswith("llbpy: sub/broken.py:1: syntax error")
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert llbpy("digest", "-f", "../sub/broken.py").err.startswith(f"llbpy: {folder}/sub/broken.py:1: syntax error")


def test_a_neighbour_that_fails_is_shown_with_its_own_lines(llbpy: Run, folder: Path) -> None:
    write(folder, "from recipes import base\n")
    write(folder, "from llbpy import scratch\n\nbase = scratch().run('ls')\n", "recipes.py")
    err = llbpy("digest").err
    assert err.startswith("llbpy: recipes.py:3: run 'ls' needs /bin/sh")
    assert ">>>    3 | base = scratch().run('ls')" in err


def test_what_user_code_raised_has_the_users_traceback_and_none_of_our_frames(failed: Failed, folder: Path) -> None:
    write(folder, "def broken():\n    return {}['key']\n", "recipes.py")
    first, *frames = failed("base.apply(lambda state: __import__('recipes').broken())")
    assert first == "llbpy: recipes.py:2: KeyError: 'key'"
    shown = "\n".join(frames)
    assert 'build.py", line 6, in app' in shown
    assert 'recipes.py", line 2, in broken' in shown
    assert "buildfile.py" not in shown
    assert "dsl/state.py" not in shown


def test_a_raising_file_has_its_traceback(llbpy: Run, folder: Path) -> None:
    write(folder, "def check(n):\n    assert n > 1, 'too small'\n\ncheck(1)\n")
    code, out, err = llbpy("targets")
    assert (code, out) == (2, "")
    assert err.startswith("llbpy: build.py:2: AssertionError: too small\n")
    assert 'build.py", line 4, in <module>' in err


def test_a_file_that_user_code_misses_has_its_traceback_too(failed: Failed, folder: Path) -> None:
    write(folder, "def read():\n    return open('missing').read()\n", "recipes.py")
    shown = "\n".join(failed("__import__('recipes').read()"))
    assert "FileNotFoundError" in shown
    assert 'build.py", line 6, in app' in shown


def test_a_misspelt_keyword_of_a_mount_is_one_line_with_the_right_word(failed: Failed) -> None:
    first, *rest = failed("base.run('x', mounts=[bind(scratch(), '/x', writeable=True)])")
    assert first == "llbpy: build.py:6: bind() has no option 'writeable'; did you mean 'writable'?"
    assert "Traceback" not in "\n".join(rest)


def test_a_misspelt_keyword_of_a_mount_is_marked_as_other_misuse(failed: Failed) -> None:
    assert failed("base.run('x', mounts=[bind(scratch(), '/x', writeable=True)])")[2].startswith(">>>    6 | ")


def test_each_problem_with_arguments_has_a_line(failed: Failed) -> None:
    assert failed("base", "--arg", "versoin=1", "--arg", "jobs=many") == [
        "llbpy: target 'app' has no argument 'versoin'; did you mean 'version' (str, default 'dev')?",
        "llbpy: argument 'jobs' of target 'app' is 'many'; give a whole number",
    ]


def test_an_annotation_that_names_nothing_is_marked(llbpy: Run, folder: Path) -> None:
    write(folder, TEXT.replace("jobs: int", "jobs: 'Jobs'").format(body="base"))
    first, *_ = llbpy("digest").err.splitlines()
    assert (
        first
        == "llbpy: build.py:3: target 'app': the annotation of 'jobs' cannot be evaluated when it runs: name 'Jobs' is not defined"
    )


def test_an_annotation_that_names_nothing_is_marked_with_its_line(llbpy: Run, folder: Path) -> None:
    write(folder, TEXT.replace("jobs: int", "jobs: 'Jobs'").format(body="base"))
    assert "<string>" not in llbpy("digest").err


def test_a_mistake_that_only_the_whole_graph_shows_is_at_its_line(failed: Failed) -> None:
    first = failed("base.env(NAME=chr(0xDC80)).run('x')")[0]
    assert first.startswith("llbpy: build.py:6: ")
    assert "cannot be written as UTF-8" in first


def test_a_mistake_that_only_the_whole_graph_shows_is_marked(failed: Failed) -> None:
    assert failed("base.env(NAME=chr(0xDC80)).run('x')")[2].startswith(">>>    6 | ")


def test_a_secret_is_not_in_the_message(failed: Failed) -> None:
    first = failed(f"git('https://example.com/r.git', auth_token_secret='{TOKEN}')")[0]
    assert "looks like a token (ghp_…, hidden)" in first
    assert TOKEN not in first


def test_a_secret_is_not_in_the_lines_that_are_shown(failed: Failed) -> None:
    assert TOKEN not in "\n".join(failed(f"git('https://example.com/r.git', auth_token_secret='{TOKEN}')"))


def test_a_secret_in_an_argument_is_not_repeated(failed: Failed) -> None:
    assert TOKEN not in "\n".join(failed("base", "--arg", f"jobs={TOKEN}"))


@pytest.mark.parametrize("code", ["3", "'stop'", ""])
def test_a_build_file_cannot_end_the_command(llbpy: Run, folder: Path, code: str) -> None:
    write(folder, f"import sys\nsys.exit({code})\n")
    outcome = llbpy("digest")
    assert outcome.code == 2
    assert outcome.err.startswith("llbpy: build.py:2: ")


@pytest.mark.parametrize(
    "body",
    ["base.mkdir(3)", "base.hostname(3).run('x')", "base.ulimit('nofile', '1', 2).run('x')", "base.run('x', name=3)"],
)
def test_a_value_of_the_wrong_type_is_no_bug_of_ours(llbpy: Run, folder: Path, body: str) -> None:
    write(folder, TEXT.format(body=body))
    code, _, err = llbpy("dump")
    assert code == 2
    assert err.startswith("llbpy: build.py:6: ")
