"""JSON that image configs are written in, against Python's own `json`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import reload

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbpy.graph import jsontext

CHARACTERS = st.characters(codec="utf-8")
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(CHARACTERS)
)
VALUES = st.recursive(
    LEAVES, lambda below: st.lists(below) | st.dictionaries(st.text(CHARACTERS), below), max_leaves=20
)
WRONG = (
    *(b"", b"  ", b"{", b"nul", b"{} x", b"[1,2", b'{"a" 1}', b"[01]", b'"a', b'"\x01"', b"{'a': 1}", b"[1,]"),
    *(b"NaN", b"[Infinity]", b"-Infinity", b"\xff", b"\xef\xbb\xbf{}", b'{"a":1}\x00'),
)
VALUE: dict[str, object] = {
    "config": {"Env": ["A=<é>\u2028"], "User": None},
    "list": ["a", []],
    "size": 1.5,
    "on": True,
}


@pytest.fixture(params=["compiled", "without"])
def either_half(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> object:
    """The module as CPython has it, and as it is where Python lacks the compiled half."""
    with monkeypatch.context() as patched:
        if request.param == "without":
            patched.setitem(sys.modules, "_json", None)
        reload(jsontext)
    yield request.param
    reload(jsontext)


@given(VALUES)
def test_what_json_reads_is_read_alike(value: object) -> None:
    for indent in (None, 1):
        assert jsontext.loads(f"\n {json.dumps(value, indent=indent)}\t\r\n".encode()) == value


@given(VALUES)
def test_what_json_writes_is_written_alike(value: object) -> None:
    assert jsontext.dumps(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@given(st.text('{}[]",:0123456789.eE+-truefalsn \\/'))
def test_any_text_is_refused_or_read_as_json_does(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"\S"):
            jsontext.loads(text.encode())
    else:
        assert jsontext.loads(text.encode()) == expected


def test_a_value_goes_there_and_back(either_half: str) -> None:
    assert jsontext.loads(jsontext.dumps(VALUE)) == VALUE


def test_it_is_compact_and_halves_of_characters_are_replaced(either_half: str) -> None:
    assert jsontext.dumps({"a": [1, "\udcff"]}) == b'{"a":[1,"?"]}'


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_json_is_refused(either_half: str, text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        jsontext.loads(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b'{"a":1}\nx', "Extra data: line 2 column 1 (char 8)"),
        (b"[NaN]", "JSON has no NaN"),
    ],
)
def test_the_error_says_what_is_wrong_and_where(either_half: str, text: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        jsontext.loads(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_lacks_are_not_written(either_half: str, value: float) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        jsontext.dumps(value)


def test_values_that_json_lacks_are_not_written(either_half: str) -> None:
    with pytest.raises(TypeError, match=r"^JSON has no bytes$"):
        jsontext.dumps({"a": b""})


def test_neither_way_loads_json() -> None:
    code = (
        "import sys; from llbpy.graph import jsontext; jsontext.loads(jsontext.dumps({'a': [1.5]}));"
        " print(*sorted({'json', 're', 'enum'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], check=True, capture_output=True, text=True, cwd=".")
    assert done.stdout.strip() == ""


def test_what_is_no_json_is_refused_before_json_is_loaded() -> None:
    code = (
        "from llbpy.graph import jsontext\ntry: jsontext.loads(b'{\"a\" 1}')\nexcept ValueError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], check=True, capture_output=True, text=True, cwd=".")
    assert done.stdout.strip() == "Expecting ':' delimiter: line 1 column 6 (char 5)"
