"""`definition()`: vertices read back from bytes keep them, and are inputs like all others."""

from __future__ import annotations

from typing import Any

import pytest

import llbpy
from llbpy import Definition, definition, merge, scratch
from llbpy.errors import GraphError
from llbpy.graph import messages as pb
from tests.graph.decoding import caps_of, marshal, op, ops, plain
from tests.graph.definitions import definition_of, digest_of, go_definitions, inputs_of, op_of

GO = go_definitions()
A, B = op_of("a://a"), op_of("b://b")
MERGED = inputs_of([A, B]) + pb.Op.merge.write(b"")


@pytest.mark.parametrize("name", GO)
def test_a_definition_of_go_marshals_to_itself_as_a_state(name: str) -> None:
    theirs, ours = Definition.from_bytes(GO[name]), marshal(definition(GO[name]))
    assert ours.ops == theirs.ops
    assert {digest: meta.to_json() for digest, meta in ours.metadata.items()} == {
        digest: meta.to_json() for digest, meta in theirs.metadata.items()
    }
    assert {digest: places for digest, places in ours.source.locations.items() if places} == {
        digest: places for digest, places in theirs.source.locations.items() if places
    }


def test_the_platform_capabilities_and_id_of_this_marshal_change_nothing() -> None:
    data = marshal(llbpy.local("context")).to_bytes()
    assert marshal(definition(data), platform="linux/arm64", caps=(), unique_id="other").to_bytes() == data


def test_scratch_comes_back_as_scratch() -> None:
    assert definition(b"").vertex is None


def test_a_definition_may_be_given_as_one() -> None:
    given = marshal(plain().run(["make"]))
    assert marshal(definition(given)).digests == given.digests


def test_the_output_that_is_meant_comes_back() -> None:
    given = plain().run(["make"], mounts=[llbpy.output("/out")]).output("/out")
    assert marshal(definition(marshal(given).to_bytes())).digests == marshal(given).digests


def test_vertices_go_on_from_it_and_share_what_is_the_same() -> None:
    read = definition(marshal(plain().run(["make"])).to_bytes())
    both = merge(read.run(["test"]), plain().run(["make"]))
    direct = merge(plain().run(["make"]).run(["test"]), plain().run(["make"]))
    assert marshal(both).digests == marshal(direct).digests


def test_it_may_be_mounted_and_copied_from() -> None:
    read = definition(marshal(plain("tool")).to_bytes())
    state = plain().copy(read["/bin/tool"], "/bin/").run(["tool"], mounts=[llbpy.bind(read, "/tool")])
    assert [fields.get("source", {}).get("identifier") for fields in ops(state)].count(
        "docker-image://docker.io/library/tool:latest"
    ) == 1


def test_a_vertex_made_twice_gathers_the_metadata_of_both() -> None:
    ours = plain().run(["make"], name="ours", ignore_cache=True)
    read = definition(marshal(plain().run(["make"], description={"a": "theirs"})).to_bytes())
    meta = marshal(merge(read, ours)).metadata[marshal(ours).head]
    assert (meta.description, meta.ignore_cache) == ({"a": "theirs", "llb.customname": "ours"}, True)


def test_its_places_stay_beside_ours() -> None:
    info = llbpy.image("x", inherit=False)
    read = definition(marshal(info).to_bytes())
    state = read.run(["make"])
    places = marshal(state).source.locations
    assert places[marshal(info).head] == marshal(info).source.locations[marshal(info).head]
    assert all(places[digest] for digest in marshal(state).digests[:-1])


def test_it_keeps_the_platform_that_it_was_made_for() -> None:
    read = definition(marshal(plain(), platform="linux/arm/v7").to_bytes())
    assert str(read.facts.platform) == "linux/arm/v7"
    assert op(read.run(["make"]))["platform"] == {"Architecture": "arm", "OS": "linux", "Variant": "v7"}


def test_it_keeps_version_and_features_of_a_platform() -> None:
    windows = llbpy.Platform("windows", "amd64", os_version="10.0", os_features=["win32k"])
    assert definition(marshal(plain(platform=windows)).to_bytes()).facts.platform == windows


def test_ops_may_stand_in_any_order_but_for_the_last() -> None:
    last = inputs_of([MERGED])
    for given in ((A, B, MERGED), (MERGED, B, A), (B, MERGED, A)):
        assert marshal(definition(definition_of(*given, last))).digests == tuple(map(digest_of, (A, B, MERGED, last)))


def test_a_vertex_that_two_need_is_read_once() -> None:
    one, two = op_of("c://1", [A]), op_of("c://2", [A, A])
    top = inputs_of([one, two])
    read = definition(definition_of(A, one, two, top, inputs_of([top])))
    assert marshal(read).digests == tuple(map(digest_of, (A, one, two, top, inputs_of([top]))))


def test_ops_that_nothing_needs_are_left_out() -> None:
    assert marshal(definition(definition_of(A, B, inputs_of([A])))).ops == (A, inputs_of([A]))


def test_a_deep_definition_is_read_without_recursion() -> None:
    chain = [A]
    for number in range(3000):
        chain.append(op_of(f"c://{number}", [chain[-1]]))
    data = definition_of(*reversed(chain), inputs_of([chain[-1]]))
    assert len(marshal(definition(data)).ops) == 3002


def test_a_vertex_without_metadata_has_no_wishes() -> None:
    state = definition(definition_of(A, inputs_of([A])))
    assert caps_of(state) == frozenset()
    assert marshal(state).metadata[digest_of(A)].to_json() == {}


REFUSED: list[tuple[str, bytes, str]] = [
    ("no output", definition_of(A), "the definition's last op names no output; it was cut short, or is no definition"),
    (
        "an input of nothing",
        definition_of(A, inputs_of([B])),
        f"the definition uses {digest_of(B)} and does not have it",
    ),
    (
        "an inner input of nothing",
        definition_of(MERGED, A, inputs_of([MERGED])),
        f"the definition uses {digest_of(B)} and does not have it",
    ),
    (
        "an input without a digest",
        definition_of(A, pb.Op.inputs.write([b""])),
        "the definition uses a vertex without a digest and does not have it",
    ),
    (
        "an op that is none",
        definition_of(b"\x0a", inputs_of([A])),
        "not a protobuf message: byte 1 of 1 ends inside a number",
    ),
]


@pytest.mark.parametrize(("data", "problem"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_definition_that_misses_something_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(GraphError) as caught:
        definition(data)
    assert caught.value.message == problem


def test_an_output_below_the_first_is_refused() -> None:
    with pytest.raises(GraphError):
        definition(definition_of(A, inputs_of([A], index=-1)))


def test_what_is_no_definition_is_refused() -> None:
    not_one: Any = b"FROM alpine\n"
    with pytest.raises(GraphError, match=r"^not a "):
        definition(not_one)


def test_a_state_of_one_is_shown_as_such() -> None:
    assert repr(definition(scratch().write("/a", "").marshal())) == "<State definition>"
