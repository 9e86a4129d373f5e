"""Words, split as Go's `shlex` splits them; the tables come from Go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbpy.errors import GraphError
from llbpy.graph.words import words

SPLIT = [
    ("", []),
    ("   ", []),
    ("a", ["a"]),
    (" a  b ", ["a", "b"]),
    ("a\tb\r\nc", ["a", "b", "c"]),
    ("a\vb\fc\xa0d", ["a\vb\fc\xa0d"]),
    ("a\x1cb\u3000c", ["a\x1cb\u3000c"]),
    ("'a b' c", ["a b", "c"]),
    ('"a b" c', ["a b", "c"]),
    ("a'b c'd", ["ab cd"]),
    ("'' \"\"", ["", ""]),
    ("a''", ["a"]),
    (r"'a\nb'", ["a\\nb"]),
    (r'"a\nb\"\$"', ['anb"$']),
    (r"a\ b\\ \n", ["a b\\", "n"]),
    ("a\\\nb", ["a\nb"]),
    ("echo a#b #c d", ["echo", "a#b"]),
    ("a #b 'c\nd", ["a", "d"]),
    ("#a\n\n#b", []),
    ("# only\nwords", ["words"]),
    ("''#a", ["#a"]),
    (r"\#a", ["#a"]),
    ("é 'ü ö'", ["é", "ü ö"]),
    ("$HOME `x` a|b&&c;d", ["$HOME", "`x`", "a|b&&c;d"]),
]

CUT_SHORT = [
    ("a 'b", ["a"]),
    ('a "b', ["a"]),
    ('a b"c\\"', ["a"]),
    ("a b\\", ["a"]),
    ('"\\', []),
    ("one two'", ["one"]),
    ("a\nb 'c\nd", ["a", "b"]),
]

WHERE = [
    ("a 'b c", "the ' is never closed (column 3)"),
    ('ab "c', 'the " is never closed (column 4)'),
    ('x"y\\"', 'the " is never closed (column 2)'),
    ('"\\', 'the " is never closed (column 1)'),
    ("ab\\", "nothing follows the backslash (column 3)"),
    ("a\nbc 'd", "the ' is never closed (line 2, column 4)"),
    ("'a\nb' \\", "nothing follows the backslash (line 2, column 4)"),
]


@pytest.mark.parametrize(("text", "expected"), SPLIT)
def test_words_are_split_as_go_splits_them(text: str, expected: list[str]) -> None:
    assert words(text, strict=False) == words(text) == expected


@pytest.mark.parametrize(("text", "expected"), CUT_SHORT)
def test_an_unfinished_word_ends_the_list_without_an_error(text: str, expected: list[str]) -> None:
    assert words(text, strict=False) == expected


@pytest.mark.parametrize(("text", "problem"), WHERE)
def test_strict_splitting_says_what_is_unfinished_and_where(text: str, problem: str) -> None:
    with pytest.raises(GraphError) as caught:
        words(text)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "_"), CUT_SHORT)
def test_strict_splitting_refuses_every_text_that_is_cut_short(text: str, _: list[str]) -> None:
    with pytest.raises(GraphError):
        words(text)


@given(st.lists(st.text()))
def test_quoted_words_come_back_as_they_were(expected: list[str]) -> None:
    quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in expected)
    assert words(quoted) == expected


@given(st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="'\"\\#"), min_size=1)))
def test_plain_words_take_the_same_way_as_scanned_ones(expected: list[str]) -> None:
    text = " ".join(expected)
    assert words(text, strict=False) == words(text + " ''", strict=False)[:-1] == expected
