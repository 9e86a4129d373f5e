"""A Dockerfile's result as a state of a build file."""

from __future__ import annotations

import pytest

from tests.e2e.frontends.ways import Builds

pytestmark = pytest.mark.e2e

BUILD = '''\
from llbpy import Build, State, frontend, output, scratch, target

DOCKERFILE = """
FROM busybox AS base
ARG WORD=none
ENV SAID=$WORD
COPY said /said
WORKDIR /work
"""

@target
def app(build: Build, word: str) -> State:
    made = frontend(
        "dockerfile.v0",
        inputs={"dockerfile": scratch().write("/Dockerfile", DOCKERFILE), "context": scratch().write("/said", "copied")},
        opts={"target": "base", "build-arg:WORD": word},
    )
    ran = made.run('echo "$SAID in $(pwd): $(cat /said)" > /out/all', mounts=[output("/out")])
    return scratch().copy(ran.output("/out")["/all"], "/")
'''


def test_its_files_and_its_config_go_on(builds: Builds) -> None:
    out = builds.folder / "out"
    builds.done(builds.write(BUILD), "build-arg:word=hello", words=[f"--output=type=local,dest={out}"])
    assert (out / "all").read_text() == "hello in /work: copied\n"


def test_an_error_of_its_own_is_shown(builds: Builds) -> None:
    said = builds.fails(builds.write(BUILD.replace("FROM busybox AS base", "FORM busybox")), "build-arg:word=x")
    assert "unknown instruction: FORM" in said
