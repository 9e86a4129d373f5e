"""One build file, by every way."""

from __future__ import annotations

import pytest

from tests.e2e.frontends.ways import Builds, Way, gateway, syntax

pytestmark = pytest.mark.e2e

HELLO = """\
from llbpy import State, image, output, scratch, target

@target
def hello(name: str = "world") -> State:
    greeted = image("busybox").run(f"echo hello, {name} > /out/hello", mounts=[output("/out")])
    return scratch().copy(greeted.output("/out")["/hello"], "/hello")
"""


@pytest.mark.parametrize("way", [gateway, syntax])
def test_hello(builds: Builds, way: Way) -> None:
    out = builds.folder / "out"
    builds.done(builds.write(HELLO), "build-arg:name=you", way=way, words=[f"--output=type=local,dest={out}"])
    assert (out / "hello").read_text() == "hello, you\n"
