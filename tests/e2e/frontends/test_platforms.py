"""Several platforms in one build: an index, the configs and files of each, commands under emulation."""

from __future__ import annotations

import pytest

from tests.e2e.frontends.ways import WAYS, Builds, Way

pytestmark = pytest.mark.e2e

BOTH = "platform=linux/amd64,linux/arm64"
MACHINE = """\
from llbpy import Build, State, image, target

@target
def app(build: Build, salt: str) -> State:
    platform = build.target_platform
    state = image("busybox").env(SALT=salt, FOR=platform.architecture)
    return state.run("uname -m > /machine").write("/built-on", f"{build.build_platform}")
"""


def salt(builds: Builds) -> str:
    return f"build-arg:salt={builds.salt}"


@pytest.mark.parametrize("way", WAYS)
def test_several_platforms_make_an_index_with_the_config_of_each(builds: Builds, way: Way) -> None:
    made = builds.archive(builds.write(MACHINE), BOTH, salt(builds), way=way)
    assert made.is_index
    assert {*made.images} == {"linux/amd64", "linux/arm64"}
    for platform, machine in (("linux/amd64", "x86_64"), ("linux/arm64", "aarch64")):
        image = made.images[platform]
        assert image.text("machine") == machine
        assert image.text("built-on") == "linux/amd64"
        assert f"FOR={platform.removeprefix('linux/')}" in image.config["config"]["Env"]
        assert len(image.config["rootfs"]["diff_ids"]) == len(image.layers)


def test_files_of_several_platforms_come_in_a_folder_each(builds: Builds) -> None:
    built = builds.export(builds.write(MACHINE), BOTH, salt(builds))
    machines = {name: built.text(name) for name in built.names if name.endswith("/machine")}
    assert machines == {"linux_amd64/machine": "x86_64", "linux_arm64/machine": "aarch64"}


def test_one_platform_is_no_index_unless_one_is_asked_for(builds: Builds) -> None:
    folder, one = builds.write(MACHINE), "platform=linux/arm64"
    alone = builds.archive(folder, one, salt(builds))
    assert (alone.is_index, alone.only.text("machine")) == (False, "aarch64")
    listed = builds.archive(folder, one, salt(builds), "multi-platform=true")
    assert (listed.is_index, {*listed.images}) == (True, {"linux/arm64"})


def test_a_variant_is_part_of_the_platform(builds: Builds) -> None:
    text = (
        "from llbpy import State, scratch, target\n@target\ndef app() -> State:\n    return scratch().write('/a', '')\n"
    )
    made = builds.archive(builds.write(text), "platform=linux/arm/v6,linux/arm/v7,linux/arm64/v8")
    assert {*made.images} == {"linux/arm/v6", "linux/arm/v7", "linux/arm64"}


def test_the_same_command_runs_once_for_all_platforms_that_share_it(builds: Builds) -> None:
    text = """\
from llbpy import Build, State, image, output, scratch, target

@target
def app(build: Build, salt: str) -> State:
    base = image("busybox", platform=build.build_platform).env(SALT=salt)
    made = base.run("cat /proc/sys/kernel/random/uuid > /out/it", mounts=[output("/out")], name="shared").output("/out")
    return scratch().copy(made["/it"], "/it")
"""
    built = builds.export(builds.write(text), BOTH, salt(builds))
    assert built.text("linux_amd64/it") == built.text("linux_arm64/it")
