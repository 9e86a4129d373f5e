"""What the page of rules shows is true: each bad snippet is found, and each good one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbpy.lint import rules as families
from llbpy.lint.page import page, snippets
from llbpy.lint.rules import FAMILIES, all_rules
from llbpy.lint.rules.rule import Rule
from tests.lint.checked import rules

ROOT = Path(__file__).parent.parent.parent
RULES = {rule.__name__: rule for rule in all_rules()}
BASE = {"os": "linux", "architecture": "arm64"}
"""What the images of one rule are for; those of its good snippet are for every platform."""


def found(folder: Path, name: str, word: str) -> list[str]:
    base = BASE if "only-for-arm64" in snippets(RULES[name])[word] else {}
    return rules(folder, snippets(RULES[name])[word], given=f"experimental={name}", base=base)


def test_the_page_in_the_repository_is_that_of_the_docstrings() -> None:
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("name", RULES)
def test_a_bad_snippet_is_found_by_its_rule(tmp_path: Path, name: str) -> None:
    assert name in found(tmp_path, name, "Bad")


@pytest.mark.parametrize("name", RULES)
def test_a_good_snippet_is_found_by_no_rule(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, name, "Good") == []


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_described_in_a_line_and_a_reason(name: str) -> None:
    description, reason = RULES[name].DESCRIPTION, (RULES[name].__doc__ or "").partition("\n\n")[0]
    assert "\n" not in description
    assert description[-1] != "."
    assert reason.endswith(".")
    assert set(snippets(RULES[name])) == {"Bad", "Good"}


def test_every_family_in_the_folder_is_imported() -> None:
    folder = Path(families.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "rule"}
    assert {family.__name__.rpartition(".")[2] for family in FAMILIES} == files


def test_rules_are_found_by_being_classes() -> None:
    assert [*RULES] == sorted(Rule.rules)
    assert len(RULES) >= 15
