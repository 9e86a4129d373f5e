"""What tools ask of a build file: `docker buildx build --call=…`, `--check`, and buildctl's `requestid`."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest

from tests.e2e.bed import marked
from tests.e2e.frontends.ways import Builds, Way, gateway, syntax

pytestmark = pytest.mark.e2e

FILE = '''\
from typing import Annotated, Literal
from llbpy import Doc, State, cache, image, secret, ssh, target

@target(default=True)
def app(
    version: Annotated[str, Doc("what the binary reports")],
    kind: Literal["debug", "release"] = "release",
    jobs: int = 4,
) -> State:
    """The app, compiled."""
    mounts = [secret("token"), secret("extra", optional=True), ssh("deploy"), cache("/root/.cache", id="compiler")]
    return image("busybox").run(f"echo {version} {kind} {jobs}", mounts=mounts)

@target(platforms=["linux/amd64", "linux/arm64"])
def tools() -> State:
    """What it needs."""
    return image("busybox")
'''


ARGUMENTS = """\
BUILD ARG   VALUE     DESCRIPTION
version     1.2       what the binary reports (str, required)
kind        release   'debug' | 'release'
jobs        4         int"""


class Asking:
    """A build file, asked by buildx without a word of progress."""

    def __init__(self, builds: Builds, text: str = FILE) -> None:
        self._builds = builds
        self.folder = builds.write(text)

    def __call__(self, call: str, *words: str, code: int = 0) -> str:
        file = self.folder / "build.py"
        flags = (f"--builder={self._builds.builder}", "--progress=quiet", f"--call={call}", f"--file={file}")
        return self._builds.said("build", *flags, *words, str(self.folder), code=code)

    def parsed(self, call: str, *words: str, code: int = 0) -> Any:
        said = self(f"{call},format=json", *words, code=code)
        return json.JSONDecoder().raw_decode(said)[0]  # buildx adds why a file cannot be built


def first_line(found: dict[str, Any]) -> int:
    line: int = found["location"]["ranges"][0]["start"]["line"]
    return line


def test_outline_lists_arguments_secrets_and_agents_of_a_target(builds: Builds) -> None:
    asking = Asking(builds)
    assert asking("outline", "--build-arg=version=1.2").split("\n\n")[0:2] == [
        "TARGET:      app\nDESCRIPTION: The app, compiled.",
        ARGUMENTS,
    ]
    found = asking.parsed("outline", "--build-arg=version=1.2")
    assert (found["name"], found["description"]) == ("app", "The app, compiled.")
    assert [(each["name"], each["value"], first_line(each)) for each in found["args"]] == [
        ("version", "1.2", 7),
        ("kind", "release", 8),
        ("jobs", "4", 9),
    ]
    assert [(each["name"], each.get("required")) for each in found["secrets"]] == [("token", True), ("extra", None)]
    assert [(each["name"], each.get("required")) for each in found["ssh"]] == [("deploy", True)]
    assert [(each["ID"], first_line(each)) for each in found["cache"]] == [("compiler", 13)]
    assert b64decode(found["sources"][0]).decode() == (asking.folder / "build.py").read_text()


def test_outline_needs_no_arguments_that_are_missing(builds: Builds) -> None:
    asking = Asking(builds)
    assert "what the binary reports (str, required)" in asking("outline")
    assert asking("outline", "--target=tools").startswith("TARGET:      tools\nDESCRIPTION: What it needs.\n")


def test_targets_lists_what_can_be_built(builds: Builds) -> None:
    asking = Asking(builds)
    assert asking("targets").splitlines() == [
        "TARGET        DESCRIPTION",
        "app (default) The app, compiled.",
        "tools         What it needs.",
    ]
    found = asking.parsed("targets")["targets"]
    assert [(each["name"], each.get("default"), each.get("platform"), first_line(each)) for each in found] == [
        ("app", True, None, 5),
        ("tools", None, "linux/amd64,linux/arm64", 15),
    ]


def test_check_shows_what_rules_find_with_its_lines_and_fails(builds: Builds) -> None:
    asking, version = Asking(builds), "--build-arg=version=1"
    said = asking("check", version, code=1)
    assert "Check complete, 2 warnings have been found!" in said  # one for each target
    assert said.count("WARNING: LatestTag") == 2
    shown = ['return image("busybox").run(f"echo {version} {kind} {jobs}", mounts=mounts)', 'return image("busybox")']
    assert marked(said) == shown
    warnings = asking.parsed("check", version, code=1)["warnings"]
    assert [(each["ruleName"], first_line(each)) for each in warnings] == [("LatestTag", 13), ("LatestTag", 18)]


def test_check_finds_nothing_to_say_about_a_good_file(builds: Builds) -> None:
    text = (
        "from llbpy import State, scratch, target\n@target\ndef app() -> State:\n    return scratch().write('/a', '')\n"
    )
    assert "Check complete, no warnings found." in Asking(builds, text)("check")


def test_check_shows_why_a_file_cannot_be_built(builds: Builds) -> None:
    asking = Asking(builds, "from llbpy import target\n\n@target\ndef app():\n    return undefined\n")
    assert asking.parsed("check", code=1)["buildError"]["message"].endswith("name 'undefined' is not defined")
    said = asking("check", code=1)
    assert marked(said) == ["return undefined"]
    assert "name 'undefined' is not defined" in said


def test_a_file_that_cannot_be_loaded_has_no_outline_and_no_targets(builds: Builds) -> None:
    asking = Asking(builds, "import llbpy\nraise ValueError('broken')\n")
    for call in ("outline", "targets"):
        said = asking(call, code=1)
        assert "ValueError: broken" in said
        assert marked(said) == ["raise ValueError('broken')"]


@pytest.mark.parametrize("way", [gateway, syntax])
def test_describe_lists_the_requests(builds: Builds, way: Way) -> None:
    said = builds.done(builds.write(FILE), "requestid=frontend.subrequests.describe", way=way)
    assert [line.split()[:2] for line in said.splitlines() if not line.startswith("#") and line] == [
        ["NAME", "VERSION"],
        ["outline", "1.0.0"],
        ["targets", "1.0.0"],
        ["subrequests.describe", "1.0.0"],
    ]


def test_describe_is_answered_to_buildx(builds: Builds) -> None:
    assert Asking(builds)("subrequests.describe").splitlines()[0].split() == ["NAME", "VERSION", "DESCRIPTION"]


def test_a_request_that_does_not_exist_is_said_with_those_that_do(builds: Builds) -> None:
    said = builds.fails(builds.write(FILE), "requestid=frontend.outlines")
    assert "there is no request 'frontend.outlines'" in said
    assert "did you mean 'frontend.outline'?" in said
