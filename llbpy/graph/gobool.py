"""Bools as Go's `strconv.ParseBool` reads them: options and directives come in these words."""

from __future__ import annotations

_WORDS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}


def read_bool(text: str) -> bool | None:
    """The bool that a text means; None if it means none.

    >>> read_bool("t"), read_bool("FALSE"), read_bool("yes")
    (True, False, None)
    """
    return _WORDS.get(text)
