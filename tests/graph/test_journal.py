"""The journal beside a definition: names, targets and lines of each vertex."""

from __future__ import annotations

import pytest

from llbpy import definition, scratch
from llbpy.graph.journal import Entry, Stretch, journal
from llbpy.graph.sourcemap import Location, SourceInfo
from tests.graph.decoding import marshal, plain
from tests.graph.definitions import definition_of, digest_of, inputs_of, op_of

HERE = Stretch("mine", __file__, 1, 10_000)


def test_each_vertex_has_an_entry_in_the_order_of_the_definition() -> None:
    made = marshal(plain().run(["make"], name="compile"))
    entries = journal(made)
    assert [entry.digest for entry in entries] == list(made.digests[:-1])
    assert [(entry.name, entry.target) for entry in entries] == [("", ""), ("compile", "")]


def test_frames_are_the_innermost_first() -> None:
    [image] = journal(marshal(plain()))
    assert image.frames[0].startswith(plain.__code__.co_filename)
    assert image.frames[1].startswith(__file__)


def test_the_innermost_target_is_the_one_that_made_it() -> None:
    inner = Stretch("inner", plain.__code__.co_filename, 1, 10_000)
    state = plain().run(["make"])
    assert [entry.target for entry in journal(marshal(state), [HERE, inner])] == ["inner", "mine"]


def test_scratch_has_no_entries() -> None:
    assert journal(marshal(scratch())) == ()


def test_a_vertex_without_metadata_has_neither_name_nor_lines() -> None:
    op = op_of("a://b")
    state = definition(definition_of(op, inputs_of([op])))
    assert journal(marshal(state), [HERE]) == (Entry(digest_of(op), "", "", ()),)


@pytest.mark.parametrize(("line", "held"), [(2, False), (3, True), (5, True), (6, False)])
def test_a_stretch_holds_the_lines_between_its_ends(line: int, held: bool) -> None:
    stretch = Stretch("t", "build.py", 3, 5)
    assert stretch.holds(Location(SourceInfo("build.py", b""), (((line, 0), (line, 1)),))) is held
    assert not stretch.holds(Location(SourceInfo("other.py", b""), (((4, 0), (4, 1)),)))
