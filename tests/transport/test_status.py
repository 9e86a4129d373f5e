"""Statuses as messages; protobuf's own classes are the second opinion."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llbpy.errors import GraphError
from llbpy.proto import status_pb2
from llbpy.transport.status import Status

unhurried = settings(deadline=None)  # the machine may be busy
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
STATUS = st.builds(Status, st.integers(-(1 << 31), (1 << 31) - 1), TEXT, st.lists(st.tuples(TEXT, st.binary())))


@unhurried
@given(status=STATUS)
def test_a_status_is_the_same_after_a_round_trip(status: Status) -> None:
    assert Status.from_bytes(status.to_bytes()) == status


@unhurried
@given(status=STATUS)
def test_protobuf_reads_the_same_status(status: Status) -> None:
    their = status_pb2.Status.FromString(status.to_bytes())
    assert (their.code, their.message) == (status.code, status.message)
    assert [(detail.type_url, detail.value) for detail in their.details] == list(status.details)


@unhurried
@given(status=STATUS)
def test_what_protobuf_writes_is_read(status: Status) -> None:
    their = status_pb2.Status(code=status.code, message=status.message)
    for type_url, value in status.details:
        their.details.add(type_url=type_url, value=value)
    assert Status.from_bytes(their.SerializeToString()) == status


@pytest.mark.parametrize(
    "data", [b"\x0a", b"\x10\x01", b"\x0a\x01x", b"\x12\x01\xff", b"\x1a\x02\x0a\x05", b"\x1a\x02\x08\x01"]
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(GraphError):
        Status.from_bytes(data)


def test_a_message_that_is_no_text_is_sent_as_far_as_it_is() -> None:
    assert Status.from_bytes(Status(2, "no file \udcff").to_bytes()).message == "no file ?"


def test_a_status_says_what_it_is() -> None:
    assert str(Status(9, "too late")) == "FAILED_PRECONDITION: too late"
    assert str(Status(0)) == "OK"
    assert str(Status(77, "odd")) == "code 77: odd"
    assert str(Status(-1)) == "code -1"
    assert repr(Status(5, "gone", [("a", b"b")])) == "<Status NOT_FOUND: gone and 1 details>"
    assert Status(5) != Status(6)
    assert hash(Status(5, "x")) == hash(Status(5, "x"))
