"""Flow control: what may be written, and when more may be."""

from __future__ import annotations

import pytest

from llbpy.transport.calls import Limits, Received
from llbpy.transport.frames import (
    DATA,
    HEADERS,
    INITIAL_WINDOW_SIZE,
    MAX_FRAME_SIZE,
    PREFACE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    frame,
    settings,
)
from llbpy.transport.server import Server
from llbpy.transport.status import OK
from tests.transport.service import pattern
from tests.transport.wired import Wire, asking, drained, frames_of

SMALLEST = Limits(window=1)
LARGE = pattern(1, 1 << 24)


def window_update(stream: int, size: int) -> bytes:
    return frame(WINDOW_UPDATE, 0, stream, size.to_bytes(4, "big"))


def data_of(data: bytes) -> list[bytes]:
    return [payload for kind, _, payload in frames_of(data) if kind == DATA]


@pytest.mark.parametrize("limits", [None, SMALLEST], ids=["windows as they are", "smallest windows"])
def test_the_largest_messages_pass_in_both_directions_at_once(limits: Limits | None) -> None:
    wire = Wire(client=limits, server=limits)
    ours, theirs = wire.call(message=LARGE)
    wire.server.send(theirs, LARGE)
    wire.server.finish(theirs)
    wire.pump()
    assert wire.said(theirs) == ["Request", LARGE, "HalfClosed"]
    assert wire.said(ours) == ["Response", LARGE, OK]


def test_large_messages_of_many_calls_share_the_smallest_windows() -> None:
    wire = Wire(client=SMALLEST, server=SMALLEST)
    calls = [wire.client.call("/a/b", message=pattern(number, 300_000)) for number in range(10)]
    wire.pump()
    assert [wire.said_by_path("/a/b").count(pattern(number, 300_000)) for number in range(10)] == [1] * 10
    assert all(call.unsent == 0 for call in calls)


def test_small_calls_cause_no_window_updates() -> None:
    wire = Wire()
    wire.pump()
    written = b""
    for _ in range(50):
        wire.client.call("/a/b", message=bytes(1000))
        wire.to_server += wire.server.receive(drained(wire.client))
        written += drained(wire.server)
    assert written == b""


def test_a_long_stream_opens_its_windows_now_and_then() -> None:
    wire = Wire()
    ours, _ = wire.call()
    updates = []
    for _ in range(100):
        wire.client.send(ours, bytes(1 << 20))
        while data := drained(wire.client):
            wire.server.receive(data)
            answer = drained(wire.server)
            updates += [stream for kind, stream, _ in frames_of(answer) if kind == WINDOW_UPDATE]
            if answer:
                wire.client.receive(answer)
    assert 8 <= updates.count(ours.id) <= 13
    assert 4 <= updates.count(0) <= 7


def test_a_slow_reader_holds_up_its_own_call_and_no_other() -> None:
    wire = Wire(client=SMALLEST)
    slow, theirs = wire.call(message=b"")
    wire.client.pause(slow)
    for number in range(100):
        wire.server.send(theirs, pattern(number, 10_000))
    wire.server.finish(theirs)
    wire.pump()
    come = [event.data for event in wire.to_client if isinstance(event, Received)]
    assert 1 <= len(come) <= 6
    assert theirs.unsent >= 900_000
    quick, other = wire.call(message=b"")
    wire.server.send(other, LARGE)
    wire.server.finish(other)
    wire.pump()
    assert wire.said(quick) == ["Response", LARGE, OK]
    wire.client.resume(slow)
    wire.pump()
    assert wire.said(slow) == ["Response", *[pattern(number, 10_000) for number in range(100)], OK]


def test_resuming_a_call_that_is_over_says_nothing() -> None:
    wire = Wire()
    ours, theirs = wire.call(message=b"")
    wire.client.pause(ours)
    wire.server.send(theirs, b"x")
    wire.server.finish(theirs)
    wire.pump()
    wire.client.resume(ours)
    assert drained(wire.client) == b""


