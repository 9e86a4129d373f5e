"""Fixtures of the tests on the real daemon. Without one they fail, and say how to get one: nothing is skipped unseen."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.bed import Bed

_ADVICE = 'run `make test`, or `make daemon` and then eval "$(make -s daemon-env)"'


@pytest.fixture(scope="session")
def registry() -> str:
    """The registry on this machine, beside a daemon and a buildctl that are at hand."""
    for name in ("BUILDKIT_HOST", "LLBPY_REGISTRY"):
        if not os.environ.get(name):
            pytest.fail(f"{name} is not set, so there is no daemon to test on: {_ADVICE}", pytrace=False)
    if shutil.which("buildctl") is None:
        pytest.fail(f"there is no buildctl on PATH: {_ADVICE}", pytrace=False)
    return os.environ["LLBPY_REGISTRY"]


@pytest.fixture
def bed(registry: str, tmp_path: Path) -> Bed:
    return Bed(tmp_path, registry, uuid4().hex)
