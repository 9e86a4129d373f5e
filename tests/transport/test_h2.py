"""Our ends against the `h2` package, which checks all that it reads, in both roles and in memory."""

from __future__ import annotations

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, ResponseReceived, StreamEnded, StreamReset, TrailersReceived
from h2.events import Event as TheirEvent
from h2.settings import SettingCodes, Settings
from hypothesis import given, settings
from hypothesis import strategies as st

from llbpy.transport import codes
from llbpy.transport.calls import Call, Ended, Event, GoingAway, HalfClosed, Inbox, Received, Response
from llbpy.transport.client import Client
from llbpy.transport.frames import PREFACE
from llbpy.transport.server import Server
from llbpy.transport.status import OK, Status
from tests.transport.service import PATH, Service
from tests.transport.wired import drained, fed

MESSAGES = st.lists(st.binary(max_size=100) | st.integers(0, 80_000).map(bytes), max_size=4)
WINDOWS = st.sampled_from([0, 1000, 65_535, 1 << 20])


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(5, "big") + message


class Theirs:
    """An end of theirs. It acknowledges what it receives at once, and sends what it has as windows allow."""

    def __init__(self, client: bool, window: int = 65_535) -> None:
        self.http = H2Connection(H2Configuration(client_side=client, header_encoding="utf-8"))
        values = {**self.http.local_settings, SettingCodes.INITIAL_WINDOW_SIZE: window}
        self.http.local_settings = Settings(client, values)
        self.http.initiate_connection()
        self.events: list[TheirEvent] = []
        self.data: dict[int, bytes] = {}
        self.ends: dict[int, list[tuple[str, str]] | None] = {}

    def receive(self, data: bytes) -> None:
        """A frame at a time: theirs follows an acknowledged setting from the next call on."""
        while data:
            end = len(PREFACE) if data.startswith(PREFACE) else 9 + int.from_bytes(data[:3], "big")
            self._receive(data[:end])
            data = data[end:]

    def _receive(self, data: bytes) -> None:
        for event in self.http.receive_data(data):
            self.events.append(event)
            if isinstance(event, DataReceived) and event.flow_controlled_length:
                self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)

    def grant(self, stream: int, size: int) -> None:
        self.http.increment_flow_control_window(size, stream)

    def send(self, stream: int, data: bytes, trailers: list[tuple[str, str]] | None = None) -> None:
        """Queues data, and what follows it: trailers, or the end of the stream."""
        self.data[stream] = self.data.get(stream, b"") + data
        self.ends[stream] = trailers

    def outgoing(self) -> bytes:
        for stream in list(self.data):
            self._write(stream)
        return self.http.data_to_send()

    def _write(self, stream: int) -> None:
        while self.data[stream]:
            size = min(self.http.local_flow_control_window(stream), self.http.max_outbound_frame_size)
            if size <= 0:
                return
            self.http.send_data(stream, self.data[stream][:size])
            self.data[stream] = self.data[stream][size:]
        del self.data[stream]
        trailers = self.ends.pop(stream)
        if trailers:
            self.http.send_headers(stream, trailers, end_stream=True)
        else:
            self.http.end_stream(stream)

    def messages(self, stream: int) -> list[bytes]:
        data = b"".join(
            [event.data for event in self.events if isinstance(event, DataReceived) and event.stream_id == stream]
        )
        return Inbox(1 << 24).feed(data)

    def of(self, kind: type[TheirEvent]) -> list[TheirEvent]:
        return [event for event in self.events if isinstance(event, kind)]


def talk(ours: Client | Server, theirs: Theirs, service: Service | None = None) -> list[Event | GoingAway]:
    """Moves bytes until nobody has any; what ours was told."""
    told: list[Event | GoingAway] = []
    moved = True
    while moved:
        if service is not None:
            service.more()
        out, back = drained(ours), theirs.outgoing()
        if out:
            theirs.receive(out)
        news = fed(ours, back, 1 << 14)
        if service is not None:
            service.take(news)
        told += news
        moved = bool(out or back)
    return told


REQUEST = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", PATH + "Echo"),
    (":authority", "localhost"),
    ("content-type", "application/grpc+proto"),
    ("te", "trailers"),
    ("x-a", "b"),
]
RESPONSE = [(":status", "200"), ("content-type", "application/grpc"), ("x-c", "d")]


@settings(max_examples=30, deadline=None)
@given(sent=MESSAGES, answers=MESSAGES, window=WINDOWS)
def test_our_client_and_their_server(sent: list[bytes], answers: list[bytes], window: int) -> None:
    ours, theirs = Client(), Theirs(client=False, window=window)
    talk(ours, theirs)  # before, every window has 65,535 bytes
    call = ours.call("/a/b", [("x-a", "b"), ("y-bin", b"\0\1")])
    for message in sent:
        ours.send(call, message)
    ours.end(call)
    talk(ours, theirs)
    for _ in range(1000):
        if theirs.of(StreamEnded):
            break
        theirs.grant(1, 100_000)
        talk(ours, theirs)
    [request] = theirs.of(RequestReceived)
    assert isinstance(request, RequestReceived)
    ours_there = [header for header in request.headers if header[0] in (":path", "x-a", "y-bin")]
    assert ours_there == [(":path", "/a/b"), ("x-a", "b"), ("y-bin", "AAE")]
    assert theirs.messages(1) == sent
    theirs.http.send_headers(1, RESPONSE)
    theirs.send(1, b"".join(map(framed, answers)), [("grpc-status", "5"), ("grpc-message", "g%C3%A9ne")])
    told = talk(ours, theirs)
    response, *received, ended = told
    assert isinstance(response, Response)
    assert response.metadata == [("x-c", "d")]
    assert [event.data for event in received if isinstance(event, Received)] == answers
    assert isinstance(ended, Ended)
    assert ended.status == Status(5, "géne")


