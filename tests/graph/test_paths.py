"""Paths read as Go's `path` package and BuildKit's file actions read them; the tables come from Go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbpy.graph.paths import clean, join, normalize

CLEANED = [
    ("", "."),
    (".", "."),
    ("..", ".."),
    ("/", "/"),
    ("//", "/"),
    ("///", "/"),
    ("//a", "/a"),
    ("//a//b/", "/a/b"),
    ("/a/b", "/a/b"),
    ("/a/b/", "/a/b"),
    ("/a/./b", "/a/b"),
    ("/a/../b", "/b"),
    ("/..", "/"),
    ("/../../a", "/a"),
    ("a/..", "."),
    ("a/../..", ".."),
    ("../a", "../a"),
    ("./a/", "a"),
    ("/.hidden", "/.hidden"),
    ("/a..b/...", "/a..b/..."),
    ("//..//./x", "/x"),
    ("é/../ü", "ü"),
]

JOINED = [
    ((), ""),
    (("", ""), ""),
    (("a",), "a"),
    (("", "a", ""), "a"),
    (("/", "a", "b/../c"), "/a/c"),
    (("a", "/b"), "a/b"),
    (("/a", "..", ".."), "/"),
    (("a", ".."), "."),
    (("/", "", "~me/x.git"), "/~me/x.git"),
]

# parent, path, without and with the slash kept
NORMALIZED = [
    ("/", "a", "/a", "/a"),
    ("/", ".", "/", "/"),
    ("/", "", "/", "/"),
    ("/src", "", "/src", "/src"),
    ("/src", ".", "/src", "/src"),
    ("/src", "./", "/src", "/src/"),
    ("/src", "a/b", "/src/a/b", "/src/a/b"),
    ("/src", "a/", "/src/a", "/src/a/"),
    ("/src", "a/.", "/src/a", "/src/a/."),
    ("/src", "..", "/", "/"),
    ("/src", "../..", "/", "/"),
    ("/src", "../", "/", "/"),
    ("/src", "../.", "/", "/."),
    ("/src", "/", "/", "/"),
    ("/src", "/.", "/", "/."),
    ("/src", "//", "/", "/"),
    ("/src", "/a", "/a", "/a"),
    ("/src", "/a/", "/a", "/a/"),
    ("/src", "/a/.", "/a", "/a/."),
    ("/src", "//a//b", "/a/b", "/a/b"),
    ("/src", "/a/b/..", "/a", "/a"),
    ("/src", "/a.", "/a.", "/a."),
    ("", "x/.", "/x", "/x/."),
]

any_path = st.text(st.sampled_from("/.ab"), max_size=12)


@pytest.mark.parametrize(("path", "expected"), CLEANED)
def test_clean_gives_the_shortest_equal_path(path: str, expected: str) -> None:
    assert clean(path) == expected


@given(any_path)
def test_cleaning_twice_changes_nothing(path: str) -> None:
    assert clean(clean(path)) == clean(path)


@given(any_path)
def test_a_clean_path_has_no_empty_or_dot_part(path: str) -> None:
    parts = clean(path).lstrip("/").split("/")
    assert parts in (["."], [""]) or not {"", "."} & set(parts)


@pytest.mark.parametrize(("parts", "expected"), JOINED)
def test_join_puts_slashes_between_and_cleans(parts: tuple[str, ...], expected: str) -> None:
    assert join(*parts) == expected


@given(st.lists(any_path.filter(bool), min_size=1, max_size=4))
def test_join_is_clean_of_the_text_with_slashes(parts: list[str]) -> None:
    assert join(*parts) == clean("/".join(parts))


@pytest.mark.parametrize(("parent", "path", "expected", "_kept"), NORMALIZED)
def test_a_file_action_makes_its_path_absolute(parent: str, path: str, expected: str, _kept: str) -> None:
    assert normalize(parent, path) == expected


@pytest.mark.parametrize(("parent", "path", "_bare", "expected"), NORMALIZED)
def test_a_destination_keeps_its_trailing_slash(parent: str, path: str, _bare: str, expected: str) -> None:
    assert normalize(parent, path, keep_slash=True) == expected


@given(any_path, any_path, st.booleans())
def test_a_normalized_path_is_its_own_normal_form(parent: str, path: str, keep_slash: bool) -> None:
    once = normalize(parent, path, keep_slash)
    assert once[0] == "/"
    assert normalize("/elsewhere", once, keep_slash) == once
