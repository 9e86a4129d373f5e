"""Definitions as bytes: writing one and reading it back, Go's included."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import llbpy
from llbpy import Definition, State, files, local, scratch
from llbpy.errors import GraphError
from llbpy.graph import messages as pb
from llbpy.proto import ops_pb2
from tests.graph import oracle
from tests.graph.decoding import marshal, plain
from tests.graph.definitions import definition_of, digest_of, go_definitions, inputs_of, location, op_of, source_of

GO = go_definitions()
WISHES: Any = {
    "name": "a name",
    "description": {"a": "b", "": ""},
    "ignore_cache": True,
    "export_cache": False,
    "progress_group": llbpy.ProgressGroup("group", id="id", weak=True),
    "resources": llbpy.Resources(-1, -1, (1 << 64) - 1, 1, -1, "0-1", "0"),
}
OURS: dict[str, State] = {
    "an image": plain(),
    "a folder": local("context", include=["<é>"]),
    "a command": plain().run(["make"], mounts=[llbpy.output("/out")]).output("/out"),
    "actions": plain().file(files.mkdir("/a"), files.copy(plain("b"), "/x", "/y")),
    "wishes": plain().run(["make"], **WISHES),
    "scratch": scratch(),
}


def same(one: Definition, other: Definition) -> None:
    """Asserts that two definitions are one, but for the identity of their parts."""
    assert one.ops == other.ops
    assert one.digests == other.digests
    assert {digest: meta.to_json() for digest, meta in one.metadata.items()} == {
        digest: meta.to_json() for digest, meta in other.metadata.items()
    }
    assert one.source.infos == other.source.infos
    assert dict(one.source.locations) == dict(other.source.locations)


@pytest.mark.parametrize("name", OURS)
def test_reading_what_was_written_gives_it_back(name: str) -> None:
    definition = marshal(OURS[name])
    again = Definition.from_bytes(definition.to_bytes())
    same(again, definition)
    assert again.to_bytes() == definition.to_bytes()


@pytest.mark.parametrize("name", GO)
def test_a_definition_of_go_is_read_as_protobuf_reads_it(name: str) -> None:
    definition, message = Definition.from_bytes(GO[name]), ops_pb2.Definition.FromString(GO[name])
    assert list(definition.ops) == list(getattr(message, "def"))
    assert {digest: sorted(meta.caps) for digest, meta in definition.metadata.items()} == {
        digest: sorted(meta.caps) for digest, meta in message.metadata.items()
    }
    assert set(definition.source.locations) == set(message.Source.locations)


@pytest.mark.parametrize("name", GO)
def test_a_definition_of_go_is_written_with_the_same_content(name: str) -> None:
    definition = Definition.from_bytes(GO[name])
    written = definition.to_bytes()
    assert oracle.as_fields(ops_pb2.Definition.FromString(written)) == oracle.as_fields(
        ops_pb2.Definition.FromString(GO[name])
    )
    same(Definition.from_bytes(written), definition)


@pytest.mark.parametrize("name", OURS)
def test_protobuf_reads_what_we_write(name: str) -> None:
    definition = marshal(OURS[name])
    message = ops_pb2.Definition.FromString(definition.to_bytes())
    assert list(getattr(message, "def")) == list(definition.ops)
    assert {digest: set(meta.caps) for digest, meta in message.metadata.items()} == {
        digest: meta.caps for digest, meta in definition.metadata.items()
    }
    assert [(info.filename, info.data, info.language) for info in message.Source.infos] == [
        (info.filename, info.data, info.language) for info in definition.source.infos
    ]
    for digest, group in definition.source.locations.items():
        places = [
            ((r.start.line, r.start.character), (r.end.line, r.end.character))
            for place in message.Source.locations[digest].locations
            for r in place.ranges
        ]
        assert places == [span for place in group for span in place.ranges]


def test_metadata_reaches_protobuf_whole() -> None:
    definition = marshal(OURS["wishes"])
    meta = ops_pb2.Definition.FromString(definition.to_bytes()).metadata[definition.head]
    limits = meta.linux_resources
    assert dict(meta.description) == {"a": "b", "": "", "llb.customname": "a name"}
    assert meta.ignore_cache
    assert meta.HasField("export_cache")
    assert not meta.export_cache.Value
    assert (meta.progress_group.name, meta.progress_group.id, meta.progress_group.weak) == ("group", "id", True)
    assert (limits.memory, limits.memorySwap, limits.cpuShares, limits.cpuPeriod) == (-1, -1, (1 << 64) - 1, 1)
    assert (limits.cpuQuota, limits.cpusetCpus, limits.cpusetMems) == (-1, "0-1", "0")


def test_digests_are_the_sha256_of_each_op() -> None:
    definition = Definition.from_bytes(marshal(OURS["actions"]).to_bytes())
    assert definition.digests == tuple(map(digest_of, definition.ops))


def test_the_head_is_the_vertex_that_the_last_op_names() -> None:
    definition = marshal(OURS["a command"])
    assert definition.head == definition.digests[-2]
    assert pb.Op.decode(definition.ops[-1])["inputs"] == [{"digest": definition.head, "index": 1}]


def test_scratch_is_the_empty_definition() -> None:
    for definition in (marshal(scratch()), Definition.from_bytes(b"")):
        assert (definition.ops, definition.digests, definition.head, definition.to_bytes()) == ((), (), "", b"")
        assert (dict(definition.metadata), definition.source.infos) == ({}, ())


def test_a_last_op_without_inputs_has_no_head() -> None:
    assert Definition.from_bytes(definition_of(op_of("a://b"))).head == ""


def test_a_last_op_with_an_input_that_names_nothing_has_no_head() -> None:
    assert Definition.from_bytes(definition_of(pb.Op.inputs.write([b""]))).head == ""


def position(line: int) -> bytes:
    return pb.Position.line.write(line)


WHOLE = pb.Range.start.write(position(3)) + pb.Range.end.write(position(4))
BAD_PLACES = [
    (location(1, WHOLE), "a location points at source 1, and the definition has 1; daemons end on it"),
    (location(-1, WHOLE), "a location points at source -1, and the definition has 1; daemons end on it"),
    (
        location(0, pb.Range.start.write(position(1))),
        "a location has a range without end, which buildctl and buildx cannot show",
    ),
    (
        location(0, WHOLE, pb.Range.end.write(position(1))),
        "a location has a range without start, which buildctl and buildx cannot show",
    ),
]


@pytest.mark.parametrize(("place", "problem"), BAD_PLACES)
def test_a_location_that_would_end_a_daemon_or_a_client_is_refused(place: bytes, problem: str) -> None:
    op = op_of("a://b")
    with pytest.raises(GraphError) as caught:
        Definition.from_bytes(definition_of(op, inputs_of([op]), source=source_of(digest_of(op), place)))
    assert str(caught.value) == problem


def test_a_location_may_have_no_range_and_a_file_no_text() -> None:
    op = op_of("a://b")
    data = definition_of(op, inputs_of([op]), source=source_of(digest_of(op), location(1), files=2))
    places = Definition.from_bytes(data).source.locations[digest_of(op)]
    assert [(str(place), place.line, place.ranges, place.info.data) for place in places] == [("file1:0", 0, (), b"")]


def test_a_file_keeps_the_definition_that_it_came_from() -> None:
    op = op_of("a://b")
    inner = definition_of(op, inputs_of([op]))
    info = pb.SourceInfo.filename.write("Dockerfile") + pb.SourceInfo.definition.write(inner)
    info += pb.SourceInfo.language.write("Dockerfile")
    definition = Definition.from_bytes(definition_of(op, inputs_of([op]), source=pb.Source.infos.write([info])))
    assert [(file.definition, file.language) for file in definition.source.infos] == [(inner, "Dockerfile")]
    assert Definition.from_bytes(definition.to_bytes()).source.infos == definition.source.infos


KEYS = ["sha256:" + "b" * 64, "sha256:" + "a" * 64, "", "a", "b" * 300, "c"]


def test_keys_of_metadata_and_locations_may_have_any_length() -> None:
    op = op_of("a://b")
    meta = pb.OpMetadata.ignore_cache.write(True)
    places = pb.Source.locations.write(dict.fromkeys(KEYS, pb.Locations.locations.write([location(0)])))
    infos = pb.Source.infos.write([pb.SourceInfo.filename.write("f")])
    data = definition_of(op, inputs_of([op]), source=places + infos, metadata=dict.fromkeys(KEYS, meta))
    message = ops_pb2.Definition.FromString(Definition.from_bytes(data).to_bytes())
    assert oracle.as_fields(message) == oracle.as_fields(ops_pb2.Definition.FromString(data))
    assert set(message.metadata) == set(message.Source.locations) == set(KEYS)


@settings(max_examples=100, deadline=None)
@given(oracle.messages(oracle.DESCRIPTORS["Definition"], 4), st.integers(0, 1000))
def test_any_definition_is_read_or_refused_and_nothing_else(message: Any, cut: int) -> None:
    whole = message.SerializeToString()
    data = whole[: cut % (len(whole) + 1)]
    try:
        again = Definition.from_bytes(Definition.from_bytes(data).to_bytes())
    except GraphError:
        return
    assert again.ops == Definition.from_bytes(data).ops


def test_json_has_each_op_with_its_digest_and_metadata() -> None:
    definition = marshal(OURS["a folder"])
    rows = json.loads(definition.to_json())
    assert [row["digest"] for row in rows] == list(definition.digests)
    assert rows[0]["op"]["source"]["attrs"]["local.includepattern"] == '["\\u003cé\\u003e"]'
    assert rows[0]["metadata"] == definition.metadata[definition.head].to_json()
    assert rows[1]["op"] == {"inputs": [{"digest": definition.head}]}


def test_json_leaves_out_metadata_that_is_not_there() -> None:
    op = op_of("a://b")
    rows = json.loads(Definition.from_bytes(definition_of(op)).to_json())
    assert rows == [{"digest": digest_of(op), "op": {"source": {"identifier": "a://b"}}}]


def test_text_has_a_line_for_each_op_with_what_the_daemon_calls_it() -> None:
    definition = marshal(OURS["actions"])
    lines = [line.partition(" ") for line in str(definition).splitlines()]
    assert [digest for digest, _, _ in lines] == list(definition.digests)
    assert [shown for _, _, shown in lines] == [
        "source: docker-image://docker.io/library/alpine:latest",
        "source: docker-image://docker.io/library/b:latest",
        "file: mkdir /a, copy /x /y",
        "the output that is meant",
    ]
