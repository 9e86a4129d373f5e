"""Servers of a whole run, each started when a test first needs it, and the builds of a test on one of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.compat.ways import OLDER, serving
from tests.e2e.conftest import registry
from tests.e2e.frontends.conftest import frontend, remotes, web
from tests.e2e.frontends.test_main_context import downloads
from tests.e2e.frontends.test_secrets import agent
from tests.e2e.frontends.ways import Builds, run

__all__ = ["agent", "downloads", "frontend", "registry", "remotes", "web"]

_HERE = Path(__file__).parent
_MIRRORS = """\
[registry."docker.io"]
  mirrors = ["{registry}"]
[registry."{registry}"]
  http = true
"""


@pytest.fixture(scope="session", params=OLDER)
def older_daemon(request: pytest.FixtureRequest, registry: str) -> Iterator[tuple[str, str]]:
    """The name and the address of each older daemon, one after the other."""
    with serving(request.param) as address:
        yield request.param, address


@pytest.fixture
def older(
    frontend: str, older_daemon: tuple[str, str], registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Builds:
    """Builds of buildctl on an older daemon."""
    monkeypatch.setenv("BUILDKIT_HOST", older_daemon[1])
    return Builds(tmp_path, frontend, registry, uuid4().hex, builder="")


@pytest.fixture(scope="session")
def engine(registry: str) -> Iterator[str]:
    """The address of Docker Engine."""
    with serving("dockerd") as address:
        yield address


@pytest.fixture
def on_engine(frontend: str, engine: str, registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    """Builds of `docker build` by Docker Engine itself."""
    monkeypatch.setenv("DOCKER_HOST", engine)
    return Builds(tmp_path, frontend, registry, uuid4().hex, builder="default")


@pytest.fixture(scope="session")
def daemon_image(registry: str) -> str:
    """The reference of an image of the one daemon."""
    buildkitd, ref = shutil.which("buildkitd"), f"{registry}/compat/buildkit"
    assert buildkitd is not None
    places = (
        f"--local=context={Path(buildkitd).parent}",
        f"--local=dockerfile={_HERE}",
        "--opt=filename=daemon.Dockerfile",
    )
    output = f"--output=type=image,name={ref},push=true,compression=uncompressed"
    run(0, "buildctl", "build", "--progress=plain", "--frontend=dockerfile.v0", *places, output)
    return ref


@pytest.fixture(scope="session")
def container(
    engine: str, daemon_image: str, registry: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """The name of a builder in a container of Docker Engine, and the environment that leads to it."""
    folder, name = tmp_path_factory.mktemp("container"), f"compat-{uuid4().hex[:8]}"
    env = {"DOCKER_HOST": engine, "BUILDX_CONFIG": str(folder)}
    config = folder / "buildkitd.toml"
    config.write_text(_MIRRORS.format(registry=registry))
    options = (f"--driver-opt=image={daemon_image},network=host", "--buildkitd-flags=--oci-worker-net=host")
    words = ("--driver=docker-container", f"--name={name}", f"--buildkitd-config={config}", *options)
    run(0, "docker", "buildx", "create", "--bootstrap", *words, env=env)
    yield name, env
    run(0, "docker", "buildx", "rm", name, env=env)


@pytest.fixture
def in_container(
    frontend: str,
    container: tuple[str, dict[str, str]],
    registry: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Builds:
    """Builds of `docker build` by a daemon in a container."""
    name, env = container
    for variable, value in env.items():
        monkeypatch.setenv(variable, value)
    return Builds(tmp_path, frontend, registry, uuid4().hex, builder=name)
