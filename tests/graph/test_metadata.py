"""Metadata of vertices: as bytes, as JSON, and merged where two vertices are one."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from llbpy import ProgressGroup, Resources
from llbpy.graph import messages as pb
from llbpy.graph.caps import caps
from llbpy.graph.constraints import UNCONSTRAINED, Constraints
from llbpy.graph.metadata import OpMetadata, metadata
from llbpy.proto import ops_pb2

NO_LIMITS = Resources()
GROUP = ProgressGroup("g", "i", True)
EACH: list[tuple[Constraints, dict[str, Any]]] = [
    (UNCONSTRAINED, {}),
    (Constraints(ignore_cache=True), {"ignore_cache": True}),
    (Constraints(export_cache=True), {"export_cache": {"Value": True}}),
    (Constraints(export_cache=False), {"export_cache": {}}),
    (Constraints(name="n"), {"description": {"llb.customname": "n"}}),
    (Constraints(description={"b": "", "a": "1"}), {"description": {"a": "1", "b": ""}}),
    (Constraints(progress_group=GROUP), {"progress_group": {"id": "i", "name": "g", "weak": True}}),
    (Constraints(progress_group=ProgressGroup("")), {"progress_group": {}}),
    (Constraints(resources=NO_LIMITS), {"linux_resources": {}}),
    (
        Constraints(resources=Resources(1, -1, 2, 3, 4, "0-1", "0")),
        {
            "linux_resources": {
                "memory": "1",
                "memorySwap": "-1",
                "cpuShares": "2",
                "cpuPeriod": "3",
                "cpuQuota": "4",
                "cpusetCpus": "0-1",
                "cpusetMems": "0",
            }
        },
    ),
    (Constraints(worker_filters=["f"], platform="linux/arm64"), {}),
]


@pytest.mark.parametrize(("wishes", "expected"), EACH)
def test_each_wish_is_a_field(wishes: Constraints, expected: dict[str, Any]) -> None:
    assert OpMetadata(wishes, caps("mergeop")).to_json() == expected | {"caps": {"mergeop": True}}


@pytest.mark.parametrize("wishes", [row[0] for row in EACH])
def test_protobuf_prints_what_we_print(wishes: Constraints) -> None:
    made = OpMetadata(wishes, caps("source.image", "a"))
    message = ops_pb2.OpMetadata.FromString(made.to_bytes())
    assert json_format.MessageToDict(message, preserving_proto_field_name=True) == made.to_json()


@pytest.mark.parametrize("wishes", [row[0] for row in EACH])
def test_what_was_written_is_read_back(wishes: Constraints) -> None:
    made = OpMetadata(wishes, caps("mergeop"))
    again = OpMetadata.from_fields(pb.OpMetadata.decode(made.to_bytes()))
    assert again.to_bytes() == made.to_bytes()
    assert (again.caps, again.ignore_cache, again.export_cache) == (made.caps, made.ignore_cache, made.export_cache)
    assert (again.description, again.progress_group, again.resources) == (
        made.description,
        made.progress_group,
        made.resources,
    )


def test_capabilities_are_sorted_by_name() -> None:
    made = OpMetadata(UNCONSTRAINED, caps("z.z", "a.a", "m.m"))
    assert list(pb.OpMetadata.decode(made.to_bytes())["caps"]) == ["a.a", "m.m", "z.z"]


def test_a_capability_that_is_said_not_to_be_needed_is_not() -> None:
    assert OpMetadata.from_fields({"caps": {"a.a": True, "b.b": False}}).caps == {"a.a"}


def test_vertices_without_wishes_share_their_metadata() -> None:
    assert metadata(UNCONSTRAINED, caps("mergeop")) is metadata(UNCONSTRAINED, caps("mergeop"))
    assert metadata(Constraints(name="a"), caps("mergeop")) is not metadata(Constraints(name="a"), caps("mergeop"))


def merged(one: Constraints, other: Constraints) -> OpMetadata:
    return OpMetadata(one, caps("a.a")).merged(OpMetadata(other, caps("b.b")))


def test_the_same_twice_is_the_same() -> None:
    made = OpMetadata(UNCONSTRAINED, caps("a.a"))
    assert made.merged(OpMetadata(UNCONSTRAINED, caps("a.a"))) is made


def test_capabilities_of_both_are_needed() -> None:
    assert merged(UNCONSTRAINED, UNCONSTRAINED).caps == {"a.a", "b.b"}


@pytest.mark.parametrize("both", [(True, False), (False, True), (True, True)])
def test_the_cache_is_ignored_if_either_ignores_it(both: tuple[bool, bool]) -> None:
    assert merged(*[Constraints(ignore_cache=each) for each in both]).ignore_cache


def test_descriptions_are_laid_over_each_other() -> None:
    one, other = Constraints(description={"a": "1", "b": "1"}), Constraints(description={"b": "2"}, name="n")
    assert merged(one, other).description == {"a": "1", "b": "2", "llb.customname": "n"}
    assert merged(UNCONSTRAINED, other).description == other.described
    assert merged(one, UNCONSTRAINED).description == one.described


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(None, None, None), (True, None, True), (None, False, False), (True, False, False), (False, True, True)],
)
def test_of_two_wishes_to_export_the_later_one_counts(one: Any, other: Any, expected: Any) -> None:
    assert merged(Constraints(export_cache=one), Constraints(export_cache=other)).export_cache is expected


def test_of_two_groups_and_two_limits_the_later_one_counts() -> None:
    one = Constraints(progress_group=GROUP, resources=Resources(memory=1))
    other = Constraints(progress_group=ProgressGroup("later"), resources=NO_LIMITS)
    for first, second, expected in ((one, other, other), (one, UNCONSTRAINED, one), (UNCONSTRAINED, one, one)):
        found = merged(first, second)
        assert (found.progress_group, found.resources) == (expected.progress_group, expected.resources)


def test_two_vertices_without_a_description_have_none_together() -> None:
    assert "description" not in merged(Constraints(ignore_cache=True), UNCONSTRAINED).to_json()
