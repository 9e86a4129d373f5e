"""The frontend image of this tree, in the registry beside the daemon."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.conftest import registry
from tests.e2e.frontends.ways import Builds, push_frontend

__all__ = ["registry"]


@pytest.fixture(scope="session")
def frontend(registry: str) -> str:
    """The reference of the frontend image, built for this machine's platform."""
    return push_frontend(f"{registry}/llbpy/llbpy:e2e-{uuid4().hex}")


@pytest.fixture
def builds(frontend: str, registry: str, tmp_path: Path) -> Builds:
    return Builds(tmp_path, frontend, registry, uuid4().hex)