class Peer:
    """A server whose client we play by hand, with these settings; the call's number is 1."""

    def __init__(self, pairs: dict[int, int]) -> None:
        self.server = Server()
        [request] = self.server.receive(PREFACE + settings(pairs) + asking(1))
        self.call = request.call
        drained(self.server)

    def say(self, size: int) -> bytes:
        """Lets the server say that many bytes; what it writes of them now."""
        self.server.send(self.call, bytes(size - 5))
        return self.written()

    def written(self) -> bytes:
        return b"".join(data_of(drained(self.server)))

    def hear(self, data: bytes) -> bytes:
        self.server.receive(data)
        return self.written()


def test_no_more_is_written_than_the_call_and_the_connection_have_room_for() -> None:
    peer = Peer({INITIAL_WINDOW_SIZE: 1000})
    assert len(peer.say(200_000)) == 1000
    assert len(peer.hear(window_update(1, 500))) == 500
    assert len(peer.hear(window_update(0, 1000))) == 0
    assert len(peer.hear(window_update(1, 1 << 20))) == 65_535 + 1000 - 1500
    assert len(peer.hear(window_update(0, 1 << 20))) == 200_000 - 65_535 - 1000


def test_settings_change_the_windows_of_calls_under_way() -> None:
    peer = Peer({INITIAL_WINDOW_SIZE: 1000})
    assert len(peer.say(20_000)) == 1000
    assert len(peer.hear(settings({INITIAL_WINDOW_SIZE: 1500}))) == 500
    assert len(peer.hear(settings({INITIAL_WINDOW_SIZE: 100}))) == 0, "the window is now less than nothing"
    assert len(peer.hear(window_update(1, 1400))) == 0
    assert len(peer.hear(window_update(1, 1))) == 1
    assert len(peer.hear(settings({INITIAL_WINDOW_SIZE: 1 << 20}))) == 20_000 - 1501


def test_without_room_headers_and_ends_are_still_written() -> None:
    peer = Peer({INITIAL_WINDOW_SIZE: 0})
    peer.server.begin(peer.call)
    assert len(drained(peer.server)) > 9
    peer.server.finish(peer.call)
    assert len(drained(peer.server)) > 9


def test_an_end_waits_for_the_messages_before_it() -> None:
    peer = Peer({INITIAL_WINDOW_SIZE: 10})
    peer.server.send(peer.call, bytes(10))
    peer.server.finish(peer.call)
    kinds = [kind for kind, *_ in frames_of(drained(peer.server))]
    assert kinds == [HEADERS, DATA]
    peer.server.receive(window_update(1, 10))
    kinds = [kind for kind, *_ in frames_of(drained(peer.server))]
    assert kinds == [DATA, HEADERS, RST_STREAM]
    assert not peer.server._calls


def test_frames_are_as_large_as_the_peer_takes_and_no_larger_than_we_like() -> None:
    peer = Peer({INITIAL_WINDOW_SIZE: 1 << 24})
    peer.server.receive(window_update(0, 1 << 24))
    peer.server.send(peer.call, bytes(100_000))
    assert max(map(len, data_of(drained(peer.server)))) == 16_384
    peer.server.receive(settings({MAX_FRAME_SIZE: 20_000}))
    peer.server.send(peer.call, bytes(100_000))
    assert max(map(len, data_of(drained(peer.server)))) == 20_000
    peer.server.receive(settings({MAX_FRAME_SIZE: 1 << 20}))
    peer.server.send(peer.call, bytes(1_000_000))
    assert max(map(len, data_of(drained(peer.server)))) == 65_536


def test_settings_are_acknowledged() -> None:
    peer = Peer({})
    peer.server.receive(settings({0x99: 7}))
    assert drained(peer.server) == frame(SETTINGS, 1, 0)
    peer.server.receive(frame(SETTINGS, 1, 0))
    assert drained(peer.server) == b""


def test_what_is_asked_for_comes_in_handy_portions() -> None:
    wire = Wire()
    wire.pump()
    wire.client.call("/a/b", message=LARGE)
    sizes = list(map(len, iter(wire.client.outgoing, b"")))
    assert max(sizes) < (1 << 18) + (1 << 16) + 100
    assert sum(sizes) > 1 << 23
