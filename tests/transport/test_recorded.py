"""What Go's ends once said, byte by byte: cut off anywhere, cut into any pieces, with any byte changed.

With LLBPY_UPDATE_GOLDENS=1 it is said and recorded again.
"""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from llbpy.errors import ProtocolError
from llbpy.transport import codes
from llbpy.transport.calls import Call, Ended, Event, GoingAway, HalfClosed
from llbpy.transport.client import Client
from llbpy.transport.pipes import Channel
from llbpy.transport.server import Server
from llbpy.transport.status import OK, Status
from llbpy.transport.stream import Connection
from tests.transport.service import HEALTH, PATH, SERVING, Service, pattern, serve
from tests.transport.wired import drained, fed, short

FOLDER = Path(__file__).parent / "recorded"
GONE = Status(codes.NOT_FOUND, "50% of ünïcödé", [("a+json", pattern(1, 300))])
ASKED = [
    (HEALTH, b""),
    (PATH + "Echo", b"hello"),
    (PATH + "Fail", GONE.to_bytes()),
    (PATH + "Unknown", b""),
    (PATH + "Down", b"3 500"),
    (PATH + "Metadata", b""),
    (PATH + "Echo", b""),
]
ANSWERED: list[object] = [
    ["Response", SERVING, OK],
    ["Response", b"hello", OK],
    ["Response", GONE],
    ["Response", Status(codes.UNIMPLEMENTED, "no method /test.Peer/Unknown")],
    ["Response", *[pattern(number, 500) for number in range(3)], OK],
    ["Response", b"", OK],
    ["Response", b"", OK],
]
STEPS = ["health", "echo:2:30", "fail:5:300", "metadata", "down:3:500", "hang", "unknown", "flight:3:10"]


@pytest.fixture(scope="module")
def of_server(request: pytest.FixtureRequest) -> bytes:
    """What Go's server answers to ASKED."""
    if os.environ.get("LLBPY_UPDATE_GOLDENS"):
        (FOLDER / "server.bin").write_bytes(record_server(request.getfixturevalue("golang")))
    return (FOLDER / "server.bin").read_bytes()


@pytest.fixture(scope="module")
def of_client(request: pytest.FixtureRequest) -> bytes:
    """What Go's client says to take STEPS."""
    if os.environ.get("LLBPY_UPDATE_GOLDENS"):
        (FOLDER / "client.bin").write_bytes(record_client(request.getfixturevalue("golang")))
    return (FOLDER / "client.bin").read_bytes()


class Tap:
    """A pipe into `write_fd` that remembers what went through."""

    def __init__(self, read_fd: int) -> None:
        self.source, self.heard = read_fd, bytearray()
        self.fd, self.sink = os.pipe()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        with os.fdopen(self.sink, "wb", buffering=0) as sink:
            while data := os.read(self.source, 1 << 16):
                self.heard += data
                sink.write(data)

    def close(self) -> bytes:
        self.thread.join(30)
        return bytes(self.heard)


def record_server(golang: Path) -> bytes:
    with subprocess.Popen([golang, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        tap = Tap(process.stdout.fileno())
        with Channel(tap.fd, os.dup(process.stdin.fileno())) as channel:
            process.stdin.close()
            for path, message in ASKED:
                if path == PATH + "Down":
                    assert len(list(iter(channel.open(path, (), message).receive, None))) == 3
                else:
                    channel.call_all([(path, message)])
    return tap.close()


def record_client(golang: Path) -> bytes:
    with subprocess.Popen(
        [golang, "call", *STEPS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin
        assert process.stdout
        tap = Tap(process.stdout.fileno())
        serve(tap.fd, process.stdin.fileno(), Server())
        process.stdin.close()
    os.close(tap.fd)
    return tap.close()


def client() -> tuple[Client, list[Call]]:
    """One that has asked what was asked."""
    made = Client()
    calls = [made.call(path, (), message) for path, message in ASKED]
    drained(made)
    return made, calls


def said(events: list[Event | GoingAway], call: Call) -> list[object]:
    return [short(event) for event in events if isinstance(event, Event) and event.call is call]


def test_the_answers_are_those_of_then(of_server: bytes) -> None:
    made, calls = client()
    events = made.receive(of_server)
    assert [said(events, call) for call in calls] == ANSWERED


def test_the_answers_are_the_same_byte_by_byte(of_server: bytes) -> None:
    made, calls = client()
    events = fed(made, of_server, 1)
    assert [said(events, call) for call in calls] == ANSWERED


def test_a_cut_anywhere_ends_the_calls_that_were_not_answered(of_server: bytes) -> None:
    gone = Status(codes.UNAVAILABLE, "the other end has gone")
    for end in range(len(of_server)):
        made, calls = client()
        events = made.receive(of_server[:end]) if end else []
        events += made.receive(b"")
        for call, answer in zip(calls, ANSWERED, strict=True):
            *before, status = said(events, call)
            assert isinstance(answer, list)
            assert [*before, status] == answer or (before == answer[: len(before)] and status == gone)


def test_the_calls_are_those_of_then(of_client: bytes) -> None:
    events = play(of_client, 1 << 16)
    assert play(of_client, 1) == events
    assert events[0] == (HEALTH, "Request")
    assert sum(said == "HalfClosed" for _, said in events) == 9
    assert [said.code for _, said in events if isinstance(said, Status)] == [codes.CANCELLED]


def play(data: bytes, chunk: int) -> list[tuple[str, object]]:
    """What our server hears; it answers as it did then."""
    made = Server()
    service = Service(made)
    told: list[tuple[str, object]] = []
    for at in range(0, len(data), chunk):
        events = made.receive(data[at : at + chunk])
        service.take(events)
        drained(made)
        told += [(event.call.path, short(event)) for event in events if isinstance(event, Event)]
    return told


def test_a_cut_anywhere_ends_the_calls_that_were_open(of_client: bytes) -> None:
    for end in range(len(of_client)):
        made = Server()
        events = made.receive(of_client[:end]) if end else []
        ended = {event.call for event in [*events, *made.receive(b"")] if isinstance(event, Ended)}
        assert {event.call for event in events if isinstance(event, Event)} == ended
        assert {event.call for event in events if isinstance(event, HalfClosed)} <= ended
        assert not made._calls


def survives(end: Connection, data: bytes) -> None:
    try:
        end.receive(data)
    except ProtocolError:
        assert drained(end)
        return
    drained(end)
    end.receive(b"")


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_any_byte_may_be_wrong(of_server: bytes, of_client: bytes, flip: int) -> None:
    for at in range(len(of_server)):
        survives(client()[0], of_server[:at] + bytes((of_server[at] ^ flip,)) + of_server[at + 1 :])
    for at in range(len(of_client)):
        survives(Server(), of_client[:at] + bytes((of_client[at] ^ flip,)) + of_client[at + 1 :])
