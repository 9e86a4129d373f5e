"""Arguments that nothing reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbpy.lint.check import check
from tests.dsl.written import loaded
from tests.lint.checked import IMPORTS, findings, rules, subject

BUNDLE = """\
from dataclasses import dataclass

@dataclass(frozen=True)
class Versions:
    go: str = "1.26"
    node: str = "22"

    def tag(self) -> str:
        return f"go{self.go}"

"""


def one(body: str, *, parameters: str = "version: str = 'dev'", decorator: str = "@target") -> str:
    lines = "\n".join([f"    {line}" for line in body.split("\n")])
    return f"{decorator}\ndef app({parameters}) -> State:\n{lines}\n"


@pytest.mark.parametrize(
    "body",
    [
        "return scratch().write('/v', version)",
        "return scratch().write('/v', f'{version}')",
        "def inner() -> str:\n    return version\nreturn scratch().write('/v', inner())",
        "return scratch().write('/v', ''.join([each for each in version]))",
        "return scratch().write('/v', str(locals()))",
        "del version\nreturn scratch()",
    ],
)
def test_an_argument_that_is_read_is_used(tmp_path: Path, body: str) -> None:
    assert rules(tmp_path, one(body)) == []


@pytest.mark.parametrize(
    "body",
    ["return scratch()", "version = 'x'\nreturn scratch()", "return scratch().write('/version', 'version')"],
)
def test_one_that_is_not_is_found(tmp_path: Path, body: str) -> None:
    [found] = findings(tmp_path, one(body))
    assert (found.rule, found.line) == ("UnusedArgument", 5)
    assert found.detail == "argument 'version' of 'app' is never read; use it, or take it out"


def test_a_tag_reads_an_argument(tmp_path: Path) -> None:
    assert rules(tmp_path, one("return scratch()", decorator="@target(tags=['a/b:{version}'])")) == []


def test_build_args_may_read_any_argument(tmp_path: Path) -> None:
    text = one(
        "return scratch().write('/v', build.args.get('version', ''))", parameters="build: Build, version: str = ''"
    )
    assert rules(tmp_path, text) == []


WRAPPED = """\
from functools import wraps

def logged(function):
    @wraps(function)
    def call(version="dev"):
        return function(version).write("/v", version)
    return call

"""


def test_a_function_that_is_wrapped_is_not_judged(tmp_path: Path) -> None:
    assert rules(tmp_path, WRAPPED + one("return scratch()", decorator="@target\n@logged")) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return scratch().write('/v', v.go + v.node)", []),
        ("return scratch().write('/v', str(v))", []),
        ("return scratch().write('/v', v.tag())", []),
        ("return scratch().write('/v', v.go)", ["node"]),
        ("return scratch()", ["go", "node"]),
    ],
)
def test_fields_of_a_bundle_are_arguments(tmp_path: Path, body: str, found: list[str]) -> None:
    text = BUNDLE + one(body, parameters="v: Versions = Versions()")
    assert [each.detail.split("'")[1] for each in findings(tmp_path, text)] == found


def test_targets_of_a_matrix_share_a_finding(tmp_path: Path) -> None:
    text = one(
        "return scratch().write('/d', distro)",
        parameters="distro: str, jobs: int = 1",
        decorator="@target(matrix={'distro': ['sid', 'trixie']})",
    )
    build_file = loaded(tmp_path, IMPORTS + text)
    report = check([subject(build_file, name) for name in build_file.targets])
    assert [each.detail for each in report.findings] == [
        "argument 'jobs' of 'app' is never read; use it, or take it out"
    ]


def test_an_argument_of_a_neighbours_target_is_found_in_its_file(tmp_path: Path) -> None:
    build_file = loaded(tmp_path, "from neighbour import app\n", neighbour=IMPORTS + one("return scratch()"))
    [found] = check([subject(build_file)]).findings
    assert (found.filename, found.line) == ("neighbour.py", 5)
