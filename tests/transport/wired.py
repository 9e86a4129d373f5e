"""Both ends of a connection, wired together in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbpy.transport.calls import Call, Ended, Event, GoingAway, Limits, Received, Request
from llbpy.transport.client import Client
from llbpy.transport.frames import Reader, header_frames, settings
from llbpy.transport.metadata import request
from llbpy.transport.server import Server
from llbpy.transport.stream import Connection

if TYPE_CHECKING:
    from llbpy.transport.metadata import Metadata


def drained(end: Connection) -> bytes:
    """All that an end has to write now."""
    return b"".join(iter(end.outgoing, b""))


def asking(stream: int, flags: int = 0, metadata: Metadata = ()) -> bytes:
    """The headers of a call of `/test.Peer/Method`."""
    return header_frames(stream, request("/test.Peer/Method", metadata), flags, 1 << 14)


def frames_of(data: bytes) -> list[tuple[int, int, bytes]]:
    """Kind, stream and payload of each frame."""
    reader = Reader(b"", 1 << 24, 1 << 24)
    _, *frames = reader.frames(settings({}) + data)
    return [(kind, stream, payload) for kind, _, stream, payload, _ in frames]


class Wire:
    """`client` and `server`, and what each was told: `to_client` and `to_server`."""

    def __init__(self, client: Limits | None = None, server: Limits | None = None, chunk: int = 1 << 16) -> None:
        self.client = Client(client)
        self.server = Server(server)
        self.chunk = chunk
        self.to_client: list[Event | GoingAway] = []
        self.to_server: list[Event | GoingAway] = []

    def pump(self) -> None:
        """Moves bytes until neither end has any."""
        moved = True
        while moved:
            up, down = drained(self.client), drained(self.server)
            self.to_server += fed(self.server, up, self.chunk)
            self.to_client += fed(self.client, down, self.chunk)
            moved = bool(up or down)

    def call(self, metadata: Metadata = (), message: bytes | None = None) -> tuple[Call, Call]:
        """A call of `/test.Peer/Method`, as both ends see it."""
        at_client = self.client.call("/test.Peer/Method", metadata, message)
        self.pump()
        return at_client, [event.call for event in self.to_server if isinstance(event, Request)][-1]

    def said(self, call: Call) -> list[object]:
        """What an end was told of a call, in short: messages as they are, ends as their status, else names of events."""
        return [short(event) for event in self._of_calls() if event.call is call]

    def said_by_path(self, path: str) -> list[object]:
        """What the server was told of a call."""
        return [short(event) for event in self._of_calls() if event.call.path == path]

    def _of_calls(self) -> list[Event]:
        return [event for event in (*self.to_client, *self.to_server) if isinstance(event, Event)]


def fed(end: Connection, data: bytes, chunk: int) -> list[Event | GoingAway]:
    return [event for at in range(0, len(data), chunk) for event in end.receive(data[at : at + chunk])]


def short(event: Event) -> object:
    match event:
        case Received():
            return event.data
        case Ended():
            return event.status
        case _:
            return type(event).__name__
