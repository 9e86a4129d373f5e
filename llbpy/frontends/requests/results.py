"""The metadata of a result: JSON as Go's encoding/json indents it, and text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def result(version: str, value: Any, text: str | None = None) -> dict[str, bytes]:
    """The metadata that answers a request: `result.json`, `version`, and `result.txt` if there is a text."""
    found = {"result.json": indented(value).encode(), "version": version.encode()}
    return found if text is None else {**found, "result.txt": _valid(text).encode()}


def indented(value: Any) -> str:
    r"""JSON with two spaces for each level; `<`, `>`, `&` and two line ends of Unicode are escaped, other text stays.

    >>> indented({"name": "<a>", "list": []})
    '{\n  "name": "\\u003ca\\u003e",\n  "list": []\n}'
    """
    import json

    return _valid(json.dumps(value, indent=2, ensure_ascii=False).translate(_ESCAPED), "\\ufffd")


def base64(data: bytes) -> str:
    """Bytes as Go's JSON has them."""
    from binascii import b2a_base64

    return b2a_base64(data, newline=False).decode()


def present(**fields: Any) -> dict[str, Any]:
    """The fields that have a value, as `omitempty` leaves the others out."""
    return {name: value for name, value in fields.items() if value not in (None, "", False, 0, (), [], {})}


def _valid(text: str, instead: str = "\ufffd") -> str:
    """The text without halves of characters, which UTF-8 cannot hold."""
    if text.isascii():
        return text
    return "".join([instead if "\ud800" <= char <= "\udfff" else char for char in text])
