"""Lists of strings as Go's `encoding/json` writes them: several source attributes carry such text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_ESCAPES: dict[int, str] = {code: f"\\u{code:04x}" for code in (*range(0x20), *b"<>&", 0x2028, 0x2029)}
_ESCAPES.update({ord(char): "\\" + letter for char, letter in zip('\b\f\n\r\t"\\', 'bfnrt"\\', strict=True)})


def string_array(items: Sequence[str]) -> str:
    r"""A compact JSON array: `<`, `>` and `&` escaped, other text as it is; an undecodable byte becomes `\ufffd`."""
    if not items:
        return "[]"
    text = '","'.join(items if _is_plain("".join(items)) else [_escape(item) for item in items])
    return f'["{text}"]'


def _is_plain(text: str) -> bool:
    return (
        text.isascii()
        and text.isprintable()
        and '"' not in text
        and "\\" not in text
        and "<" not in text
        and ">" not in text
        and "&" not in text
    )


def _escape(text: str) -> str:
    escaped = text.translate(_ESCAPES)
    if escaped.isascii():
        return escaped
    return "".join(["\\ufffd" if "\ud800" <= char <= "\udfff" else char for char in escaped])
