"""What a user reads when a step fails: the lines of the build file, the calling one above the one that it called."""

from __future__ import annotations

import pytest

from llbpy import State, target
from tests.e2e.bed import Bed, Named, busybox, marked

pytestmark = pytest.mark.e2e


@target
def failing(salt: str) -> State:
    state = busybox(salt)
    state = state.run("echo this is why; false", name="the step that fails")
    return state.run("echo never")


def test_a_failing_step_is_shown_with_its_line_its_output_and_its_name(bed: Bed) -> None:
    progress = bed.failure(failing)
    assert marked(progress) == ['state = state.run("echo this is why; false", name="the step that fails")']
    assert " > the step that fails:\n" in progress
    assert "this is why" in progress
    assert "exit code: 1" in progress


@target
def spread(salt: str) -> State:
    return busybox(salt).run(
        [
            "false",
        ],
        name="over several lines",
    )


def test_a_call_over_several_lines_is_shown_whole(bed: Bed) -> None:
    assert marked(bed.failure(spread)) == [
        "return busybox(salt).run(",
        "[",
        '"false",',
        "],",
        'name="over several lines",',
        ")",
    ]


def install(state: State, package: str) -> State:
    return state.run(f"echo no {package}; false")


@target
def helped(salt: str) -> State:
    return install(busybox(salt), "anything")


def test_the_line_that_called_a_helper_is_shown_above_it(bed: Bed) -> None:
    progress = bed.failure(helped)
    assert marked(progress) == [
        'return install(busybox(salt), "anything")',
        'return state.run(f"echo no {package}; false")',
    ]


def test_a_helper_in_a_neighbour_is_shown_in_its_own_file(bed: Bed) -> None:
    folder = bed.folder / "project"
    folder.mkdir()
    (folder / "recipes.py").write_text("\n\ndef broken(state):\n    return state.run('false')\n")
    build_file = folder / "build.py"
    build_file.write_text(
        "from llbpy import State, image, target\n"
        "from recipes import broken\n\n"
        "@target\n"
        "def app() -> State:\n"
        "    return image('busybox', inherit=False).apply(broken)\n"
    )
    progress = bed.failure(Named(build_file))
    assert marked(progress) == ["return image('busybox', inherit=False).apply(broken)", "return state.run('false')"]
    assert progress.index("\nbuild.py:6\n") < progress.index("\nrecipes.py:4\n")
