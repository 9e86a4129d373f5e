"""The Go end of the byte streams, built once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golang import build


@pytest.fixture(scope="session")
def golang(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of `golang/`."""
    return build(Path(__file__).parent / "golang", tmp_path_factory.mktemp("golang") / "peer")
