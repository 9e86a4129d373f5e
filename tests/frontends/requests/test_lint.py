"""`frontend.lint`: findings, and what keeps a file from being built."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from llbpy.errors import OptionError
from llbpy.frontends.requests.lint import lint
from llbpy.graph.sourcemap import Location, SourceInfo
from llbpy.lint.check import Report
from llbpy.lint.finding import Finding
from tests.explain.definitions import GRAPHS
from tests.frontends.requests.asked import Asked, lines
from tests.lint.checked import IMPORTS

LATEST = IMPORTS + "@target\ndef app() -> State:\n    return image('alpine', inherit=False)\n"
NEEDS = LATEST + "@target\ndef needs(name: str, spare: str = '') -> State:\n    return image(name, inherit=False)\n"
RAISES = LATEST + "@target\ndef broken() -> State:\n    raise ValueError('<no>')\n"
TOKEN = "ghp_0123456789abcdefghij"


def rules(found: Any) -> list[str]:
    return [each["ruleName"] for each in found["warnings"] or ()]


def test_a_finding_has_its_rule_its_sentence_and_its_line(tmp_path: Path) -> None:
    [warning] = Asked(tmp_path, LATEST).value("lint")["warnings"]
    assert (warning["ruleName"], lines(warning["location"])) == ("LatestTag", (0, 6, 6))
    assert warning["detail"] == "image 'alpine' is whatever the tag latest means that day; name a version: 'alpine:…'"
    assert warning["description"].endswith("which means the same (docs/rules.md#latesttag)")
    assert "url" not in warning


def test_people_read_the_line_among_its_neighbours(tmp_path: Path) -> None:
    assert Asked(tmp_path, LATEST).text("lint").splitlines() == [
        "",
        "WARNING: LatestTag",
        "image 'alpine' is whatever the tag latest means that day; name a version: 'alpine:…'",
        "build.py:6",
        "--------------------",
        "   4 |     @target",
        "   5 |     def app() -> State:",
        "   6 | >>>     return image('alpine', inherit=False)",
        "   7 |     ",
        "--------------------",
    ]


@pytest.mark.parametrize(
    ("text", "code"), [(LATEST, b"1"), (LATEST.replace("alpine", "alpine:3.22"), b"0"), (RAISES, b"1"), ("def (", b"1")]
)
def test_the_status_says_whether_there_is_anything(tmp_path: Path, text: str, code: bytes) -> None:
    assert Asked(tmp_path, text).result("lint")["result.statuscode"] == code


def test_no_findings_are_null_as_in_go(tmp_path: Path) -> None:
    found = Asked(tmp_path, LATEST.replace("alpine", "alpine:3.22")).result("lint")
    assert found["result.json"].startswith(b'{\n  "warnings": null,\n  "sources": [\n')
    assert found["result.txt"] == b""


def test_without_a_target_all_are_checked(tmp_path: Path) -> None:
    asked = Asked(tmp_path, NEEDS)
    assert rules(asked.value("lint")) == ["LatestTag", "UnusedArgument"]
    assert rules(asked.value("lint", "app")) == ["LatestTag"]


def test_a_target_that_lacks_arguments_is_an_error_if_it_was_named(tmp_path: Path) -> None:
    found = Asked(tmp_path, NEEDS).value("lint", "needs")
    assert found["buildError"]["message"].startswith("target 'needs' needs argument 'name' (str)")
    assert lines(found["buildError"]["location"]) == (0, 7, 7)
    assert rules(found) == ["UnusedArgument"]


def test_a_target_that_raises_is_an_error_at_its_line_and_the_others_are_checked(tmp_path: Path) -> None:
    found = Asked(tmp_path, RAISES).value("lint")
    assert found["buildError"]["message"] == "ValueError: <no>"
    assert lines(found["buildError"]["location"]) == (0, 9, 9)
    assert rules(found) == ["LatestTag"]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("x = 1\ndef (", "syntax error: invalid syntax", 2),
        ("x = 1\nraise ValueError('no')\n", "ValueError: no", 2),
        (
            "# check=skip\n" + LATEST.replace("alpine", "alpine:3.22"),
            "# check=skip: check option 'skip' is no NAME=VALUE",
            1,
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_at_its_line(tmp_path: Path, text: str, message: str, line: int) -> None:
    found = Asked(tmp_path, text).value("lint")
    assert found["buildError"]["message"].startswith(message)
    assert lines(found["buildError"]["location"]) == (0, line, line)
    assert b64decode(found["sources"][0]["data"]).decode() == text


def test_an_error_in_a_neighbour_points_into_it(tmp_path: Path) -> None:
    neighbour = "def broken() -> None:\n    raise ValueError('no')\n"
    text = IMPORTS + "import neighbour\n@target\ndef app() -> State:\n    return neighbour.broken()\n"
    found = Asked(tmp_path, text, neighbour=neighbour).value("lint")
    assert lines(found["buildError"]["location"]) == (1, 2, 2)
    assert [each["filename"] for each in found["sources"]] == ["build.py", "neighbour.py"]


@pytest.mark.parametrize(("text", "target"), [(LATEST, "web"), ("", None)])
def test_an_error_without_a_line_has_an_empty_location(tmp_path: Path, text: str, target: str | None) -> None:
    found = Asked(tmp_path, text).value("lint", target)
    assert found["buildError"]["location"] == {}
    assert "targets" in found["buildError"]["message"]


def test_a_token_in_an_error_is_hidden(tmp_path: Path) -> None:
    found = Asked(tmp_path, f"raise ValueError('{TOKEN}')\n").value("lint")
    assert found["buildError"]["message"] == "ValueError: ghp_…"


def test_findings_fail_a_build_that_says_so(tmp_path: Path) -> None:
    found = Asked(tmp_path, "# check=error=true\n" + LATEST).value("lint")
    assert found["buildError"] == {"message": "lint violation found for rules: LatestTag", "location": {}}


def test_the_build_arg_chooses_rules(tmp_path: Path) -> None:
    assert rules(Asked(tmp_path, LATEST).value("lint", check="skip=LatestTag;experimental=all")) == ["UnpinnedImage"]


def test_a_bad_build_arg_is_no_matter_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="BUILDKIT_DOCKERFILE_CHECK='skip'"):
        Asked(tmp_path, LATEST).result("lint", check="skip")


def test_a_finding_without_a_place_says_so_as_printers_need_it() -> None:
    found = lint(
        SourceInfo("build.py", b"x"), Report((Finding("Rule", "What.", "Why.", None, "https://example.com"),), False)
    )
    assert b'"location": {\n        "sourceIndex": -1\n      }' in found["result.json"]
    assert found["result.txt"] == b"\nWARNING: Rule - https://example.com\nWhy.\n"


def test_sources_carry_the_definition_that_they_came_from() -> None:
    source = SourceInfo("build.py", b"x", "Python", GRAPHS["app"].to_bytes())
    place = Location(SourceInfo("build.py", b"x"), (((1, 0), (1, 1)),))
    found = lint(source, Report((Finding("Rule", "What.", "Why.", place),), False))["result.json"].decode()
    assert found.count('"filename": "build.py"') == 1
    assert found.index('"data"') < found.index('"definition"') < found.index('"language": "Python"')
    assert f'"{GRAPHS["app"].digests[0]}"' in found
