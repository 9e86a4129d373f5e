"""Calls from one end to the other: what each end is told, in which order."""

from __future__ import annotations

import pytest

from llbpy.errors import CallOver, ConnectionLost, TransportError
from llbpy.transport import codes
from llbpy.transport.calls import Ended, GoingAway, HalfClosed, Limits, Received, Request, Response
from llbpy.transport.status import OK, Status
from tests.transport.wired import Wire, drained

GONE = Status(codes.NOT_FOUND, "gone", [("a+json", b"{}")])


@pytest.fixture(params=[1 << 16, 1], ids=["in one go", "byte by byte"])
def wire(request: pytest.FixtureRequest) -> Wire:
    return Wire(chunk=request.param)


def test_one_message_is_answered_with_one(wire: Wire) -> None:
    ours, theirs = wire.call([("x-a", "1"), ("x-bin", b"\0")], b"question")
    assert (theirs.path, theirs.metadata) == ("/test.Peer/Method", [("x-a", "1"), ("x-bin", b"\0")])
    assert wire.said(theirs) == ["Request", b"question", "HalfClosed"]
    wire.server.send(theirs, b"answer")
    wire.server.finish(theirs, OK, [("x-b", "2")])
    wire.pump()
    assert wire.said(ours) == ["Response", b"answer", OK]
    assert [event.metadata for event in wire.to_client if isinstance(event, Ended)] == [[("x-b", "2")]]
    assert ours.over
    assert theirs.over


def test_a_refusal_needs_no_message(wire: Wire) -> None:
    ours, theirs = wire.call(message=b"question")
    wire.server.finish(theirs, GONE)
    wire.pump()
    assert wire.said(ours) == [GONE]


def test_a_refusal_may_follow_messages(wire: Wire) -> None:
    ours, theirs = wire.call(message=b"question")
    wire.server.send(theirs, b"part")
    wire.server.finish(theirs, GONE)
    wire.pump()
    assert wire.said(ours) == ["Response", b"part", GONE]


def test_details_may_be_larger_than_a_frame(wire: Wire) -> None:
    large = Status(codes.UNKNOWN, "large", [("a+json", bytes(range(256)) * 200)])
    ours, theirs = wire.call(message=b"question")
    wire.server.finish(theirs, large)
    wire.pump()
    assert wire.said(ours) == [large]


def test_messages_go_both_ways_in_turn(wire: Wire) -> None:
    ours, theirs = wire.call()
    for number in range(5):
        wire.client.send(ours, b"ping%d" % number)
        wire.pump()
        wire.server.send(theirs, b"pong%d" % number)
        wire.pump()
    wire.client.end(ours)
    wire.pump()
    wire.server.finish(theirs)
    wire.pump()
    assert wire.said(theirs) == ["Request", *[b"ping%d" % number for number in range(5)], "HalfClosed"]
    assert wire.said(ours) == ["Response", *[b"pong%d" % number for number in range(5)], OK]


def test_a_call_without_messages_has_an_end(wire: Wire) -> None:
    ours, theirs = wire.call()
    wire.client.end(ours)
    wire.pump()
    assert wire.said(theirs) == ["Request", "HalfClosed"]
    wire.server.finish(theirs)
    wire.pump()
    assert wire.said(ours) == [OK]


def test_empty_messages_are_messages(wire: Wire) -> None:
    ours, theirs = wire.call(message=b"")
    wire.server.send(theirs, b"")
    wire.server.finish(theirs)
    wire.pump()
    assert wire.said(theirs) == ["Request", b"", "HalfClosed"]
    assert wire.said(ours) == ["Response", b"", OK]


def test_an_answer_may_begin_with_metadata_alone(wire: Wire) -> None:
    ours, theirs = wire.call(message=b"question")
    wire.server.begin(theirs, [("x-c", "3")])
    wire.pump()
    [response] = [event for event in wire.to_client if isinstance(event, Response)]
    assert response.metadata == [("x-c", "3")]
    with pytest.raises(CallOver):
        wire.server.begin(theirs)
    wire.server.finish(theirs)
    wire.pump()
    assert wire.said(ours) == ["Response", OK]


def test_a_server_may_end_before_the_client_has(wire: Wire) -> None:
    ours, theirs = wire.call()
    wire.client.send(ours, b"some")
    wire.pump()
    wire.server.finish(theirs, GONE)
    wire.pump()
    assert wire.said(ours) == [GONE]
    with pytest.raises(CallOver):
        wire.client.send(ours, b"more")
    assert nothing_is_left(wire)


def test_a_client_may_give_up(wire: Wire) -> None:
    ours, theirs = wire.call(message=b"question")
    wire.client.cancel(ours)
    wire.pump()
    assert wire.said(theirs) == [
        "Request",
        b"question",
        "HalfClosed",
        Status(1, "the other end reset the call: CANCEL"),
    ]
    assert wire.said(ours) == []
    with pytest.raises(CallOver):
        wire.server.send(theirs, b"answer")
    wire.client.cancel(ours)
    assert drained(wire.client) == b""
    assert nothing_is_left(wire)


