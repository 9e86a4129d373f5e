"""Ids that no two builds share: the one thing in llbpy that is not a function of its input."""

from __future__ import annotations

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH = 25


def new_id() -> str:
    """25 characters in the alphabet of BuildKit's own ids; they name sessions, builds and the folders of one client."""
    from os import urandom

    number = int.from_bytes(urandom(17)) | 1 << 135  # 27 digits whatever the rest, as the first one is dropped
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text[1 : _LENGTH + 1]
