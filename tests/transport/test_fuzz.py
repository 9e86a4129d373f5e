"""Frames in any order and of any content, in both roles: nothing but ProtocolError comes of it, and nothing piles up."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llbpy.errors import CallOver, ProtocolError
from llbpy.transport.calls import Call, Event, Limits, Request
from llbpy.transport.client import Client
from llbpy.transport.frames import DATA, PREFACE, frame, header_frames
from llbpy.transport.frames import settings as settings_frame
from llbpy.transport.hpack import encode
from llbpy.transport.metadata import request
from llbpy.transport.server import Server
from llbpy.transport.status import OK, Status
from llbpy.transport.stream import Connection
from tests.transport.wired import drained

LIMITS = Limits(message=2000, headers=3000, calls=5, window=1, held=20_000)
HELLO = settings_frame({})

STREAMS = st.sampled_from([0, 1, 1, 1, 3, 3, 5, 7, 9, 11, 2, 1 << 30])
FLAGS = st.sampled_from([0, 0, 1, 4, 4, 5, 5, 8, 0x20, 0x2D, 0xFF])
SETTINGS = st.dictionaries(
    st.integers(0, 8), st.sampled_from([0, 1, 2, 100, 16384, 65535, 1 << 20, (1 << 31) - 1, 1 << 31])
)
NAMES = st.sampled_from(
    [":status", ":path", ":method", "content-type", "grpc-status", "grpc-message", "x-a", "x-bin", "X", ""]
)
VALUES = st.sampled_from(
    ["200", "103", "404", "POST", "/a/b", "application/grpc", "0", "5", "%41%", "AA", "!", "x" * 500]
)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=5).map(encode)
BLOCKS = st.one_of(
    st.just(request("/a/b", [("x-a", "b")])),
    st.just(encode([(":status", "200"), ("content-type", "application/grpc")])),
    st.just(encode([("grpc-status", "0")])),
    HEADERS,
    st.binary(max_size=30),
)
BODIES = st.one_of(
    st.sampled_from(
        [b"", b"\0\0\0\0\2ab", b"\0\0\0\0\0" * 5, b"\0\0\0\5\0", b"\1\0\0\0\0", b"\0\xff\xff\xff\xff", bytes(500)]
    ),
    st.binary(max_size=50),
)
FRAMES = st.one_of(
    st.builds(frame, st.just(DATA), FLAGS, STREAMS, BODIES),
    st.builds(header_frames, STREAMS, BLOCKS, st.sampled_from([0, 1]), st.sampled_from([10, 16384])),
    st.builds(settings_frame, SETTINGS),
    st.builds(
        frame, st.sampled_from([3, 8]), FLAGS, STREAMS, st.sampled_from([bytes(4), b"\0\0\0\1", b"\x7f\xff\xff\xff"])
    ),
    st.builds(
        frame,
        st.integers(0, 12),
        FLAGS,
        STREAMS,
        st.sampled_from([bytes(8), b"\0\0\0\1\0\0\0\x0bno"]) | st.binary(max_size=20),
    ),
    st.binary(max_size=30),
)
ACTION_NAMES = ["send", "send", "end", "give up", "pause", "resume", "write", "write", "write", "call", "call"]
ACTIONS = st.sampled_from(ACTION_NAMES)


class User:
    """Does what a user might with what an end tells of."""

    def __init__(self, end: Client | Server) -> None:
        self.end = end
        self.calls: list[Call] = []

    def act(self, action: str) -> None:
        if action == "write":
            self.end.outgoing()
        elif action == "call" and isinstance(self.end, Client) and len(self.calls) < 20 and not self.end._reason:
            self.calls.append(self.end.call("/a/b", (), b"x" * 100))
        for call in self.calls[-3:]:
            try:
                self.on(call, action)
            except CallOver:
                self.calls.remove(call)

    def on(self, call: Call, action: str) -> None:
        if action == "send" and call.unsent < 10_000:
            self.end.send(call, b"y" * 1000)
        elif action == "pause":
            self.end.pause(call)
        elif action == "resume":
            self.end.resume(call)
        elif action == "end" and isinstance(self.end, Client):
            self.end.end(call)
        elif action == "end" and isinstance(self.end, Server):
            self.end.finish(call, Status(5, "no", [("a", b"b")]))
        elif action == "give up" and isinstance(self.end, Client):
            self.end.cancel(call)
        elif action == "give up" and isinstance(self.end, Server):
            self.end.finish(call, OK)


def holds_little(end: Connection) -> None:
    """What an end keeps is bounded, whatever comes."""
    reader, decoder, sender = end._reader, end._decoder, end._sender
    assert len(reader._rest) <= (1 << 16) + 9
    assert len(reader._block) <= 3000
    assert decoder._size <= 4096
    assert decoder._size == sum(len(name) + len(value) + 32 for name, value in decoder._table)
    assert len(end._calls) <= 100
    assert end._held <= 20_000
    assert end._held == sum(call.weight for call in end._calls.values())
    assert sum(map(len, sender._control)) <= (1 << 18) + 2000
    assert {*sender._ready, *sender._stalled} <= {*end._calls.values()}
    assert all(0 <= call.window <= 65_535 for call in end._calls.values())


def endure(end: Client | Server, steps: list[bytes | str]) -> None:
    user = User(end)
    for step in steps:
        try:
            take(end, user, step)
        except ProtocolError:
            gave_up(end, user)
            return
        holds_little(end)
    for event in end.receive(b""):
        assert not isinstance(event, Event) or event.call.over
    assert not end._calls
    assert end._held == 0


def gave_up(end: Connection, user: User) -> None:
    assert isinstance(end.failure, ProtocolError)
    assert drained(end)
    assert not end._calls
    assert end._held == 0
    assert all(call.over for call in user.calls)


STEPS = st.lists(FRAMES | ACTIONS, max_size=40)


@settings(max_examples=400, deadline=None)
@given(steps=STEPS)
def test_a_server_endures_any_client(steps: list[bytes | str]) -> None:
    endure(Server(LIMITS), [PREFACE + HELLO, *steps])


@settings(max_examples=400, deadline=None)
@given(steps=STEPS)
def test_a_client_endures_any_server(steps: list[bytes | str]) -> None:
    endure(Client(LIMITS), ["call", "call", "write", HELLO, *steps])


class RandomPeer:
    """Keeps to the rules of HTTP/2 and, mostly, of gRPC."""

    def __init__(self, end: Client | Server, seed: int) -> None:
        self.end = end
        self.chance = random.Random(seed)
        self.next_stream = 1
        self.answered: set[int] = set()

    def step(self) -> bytes | str:
        if self.chance.random() < 0.3:
            return self.chance.choice(ACTION_NAMES)
        if self.chance.random() < 0.2:
            return self.aside()
        return self.ask() if isinstance(self.end, Server) else self.answer()

    def aside(self) -> bytes:
        """What belongs to no message."""
        stream = self.chance.choice([0, *self.end._calls])
        size = self.chance.choice([1, 100, 10_000]).to_bytes(4, "big")
        values = {4: self.chance.choice([0, 10, 65_535, 1 << 20]), 5: self.chance.choice([1 << 14, 1 << 16])}
        return self.chance.choice(
            [
                frame(6, 0, 0, self.chance.randbytes(8)),
                frame(8, 0, stream, size),
                settings_frame(values),
                frame(2, 0, 1, bytes(5)),
                frame(99, 0xFF, stream, b"?"),
                frame(4, 1, 0),
            ]
        )

    def ask(self) -> bytes:
        calls = [call.id for call in self.end._calls.values() if not call.peer_ended]
        if not calls or self.chance.random() < 0.2:
            stream, self.next_stream = self.next_stream, self.next_stream + 2
            return header_frames(stream, request("/a/b", [("x-a", "b" * self.chance.randrange(300))]), 0, 60)
        return self.say(self.chance.choice(calls), b"")

    def answer(self) -> bytes:
        calls = list(self.end._calls)
        if not calls:
            return frame(6, 0, 0, bytes(8))
        stream = self.chance.choice(calls)
        if stream in self.answered:
            return self.say(stream, encode([("grpc-status", "0")]))
        self.answered.add(stream)
        return header_frames(stream, encode([(":status", "200"), ("content-type", "application/grpc")]), 0, 30)

    def say(self, stream: int, end: bytes) -> bytes:
        """A message or a part of one, or the end, for a client's call without headers."""
        kind = self.chance.random()
        if kind < 0.05:
            return frame(3, 0, stream, self.chance.choice([0, 7, 8, 11]).to_bytes(4, "big"))
        if kind < 0.2:
            return header_frames(stream, end, 1, 30) if end else frame(DATA, 1, stream)
        message = self.chance.randbytes(self.chance.choice([0, 10, 2000, 2000, 2001 if kind > 0.98 else 1]))
        data = len(message).to_bytes(5, "big") + message
        cut = self.chance.randrange(len(data) + 1)
        padded = bytes((7,)) + data[cut:] + bytes(7)
        return frame(DATA, 0, stream, data[:cut]) + frame(DATA, 8, stream, padded)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("role", [Server, Client])
