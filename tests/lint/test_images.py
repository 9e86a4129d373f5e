"""Rules on images and on what else is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.checked import findings, rules, target

DIGEST = "sha256:" + "a" * 64
COMMIT = "8d2a1f9c0b7e4d3a6f5e2b1c9a8d7e6f5a4b3c2d"
ON = "experimental=UnpinnedImage,GitWithoutCommit"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("image('alpine', inherit=False)", ["LatestTag", "UnpinnedImage"]),
        ("image('alpine')", ["LatestTag", "UnpinnedImage"]),
        ("image('alpine:latest', inherit=False)", ["LatestTag", "UnpinnedImage"]),
        ("image('example.com:5000/app', inherit=False)", ["LatestTag", "UnpinnedImage"]),
        ("image('alpine:3.22', inherit=False)", ["UnpinnedImage"]),
        (f"image('alpine@{DIGEST}', inherit=False)", []),
        (f"image('alpine:latest@{DIGEST}', inherit=False)", []),
        (f"image('alpine:3.22', checksum='{DIGEST}', inherit=False)", []),
        ("scratch()", []),
    ],
)
def test_images_by_their_tags(tmp_path: Path, body: str, found: list[str]) -> None:
    assert rules(tmp_path, target(body), given=ON) == found


def test_experimental_rules_are_off_unless_asked_for(tmp_path: Path) -> None:
    assert rules(tmp_path, target("image('alpine:3.22', inherit=False)")) == []


def test_an_image_is_called_as_people_call_it(tmp_path: Path) -> None:
    [one] = findings(tmp_path, target("image('docker.io/library/alpine', inherit=False)"))
    assert one.detail == "image 'alpine' is whatever the tag latest means that day; name a version: 'alpine:…'"


def test_an_image_used_for_its_files_counts_too(tmp_path: Path) -> None:
    [one] = findings(tmp_path, target("scratch().copy(image('busybox')['/bin/sh'], '/sh')"))
    assert (one.rule, one.line) == ("LatestTag", 6)


@pytest.mark.parametrize(
    ("base", "found"),
    [
        ({"os": "linux", "architecture": "arm64"}, ["InvalidBaseImagePlatform"]),
        ({"os": "windows", "architecture": "amd64"}, ["InvalidBaseImagePlatform"]),
        ({"os": "linux", "architecture": "amd64"}, []),
        ({"os": "linux", "architecture": "amd64", "variant": "v2"}, []),
        ({}, []),
    ],
)
def test_an_image_of_another_platform_is_found_where_its_config_is_known(
    tmp_path: Path, base: dict[str, str], found: list[str]
) -> None:
    assert rules(tmp_path, target("image('alpine:3.22').run('x')"), base=base) == found


def test_both_platforms_are_named(tmp_path: Path) -> None:
    base = {"os": "linux", "architecture": "arm64"}
    [one] = findings(tmp_path, target("image('alpine:3.22').run('x')"), base=base)
    assert one.detail == "image 'alpine:3.22' is for linux/arm64, and linux/amd64 is wanted; use one for linux/amd64"
    assert one.line == 6


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("http('http://example.com/a')", ["PlaintextHttp"]),
        ("http('https://example.com/a')", []),
        (f"http('http://example.com/a', checksum='{DIGEST}')", []),
        ("http('http://localhost:8080/a')", []),
        ("http('http://127.0.0.1/a')", []),
        ("http('http://localhost.example.com/a')", ["PlaintextHttp"]),
        ("git('http://example.com/a.git', 'main')", ["GitWithoutCommit", "PlaintextHttp"]),
        ("git('git://example.com/a.git', 'main')", ["GitWithoutCommit", "PlaintextHttp"]),
        (f"git('http://example.com/a.git', '{COMMIT}')", []),
        ("git('https://example.com/a.git', 'v1')", ["GitWithoutCommit"]),
        ("git('https://example.com/a.git')", ["GitWithoutCommit"]),
        (f"git('https://example.com/a.git#{COMMIT}:sub')", []),
        (f"git('https://example.com/a.git', 'v1', checksum='{COMMIT[:12]}')", []),
        ("git('git@example.com:a.git', 'main')", ["GitWithoutCommit"]),
    ],
)
def test_what_is_fetched(tmp_path: Path, body: str, found: list[str]) -> None:
    assert rules(tmp_path, target(body), given=ON) == found


def test_a_repository_without_a_ref_is_at_its_default_branch(tmp_path: Path) -> None:
    [one] = findings(tmp_path, target("git('https://example.com/a.git')"), given=ON)
    assert one.detail.startswith("'example.com/a.git' is taken at its default branch, which can move")
