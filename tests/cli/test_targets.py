"""`llbpy targets`: what there is to build."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]

ARGUMENTS = """\
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal
from llbpy import Doc, State, scratch, target

class Flavour(Enum):
    SLIM = "slim"

@target
def app(
    version: Annotated[str, Doc("what it reports")],
    mode: Literal["debug", "release"] = "release",
    parts: list[str] | None = None,
    out: Path = Path("dist"),
    flavour: Flavour = Flavour.SLIM,
) -> State:
    return scratch()
"""
MATRIX = """\
from llbpy import State, scratch, target

@target(matrix={"distro": ["sid", "trixie"]}, labels={"a": "b"})
def deb(distro: str) -> State:
    return scratch()
"""


def listed(llbpy: Run) -> Any:
    code, out, err = llbpy("targets", "--format", "json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_people_read_names_help_and_arguments(llbpy: Run) -> None:
    code, out, err = llbpy("targets")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "app (default)",
        "    The app, alone in its image.",
        "      --arg version=str  (default 'dev')",
        "      --arg jobs=int  (default 4)",
        "sources",
        "    The context.",
        "all (group)",
        "    app, sources",
    ]


def test_programs_read_json(llbpy: Run) -> None:
    assert listed(llbpy) == {
        "file": "build.py",
        "targets": [
            {
                "name": "app",
                "default": True,
                "doc": "The app, alone in its image.",
                "file": "build.py",
                "line": 6,
                "arguments": [
                    {"name": "version", "type": "str", "required": False, "doc": "", "default": "dev"},
                    {"name": "jobs", "type": "int", "required": False, "doc": "", "default": 4},
                ],
                "matrix": {},
                "settings": {"tags": ["example/app:{version}"]},
            },
            {
                "name": "sources",
                "default": False,
                "doc": "The context.",
                "file": "build.py",
                "line": 15,
                "arguments": [],
                "matrix": {},
                "settings": {},
            },
        ],
        "groups": [{"name": "all", "targets": ["app", "sources"]}],
    }


def test_arguments_show_type_need_and_doc(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text(ARGUMENTS)
    lines = llbpy("targets").out.splitlines()
    assert lines[:4] == [
        "app (default)",
        "      --arg version=str  (required)  what it reports",
        "      --arg mode='debug' | 'release'  (default 'release')",
        "      --arg parts=list[str] | None  (default None)",
    ]


def test_json_says_what_is_required(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text(ARGUMENTS)
    [target] = listed(llbpy)["targets"]
    assert target["arguments"][0] == {"name": "version", "type": "str", "required": True, "doc": "what it reports"}
    assert target["arguments"][2]["default"] is None


def test_a_default_is_shown_as_it_would_be_passed(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text(ARGUMENTS)
    out = llbpy("targets").out
    assert "PosixPath" not in out
    assert "<Flavour" not in out


def test_a_default_in_json_is_one_that_can_be_passed(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text(ARGUMENTS)
    [target] = listed(llbpy)["targets"]
    assert target["arguments"][4]["default"] in ("slim", "SLIM")


def test_a_matrix_is_several_targets_and_a_group(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text(MATRIX)
    assert llbpy("targets").out == "deb-sid\ndeb-trixie\ndeb (group)\n    deb-sid, deb-trixie\n"
    found = listed(llbpy)
    assert [each["matrix"] for each in found["targets"]] == [{"distro": "sid"}, {"distro": "trixie"}]
    assert found["targets"][0]["settings"] == {"labels": {"a": "b"}}
    assert found["groups"] == [{"name": "deb", "targets": ["deb-sid", "deb-trixie"]}]


def test_a_file_without_targets_says_so(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text("")
    assert llbpy("targets").out == "build.py has no targets; mark a function with @target\n"
    assert listed(llbpy) == {"file": "build.py", "targets": [], "groups": []}


def test_listing_calls_no_target(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text("from llbpy import *\n@target\ndef app() -> State:\n    raise SystemError\n")
    assert llbpy("targets").code == 0


def test_an_argument_that_cannot_be_one_is_refused(llbpy: Run, folder: Path) -> None:
    (folder / "build.py").write_text("from llbpy import *\n@target\ndef app(x) -> State:\n    return scratch()\n")
    code, out, err = llbpy("targets")
    assert (code, out) == (2, "")
    assert err.startswith("llbpy: build.py:2: target 'app': argument 'x' has no annotation")
