"""SHA-256, whoever computes it."""

from __future__ import annotations

import sys
from hashlib import sha256

import pytest

from llbpy.graph.digests import hasher

MANY = 1_000_000
TEXTS = [b"", b"abc", b"x" * 1000]


def agrees(count: int) -> bool:
    """Whether the hasher for that many inputs gives the digests of the standard library."""
    return all(hasher(count)(text).hexdigest() == sha256(text).hexdigest() for text in TEXTS)


def test_where_openssl_is_loaded_it_is_used() -> None:
    assert "_hashlib" in sys.modules
    assert hasher(1) is hasher(MANY) is sha256
    assert agrees(1)


def test_few_inputs_do_not_load_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "_hashlib")
    assert hasher(1) is not sha256
    assert "_hashlib" not in sys.modules
    assert agrees(1)


def test_many_inputs_are_worth_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "_hashlib")
    assert hasher(MANY) is sha256


def test_a_python_without_its_own_takes_the_standard_librarys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "_hashlib")
    for name in ("_sha2", "_sha256"):
        monkeypatch.setitem(sys.modules, name, None)
    assert hasher(1) is sha256
