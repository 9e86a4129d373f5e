"""Caches that builds leave in a registry, and others begin from."""

from __future__ import annotations

import pytest

from tests.e2e.frontends.ways import Builds, Way, bake, buildx, gateway, run, syntax

pytestmark = pytest.mark.e2e

DRAWN = """\
from llbpy import State, image, target

@target
def app(salt: str) -> State:
    return image("busybox").run(f"cat /proc/sys/kernel/random/uuid > /it; : {salt}", name="draw")
"""


def test_an_inline_cache_takes_the_place_of_a_step(builds: Builds) -> None:
    folder, salt = builds.write(DRAWN), f"build-arg:salt={builds.salt}"
    ref = builds.push(folder, salt, words=["--export-cache=type=inline"])
    drawn = builds.export(folder, salt).text("it")
    ours = f"--filter=description~={builds.salt}"
    run(0, "buildctl", "prune", "--all", ours)  # what this test made, and nothing else
    assert builds.salt not in run(0, "buildctl", "du", "--verbose", ours)
    assert builds.export(folder, salt, words=[f"--import-cache=type=registry,ref={ref}"]).text("it") == drawn


@pytest.mark.parametrize(
    ("way", "option"),
    [
        (gateway, "cache-from={ref}"),
        (syntax, 'cache-imports=[{{"Type":"registry","Attrs":{{"ref":"{ref}"}}}}]'),
        (buildx, "cache-from={ref}"),
        (bake, "cache-from={ref}"),
    ],
)
def test_caches_to_import_come_as_an_option(builds: Builds, way: Way, option: str) -> None:
    folder, salt, ref = builds.write(DRAWN), f"build-arg:salt={builds.salt}", f"{builds.registry}/e2e/{builds.salt}"
    builds.done(folder, salt, words=[f"--export-cache=type=registry,mode=max,ref={ref}"])
    built = builds.export(folder, salt, option.format(ref=ref), way=way)
    assert f"importing cache manifest from {ref}" in built.progress
    assert "draw" in built.cached


def test_a_target_may_be_built_anew_each_time(builds: Builds) -> None:
    text = DRAWN.replace("@target", "@target(no_cache=True)")
    folder, salt = builds.write(text), f"build-arg:salt={builds.salt}"
    assert builds.export(folder, salt).text("it") != builds.export(folder, salt).text("it")


def test_a_cache_that_is_not_there_fails_nothing(builds: Builds) -> None:
    folder, salt, ref = builds.write(DRAWN), f"build-arg:salt={builds.salt}", f"{builds.registry}/e2e/none"
    said = builds.done(folder, salt, f"cache-from={ref}")
    assert f"importing cache manifest from {ref}" in said
    assert f"{ref}:latest: not found" in said
