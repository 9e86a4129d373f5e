"""One call of a connection, the messages that wait in both its directions, and the events that a connection tells of calls.

On the wire a message is five bytes, whether it is compressed (never, here) and its length, and then its own.
"""

from __future__ import annotations

from llbpy.transport.codes import INTERNAL, RESOURCE_EXHAUSTED, UNIMPLEMENTED
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from llbpy.transport.metadata import Metadata

    Part: TypeAlias = bytes | memoryview

_PREFIX = 5
_SMALL = 1 << 12  # bytes of a message up to which joining it with its prefix is cheaper than keeping both


class Limits:
    """What a peer is allowed, in bytes where nothing else is said.

    message: one message, 16 MiB as in BuildKit itself.
    headers: one header list, details of an error included, 4 MiB.
    calls: how many calls a client may have at once, 1024.
    window: what may come for one call in advance, 16 MiB and at least 65,535; for all of them together twice that.
    held: metadata and incomplete messages of all calls, 256 MiB.
    """

    __slots__ = ("calls", "headers", "held", "message", "window")

    def __init__(
        self,
        *,
        message: int = 1 << 24,
        headers: int = 1 << 22,
        calls: int = 1 << 10,
        window: int = 1 << 24,
        held: int = 1 << 28,
    ) -> None:
        self.message = message
        self.headers = headers
        self.calls = calls
        self.window = max(window, (1 << 16) - 1)  # HTTP/2's own, which a peer takes for granted
        self.held = held


class Refusal(Exception):
    """A message that is not taken; `status` says why."""

    def __init__(self, code: int, message: str) -> None:
        self.status = Status(code, message)
        super().__init__(message)


class Inbox:
    """Cuts what comes into messages of at most `limit` bytes; its length is that of the message which is not complete."""

    __slots__ = ("_buffer", "_limit", "_needed")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._needed = _PREFIX

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are now complete. Raises Refusal."""
        if not self._buffer:
            return self._cut(memoryview(data))
        self._buffer += data
        if len(self._buffer) < self._needed:
            return []
        whole, self._buffer = self._buffer, bytearray()
        return self._cut(memoryview(whole))

    def _cut(self, data: memoryview) -> list[bytes]:
        messages: list[bytes] = []
        at, end = 0, len(data)
        self._needed = _PREFIX
        while end - at >= _PREFIX:
            start = at + _PREFIX
            size = int.from_bytes(data[at + 1 : start], "big")
            if data[at] or size > self._limit:
                raise self._refusal(data[at], size)
            if start + size > end:
                self._needed = _PREFIX + size
                break
            at = start + size
            messages.append(bytes(data[start:at]))
        if at < end:
            self._buffer += data[at:]
        return messages

    def _refusal(self, flag: int, size: int) -> Refusal:
        if flag == 1:
            return Refusal(UNIMPLEMENTED, "a compressed message; only identity is understood")
        if flag:
            return Refusal(INTERNAL, f"a message with the flags {flag}, which mean nothing")
        return Refusal(RESOURCE_EXHAUSTED, f"a message of {size} bytes, {self._limit} are taken")


class Outbox:
    """Messages that wait to be sent; `size` is their bytes, prefixes included."""

    __slots__ = ("_coming", "_going", "size")

    def __init__(self) -> None:
        self._coming: list[Part] = []
        self._going: list[Part] = []  # the next one last
        self.size = 0

    def put(self, message: bytes) -> None:
        prefix = len(message).to_bytes(_PREFIX, "big")
        if len(message) <= _SMALL:
            self._coming.append(prefix + message)
        else:
            self._coming += (prefix, message)
        self.size += _PREFIX + len(message)

    def take(self, limit: int) -> list[Part]:
        """Removes the next `limit` bytes, or all if there are fewer."""
        parts: list[Part] = []
        left = min(limit, self.size)
        self.size -= left
        while left:
            if not self._going:
                self._going, self._coming = self._coming[::-1], []
            part = self._going.pop()
            if len(part) > left:
                view = memoryview(part)
                self._going.append(view[left:])
                part = view[:left]
            parts.append(part)
            left -= len(part)
        return parts


class Call:
    """One call. Users read `path`, `metadata` (what the client sent), `over` and `unsent`; the rest is the connection's.

    over: nothing more comes, and nothing can be sent.
    """

    __slots__ = (
        "answered",
        "credit",
        "ended",
        "head",
        "id",
        "inbox",
        "metadata",
        "outbox",
        "over",
        "path",
        "paused",
        "peer_ended",
        "tail",
        "weight",
        "window",
    )

    def __init__(self, path: str, metadata: Metadata, max_message: int) -> None:
        self.id = 0  # of its stream, once it has one
        self.path = path
        self.metadata = metadata
        self.inbox = Inbox(max_message)
        self.outbox = Outbox()
        self.head: bytes | None = None  # the header block before the messages, until it is sent
        self.tail: bytes | None = None  # what follows the last message: a header block, or nothing but the end
        self.credit = 0  # bytes that the peer is ready to take
        self.window = 0  # bytes that the peer may send
        self.weight = 0  # bytes that are held for it
        self.answered = False  # the answer has begun
        self.ended = False  # this side has sent its end
        self.peer_ended = False
        self.paused = False
        self.over = False

    def drop(self) -> None:
        """Lets go of what waits in both directions."""
        self.inbox = Inbox(0)
        self.outbox = Outbox()
        self.head = self.tail = None

    @property
    def unsent(self) -> int:
        """Bytes of messages that wait for the peer, or for somebody to write them."""
        return self.outbox.size

    def __repr__(self) -> str:
        return f"<Call {self.id} {self.path}>"


# Events --------------------------------------------------------------------------------------------------------------------


class Event:
    """What a connection tells: of which `call`, if of one."""

    __slots__ = ("call",)

    def __init__(self, call: Call) -> None:
        self.call = call


class Request(Event):
    """A client calls; the call's `path` and `metadata` say what."""

    __slots__ = ()


class Response(Event):
    """The server begins its answer, with `metadata`."""

    __slots__ = ("metadata",)

    def __init__(self, call: Call, metadata: Metadata) -> None:
        self.call = call
        self.metadata = metadata


class Received(Event):
    """One message, its bytes in `data`."""

    __slots__ = ("data",)

    def __init__(self, call: Call, data: bytes) -> None:
        self.call = call
        self.data = data


class HalfClosed(Event):
    """The client has sent its last message."""

    __slots__ = ()


class Ended(Event):
    """The call is over, by the peer's doing or because of it.

    status: what the server says of the call, or why there is no answer. A server only gets this event if its answer is of no
    use any more.
    metadata: the server's trailing metadata.
    """

    __slots__ = ("metadata", "status")

    def __init__(self, call: Call, status: Status, metadata: Metadata = ()) -> None:
        self.call = call
        self.status = status
        self.metadata = metadata


class GoingAway:
    """The peer takes no new calls: an HTTP/2 error code, and what it says besides."""

    __slots__ = ("code", "message")

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
