"""What a build says without failing: the build file's own warnings, and what rules find; and when that fails it."""

from __future__ import annotations

import pytest

from tests.e2e.bed import marked
from tests.e2e.frontends.ways import WAYS, Builds, Way, bake, buildx

pytestmark = pytest.mark.e2e

OLD = """\
from llbpy import State, image, target, warn

warn("version 1 is out of support")

@target
def app() -> State:
    warn("so is this target", url="https://example.com/old")
    return image("busybox")
"""
LATEST = "LatestTag: image 'busybox' is whatever the tag latest means that day; name a version: 'busybox:…'"
OWN = ["version 1 is out of support", "so is this target"]


def listed(said: str) -> list[str]:
    """The warnings in buildx's list at the end."""
    lines = [line.replace("\x1b[0m", "") for line in said.splitlines()]
    return sorted(line.removeprefix(" - ") for line in lines if line.startswith(" - "))


@pytest.mark.parametrize("way", [buildx, bake])
def test_warnings_are_listed_once_each(builds: Builds, way: Way) -> None:
    said = builds.done(builds.write(OLD), "platform=linux/amd64,linux/arm64", way=way)
    assert "3 warnings found" in said
    assert listed(said) == sorted([f"{LATEST} (line 9)", *OWN])


def test_warnings_are_shown_with_their_lines_if_asked(builds: Builds) -> None:
    folder = builds.write(OLD)
    command = ("--debug", "build", f"--builder={builds.builder}", "--progress=plain", f"--file={folder / 'build.py'}")
    said = builds.said(*command, str(folder))
    assert sorted(marked(said)) == [
        'return image("busybox")',
        'warn("so is this target", url="https://example.com/old")',
        'warn("version 1 is out of support")',
    ]
    assert "https://example.com/old" in said


def test_one_finding_is_one_warning(builds: Builds) -> None:
    text = "\n".join(line for line in OLD.splitlines() if "warn(" not in line)
    said = builds.done(builds.write(text), way=buildx)
    assert "1 warning found" in said
    assert listed(said) == [f"{LATEST} (line 7)"]


def test_rules_are_left_out_by_the_file_by_a_line_or_by_an_argument(builds: Builds) -> None:
    def found(text: str, *options: str) -> list[str]:
        return [line for line in listed(builds.done(builds.write(text), *options, way=buildx)) if line not in OWN]

    assert found("# check=skip=LatestTag\n" + OLD) == []
    assert found(OLD.replace('image("busybox")', 'image("busybox")  # llbpy: skip=LatestTag')) == []
    assert found(OLD, "build-arg:BUILDKIT_DOCKERFILE_CHECK=skip=all") == []
    experimental = found(OLD, "build-arg:BUILDKIT_DOCKERFILE_CHECK=skip=LatestTag;experimental=UnpinnedImage")
    assert [line.partition(":")[0] for line in experimental] == ["UnpinnedImage"]


@pytest.mark.parametrize("way", WAYS)
def test_findings_fail_the_build_if_the_file_says_so(builds: Builds, way: Way) -> None:
    said = builds.fails(builds.write("# check=error=true\n" + OLD), way=way)
    assert marked(said) == ['return image("busybox")']
    assert said.rstrip().splitlines()[-1].endswith("build.py:10: lint violation found for rules: LatestTag")
    if way in (buildx, bake):
        assert listed(said) == sorted([f"{LATEST} (line 10)", *OWN])


OUTCOME = """\
from llbpy import State, image, outcome, output, target

@target(default=True)
def tests(code: int):
    ran = image("busybox").run(f"echo {code} > /out/code; echo report > /out/report", mounts=[output("/out")])
    return outcome(ran.output("/out"), exit_code=ran.output("/out")["/code"])

@target
def report(code: int) -> State:
    return tests(code).state
"""


@pytest.mark.parametrize("way", WAYS)
def test_an_outcome_of_0_is_exported(builds: Builds, way: Way) -> None:
    assert builds.export(builds.write(OUTCOME), "build-arg:code=0", way=way).text("report") == "report"


@pytest.mark.parametrize("way", WAYS)
def test_another_outcome_fails_the_build(builds: Builds, way: Way) -> None:
    folder, out = builds.write(OUTCOME), builds.fresh()
    said = builds.fails(folder, "build-arg:code=3", way=way, words=[f"--output=type=local,dest={out}"])
    assert marked(said) == ["@target(default=True)"]
    assert "target 'tests' ended with '3' in /code, so nothing is exported" in said
    assert not out.exists()


def test_another_target_hands_out_what_a_failed_one_left(builds: Builds) -> None:
    folder, report = builds.write(OUTCOME), ("target=report", "build-arg:code=4")
    builds.fails(folder, "build-arg:code=4")
    built = builds.export(folder, *report)
    assert (built.text("report"), built.text("code")) == ("report", "4")
    assert any(step.startswith("/bin/sh -c echo 4") for step in built.cached)
