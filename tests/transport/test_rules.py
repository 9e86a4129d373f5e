"""Peers that break rules, by mistake or on purpose: what they are told, and what they can cost."""

from __future__ import annotations

import tracemalloc

import pytest

from llbpy.errors import ProtocolError
from llbpy.transport import codes
from llbpy.transport.calls import Call, Ended, Event, GoingAway, Limits, Request
from llbpy.transport.client import Client
from llbpy.transport.frames import (
    ACK,
    DATA,
    ENABLE_PUSH,
    END_STREAM,
    GOAWAY,
    HEADERS,
    INITIAL_WINDOW_SIZE,
    MAX_FRAME_SIZE,
    PING,
    PREFACE,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    frame,
    header_frames,
    settings,
)
from llbpy.transport.hpack import Decoder, encode
from llbpy.transport.server import Server
from llbpy.transport.status import Status
from llbpy.transport.stream import Connection
from tests.transport.wired import asking, drained, fed, frames_of

HELLO = settings({})
OPENED = PREFACE + HELLO + asking(1)


def client(calls: int = 1, limits: Limits | None = None) -> tuple[Client, Call]:
    """One with calls under way, the first of which is returned."""
    made = Client(limits)
    [call, *_] = [made.call("/a/b", message=b"question") for _ in range(calls)]
    drained(made)
    made.receive(HELLO)
    drained(made)
    return made, call


def server(limits: Limits | None = None) -> Server:
    """One with a call on stream 1."""
    made = Server(limits)
    made.receive(OPENED)
    drained(made)
    return made


def answer(headers: list[tuple[str, str]], stream: int = 1, flags: int = 0) -> bytes:
    return header_frames(stream, encode(headers), flags, 1 << 14)


def four(value: int) -> bytes:
    return value.to_bytes(4, "big")


RESPONSE = [(":status", "200"), ("content-type", "application/grpc")]
TRAILERS = [("grpc-status", "0")]

BOTH = {
    "data on a stream that nobody opened": (frame(DATA, 0, 7, b"x"), codes.PROTOCOL_ERROR),
    "data on a stream of the server's": (frame(DATA, 0, 2, b"x"), codes.PROTOCOL_ERROR),
    "a reset of a stream that nobody opened": (frame(RST_STREAM, 0, 7, four(8)), codes.PROTOCOL_ERROR),
    "a window of a stream that nobody opened": (frame(WINDOW_UPDATE, 0, 7, four(8)), codes.PROTOCOL_ERROR),
    "a window that opens by nothing": (frame(WINDOW_UPDATE, 0, 0, four(0)), codes.PROTOCOL_ERROR),
    "a call's window that opens by nothing": (frame(WINDOW_UPDATE, 0, 1, four(0)), codes.PROTOCOL_ERROR),
    "a window that is too large": (frame(WINDOW_UPDATE, 0, 0, four((1 << 31) - 1)), codes.FLOW_CONTROL_ERROR),
    "a call's window that is too large": (frame(WINDOW_UPDATE, 0, 1, four((1 << 31) - 1)), codes.FLOW_CONTROL_ERROR),
    "a first window that is too large": (settings({INITIAL_WINDOW_SIZE: 1 << 31}), codes.FLOW_CONTROL_ERROR),
    "a first window that makes a call's too large": (
        frame(WINDOW_UPDATE, 0, 1, four(100_000)) + settings({INITIAL_WINDOW_SIZE: (1 << 31) - 1}),
        codes.FLOW_CONTROL_ERROR,
    ),
    "frames that are too small": (settings({MAX_FRAME_SIZE: 16383}), codes.PROTOCOL_ERROR),
    "frames that are too large": (settings({MAX_FRAME_SIZE: 1 << 24}), codes.PROTOCOL_ERROR),
    "a push that is neither allowed nor not": (settings({ENABLE_PUSH: 2}), codes.PROTOCOL_ERROR),
    "an acknowledgement with settings": (frame(SETTINGS, ACK, 0, bytes(6)), codes.FRAME_SIZE_ERROR),
    "a pushed stream": (frame(PUSH_PROMISE, 4, 1, four(2)), codes.PROTOCOL_ERROR),
    "a goodbye without a reason": (frame(GOAWAY, 0, 0, bytes(7)), codes.FRAME_SIZE_ERROR),
    "a frame that is too large": (frame(DATA, 0, 1, bytes(65_537)), codes.FRAME_SIZE_ERROR),
    "headers that are no HPACK": (frame(HEADERS, 4, 1, b"\x80"), codes.COMPRESSION_ERROR),
}
OF_CLIENTS = {
    "data behind the end": (frame(DATA, END_STREAM, 1) + frame(DATA, 0, 1, b"x"), codes.STREAM_CLOSED),
    "a call on a stream of the server's": (asking(2), codes.PROTOCOL_ERROR),
    "headers between messages": (asking(1), codes.STREAM_CLOSED),
    "headers behind the end": (frame(DATA, END_STREAM, 1) + asking(1, END_STREAM), codes.STREAM_CLOSED),
}
OF_SERVERS = {"headers on a stream that nobody opened": (answer(RESPONSE, 7), codes.PROTOCOL_ERROR)}