@settings(max_examples=30, deadline=None)
@given(sent=MESSAGES, window=WINDOWS)
def test_their_client_and_our_server(sent: list[bytes], window: int) -> None:
    ours, theirs = Server(), Theirs(client=True, window=window)
    service = Service(ours)
    theirs.http.send_headers(1, REQUEST)
    theirs.send(1, b"".join(map(framed, sent)))
    told = talk(ours, theirs, service)
    assert isinstance(told[-1], HalfClosed)
    for _ in range(1000):
        if theirs.of(StreamEnded):
            break
        theirs.grant(1, 100_000)
        talk(ours, theirs, service)
    assert theirs.messages(1) == sent
    heads = theirs.of(TrailersReceived if sent else ResponseReceived)
    assert [("grpc-status", "0") in event.headers for event in heads] == [True]
    assert not ours._calls


def test_many_calls_of_their_client_at_once() -> None:
    ours, theirs = Server(), Theirs(client=True)
    service = Service(ours)
    for stream in range(1, 201, 2):
        theirs.http.send_headers(stream, REQUEST)
        theirs.send(stream, framed(bytes(stream)))
    talk(ours, theirs, service)
    assert [theirs.messages(stream) for stream in range(1, 201, 2)] == [[bytes(stream)] for stream in range(1, 201, 2)]


def test_their_client_gets_details_in_many_frames() -> None:
    ours, theirs = Server(), Theirs(client=True)
    theirs.http.max_inbound_frame_size = 1 << 14
    theirs.http.decoder.max_header_list_size = 1 << 20
    status = Status(5, "gone", [("a+json", bytes(60_000))])
    theirs.http.send_headers(1, [(name, PATH + "Fail" if name == ":path" else value) for name, value in REQUEST])
    theirs.send(1, framed(status.to_bytes()))
    talk(ours, theirs, Service(ours))
    [response] = theirs.of(ResponseReceived)
    assert isinstance(response, ResponseReceived)
    assert ("grpc-status", "5") in response.headers


@pytest.mark.parametrize(
    ("code", "expected"), [(ErrorCodes.CANCEL, codes.CANCELLED), (ErrorCodes.REFUSED_STREAM, codes.UNAVAILABLE)]
)
def test_their_reset_ends_our_call(code: ErrorCodes, expected: int) -> None:
    ours, theirs = Client(), Theirs(client=False)
    ours.call("/a/b", message=b"x")
    talk(ours, theirs)
    theirs.http.reset_stream(1, code)
    [ended] = talk(ours, theirs)
    assert isinstance(ended, Ended)
    assert ended.status.code == expected


def test_our_cancelling_is_their_reset() -> None:
    ours, theirs = Client(), Theirs(client=False)
    call = ours.call("/a/b", message=b"x")
    talk(ours, theirs)
    ours.cancel(call)
    talk(ours, theirs)
    [reset] = theirs.of(StreamReset)
    assert isinstance(reset, StreamReset)
    assert reset.error_code == ErrorCodes.CANCEL


def test_their_window_shrinks_under_a_call_and_grows_again() -> None:
    ours, theirs = Client(), Theirs(client=False, window=10_000)
    talk(ours, theirs)
    call = ours.call("/a/b", message=bytes(100_000))
    theirs.http.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 100})
    talk(ours, theirs)
    theirs.http.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 300_000, SettingCodes.MAX_FRAME_SIZE: 50_000})
    talk(ours, theirs)
    assert call.unsent == 0
    assert theirs.messages(1) == [bytes(100_000)]


def test_their_limit_of_calls_is_kept() -> None:
    ours, theirs = Client(), Theirs(client=False)
    theirs.http.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 2})
    talk(ours, theirs)
    waiting: list[Call] = [ours.call("/a/b", message=b"x") for _ in range(5)]
    answered: set[int] = set()
    while len(answered) < 5:
        talk(ours, theirs)
        seen = {event.stream_id for event in theirs.of(RequestReceived) if isinstance(event, RequestReceived)}
        assert len(seen - answered) <= 2
        for stream in seen - answered:
            theirs.http.send_headers(stream, [*RESPONSE, ("grpc-status", "0")], end_stream=True)
        answered |= seen
    ended = talk(ours, theirs)
    assert {event.status for event in ended if isinstance(event, Ended)} <= {OK}
    assert all(call.over for call in waiting)


def test_both_say_goodbye() -> None:
    ours, theirs = Client(), Theirs(client=False)
    talk(ours, theirs)
    theirs.http.close_connection(ErrorCodes.ENHANCE_YOUR_CALM, b"calm")
    [goodbye] = talk(ours, theirs)
    assert isinstance(goodbye, GoingAway)
    assert (goodbye.code, goodbye.message) == (11, "calm")
