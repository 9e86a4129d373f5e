"""Other platforms: emulated commands, and results of two platforms in one."""

from __future__ import annotations

import pytest

from llbpy import Build, State, image, output, scratch, target
from tests.e2e.bed import Bed, busybox

pytestmark = pytest.mark.e2e


@target
def machine(salt: str) -> State:
    return busybox(salt).run("uname -m > /out/machine", mounts=[output("/out")]).output("/out")


def test_a_build_for_another_platform_runs_its_commands_there(bed: Bed) -> None:
    assert bed.build(machine, platform="linux/arm64").text("machine") == "aarch64"
    assert bed.build(machine, platform="linux/amd64").text("machine") == "x86_64"


def test_the_image_is_of_the_platform_that_was_built(bed: Bed) -> None:
    config = bed.pushed(machine, platform="linux/arm64").config
    assert (config["os"], config["architecture"]) == ("linux", "arm64")


@target
def mixed(salt: str) -> State:
    """Made on two platforms, for the one that is built."""
    script, mounts = "uname -m > /out/machine", [output("/out")]
    there = image("busybox", inherit=False, platform="linux/arm64").env(SALT=salt).run(script, mounts=mounts)
    here = busybox(salt).run(script, mounts=mounts)
    result = scratch().copy(there.output("/out")["/machine"], "/there").copy(here.output("/out")["/machine"], "/here")
    return result.copy(there.run(script, mounts=mounts).output("/out")["/machine"], "/there-again")


def test_states_of_another_platform_take_part_in_a_build(bed: Bed) -> None:
    built = bed.build(mixed, platform="linux/amd64")
    machines = {name: built.text(name) for name in built.names}
    assert machines == {"there": "aarch64", "here": "x86_64", "there-again": "aarch64"}


@target
def gathered(build: Build, salt: str) -> State:
    """What the same function makes on each of two platforms."""
    result = scratch()
    for platform in ("linux/amd64", "linux/arm64"):
        on = build.on(platform)
        ran = (
            image("busybox", inherit=False, platform=on.target_platform)
            .env(SALT=salt)
            .run(f"echo {on.target_platform.architecture} $(uname -m) > /out/machine", mounts=[output("/out")])
        )
        result = result.copy(ran.output("/out"), f"/{on.target_platform.architecture}")
    return result


def test_one_target_gathers_the_results_of_two_platforms(bed: Bed) -> None:
    built = bed.build(gathered)
    assert built.text("amd64/machine") == "amd64 x86_64"
    assert built.text("arm64/machine") == "arm64 aarch64"
