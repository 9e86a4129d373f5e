"""Annotations of images, as the build file says them and as clients add to them."""

from __future__ import annotations

import pytest

from tests.e2e.frontends.ways import WAYS, Builds, Way, buildx
from tests.e2e.oci import Archive

pytestmark = pytest.mark.e2e

ANNOTATED = """\
from llbpy import State, scratch, target

@target(
    annotations=[
        "org.example.all=a=b, \\"c\\"",
        "manifest[linux/arm64]:org.example.one=arm64",
        "manifest[linux/amd64]:org.example.one=amd64",
        "manifest-descriptor,index,index-descriptor:org.example.more=ü",
    ]
)
def app() -> State:
    return scratch().write("/file", "")
"""
ALL = {"org.example.all": 'a=b, "c"'}
MORE = {"org.example.more": "ü"}


def own(found: dict[str, str]) -> dict[str, str]:
    """Those that are not the exporter's."""
    return {key: value for key, value in found.items() if key.startswith("org.example")}


def images(archive: Archive) -> dict[str, dict[str, dict[str, str]]]:
    return {
        platform: {level: own(found) for level, found in image.annotations.items()}
        for platform, image in archive.images.items()
    }


@pytest.mark.parametrize("way", WAYS)
def test_each_image_has_those_for_all_and_its_own(builds: Builds, way: Way) -> None:
    archive = builds.archive(builds.write(ANNOTATED), "platform=linux/amd64,linux/arm64", way=way)
    assert {level: own(found) for level, found in archive.annotations.items()} == {
        "index": MORE,
        "index-descriptor": MORE,
    }
    assert images(archive) == {
        f"linux/{name}": {"manifest": ALL | {"org.example.one": name}, "manifest-descriptor": MORE}
        for name in ("amd64", "arm64")
    }


@pytest.mark.parametrize("way", WAYS)
def test_an_image_alone_has_none_of_an_index(builds: Builds, way: Way) -> None:
    archive = builds.archive(builds.write(ANNOTATED), "platform=linux/arm64", way=way)
    assert images(archive) == {
        "linux/arm64": {"manifest": ALL | {"org.example.one": "arm64"}, "manifest-descriptor": MORE}
    }


def test_an_image_in_a_registry_has_them_and_those_of_the_command(builds: Builds) -> None:
    folder, ref = builds.write(ANNOTATED), f"{builds.registry}/e2e/{builds.salt}"
    words = ["--annotation=org.example.other=1", f"--output=type=image,name={ref},push=true"]
    builds.done(folder, way=buildx, words=words)
    pulled = Archive.pull(builds.registry, f"e2e/{builds.salt}")
    expected = ALL | {"org.example.one": "amd64", "org.example.other": "1"}
    assert own(pulled.only.annotations["manifest"]) == expected


def test_an_image_for_docker_has_them(builds: Builds) -> None:
    out = builds.fresh()
    builds.done(builds.write(ANNOTATED), words=[f"--output=type=docker,dest={out}"])
    assert images(Archive.read(out))["linux/amd64"]["manifest"] == ALL | {"org.example.one": "amd64"}


def test_a_folder_is_exported_all_the_same(builds: Builds) -> None:
    assert builds.export(builds.write(ANNOTATED), "platform=linux/amd64,linux/arm64").names == [
        "linux_amd64/file",
        "linux_arm64/file",
    ]