def test_a_call_that_is_given_up_before_it_is_written_never_was(wire: Wire) -> None:
    wire.pump()
    wire.client.cancel(wire.client.call("/a/b", message=b"x"))
    assert drained(wire.client) == b""


def test_what_waits_to_be_written_is_dropped_with_its_call(wire: Wire) -> None:
    wire.pump()
    ours = wire.client.call("/a/b")
    wire.client.send(ours, bytes(1 << 20))
    assert wire.client.outgoing(1000)
    wire.client.cancel(ours)
    assert len(drained(wire.client)) == 13  # RST_STREAM
    assert ours.unsent == 0


def test_many_calls_are_answered_in_any_order(wire: Wire) -> None:
    calls = [wire.client.call("/a/b", (), b"%d" % number) for number in range(100)]
    wire.pump()
    asked = [event.call for event in wire.to_server if isinstance(event, HalfClosed)]
    assert len(asked) == 100
    for theirs in reversed(asked):
        wire.server.send(theirs, b"from %d" % theirs.id)
        wire.server.finish(theirs)
    wire.pump()
    assert [wire.said(ours) for ours in calls] == [["Response", b"from %d" % ours.id, OK] for ours in calls]
    assert nothing_is_left(wire)


def test_calls_take_turns(wire: Wire) -> None:
    wire.pump()
    large = wire.client.call("/a/large", (), bytes(1 << 22))
    data = wire.client.outgoing(1000)
    small = wire.client.call("/a/small", (), b"health")
    data += wire.client.outgoing(1 << 18)
    wire.to_server += wire.server.receive(data)
    assert b"health" in wire.said_by_path("/a/small")
    assert large.unsent > 0
    assert small.unsent == 0


def test_a_message_that_is_larger_than_allowed_is_not_sent(wire: Wire) -> None:
    wire = Wire(client=Limits(message=10), server=Limits(message=10))
    ours, theirs = wire.call()
    wire.client.send(ours, b"x" * 10)
    for end, call in ((wire.client, ours), (wire.server, theirs)):
        with pytest.raises(TransportError, match="a message of 11 bytes, 10 are the most"):
            end.send(call, b"x" * 11)


def test_a_message_that_is_too_large_for_the_server_ends_the_call() -> None:
    wire = Wire(server=Limits(message=10))
    ours, theirs = wire.call(message=b"x" * 11)
    refused = Status(codes.RESOURCE_EXHAUSTED, "a message of 11 bytes, 10 are taken")
    assert wire.said(ours) == [refused]
    assert wire.said(theirs) == ["Request", refused]
    with pytest.raises(CallOver):
        wire.server.finish(theirs)
    assert nothing_is_left(wire)


def test_a_message_that_is_too_large_for_the_client_ends_the_call() -> None:
    wire = Wire(client=Limits(message=10))
    ours, theirs = wire.call(message=b"question")
    wire.server.send(theirs, b"x" * 11)
    wire.pump()
    assert wire.said(ours) == ["Response", Status(codes.RESOURCE_EXHAUSTED, "a message of 11 bytes, 10 are taken")]
    assert isinstance(wire.said(theirs)[-1], Status)
    assert nothing_is_left(wire)


def test_a_server_that_refuses_drops_what_it_had_to_say() -> None:
    wire = Wire(server=Limits(message=10), client=Limits(window=1))
    ours, theirs = wire.call()
    for _ in range(10_000):
        wire.server.send(theirs, b"y" * 10)
    crossing = drained(wire.server)
    assert theirs.unsent > 0
    wire.to_client += wire.client.receive(crossing)
    wire.client.send(ours, b"x" * 11)
    wire.pump()
    assert theirs.unsent == 0
    assert wire.said(ours)[-1] == Status(codes.RESOURCE_EXHAUSTED, "a message of 11 bytes, 10 are taken")
    assert nothing_is_left(wire)


def test_nothing_can_be_said_after_the_end(wire: Wire) -> None:
    ours, theirs = wire.call()
    wire.client.end(ours)
    for act in (lambda: wire.client.send(ours, b"x"), lambda: wire.client.end(ours)):
        with pytest.raises(CallOver, match="Method: the call has ended"):
            act()
    wire.server.finish(theirs)
    for act in (
        lambda: wire.server.send(theirs, b"x"),
        lambda: wire.server.finish(theirs),
        lambda: wire.server.begin(theirs),
    ):
        with pytest.raises(CallOver):
            act()


def test_the_end_of_the_connection_ends_all_calls(wire: Wire) -> None:
    ours, theirs = wire.call(message=b"question")
    waiting = wire.client.call("/a/b", message=b"")
    wire.to_client += wire.client.receive(b"")
    wire.to_server += wire.server.receive(b"")
    gone = Status(codes.UNAVAILABLE, "the other end has gone")
    assert wire.said(ours) == wire.said(waiting) == [gone]
    assert wire.said(theirs)[-1] == Status(codes.CANCELLED, "the other end has gone")
    for end in (wire.client, wire.server):
        with pytest.raises(ConnectionLost, match="has closed the connection"):
            end.receive(b"more")
    with pytest.raises(ConnectionLost):
        wire.client.call("/a/b")
    with pytest.raises(ConnectionLost):
        wire.server.send(theirs, b"answer")


