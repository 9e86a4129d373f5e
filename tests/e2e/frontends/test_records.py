"""What the daemon keeps of a build, as `docker buildx history` shows it."""

from __future__ import annotations

import json

import pytest

from tests.e2e.bed import marked
from tests.e2e.frontends.test_ways import FAILING
from tests.e2e.frontends.ways import Builds, buildx

pytestmark = pytest.mark.e2e


def test_a_failed_build_is_shown_with_its_line_long_after(builds: Builds) -> None:
    folder = builds.write(FAILING)
    builds.fails(folder, f"build-arg:salt={builds.salt}", way=buildx)

    def history(*words: str) -> str:
        return builds.said("history", words[0], f"--builder={builds.builder}", *words[1:])

    records = [json.loads(line) for line in history("ls", "--no-trunc", "--format=json").splitlines()]
    (ref,) = [each["ref"].rpartition("/")[2] for each in records if each["name"] == f"{folder.name}/build.py"]
    shown = history("inspect", ref)
    assert marked(shown) == ['state = state.run("echo this is why; false", name="the step that fails")']
    assert "this is why" in history("logs", "--progress=plain", ref)
