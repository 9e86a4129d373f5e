"""The frontend image, built by the Dockerfile and by its own build file."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from tests.e2e.bed import Bed, Named
from tests.e2e.conftest import bed, registry
from tests.e2e.oci import Image
from tests.frontend_image.probes import BASE

__all__ = ["bed", "registry"]

ROOT = Path(__file__).parents[2]
CONTEXT = f"--local=context={ROOT}"
DESCRIBED = Named(ROOT / "frontend_image" / "build.py")
PLATFORMS = ("linux/amd64", "linux/arm64")


def by_dockerfile(archive: Path, platform: str, *options: str, output: str = "") -> Path:
    """The image that Dockerfile.frontend makes, as an OCI archive."""
    settings = ("filename=Dockerfile.frontend", f"build-arg:PYTHON={BASE}", f"platform={platform}")
    words = (
        "buildctl",
        "build",
        "--progress=plain",
        "--frontend=dockerfile.v0",
        *[f"--opt={each}" for each in settings],
    )
    places = (CONTEXT, f"--local=dockerfile={ROOT}", f"--output=type=oci,dest={archive}{output}")
    done = subprocess.run([*words, *places, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout.decode()
    return archive


class Pair(NamedTuple):
    """The image made both ways, for one platform."""

    dockerfile: Image
    described: Image


@pytest.fixture(scope="session", params=PLATFORMS)
def pair(request: pytest.FixtureRequest, registry: str, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder, platform = tmp_path_factory.mktemp("frontend-image"), str(request.param)
    described = Bed(folder, registry, uuid4().hex).pushed(DESCRIBED, CONTEXT, platform=platform, python=BASE)
    return Pair(Image.from_archive(by_dockerfile(folder / "image.tar", platform)), described)