def test_a_long_conversation_within_the_rules_goes_on(role: type[Client | Server], seed: int) -> None:
    end = role(LIMITS)
    peer, user = RandomPeer(end, seed), User(end)
    heard = take(end, user, PREFACE + HELLO if role is Server else HELLO)
    for _ in range(1500):
        heard += take(end, user, peer.step())
        holds_little(end)
    assert heard > 150


def take(end: Client | Server, user: User, step: bytes | str) -> int:
    """How many events it makes."""
    if isinstance(step, str):
        user.act(step)
        return 0
    events = end.receive(step) if step else []
    user.calls += [event.call for event in events if isinstance(event, Request)]
    return len(events)


@pytest.mark.parametrize("seed", range(4))
def test_changed_conversations_are_endured(seed: int) -> None:
    chance = random.Random(seed)
    up = [request_of(stream) for stream in range(1, 21, 2)]
    down = [answer_to(stream) for stream in range(1, 21, 2)]
    for _ in range(500):
        endure(Server(LIMITS), [PREFACE + HELLO, changed(up, chance), "end", "write", changed(up, chance)])
        endure(Client(LIMITS), ["call"] * 8 + ["write", HELLO, changed(down, chance), "write", changed(down, chance)])


def request_of(stream: int) -> bytes:
    block = request("/a/b", [("x-a", "b")])
    return header_frames(stream, block, 0, 40) + frame(DATA, 0, stream, b"\0\0\0\0\2abc"[:-1]) + frame(DATA, 1, stream)


def answer_to(stream: int) -> bytes:
    head = encode([(":status", "200"), ("content-type", "application/grpc")])
    tail = encode([("grpc-status", "5"), ("grpc-message", "no"), ("grpc-status-details-bin", "CAUSAm5v")])
    data = frame(DATA, 0, stream, b"\0\0\0\0\2ab")
    return header_frames(stream, head, 0, 40) + data * 3 + header_frames(stream, tail, 1, 20)


def changed(parts: list[bytes], chance: random.Random) -> bytes:
    """Parts left out, said twice, out of order, with some bytes changed."""
    chosen = [part for part in parts if chance.random() < 0.8]
    if chance.random() < 0.3:
        chosen.append(chance.choice(parts))
    if chance.random() < 0.3:
        chance.shuffle(chosen)
    data = bytearray(b"".join(chosen))
    for _ in range(chance.randrange(4)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)
