"""Docker Engine: plain `docker build`, what `docker run` makes of its images, and what `--call` asks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.compat.shared import Everywhere, OnDocker
from tests.compat.ways import docker, docker_bake
from tests.e2e.bed import Built, marked
from tests.e2e.frontends import test_annotations, test_named_contexts
from tests.e2e.frontends.ways import ROOT, Builds, Way, run

pytestmark = pytest.mark.compat


@pytest.fixture
def builds(on_engine: Builds) -> Builds:
    return on_engine


class TestEngine(OnDocker):
    def test_annotations_are_no_obstacle(self, builds: Builds, way: Way) -> None:
        """Whether the engine keeps them depends on how it stores images."""
        name = f"annotated:{builds.salt}"
        builds.done(builds.write(test_annotations.ANNOTATED), way=way, words=[f"--tag={name}"])
        assert inspected(name)["RootFS"]["Layers"]


class TestBake(Everywhere):
    @pytest.fixture
    def way(self) -> Way:
        return docker_bake

    def test_another_target_is_a_context(self, builds: Builds) -> None:
        words = ("--allow=network.host",)
        built = test_named_contexts.linked(builds, {"dockerfile": "build.py"}, *words, network="host")
        assert built.text("it") == test_named_contexts.from_base(builds)


IMAGE = '''\
from typing import Annotated
from llbpy import Doc, State, cache, image, secret, target

Name = Annotated[str, Doc("who is greeted")]

@target(default=True, labels={"kind": "greeter"})
def greeter(name: Name = "world") -> State:
    """An image that greets."""
    mounts = [secret("token", optional=True), cache("/cache")]
    return image("busybox").run(f"echo hello, {name} > /hello", mounts=mounts).config(cmd=["cat", "/hello"])

@target
def empty() -> State:
    """An image that does not."""
    return image("busybox")
'''


def test_an_image_runs(builds: Builds) -> None:
    name = f"greeter:{builds.salt}"
    builds.done(builds.write(IMAGE), "build-arg:name=you", way=docker, words=[f"--tag={name}"])
    assert container(name) == "hello, you\n"
    assert inspected(name)["Config"]["Labels"] == {"kind": "greeter"}


def test_an_example_in_several_steps_runs_as_an_image(builds: Builds) -> None:
    example, name = ROOT / "examples" / "zipapp", f"wordcount:{builds.salt}"
    sources = {str(path.relative_to(example)): path.read_text() for path in example.glob("wordcount/*.py")}
    folder = builds.write((example / "build.py").read_text(), sources)
    options = ("target=image", "build-arg:version=7")
    first, again = [Built(builds.done(folder, *options, way=docker, words=[f"--tag={name}"]), folder) for _ in range(2)]
    assert ("compile" in first.cached, "compile" in again.cached) == (False, True)
    assert container(name, "--version") == "wordcount 7\n"
    assert inspected(name)["Config"]["User"] == "nobody"


def test_targets_are_listed(builds: Builds) -> None:
    said = called(builds, "targets")
    assert said == [
        "TARGET DESCRIPTION",
        "greeter (default) An image that greets.",
        "empty An image that does not.",
    ]


def test_arguments_and_secrets_are_listed(builds: Builds) -> None:
    said = called(builds, "outline", "build-arg:name=you")
    assert said == [
        "TARGET: greeter",
        "DESCRIPTION: An image that greets.",
        "",
        "BUILD ARG VALUE DESCRIPTION",
        "name you who is greeted (str)",
        "",
        "SECRET REQUIRED",
        "token",
    ]


def test_rules_are_checked(builds: Builds) -> None:
    command = docker(builds, builds.write(IMAGE), [], ["--check", "--progress=quiet"])
    said = run(1, *command)
    assert "Check complete, 2 warnings have been found!" in said
    assert len(marked(said)) == 2


def called(builds: Builds, call: str, *options: str) -> list[str]:
    """The lines of what `docker build --call` prints about the image above, their columns a blank apart."""
    said = builds.done(builds.write(IMAGE), *options, way=docker, words=[f"--call={call}", "--progress=quiet"])
    return [" ".join(line.split()) for line in said.strip().splitlines()]


def container(image: str, *words: str) -> str:
    """What a container of an image says."""
    return run(0, "docker", "run", "--rm", "--network=host", image, *words)


def inspected(image: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(run(0, "docker", "image", "inspect", image))
    return found[0]
