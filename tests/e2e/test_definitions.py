"""Definitions as bytes: looked at, read back, extended, and built from inside of a build."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbpy import Definition, State, definition, local, output, scratch, target
from tests.e2e.bed import Bed, busybox

pytestmark = pytest.mark.e2e


@target
def inner(salt: str) -> State:
    """Two files from a command, whose definition others build on."""
    made = busybox(salt).run("echo $SALT > /out/made", mounts=[output("/out")], name="make it")
    return made.output("/out").write("/written", salt)


@target
def extended(salt: str, path: Path) -> State:
    """A definition from a file, and a file more."""
    return definition(path.read_bytes()).write("/more", "more")


@pytest.fixture
def saved(bed: Bed) -> Path:
    path = bed.folder / "inner.llb"
    path.write_bytes(bed.dump(inner))
    return path


def test_a_definition_read_back_can_be_extended(bed: Bed, saved: Path) -> None:
    built = bed.build(extended, path=str(saved))
    assert built.names == ["made", "more", "written"]
    assert built.text("made") == bed.salt


def test_the_steps_of_a_definition_read_back_stay_the_same_to_the_daemon(bed: Bed, saved: Path) -> None:
    bed.build(saved.read_bytes())
    assert bed.build(extended, path=str(saved)).cached >= {"make it"}


def test_a_definition_written_again_is_the_same_graph(bed: Bed, saved: Path) -> None:
    read = Definition.from_bytes(saved.read_bytes())
    again = definition(read).marshal()
    assert (again.ops, again.head) == (read.ops, read.head)
    assert bed.build(again.to_bytes()).text("made") == bed.salt


@target
def from_file(salt: str, filename: str | None = None) -> State:
    """Builds whatever the definition in a folder says."""
    return scratch().copy(local("definitions"), "/").build(filename, name="build what is described")


def test_a_build_can_build_the_definition_in_a_file(bed: Bed, saved: Path) -> None:
    folder = bed.folder / "definitions"
    folder.mkdir()
    saved.rename(folder / "inner.llb")
    built = bed.build(from_file, f"--local=definitions={folder}", filename="/inner.llb")
    assert (built.names, built.text("made")) == (["made", "written"], bed.salt)
    assert " build what is described\n" in built.progress


def test_the_definition_in_a_file_has_a_usual_name(bed: Bed, saved: Path) -> None:
    folder = bed.folder / "definitions"
    folder.mkdir()
    saved.rename(folder / "buildkit.llb.definition")
    assert bed.build(from_file, f"--local=definitions={folder}").names == ["made", "written"]


def test_the_graph_of_bytes_on_stdin_is_drawn(bed: Bed, saved: Path) -> None:
    drawn = bed.llbpy("graph", "-", input=saved.read_bytes()).decode()
    named = bed.llbpy("graph", *bed.words(inner)).decode()
    assert "make it" in drawn
    assert "docker.io/library/busybox:latest" in drawn
    assert drawn == named