def assert_refuses(end: Connection, data: bytes, code: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        end.receive(data)
    assert caught.value.code == code
    *_, (kind, stream, payload) = frames_of(drained(end))
    assert (kind, stream) == (GOAWAY, 0)
    assert int.from_bytes(payload[4:8], "big") == code
    assert payload[8:] == str(caught.value).encode()
    with pytest.raises(ProtocolError):
        end.receive(b"anything")
    assert not end._calls
    assert drained(end) == b""


@pytest.mark.parametrize("what", [*BOTH, *OF_CLIENTS])
def test_a_server_tells_the_client_what_it_did_wrong(what: str) -> None:
    made = server()
    assert_refuses(made, *(BOTH | OF_CLIENTS)[what])
    with pytest.raises(ProtocolError):
        made.send(Call("/a/b", (), 0), b"x")


@pytest.mark.parametrize("what", [*BOTH, *OF_SERVERS])
def test_a_client_tells_the_server_what_it_did_wrong(what: str) -> None:
    made, _ = client()
    assert_refuses(made, *(BOTH | OF_SERVERS)[what])
    with pytest.raises(ProtocolError):
        made.call("/a/b")


def test_left_over_frames_of_a_call_are_no_error() -> None:
    made, call = client()
    made.cancel(call)
    drained(made)
    left = answer(RESPONSE) + frame(DATA, 0, 1, bytes(100)) + frame(WINDOW_UPDATE, 0, 1, four(5))
    left += frame(RST_STREAM, 0, 1, four(0)) + answer(TRAILERS, flags=END_STREAM) + frame(0x2, 0, 1, bytes(5))
    assert made.receive(left) == []
    assert drained(made) == b""


def test_left_over_data_still_counts_for_the_connection() -> None:
    made, call = client(limits=Limits(window=1 << 17))
    made.cancel(call)
    drained(made)
    for _ in range(100):
        made.receive(frame(DATA, 0, 1, bytes(60_000)))
    written = frames_of(drained(made))
    assert {(kind, stream) for kind, stream, _ in written} == {(WINDOW_UPDATE, 0)}
    updates = [int.from_bytes(payload, "big") for *_, payload in written]
    assert 6_000_000 - (1 << 18) <= sum(updates) <= 6_000_000


def test_more_data_than_there_is_room_for_is_refused() -> None:
    made = server(Limits(window=1))
    [request] = made.receive(asking(3))
    made.pause(request.call)
    made.receive(frame(DATA, 0, 3, bytes(60_000)))
    assert_refuses(made, frame(DATA, 0, 3, bytes(5536)), codes.FLOW_CONTROL_ERROR)


def test_more_data_than_the_connection_has_room_for_is_refused() -> None:
    made = server(Limits(window=1))
    made.receive(frame(DATA, 0, 1, bytes(65_535)))
    assert_refuses(made, frame(DATA, 0, 1, bytes(65_536)), codes.FLOW_CONTROL_ERROR)
    assert "the connection" in str(made.failure)


def test_padding_counts_as_data() -> None:
    made = server(Limits(window=1))
    [request] = made.receive(asking(3))
    made.pause(request.call)
    made.receive(frame(DATA, 0x8, 3, b"\xff" + bytes(255)) * 255)
    assert_refuses(made, frame(DATA, 0x8, 3, b"\xff" + bytes(255)) * 2, codes.FLOW_CONTROL_ERROR)


# Calls that go wrong by themselves -----------------------------------------------------------------------------------------

ANSWERS = {
    "no status of HTTP": (answer([("content-type", "application/grpc")]), codes.INTERNAL),
    "another pseudo-header": (answer([*RESPONSE[:1], (":path", "/"), *RESPONSE[1:]]), codes.INTERNAL),
    "a header in upper case": (answer([*RESPONSE, ("X", "y")]), codes.INTERNAL),
    "headers between messages": (answer(RESPONSE) + answer(TRAILERS), codes.INTERNAL),
    "pseudo-headers at the end": (answer(RESPONSE) + answer(RESPONSE, flags=END_STREAM), codes.INTERNAL),
    "a status that is no number": (answer([*RESPONSE, ("grpc-status", "x")], flags=END_STREAM), codes.INTERNAL),
    "metadata that is no base64": (answer([*RESPONSE, ("x-bin", "!")]), codes.INTERNAL),
    "no status": (answer(RESPONSE) + frame(DATA, END_STREAM, 1), codes.UNKNOWN),
    "no status in the trailers": (answer(RESPONSE) + answer([("x", "y")], flags=END_STREAM), codes.UNKNOWN),
    "data without headers that ends": (frame(DATA, END_STREAM, 1), codes.UNKNOWN),
    "a page that is missing": (answer([(":status", "404"), ("content-type", "text/html")]), codes.UNIMPLEMENTED),
    "a proxy's error": (answer([(":status", "503")], flags=END_STREAM), codes.UNAVAILABLE),
    "a text": (answer([(":status", "200"), ("content-type", "text/html")]), codes.UNKNOWN),
    "an odd number of HTTP": (answer([(":status", "²")]), codes.UNKNOWN),
    "news that end": (answer([(":status", "103")], flags=END_STREAM), codes.UNKNOWN),
    "a compressed message": (answer(RESPONSE) + frame(DATA, 0, 1, b"\1" + bytes(4)), codes.UNIMPLEMENTED),
    "a reset": (frame(RST_STREAM, 0, 1, four(2)), codes.INTERNAL),
    "a reset that asks for calm": (frame(RST_STREAM, 0, 1, four(11)), codes.RESOURCE_EXHAUSTED),
    "a reset that refuses": (answer(RESPONSE) + frame(RST_STREAM, 0, 1, four(7)), codes.UNAVAILABLE),
    "a reset that cancels": (frame(RST_STREAM, 0, 1, four(8)), codes.CANCELLED),
    "a reset with an unknown code": (frame(RST_STREAM, 0, 1, four(1 << 31)), codes.INTERNAL),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_an_answer_that_is_none_ends_its_call_and_no_other(what: str) -> None:
    made, call = client(calls=2)
    data, code = ANSWERS[what]
    *_, ended = made.receive(data)
    assert isinstance(ended, Ended)
    assert (ended.call, ended.status.code) == (call, code)
    assert ended.status.message
    assert list(made._calls) == [3]
    [end] = made.receive(answer([*RESPONSE, *TRAILERS], 3, END_STREAM))
    assert isinstance(end, Ended)
    assert end.status == Status(0)


def test_news_before_the_answer_are_passed_over() -> None:
    made, _ = client()
    assert made.receive(answer([(":status", "103")]) * 3) == []
    [_, end] = made.receive(answer(RESPONSE) + answer(TRAILERS, flags=END_STREAM))
    assert isinstance(end, Ended)
    assert end.status == Status(0)


def test_goodbye_ends_the_calls_that_the_server_will_not_look_at() -> None:
    made, first = client(calls=3)
    events = made.receive(frame(GOAWAY, 0, 0, four(1) + four(11) + b"too many pings"))
    assert isinstance(events[0], GoingAway)
    assert (events[0].code, events[0].message) == (11, "too many pings")
    gone = Status(codes.UNAVAILABLE, "the other end has gone: ENHANCE_YOUR_CALM too many pings")
    assert [event.status for event in events[1:] if isinstance(event, Ended)] == [gone, gone]
    assert list(made._calls.values()) == [first]
    [ended] = made.receive(b"")
    assert isinstance(ended, Ended)
    assert (ended.call, ended.status) == (first, gone)
    assert str(made.failure) == "the other end has closed the connection: ENHANCE_YOUR_CALM too many pings"


REQUESTS = {
    "no path": [(":method", "POST"), (":scheme", "http"), ("content-type", "application/grpc")],
    "an unknown pseudo-header": [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":protocol", "x")],
    "a pseudo-header at the end": [(":method", "POST"), (":scheme", "http"), ("a", "b"), (":path", "/")],
    "a header of connections": [(":method", "POST"), (":scheme", "http"), (":path", "/"), ("connection", "close")],
    "metadata that is no base64": [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/"),
        ("content-type", "application/grpc"),
        ("a-bin", "!"),
    ],
}


@pytest.mark.parametrize("what", REQUESTS)
def test_a_request_that_is_none_is_reset(what: str) -> None:
    made = server()
    assert made.receive(answer(REQUESTS[what], 3)) == []
    assert drained(made) == frame(RST_STREAM, 0, 3, four(codes.PROTOCOL_ERROR))
    assert list(made._calls) == [1]


@pytest.mark.parametrize(
    ("method", "content", "status"),
    [("GET", "application/grpc", "405"), ("POST", "text/html", "415"), ("POST", "", "415")],
)
def test_a_request_that_is_none_of_grpcs_gets_an_answer_of_http(method: str, content: str, status: str) -> None:
    made = server()
    headers = [(":method", method), (":scheme", "http"), (":path", "/"), ("content-type", content)]
    assert made.receive(answer(headers, 3, END_STREAM)) == []
    assert drained(made) == answer([(":status", status)], 3, END_STREAM)
    assert list(made._calls) == [1]


def test_trailers_of_a_client_end_its_messages() -> None:
    made = server()
    [half] = made.receive(answer([("x", "y")], flags=END_STREAM))
    assert type(half).__name__ == "HalfClosed"


# Floods --------------------------------------------------------------------------------------------------------------------


FLOODS = {
    "pings": frame(PING, 0, 0, bytes(8)) * 20_000,
    "settings": HELLO * 40_000,
    "requests that are none": b"".join([answer([("a", "b")], stream) for stream in range(3, 60_000, 2)]),
}


@pytest.mark.parametrize("what", FLOODS)
def test_answers_that_are_not_read_do_not_pile_up(what: str) -> None:
    made = server()
    with pytest.raises(ProtocolError, match="answers that are not read") as caught:
        fed(made, FLOODS[what], 1 << 16)
    assert caught.value.code == codes.ENHANCE_YOUR_CALM
    assert len(drained(made)) < 300_000


def test_pings_that_are_read_are_answered_for_ever() -> None:
    made = server()
    for number in range(20_000):
        made.receive(frame(PING, 0, 0, number.to_bytes(8, "big")) + frame(PING, ACK, 0, bytes(8)))
        assert made.outgoing() == frame(PING, ACK, 0, number.to_bytes(8, "big"))


def test_more_calls_than_allowed_are_refused_one_by_one() -> None:
    made = server(Limits(calls=3))
    events = made.receive(asking(3) + asking(5) + asking(7) + asking(9))
    assert [event.call.id for event in events if isinstance(event, Request)] == [3, 5]
    assert drained(made) == b"".join([frame(RST_STREAM, 0, stream, four(codes.REFUSED_STREAM)) for stream in (7, 9)])


def test_calls_that_are_answered_and_not_read_count_as_calls() -> None:
    made = server(Limits(calls=10))
    for stream in range(3, 1003, 2):
        for event in made.receive(asking(stream, END_STREAM)):
            if isinstance(event, Request):
                made.finish(event.call)
    assert len(made._calls) == 10
    assert len(drained(made)) < 10_000


def test_calls_that_are_given_up_in_a_row_are_an_attack() -> None:
    made = server()
    with pytest.raises(ProtocolError, match="1000 calls that were given up") as caught:
        fed(
            made,
            b"".join([asking(stream) + frame(RST_STREAM, 0, stream, four(8)) for stream in range(3, 9999, 2)]),
            1 << 16,
        )
    assert caught.value.code == codes.ENHANCE_YOUR_CALM


def test_calls_that_are_given_up_now_and_then_are_none() -> None:
    made = server()
    for stream in range(3, 10_003, 4):
        made.receive(asking(stream) + frame(RST_STREAM, 0, stream, four(8)))
        [request, *_] = made.receive(asking(stream + 2, END_STREAM))
        assert isinstance(request, Event)
        made.finish(request.call)
        drained(made)


def test_incomplete_messages_of_all_calls_have_a_common_limit() -> None:
    made = server(Limits(held=1_000_000))
    ended: list[Ended] = []
    for stream in range(3, 23, 2):
        made.receive(asking(stream))
        for _ in range(3):
            events = made.receive(frame(DATA, 0, stream, (1 << 20).to_bytes(5, "big") + bytes(60_000)))
            ended += [event for event in events if isinstance(event, Ended)]
    assert 3 <= len(ended) <= 6
    assert {event.status.code for event in ended} == {codes.RESOURCE_EXHAUSTED}
    assert made._held <= 1_000_000


def test_metadata_of_all_calls_has_a_common_limit() -> None:
    made = server(Limits(held=100_000))
    ended = 0
    for stream in range(3, 203, 2):
        events = made.receive(asking(stream, 0, [("x", "y" * 10_000)]))
        ended += sum(isinstance(event, Ended) for event in events)
    assert ended >= 90
    assert made._held <= 100_000


def test_a_header_list_that_is_too_large_ends_the_connection() -> None:
    made = server(Limits(headers=10_000))
    assert_refuses(made, asking(3, 0, [("x", "y" * 10_000)]), codes.ENHANCE_YOUR_CALM)


@pytest.mark.parametrize("size", [0, 1], ids=["empty frames", "a byte a frame"])
def test_small_frames_cost_no_memory(size: int) -> None:
    made = server(Limits(held=1 << 30))
    made.receive(frame(DATA, 0, 1, (1 << 20).to_bytes(5, "big")))
    flood = frame(DATA, 0, 1, bytes(size)) * 1000
    tracemalloc.start()
    try:
        for _ in range(40):
            made.receive(flood)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 300_000
    assert len(made._calls[1].inbox) == 5 + 40_000 * size


def test_a_decoder_keeps_up_with_calls_that_are_refused() -> None:
    made = server(Limits(calls=1))
    indexed = b"\x40\x03x-a\x01b"
    made.receive(header_frames(3, indexed, 0, 1 << 14))
    made.receive(frame(RST_STREAM, 0, 1, four(8)))
    block = asking(5)[9:] + b"\xbe"
    [request] = made.receive(header_frames(5, block, 0, 1 << 14))
    assert isinstance(request, Request)
    assert request.call.metadata == [("x-a", "b")]
    assert Decoder().decode(b"\x82") == [(":method", "GET")]
