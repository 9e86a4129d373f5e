"""Which requests there are, and what is worked out for each."""

from __future__ import annotations

from pathlib import Path

import pytest

import llbpy.frontends.requests as package
from llbpy.errors import UnknownRequest
from llbpy.frontends.requests.answer import MODULES
from llbpy.frontends.requests.request import Request
from tests.frontends.requests.asked import BUILD, Asked
from tests.test_layers import HEAVY, loaded

KEYS = {
    "subrequests.describe": {"result.json", "result.txt", "version"},
    "outline": {"result.json", "result.txt", "version"},
    "targets": {"result.json", "result.txt", "version"},
    "lint": {"result.json", "result.txt", "version", "result.statuscode"},
    "convertllb": {"result.json", "version"},
}


@pytest.mark.parametrize("request_", KEYS)
def test_an_answer_has_the_keys_that_clients_look_for(tmp_path: Path, request_: str) -> None:
    assert set(Asked(tmp_path).result(request_)) == KEYS[request_]


def test_versions_are_those_that_clients_know(tmp_path: Path) -> None:
    versions = {name: Asked(tmp_path).result(name)["version"] for name in KEYS}
    assert versions == {**dict.fromkeys(KEYS, b"1.0.0"), "convertllb": b"0.1.0"}


def test_every_request_has_its_keys_tested() -> None:
    assert set(Request.requests) == {f"frontend.{name}" for name in KEYS}


def test_every_file_with_a_request_is_imported() -> None:
    texts = {path.stem: path.read_text() for path in Path(str(package.__file__)).parent.glob("*.py")}
    holding = {stem for stem, text in texts.items() if "(Request):" in text}
    assert {module.__name__.rpartition(".")[2] for module in MODULES} == holding


def test_an_unknown_request_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownRequest) as caught:
        Asked(tmp_path).result("outlines")
    assert (caught.value.name, caught.value.option) == ("frontend.outlines", "requestid")
    assert caught.value.message == (
        "there is no request 'frontend.outlines' (there are frontend.convertllb, frontend.lint, frontend.outline, "
        "frontend.subrequests.describe, frontend.targets); did you mean 'frontend.outline'?"
    )


@pytest.mark.parametrize(
    ("request_", "target", "loads", "calls"),
    [
        ("subrequests.describe", None, 0, []),
        ("targets", None, 1, []),
        ("outline", None, 1, ["app"]),
        ("outline", "report", 1, []),
        ("outline", "deb-sid", 1, ["deb-sid"]),
        ("lint", None, 1, ["app", "deb-sid", "deb-trixie"]),
        ("lint", "deb-sid", 1, ["deb-sid"]),
        ("convertllb", None, 1, ["app"]),
    ],
)
def test_only_what_is_needed_is_worked_out(
    tmp_path: Path, request_: str, target: str | None, loads: int, calls: list[str]
) -> None:
    asked = Asked(tmp_path)
    asked.result(request_, target)
    assert (asked.loads, asked.calls) == (loads, calls)


def test_describing_needs_no_build_file(tmp_path: Path) -> None:
    assert "outline" in Asked(tmp_path, "def (").text("subrequests.describe")


def test_the_description_says_what_each_request_takes_and_gives(tmp_path: Path) -> None:
    described = {each["name"]: each for each in Asked(tmp_path, BUILD).value("subrequests.describe")}
    assert [*described] == ["frontend.outline", "frontend.targets", "frontend.subrequests.describe"]
    assert [each["opts"] for each in described.values()] == [
        [{"name": "target", "description": "Target build stage"}],
        [],
        None,
    ]


@pytest.mark.parametrize(
    "module", ["llbpy.lint.check, llbpy.lint.rules, llbpy.lint.subject", "llbpy.frontends.requests.answer"]
)
def test_importing_them_loads_nothing_heavy(module: str) -> None:
    assert not (loaded(f"import {module}") - loaded("")) & set(HEAVY.split())
