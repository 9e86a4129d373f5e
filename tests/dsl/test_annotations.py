"""Annotations of images: how they are written, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbpy import BuildFileError, Platform
from llbpy.dsl.annotations import Annotation, parse
from tests.dsl.written import loaded


def test_one_without_a_level_is_of_each_manifest() -> None:
    assert parse("org.example.a=b=c:d") == [Annotation("manifest", None, "org.example.a", "b=c:d")]


def test_it_is_made_at_each_level_that_is_named() -> None:
    arm = Platform("linux", "arm", "v7")
    assert parse("index-descriptor,manifest[linux/arm]:a=") == [
        Annotation("index-descriptor", None, "a", ""),
        Annotation("manifest", arm, "a", ""),
    ]


@pytest.mark.parametrize("text", ["a", "=b", "index:=b", "a b=c", " a=b"])
def test_what_has_no_key_or_no_value_is_refused(text: str) -> None:
    assert refused(text) == f"annotation {text!r} is no [LEVEL:]KEY=VALUE whose key has no blanks"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("manifests:a=b", "level 'manifests' is unknown; did you mean 'manifest'?"),
        ("x:a=b", "level 'x' is unknown; there are manifest, manifest-descriptor, index, index-descriptor"),
        ("index[linux/arm]:a=b", "'index[linux/arm]' is no manifest[PLATFORM]; an index has none"),
        ("manifest[linux/arm:a=b", "'manifest[linux/arm' is no manifest[PLATFORM]; an index has none"),
    ],
)
def test_a_level_that_there_is_not_is_refused(text: str, problem: str) -> None:
    assert refused(text) == f"annotation {text!r}: {problem}"


def test_a_platform_that_there_is_not_is_refused() -> None:
    assert "'amd46'" in refused("manifest[linux/amd46]:a=b")


def test_a_target_refuses_them_at_its_line(tmp_path: Path) -> None:
    text = "from llbpy import State, scratch, target\n@target(annotations=['a'])\ndef app() -> State:\n    return scratch()\n"
    with pytest.raises(BuildFileError, match=r"build\.py:2: annotation 'a' is no"):
        loaded(tmp_path, text)


def refused(text: str) -> str:
    with pytest.raises(BuildFileError) as caught:
        parse(text)
    return caught.value.message
