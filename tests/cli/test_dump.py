"""`llbpy dump`: bytes for buildctl, and what goes beside them."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llbpy import Definition
from llbpy.buildfile import load
from tests.cli.conftest import BUILD, Outcome
from tests.dsl.decoded import definition
from tests.dsl.written import call

Run = Callable[..., Outcome]
Dump = Callable[..., Definition]
Described = Callable[..., tuple[Any, Definition]]
FOR = ("--platform", "linux/amd64", "--unique-id", "test")


@pytest.fixture
def described(dumped: Dump) -> Described:
    """What `llbpy dump --metadata-file` writes to the file, and its definition."""

    def run(*argv: str) -> tuple[Any, Definition]:
        made = dumped("--metadata-file", "meta.json", *argv)
        return json.loads(Path("meta.json").read_text(encoding="utf-8")), made

    return run


def test_the_bytes_are_those_of_the_targets_definition(dumped: Dump) -> None:
    made = dumped("app", "--arg", "version=1.2", *FOR)
    assert made.ops == definition(call(load("build.py"), "app", version="1.2")).ops


def test_the_default_target_is_dumped(dumped: Dump) -> None:
    assert dumped(*FOR).digests == dumped("app", *FOR).digests


def test_scratch_is_no_bytes_and_a_warning(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text("from llbpy import *\n@target\ndef app() -> State:\n    return scratch()\n")
    code, out, err = llbpy("dump")
    assert (code, out) == (0, "")
    assert err == "llbpy: warning: target 'app' is scratch, and buildctl takes no empty definition\n"


def test_the_exit_code_of_an_outcome_is_a_warning(llbpy: Run, folder: Path) -> None:
    text = "from llbpy import *\n@target\ndef app() -> State:\n    state = scratch().write('/code', '1')\n"
    (folder / "build.py").write_text(text + "    return outcome(state, exit_code=state['/code'])\n")
    assert "warning: the outcome in '/code' is no part of a definition" in llbpy("dump").err


def test_each_dump_marks_local_folders_anew_unless_an_id_is_given(dumped: Dump) -> None:
    one, two = dumped("sources"), dumped("sources")
    assert one.head != two.head
    assert dumped("sources", "--unique-id", "x").head == dumped("sources", "--unique-id", "x").head


def test_lines_go_along(dumped: Dump) -> None:
    made = dumped("app", *FOR)
    assert made.source.infos[0].filename == "build.py"
    assert made.source.infos[0].data.decode() == BUILD


def test_a_terminal_is_spared(folder: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "llbpy", "dump"]
    done = subprocess.run(command, cwd=folder, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False)
    os.set_blocking(ours, False)
    with pytest.raises(BlockingIOError):
        os.read(ours, 1)
    os.close(ours)
    os.close(theirs)
    advice = "pipe it to buildctl build, or see llbpy graph"
    assert (done.returncode, done.stderr) == (2, f"llbpy: dump writes bytes that no terminal can show; {advice}\n")


# --metadata-file


def test_the_metadata_has_the_config_of_the_image(described: Described) -> None:
    found, made = described("app", *FOR)
    assert (found["llbpy.target"], found["llbpy.digest"]) == ("app", made.digests[-1])
    config = found["containerimage.config"]
    assert (config["architecture"], config["os"], config["config"]["Entrypoint"]) == ("amd64", "linux", ["/app"])


def test_the_config_is_of_the_platform_that_is_built(described: Described) -> None:
    found, _ = described("app", "--platform", "linux/arm/v6")
    assert found["containerimage.config"]["variant"] == "v6"


def test_a_field_for_buildctl_holds_the_config(described: Described, folder: Path) -> None:
    labels = {"quote": 'a "b", c', "line": "1\n2", "ü": "é=,", "backslash": "\\"}
    body = f"@target\ndef app() -> State:\n    return scratch().mkdir('/a').config(labels={labels!r})\n"
    (folder / "build.py").write_text("from llbpy import State, scratch, target\n" + body)
    found, _ = described()
    [fields] = csv.reader([found["buildctl.output"]], strict=True)
    assert len(fields) == 1
    key, _, value = fields[0].partition("=")
    assert key == "containerimage.config"
    assert json.loads(value) == found["containerimage.config"]
    assert json.loads(value)["config"]["Labels"] == labels


def test_the_journal_says_which_lines_of_which_target_made_which_step(described: Described) -> None:
    found, made = described("app", *FOR)
    [compiled] = [entry for entry in found["llbpy.journal"] if entry["name"] == "compile dev"]
    assert compiled["target"] == "app"
    assert compiled["digest"] in made.digests
    assert "build.py" in str(compiled["frames"])


def test_a_file_that_cannot_be_written_is_refused(llbpy: Run) -> None:
    code, out, err = llbpy("dump", "--metadata-file", "no/meta.json")
    assert (code, out) == (2, "")
    assert err == "llbpy: --metadata-file 'no/meta.json' cannot be written: No such file or directory\n"


INHERITING = """\
from llbpy import State, image, scratch, target

@target
def app() -> State:
    return image("nginx").copy(scratch(), "/srv")
"""


def test_a_config_that_nobody_knows_is_not_written(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text(INHERITING)
    code, _, err = llbpy("dump", "--metadata-file", "meta.json")
    assert (code, "docker.io/library/nginx:latest" in err) == (2, True)
    assert not (folder / "meta.json").exists()


def test_images_whose_config_is_read_are_named_with_the_ways_out(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text(
        INHERITING.replace(".copy(scratch(), '/srv')", "").replace('"nginx")', '"nginx").run("x")')
    )
    code, out, err = llbpy("dump")
    assert (code, out) == (2, "")
    assert err.startswith("llbpy: ")
    assert "docker.io/library/nginx:latest" in err
    assert "inherit=False" in err


# Hosts of ssh remotes


REMOTE = """\
from llbpy import State, git, target

@target
def app() -> State:
    return git("git@host.invalid:a/b.git")
"""


def test_a_host_whose_keys_nobody_knows_is_a_warning_at_its_line(
    llbpy: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "build.py").write_text(REMOTE)
    monkeypatch.setenv("PATH", str(folder))  # without ssh-keyscan nobody can be asked
    assert llbpy("digest").err == ""  # what is not sent asks nobody
    code, _, err = llbpy("dump")
    assert code == 0
    assert err.startswith("llbpy: warning: build.py:5: nobody knows the keys of host.invalid, so they go unchecked")


def test_the_keys_of_a_host_are_asked_of_the_host(dumped: Dump, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "build.py").write_text(REMOTE)
    scan = folder / "ssh-keyscan"
    scan.write_text("#!/bin/sh\necho 'host.invalid ssh-ed25519 AAAA'\n")
    scan.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert b"host.invalid ssh-ed25519 AAAA" in dumped().ops[0]


def test_the_digest_beside_a_dump_is_the_one_that_digest_prints(described: Described, llbpy: Run) -> None:
    found, _ = described("app", *FOR)
    assert found["llbpy.digest"] + "\n" == llbpy("digest", "app", "--platform", "linux/amd64").out
