"""The command itself: what it is told, and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from llbpy.cli.commands import names
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]
COMMANDS = names()


def raising(error: BaseException) -> Callable[[Any], int]:
    def run(options: Any) -> int:
        raise error

    return run


def process(folder: Path, *argv: str, **how: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "llbpy", *argv]
    return subprocess.run(command, cwd=folder, stderr=subprocess.PIPE, text=True, check=False, **how)


# How it ends


def test_what_works_ends_with_0_and_says_nothing_besides(llbpy: Run) -> None:
    code, out, err = llbpy("digest")
    assert (code, err) == (0, "")
    assert re.fullmatch("sha256:[0-9a-f]{64}\n", out)


def test_what_the_user_got_wrong_ends_with_2_on_stderr(llbpy: Run) -> None:
    assert llbpy("digest", "ap")[:2] == (2, "")


def test_a_bug_of_ours_ends_with_70_and_asks_to_be_reported(llbpy: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llbpy.cli.targets.run", raising(ZeroDivisionError("oops")))
    code, out, err = llbpy("targets")
    assert (code, out) == (70, "")
    assert "Traceback" in err
    assert "ZeroDivisionError: oops" in err
    assert err.endswith("llbpy: this is a bug in llbpy, not in your build file; please report the lines above\n")


def test_an_interruption_ends_with_130(llbpy: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llbpy.cli.targets.run", raising(KeyboardInterrupt()))
    assert llbpy("targets") == (130, "", "llbpy: interrupted\n")


def test_an_interruption_of_a_build_file_ends_with_130(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text("raise KeyboardInterrupt\n")
    assert llbpy("targets") == (130, "", "llbpy: interrupted\n")


def test_the_module_is_the_command_too(folder: Path) -> None:
    done = process(folder, "digest", "missing", stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("llbpy: build.py: no target 'missing'")


def test_a_reader_that_left_is_no_error(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = process(folder, "targets", stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


# Which command, which option


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["digset"], "llbpy: there is no command 'digset'; did you mean 'digest'? (see llbpy --help)\n"),
        (["zzz"], "llbpy: there is no command 'zzz' (see llbpy --help)\n"),
        (
            ["digest", "--chek"],
            "llbpy digest: there is no '--chek'; did you mean '--check'? (see llbpy digest --help)\n",
        ),
        (
            ["digest", "--plaform=x"],
            "llbpy digest: there is no '--plaform=x'; did you mean '--platform'? (see llbpy digest --help)\n",
        ),
        (["--versoin"], "llbpy: there is no '--versoin'; did you mean '--version'? (see llbpy --help)\n"),
        (["digest", "app", "extra"], "llbpy digest: there is no 'extra' (see llbpy digest --help)\n"),
    ],
)
def test_what_does_not_exist_has_a_near_miss(llbpy: Run, argv: list[str], said: str) -> None:
    assert llbpy(*argv) == (2, "", said)


def test_options_are_not_abbreviated(llbpy: Run) -> None:
    assert llbpy("digest", "--plat", "linux/amd64").code == 2


def test_a_missing_value_says_so(llbpy: Run) -> None:
    code, _, err = llbpy("digest", "--platform")
    assert code == 2
    assert "--platform: expected one argument" in err


@pytest.mark.parametrize("given", ["version", "=1", ""])
def test_an_argument_is_name_and_value(llbpy: Run, given: str) -> None:
    code, _, err = llbpy("digest", "--arg", given)
    assert (code, err) == (2, f"llbpy: --arg {given!r} is no NAME=VALUE\n")


def test_a_value_may_have_an_equals_sign_and_the_last_counts(llbpy: Run) -> None:
    one = llbpy("digest", "--arg", "version=a=b")
    two = llbpy("digest", "--arg", "version=x", "--arg", "version=a=b")
    assert (one.code, one) == (0, two)


def test_a_platform_is_checked(llbpy: Run) -> None:
    code, _, err = llbpy("digest", "--platform", "linux/arm65")
    assert code == 2
    assert err == "llbpy: platform 'linux/arm65': unknown architecture 'arm65'; did you mean 'arm64'?\n"


def test_platforms_make_different_digests_and_the_default_is_this_machines(llbpy: Run) -> None:
    from llbpy.graph.platforms import default

    here, arm = llbpy("digest", "--platform", str(default())), llbpy("digest", "--platform", "linux/s390x")
    assert llbpy("digest") == here != arm


def test_another_file_is_named_with_f(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").rename(folder / "other.py")
    assert llbpy("digest").err == f"llbpy: no build.py or buildfile.py in {folder}; name a file with -f\n"
    assert llbpy("digest", "-f", "other.py") == llbpy("digest", "--file=other.py")
    assert llbpy("digest", "-f", "nowhere.py").err == "llbpy: nowhere.py: cannot be read: No such file or directory\n"


# Help


def test_help_is_data_for_those_who_ask_for_it(llbpy: Run) -> None:
    code, out, err = llbpy("--help")
    assert (code, err) == (0, "")
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\w", out, re.MULTILINE)


def test_without_a_command_help_is_talk_and_wrong_usage(llbpy: Run) -> None:
    code, out, err = llbpy()
    assert (code, out) == (2, "")
    assert err == llbpy("--help").out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_help(llbpy: Run, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    code, out, _ = llbpy(command, "--help")
    _, _, options = out.partition("options:\n")
    lines = options.splitlines()
    assert (code, len(lines) > 1) == (0, True)
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("  -"):
            assert "  " in line.strip() or after.startswith("     "), line


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_how_to_use_it(llbpy: Run, command: str) -> None:
    out = llbpy(command, "--help").out
    assert f"\n  llbpy {command}" in out
    assert import_module(f"llbpy.cli.{command}").HELP in llbpy("--help").out


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("dump", ["TARGET", "--file", "--arg NAME=VALUE", "--platform", "--metadata-file", "buildctl build"]),
        ("targets", ["--file", "--format", "json"]),
        ("digest", ["TARGET", "--steps", "--check"]),
        ("graph", ["TARGET", "text", "dot", "mermaid", "json", "graph - <"]),
    ],
)
def test_help_mentions_what_it_should(llbpy: Run, command: str, words: list[str]) -> None:
    out = llbpy(command, "--help").out
    assert [word for word in words if word not in out] == []


def test_the_version_is_that_of_the_package(llbpy: Run) -> None:
    from importlib.metadata import version

    assert llbpy("--version") == (0, f"llbpy {version('llbpy')}\n", "")
