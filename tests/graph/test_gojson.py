"""String arrays, byte for byte as Go's `encoding/json` writes them; the tables come from Go."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbpy.graph.gojson import string_array

WRITTEN = [
    (["a", "<b>"], r'["a","\u003cb\u003e"]'),
    (["**/*.go", "!x"], '["**/*.go","!x"]'),
    ([""], '[""]'),
    (["", ""], '["",""]'),
    (["a b~"], '["a b~"]'),
    (["a&b"], r'["a\u0026b"]'),
    (['"', "\\"], r'["\"","\\"]'),
    (["\b\f\n\r\t"], r'["\b\f\n\r\t"]'),
    (["\x00\x0b\x1f"], r'["\u0000\u000b\u001f"]'),
    (["\x7f"], '["\x7f"]'),
    (["\x80\xa0\xad"], '["\x80\xa0\xad"]'),
    (["é", "日本", "𝒜"], '["é","日本","𝒜"]'),
    (["\u2028\u2029"], r'["\u2028\u2029"]'),
    (["\ufeff\ufffd"], '["\ufeff\ufffd"]'),
    (["a\udcffb"], r'["a\ufffdb"]'),
    (["\udce2\udc82"], r'["\ufffd\ufffd"]'),
]


@pytest.mark.parametrize(("items", "expected"), WRITTEN)
def test_an_array_is_written_as_go_writes_it(items: list[str], expected: str) -> None:
    assert string_array(items) == expected


def test_no_strings_make_an_empty_array() -> None:
    assert string_array([]) == string_array(()) == "[]"


@given(st.lists(st.text()))
def test_what_is_written_reads_back_the_same(items: list[str]) -> None:
    assert json.loads(string_array(items)) == items


@given(st.lists(st.text()))
def test_nothing_that_could_end_a_script_element_is_left_bare(items: list[str]) -> None:
    assert not set("<>&\n\u2028\u2029") & set(string_array(items))
