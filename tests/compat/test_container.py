"""A daemon in a container, which buildx starts on Docker Engine (its docker-container driver)."""

from __future__ import annotations

import pytest

from tests.compat.shared import OnDocker
from tests.e2e.frontends import test_attestations, test_ways
from tests.e2e.frontends.ways import Builds, Way, gateway
from tests.e2e.oci import Archive

pytestmark = pytest.mark.compat


@pytest.fixture
def builds(in_container: Builds) -> Builds:
    return in_container


MACHINE = """\
from llbpy import Build, State, image, target

@target
def app(build: Build) -> State:
    return image("busybox").run("uname -m > /machine").env(FOR=build.target_platform.architecture)
"""


class TestContainer(OnDocker):
    def test_an_index_of_two_platforms_is_pushed(self, builds: Builds, way: Way) -> None:
        ref = builds.push(builds.write(MACHINE), "platform=linux/amd64,linux/arm64", way=way)
        pulled = Archive.pull(builds.registry, ref.removeprefix(f"{builds.registry}/"))
        assert pulled.is_index
        found = {platform: image.text("machine") for platform, image in pulled.images.items()}
        assert found == {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}
        for platform, image in pulled.images.items():
            assert f"FOR={platform.removeprefix('linux/')}" in image.config["config"]["Env"]

    def test_what_a_scanner_says_is_attested(self, builds: Builds, way: Way) -> None:
        test_attestations.test_what_a_scanner_says_is_attested_of_each_platform(builds, way)

    def test_buildctl_reaches_it_as_well(self, builds: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BUILDKIT_HOST", f"docker-container://buildx_buildkit_{builds.builder}0")
        test_ways.test_hello(builds, gateway)
