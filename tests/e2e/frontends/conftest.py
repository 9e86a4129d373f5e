"""The frontend image of this tree, in the registry beside the daemon, and a builder of buildx on that daemon."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e import servers
from tests.e2e.frontends.ways import Builds, push_frontend, run


@pytest.fixture(scope="session")
def frontend(registry: str) -> str:
    """The reference of the frontend image, built for this machine's platform."""
    return push_frontend(f"{registry}/llbpy/llbpy:e2e-{uuid4().hex}")


@pytest.fixture(scope="session")
def builder(registry: str) -> Iterator[str]:
    """The name of a builder of this run."""
    name = f"llbpy-e2e-{uuid4().hex}"
    run(0, "docker-buildx", "create", f"--name={name}", "--driver=remote", os.environ["BUILDKIT_HOST"])
    yield name
    run(0, "docker-buildx", "rm", name)


@pytest.fixture
def web(builds: Builds) -> Iterator[str]:
    """The URL of the folder `web` of a test."""
    yield from servers.files(builds.folder / "web")


@pytest.fixture
def remotes(builds: Builds) -> Iterator[str]:
    """The URL of the repositories in the folder `git` of a test."""
    yield from servers.repositories(builds.folder / "git")


@pytest.fixture
def builds(frontend: str, builder: str, registry: str, tmp_path: Path) -> Builds:
    return Builds(tmp_path, frontend, registry, uuid4().hex, builder)
