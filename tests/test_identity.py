"""Ids: as long as BuildKit's own, in their alphabet, and never the same."""

from __future__ import annotations

import re

import pytest

from llbpy.identity import new_id


def test_an_id_has_25_characters_of_base_36() -> None:
    assert all(re.fullmatch("[0-9a-z]{25}", new_id()) for _ in range(200))


def test_ids_are_distinct() -> None:
    assert len({new_id() for _ in range(2000)}) == 2000


def test_every_place_takes_many_characters() -> None:
    """Also the first one, whose digit before it is dropped because it takes a few values only."""
    ids = [new_id() for _ in range(500)]
    assert min(len(set(place)) for place in zip(*ids, strict=True)) > 25


@pytest.mark.parametrize("byte", [b"\0", b"\xff", b"\x80"])
def test_an_id_is_as_long_whatever_the_random_bytes_are(byte: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.urandom", lambda count: byte * count)
    assert len(new_id()) == 25


def test_an_id_is_made_as_go_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes as one number in base 36 with the top bit on, without its first digit, cut to 25."""
    monkeypatch.setattr("os.urandom", lambda count: bytes(range(count)))
    number = int.from_bytes(b"\x80" + bytes(range(1, 17)))
    assert new_id() == in_base_36(number)[1:26]


def in_base_36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return (in_base_36(number // 36) if number >= 36 else "") + digits[number % 36]
