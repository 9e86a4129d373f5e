"""JSON for programs, with protobuf's own printer as the oracle."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf import json_format

import llbpy
from llbpy import Definition
from llbpy.explain.formats.json import render, value
from llbpy.graph.sourcemap import Location, SourceInfo, SourceTable
from llbpy.proto import ops_pb2
from tests.explain.definitions import GO, GRAPHS, marshalled

A = llbpy.image("a", inherit=False)


def printed(message: ops_pb2.Op | ops_pb2.OpMetadata) -> dict[str, Any]:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def vertices(definition: Definition) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = json.loads(render(definition))["vertices"]
    return shown


def test_an_op_is_its_proto_json() -> None:
    for definition in (*GRAPHS.values(), *GO.values()):
        ours = [vertex["op"] for vertex in vertices(definition)]
        assert ours == [printed(ops_pb2.Op.FromString(op)) for op in definition.ops[:-1]]


def test_metadata_is_its_proto_json() -> None:
    for definition in (*GRAPHS.values(), *GO.values()):
        known = ops_pb2.Definition.FromString(definition.to_bytes()).metadata
        for vertex in vertices(definition):
            assert vertex["metadata"] == printed(known[vertex["digest"]])


def test_the_head_is_a_digest_with_an_index() -> None:
    definition = marshalled(A.run(["x"], mounts=[llbpy.output("/out")]).output("/out"))
    assert value(definition)["head"] == {"digest": definition.digests[-2], "index": 1}


def test_scratch_has_no_head() -> None:
    assert value(llbpy.scratch().marshal()) == {"head": None, "platform": "", "vertices": []}


def test_inputs_say_what_they_are_used_for() -> None:
    definition = marshalled(A.run(["x"]))
    assert vertices(definition)[1]["inputs"] == [{"digest": definition.digests[0], "index": 0, "uses": ["root"]}]


def test_the_title_is_the_daemon_s_with_the_names_of_inputs() -> None:
    assert vertices(marshalled(llbpy.merge(A, A.run(["x"]))))[-1]["title"].endswith("/a:latest, x)")


def test_places_have_files_lines_and_columns() -> None:
    definition = marshalled(A)
    place = Location(SourceInfo("build.py", b""), (((3, 4), (5, 6)),))
    placed = Definition(
        definition.ops, definition.digests, definition.metadata, SourceTable((place.info,), {definition.head: (place,)})
    )
    ranges = [{"start": {"line": 3, "column": 4}, "end": {"line": 5, "column": 6}}]
    assert vertices(placed)[0]["locations"] == [{"file": "build.py", "ranges": ranges}]


def test_text_beyond_ascii_stays_readable() -> None:
    assert "über 漢字" in render(marshalled(A.run(["über 漢字"])))


def test_the_same_graph_gives_the_same_text() -> None:
    first, second = [render(marshalled(A.run(["x"]))) for _ in range(2)]
    assert first == second
