"""JSON as image configs are written, by the compiled half of Python's `json`.

The other half loads `re` and `enum`, and with them takes 5 ms of every build in a frontend, more than its build file does. It is
loaded for what is no JSON, of which it says what is wrong, and where Python lacks the compiled half.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, NoReturn

_BLANKS = " \t\n\r"


def loads(data: bytes) -> Any:
    """The value that UTF-8 text says. Raises ValueError for anything else, `NaN` and `Infinity` included.

    >>> loads(b'{"config": {"Env": ["A=1"]}}')
    {'config': {'Env': ['A=1']}}
    """
    text = data.decode().strip(_BLANKS)
    try:
        value, end = _scan(text, 0)
    except (StopIteration, SystemError):  # the latter where it cannot find json's own error, as that is not loaded
        return _uncompiled(text)
    return value if end == len(text) else _uncompiled(text)


def dumps(value: object) -> bytes:
    """A value as compact UTF-8 text. Raises TypeError for what JSON does not have, ValueError for NaN and the infinities.

    >>> dumps({"Env": ["A=é"], "User": None}).decode()
    '{"Env":["A=é"],"User":null}'
    """
    return "".join(_pieces(value, 0)).encode("utf-8", "replace")


def _uncompiled(text: str) -> Any:
    import json

    return json.loads(text, parse_constant=_refuse_constant)


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"JSON has no {type(value).__name__}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


class _Reading:
    """What a scanner is told."""

    strict = True
    object_hook = object_pairs_hook = array_hook = None
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_refuse_constant)


def _compiled() -> tuple[Callable[[str, int], tuple[Any, int]], Callable[[Any, int], Iterable[str]]]:
    """What reads the value at a character, and says where it ends; what writes one in pieces.

    Raises ImportError, AttributeError, TypeError where they are not as CPython 3.11 to 3.13 have them.
    """
    from _json import encode_basestring, make_encoder, make_scanner

    reading: Any = _Reading
    return make_scanner(reading), make_encoder(None, _refuse, encode_basestring, None, ":", ",", False, False, False)


def _scan_nothing(text: str, at: int) -> NoReturn:
    raise StopIteration(at)


def _written(value: Any, level: int) -> Iterable[str]:
    import json

    yield json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_refuse)


try:
    _scan, _pieces = _compiled()
except (ImportError, AttributeError, TypeError):
    _scan, _pieces = _scan_nothing, _written
