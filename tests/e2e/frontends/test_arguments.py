"""Build arguments: values of each type from text, and what is said of those that are wrong."""

from __future__ import annotations

import pytest

from tests.e2e.bed import marked
from tests.e2e.frontends.ways import WAYS, Builds, Way

pytestmark = pytest.mark.e2e

TYPES = """\
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath
from typing import Literal

from llbpy import State, scratch, target

class Color(Enum):
    RED = "red"
    BLUE = "blue"

@dataclass(frozen=True)
class Versions:
    go: str
    node: int = 22

@target
def app(
    text: str,
    whole: int,
    broken: float,
    flag: bool,
    path: PurePosixPath,
    choice: Literal["debug", "release"],
    color: Color,
    names: list[str],
    numbers: list[int],
    versions: Versions,
    perhaps: str | None = None,
    usual: int = 7,
) -> State:
    values = text, whole, broken, flag, path, choice, color, names, numbers, versions, perhaps, usual
    return scratch().write("/values", "\\n".join(map(repr, values)))
"""
GIVEN = {
    "text": "a, 'b' = \"c\" ü",
    "whole": "-3",
    "broken": "2.5",
    "flag": "yes",
    "path": "/srv/app",
    "choice": "release",
    "color": "blue",
    "names": "a,b",
    "numbers": "1,2",
    "go": "1.26",
    "perhaps": "so",
}
READ = [
    repr(GIVEN["text"]),
    "-3",
    "2.5",
    "True",
    "PurePosixPath('/srv/app')",
    "'release'",
    "<Color.BLUE: 'blue'>",
    "['a', 'b']",
    "[1, 2]",
    "Versions(go='1.26', node=22)",
    "'so'",
    "7",
]


def options(**others: str) -> list[str]:
    return [f"build-arg:{name}={value}" for name, value in (GIVEN | others).items()]


@pytest.mark.parametrize("way", WAYS)
def test_values_of_each_type_are_read_from_text(builds: Builds, way: Way) -> None:
    built = builds.export(builds.write(TYPES), *options(), way=way)
    assert built.text("values").splitlines() == READ


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_value_is_one_line_with_what_would_be_right(builds: Builds, way: Way) -> None:
    said = builds.fails(builds.write(TYPES), *options(whole="three"), way=way)
    assert marked(said) == ["whole: int,"]
    assert said.rstrip().splitlines()[-1].endswith("argument 'whole' of target 'app' is 'three'; give a whole number")


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("broken", "1,5", "a number"),
        ("flag", "maybe", "true or false"),
        ("choice", "fast", "one of debug, release"),
        ("color", "green", "one of red, blue"),
        ("numbers", "1,x", "a whole number"),
        ("node", "lts", "a whole number"),
    ],
)
def test_wrong_values_of_other_types(builds: Builds, name: str, value: str, right: str) -> None:
    said = builds.fails(builds.write(TYPES), *options(**{name: value}))
    assert f"argument {name!r} of target 'app' is {value!r}; give " in said.rstrip().splitlines()[-1]
    assert said.rstrip().endswith(right)
    assert len(marked(said)) == 1


def test_all_that_is_wrong_is_said_at_once(builds: Builds) -> None:
    folder = builds.write(TYPES)
    said = builds.fails(folder, *options(flag="maybe", choice="fast"), "build-arg:whole=3")
    assert marked(said) == ["flag: bool,", 'choice: Literal["debug", "release"],']
    said = builds.fails(folder)
    assert "target 'app' needs argument 'text' (str)" in said
    assert "target 'app' needs argument 'go' (str)" in said
