"""The tests' service on our own server, and a loop that serves it on file descriptors. `golang/server.go` has it in Go."""

from __future__ import annotations

import hashlib
import os
import select
from collections.abc import Callable
from contextlib import suppress

from llbpy.errors import CallOver
from llbpy.transport import codes
from llbpy.transport.calls import Call, Ended, Event, GoingAway, HalfClosed, Received, Request
from llbpy.transport.server import Server
from llbpy.transport.status import OK, Status

PATH = "/test.Peer/"
HEALTH = "/grpc.health.v1.Health/Check"
SERVING = b"\x08\x01"


def pattern(index: int, size: int) -> bytes:
    """The message of that index in a series."""
    start = index % 256
    return (bytes(range(256)) * (size // 256 + 2))[start : start + size]


class Service:
    """Answers calls of the methods below; those of which more is to be sent than fits are continued by `more`."""

    def __init__(self, server: Server, backlog: int = 1 << 20) -> None:
        self.server = server
        self.backlog = backlog
        self.cancelled = 0
        self.goodbye = False
        self._requests: dict[Call, list[bytes]] = {}
        self._series: dict[Call, tuple[int, int, int]] = {}  # next, count, size

    def take(self, events: list[Event | GoingAway]) -> None:
        for event in events:
            with suppress(CallOver):  # the client has given up meanwhile, and the event that says so follows
                self._take(event)
        self.more()

    def _take(self, event: Event | GoingAway) -> None:
        match event:
            case Request():
                self._requests[event.call] = []
            case Received() if event.call.path == PATH + "Echo":
                self.server.send(event.call, event.data)
            case Received() if event.call.path == PATH + "Hang":
                self.server.send(event.call, b"hanging")
            case Received():
                self._requests[event.call].append(event.data)
            case HalfClosed():
                self._answer(event.call, self._requests[event.call])
            case Ended():
                self.cancelled += event.call.path == PATH + "Hang"
                self._series.pop(event.call, None)
            case _:
                pass

    def more(self) -> None:
        """Sends what the peer has room for."""
        for call, (index, count, size) in list(self._series.items()):
            while index < count and call.unsent < self.backlog:
                self.server.send(call, pattern(index, size))
                index += 1
            self._series[call] = (index, count, size)
            if index == count:
                del self._series[call]
                self.server.finish(call)

    def _answer(self, call: Call, messages: list[bytes]) -> None:
        method = call.path.removeprefix(PATH)
        answers: dict[str, Callable[[Call, list[bytes]], None]] = {
            HEALTH: lambda call, _: self._reply(call, SERVING),
            "Echo": lambda call, _: self.server.finish(call),
            "Down": self._down,
            "Up": self._up,
            "Fail": lambda call, messages: self.server.finish(call, Status.from_bytes(messages[0])),
            "Metadata": self._metadata,
            "Hang": lambda call, _: None,
            "Cancelled": lambda call, _: self._reply(call, b"%d" % self.cancelled),
            "Goodbye": self._goodbye,
        }
        answer = answers.get(method)
        if answer is None:
            self.server.finish(call, Status(codes.UNIMPLEMENTED, f"no method {call.path}"))
        else:
            answer(call, messages)

    def _reply(self, call: Call, message: bytes) -> None:
        self.server.send(call, message)
        self.server.finish(call)

    def _down(self, call: Call, messages: list[bytes]) -> None:
        count, size = map(int, messages[0].split())
        self._series[call] = (0, count, size)

    def _up(self, call: Call, messages: list[bytes]) -> None:
        data = b"".join(messages)
        self._reply(call, f"{len(messages)} {len(data)} {hashlib.sha256(data).hexdigest()}".encode())

    def _metadata(self, call: Call, messages: list[bytes]) -> None:
        ours = [(name, value) for name, value in call.metadata if name.startswith("x-")]
        self.server.begin(call, [("head-" + name, value) for name, value in ours])
        self.server.send(call, b"")
        self.server.finish(call, OK, [("tail-" + name, value) for name, value in ours])

    def _goodbye(self, call: Call, messages: list[bytes]) -> None:
        self._reply(call, b"bye")
        self.server.close()


def serve(read_fd: int, write_fd: int, server: Server) -> Service:
    """Serves until the client hangs up, well or not."""
    service = Service(server)
    os.set_blocking(write_fd, False)
    data = memoryview(b"")
    try:
        while server.failure is None:
            service.more()
            data = data or memoryview(server.outgoing())
            readable, writable, _ = select.select([read_fd], [write_fd] if data else [], [])
            if writable:
                data = data[os.write(write_fd, data) :]
            if readable:
                service.take(server.receive(os.read(read_fd, 1 << 16)))
    except (BrokenPipeError, ConnectionResetError):
        service.take(server.receive(b""))
    return service
