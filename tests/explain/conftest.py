"""Golden files: what a view showed when somebody last looked at it and agreed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "golden"


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Holds a text against the file of that name; with LLBPY_UPDATE_GOLDENS=1 it writes the file instead."""
    return _update if os.environ.get("LLBPY_UPDATE_GOLDENS") else _compare


def _compare(name: str, text: str) -> None:
    assert text == (FOLDER / name).read_text(encoding="utf-8")


def _update(name: str, text: str) -> None:
    (FOLDER / name).write_text(text, encoding="utf-8")