def test_a_server_that_closes_finishes_what_it_has(wire: Wire) -> None:
    ours, theirs = wire.call(message=b"question")
    wire.server.close()
    late = wire.client.call("/a/late", message=b"")
    crossing = drained(wire.client)
    wire.pump()
    wire.to_server += wire.server.receive(crossing)
    wire.server.send(theirs, b"answer")
    wire.server.finish(theirs)
    wire.pump()
    assert wire.said(ours) == ["Response", b"answer", OK]
    assert wire.said(late) == [Status(codes.UNAVAILABLE, "the other end has gone")]
    assert not [event for event in wire.to_server if isinstance(event, Request) and event.call.path == "/a/late"]
    assert [event.code for event in wire.to_client if isinstance(event, GoingAway)] == [0]
    with pytest.raises(ConnectionLost, match="takes no more calls"):
        wire.client.call("/a/b")
    assert nothing_is_left(wire)


def test_a_client_that_closes_gets_its_answers(wire: Wire) -> None:
    ours, theirs = wire.call(message=b"question")
    wire.client.close()
    wire.pump()
    wire.server.finish(theirs)
    wire.pump()
    assert wire.said(ours) == [OK]
    assert [event.code for event in wire.to_server if isinstance(event, GoingAway)] == [0]


def test_calls_wait_while_the_server_has_as_many_as_it_takes() -> None:
    wire = Wire(server=Limits(calls=3))
    wire.pump()
    calls = [wire.client.call("/a/b", message=b"%d" % number) for number in range(10)]
    answered = 0
    while answered < 10:
        wire.pump()
        open_now = [event.call for event in wire.to_server if isinstance(event, HalfClosed)][answered:]
        assert len(open_now) == min(3, 10 - answered)
        wire.server.finish(open_now[0])
        answered += 1
    wire.pump()
    assert [wire.said(ours) for ours in calls] == [[OK]] * 10


def test_a_call_that_waits_can_be_filled_ended_and_given_up() -> None:
    wire = Wire(server=Limits(calls=1))
    _, first = wire.call()
    second, third = wire.client.call("/a/second"), wire.client.call("/a/third", message=b"x")
    wire.client.send(second, b"early")
    wire.client.end(second)
    wire.client.cancel(third)
    wire.pump()
    wire.server.finish(first)
    wire.pump()
    assert wire.said_by_path("/a/second") == ["Request", b"early", "HalfClosed"]
    assert wire.said_by_path("/a/third") == []


def test_more_calls_than_any_server_takes_wait_for_its_settings() -> None:
    wire = Wire()
    for _ in range(150):
        wire.client.call("/a/b", message=b"")
    wire.to_server += wire.server.receive(drained(wire.client))
    assert sum(isinstance(event, Request) for event in wire.to_server) == 100
    wire.pump()
    assert sum(isinstance(event, Request) for event in wire.to_server) == 150


def test_a_client_without_numbers_for_streams_says_so() -> None:
    wire = Wire()
    wire.client._last = (1 << 31) - 3
    last = wire.client.call("/a/b")
    with pytest.raises(ConnectionLost, match="takes no more calls"):
        wire.client.call("/a/b")
    wire.pump()
    assert last.id == (1 << 31) - 1


def test_an_answer_in_the_middle_of_a_message_is_no_success(wire: Wire) -> None:
    ours, theirs = wire.call(message=b"question")
    wire.server.begin(theirs)
    theirs.outbox._coming.append(b"\0\0\0\0\5abc")
    theirs.outbox.size += 8
    wire.server.finish(theirs)
    wire.pump()
    assert wire.said(ours) == ["Response", Status(codes.INTERNAL, "the answer ended in the middle of a message")]


def test_a_call_in_the_middle_of_a_message_is_refused(wire: Wire) -> None:
    ours, theirs = wire.call()
    ours.outbox._coming.append(b"\0\0\0\0\5abc")
    ours.outbox.size += 8
    wire.client.end(ours)
    wire.pump()
    assert wire.said(ours) == [Status(codes.INTERNAL, "the call ended in the middle of a message")]
    assert wire.said(theirs) == ["Request", Status(codes.INTERNAL, "the call ended in the middle of a message")]


def test_trailing_data_of_a_finished_call_is_no_error(wire: Wire) -> None:
    ours, theirs = wire.call()
    wire.server.finish(theirs)
    wire.client.send(ours, b"crossing")
    crossing = drained(wire.client)
    wire.pump()
    assert wire.server.receive(crossing) == []


def nothing_is_left(wire: Wire) -> bool:
    ends = (wire.client, wire.server)
    assert [end._held for end in ends] == [0, 0]
    assert not any(end._sender._ready or end._sender._stalled for end in ends)
    return not any(end._calls for end in ends)


def test_a_message_is_bytes_and_no_view() -> None:
    ours, theirs = Wire().call(message=b"question")
    assert isinstance(theirs, type(ours))
    wire = Wire()
    wire.call(message=b"x" * 100_000)
    assert [type(event.data) for event in wire.to_server if isinstance(event, Received)] == [bytes]
