"""What all formats promise."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

import llbpy
from llbpy import Definition, LLBError, State, files
from llbpy.errors import GraphError, OptionError
from llbpy.explain import formats
from llbpy.explain.graph import read
from tests.conformance.interpreter import marshal
from tests.explain.definitions import GO, GRAPHS, marshalled

NAMES = formats.names()
RANDOM = Path(__file__).parent.parent / "conformance" / "data" / "random.jsonl"


@cache
def random_definitions() -> list[Definition]:
    """Those of the generated cases that can be marshalled."""
    found = []
    for line in RANDOM.read_text().splitlines():
        try:
            found.append(marshal(json.loads(line)))
        except LLBError:
            continue
    return found


def chain(length: int) -> State:
    state = llbpy.image("alpine", inherit=False)
    for number in range(length):
        state = state.run(["step", str(number)])
    return state


def fan(width: int) -> State:
    base = llbpy.image("alpine", inherit=False)
    return llbpy.merge(*[base.run(["step", str(number)]) for number in range(width)])


def braid(length: int) -> State:
    """Two strands that cross at each step, so that its paths are two to the power of its length."""
    one, two = llbpy.image("alpine", inherit=False), llbpy.image("busybox", inherit=False)
    for _ in range(length):
        one, two = one.file(files.copy(two, "/a", "/b")), llbpy.merge(two, one, name="both")
    return one


SCRATCH = {
    "dot": 'scratch [label="scratch"]',
    "json": '"head": null',
    "mermaid": 'scratch["scratch"]',
    "text": "scratch",
}
SHAPES: Mapping[str, Callable[[], Definition]] = {
    "chain": cache(lambda: marshalled(chain(20_000))),
    "fan": cache(lambda: marshalled(fan(20_000))),
}


def test_the_formats_are_the_files_of_their_folder() -> None:
    assert NAMES == ["dot", "json", "mermaid", "text"]


@pytest.mark.parametrize("name", NAMES)
def test_a_format_bears_the_name_of_its_file(name: str) -> None:
    found = formats.find(name)
    assert name == found.NAME


def test_an_unknown_format_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(OptionError, match=r"format 'mermiad' is none of dot, json, .*; did you mean 'mermaid'\?"):
        formats.render(GRAPHS["app"], "mermiad")


def test_text_is_what_is_shown_unless_asked_otherwise() -> None:
    assert formats.render(GRAPHS["app"]) == formats.render(GRAPHS["app"], "text")


@pytest.mark.parametrize("name", NAMES)
def test_a_view_ends_in_one_newline(name: str) -> None:
    for definition in (*GRAPHS.values(), *GO.values()):
        text = formats.render(definition, name)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", NAMES)
def test_scratch_can_be_shown(name: str) -> None:
    assert SCRATCH[name] in formats.render(llbpy.scratch().marshal(), name)


@pytest.mark.parametrize("name", NAMES)
def test_a_definition_cut_short_is_refused(name: str) -> None:
    whole = GRAPHS["app"]
    short = Definition(whole.ops[:1], whole.digests[:1], {}, whole.source)
    with pytest.raises(GraphError, match="last op names no output"):
        formats.render(short, name)


@pytest.mark.parametrize("name", NAMES)
def test_bytes_show_what_the_definition_shows_that_they_were_made_of(name: str) -> None:
    for definition in GRAPHS.values():
        assert formats.render(Definition.from_bytes(definition.to_bytes()), name) == formats.render(definition, name)


@pytest.mark.parametrize("name", ["dot", "json", "mermaid"])
def test_formats_for_programs_do_not_heed_the_width(name: str) -> None:
    assert formats.render(GRAPHS["app"], name, 30) == formats.render(GRAPHS["app"], name)


@pytest.mark.parametrize("name", NAMES)
def test_generated_graphs_can_be_shown(name: str) -> None:
    definitions = random_definitions()
    assert len(definitions) > 50
    for definition in definitions:
        assert formats.render(definition, name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_twenty_thousand_vertices_can_be_shown(shape: str, name: str) -> None:
    assert formats.render(SHAPES[shape](), name).count("\n") > 20_000


@pytest.mark.parametrize("name", NAMES)
def test_a_graph_of_more_paths_than_atoms_is_shown_by_its_vertices(name: str) -> None:
    definition = marshalled(braid(300))
    assert len(read(definition).vertices) == 601
    assert len(formats.render(definition, name)) < 5_000_000


def test_the_time_a_view_takes_grows_with_the_graph_and_not_faster() -> None:
    """Calls are counted, as a clock has bad days; twice the graph is twice the calls."""
    for name in NAMES:
        small, large = (calls(name, marshalled(braid(length))) for length in (100, 200))
        assert large < 2.2 * small, name


def calls(name: str, definition: Definition) -> int:
    """How many Python functions run while a definition is shown."""
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += 1

    sys.setprofile(count)
    try:
        formats.render(definition, name)
    finally:
        sys.setprofile(None)
    return counted
