"""HTTP/2 frames (RFC 9113, sections 4 and 6): cut out of bytes, checked for their size and place, and written."""

from __future__ import annotations

from llbpy.errors import ProtocolError
from llbpy.transport.codes import ENHANCE_YOUR_CALM, FRAME_SIZE_ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Frame: TypeAlias = tuple[int, int, int, bytes, int]
    """Type, flags, stream, payload without padding, and the length with it, which is what flow control counts."""

DATA = 0
HEADERS = 1
PRIORITY = 2
RST_STREAM = 3
SETTINGS = 4
PUSH_PROMISE = 5
PING = 6
GOAWAY = 7
WINDOW_UPDATE = 8
CONTINUATION = 9

END_STREAM = 0x1
ACK = 0x1
END_HEADERS = 0x4
_PADDED = 0x8
_PRIORITY = 0x20

ENABLE_PUSH = 2
MAX_CONCURRENT_STREAMS = 3
INITIAL_WINDOW_SIZE = 4
MAX_FRAME_SIZE = 5
MAX_HEADER_LIST_SIZE = 6

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SMALLEST_MAX_FRAME = 1 << 14
LARGEST_MAX_FRAME = (1 << 24) - 1

_SIZES = {PRIORITY: 5, RST_STREAM: 4, PING: 8, WINDOW_UPDATE: 4}
_OF_STREAMS = (DATA, HEADERS, PRIORITY, RST_STREAM, CONTINUATION)
_OF_CONNECTION = (SETTINGS, PING, GOAWAY)
_CONTINUATIONS = 1024


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame.

    >>> frame(PING, ACK, 0, b"12345678").hex()
    '0000080601000000003132333435363738'
    """
    return (len(payload) << 48 | kind << 40 | flags << 32 | stream).to_bytes(9, "big") + payload


def frame_head(length: int, kind: int, flags: int, stream: int) -> bytes:
    """The nine bytes before a payload."""
    return (length << 48 | kind << 40 | flags << 32 | stream).to_bytes(9, "big")


def header_frames(stream: int, block: bytes, flags: int, max_frame: int) -> bytes:
    """A header block as HEADERS and, if it is too long for one frame, CONTINUATION."""
    if len(block) <= max_frame:
        return frame(HEADERS, flags | END_HEADERS, stream, block)
    pieces = [block[at : at + max_frame] for at in range(0, len(block), max_frame)]
    middle = [frame(CONTINUATION, 0, stream, piece) for piece in pieces[1:-1]]
    last = frame(CONTINUATION, END_HEADERS, stream, pieces[-1])
    return frame(HEADERS, flags, stream, pieces[0]) + b"".join(middle) + last


def settings(pairs: dict[int, int]) -> bytes:
    """A SETTINGS frame."""
    return frame(SETTINGS, 0, 0, b"".join([(key << 32 | value).to_bytes(6, "big") for key, value in pairs.items()]))


class Reader:
    """Cuts a connection's bytes into frames; a header block in several frames comes out as one HEADERS.

    preface: what the peer has to send before its first frame.
    max_frame: the longest payload; max_block: the longest header block, both in bytes.
    """

    __slots__ = (
        "_block",
        "_continuations",
        "_first",
        "_flags",
        "_max_block",
        "_max_frame",
        "_preface",
        "_rest",
        "_stream",
    )

    def __init__(self, preface: bytes, max_frame: int, max_block: int) -> None:
        self._preface = preface
        self._max_frame = max_frame
        self._max_block = max_block
        self._rest = b""
        self._first = True
        self._block = bytearray()
        self._stream = 0  # of the header block that is not complete, or none
        self._flags = 0
        self._continuations = 0

    def frames(self, data: bytes) -> Iterator[Frame]:
        """The frames that are now complete. Raises ProtocolError, after which there is no use in reading on."""
        data, self._rest = self._rest + data, b""
        at, end = self._greeted(data), len(data)
        while end - at >= 9:
            fields = int.from_bytes(data[at : at + 9], "big")
            kind, length, stream = fields >> 40 & 0xFF, fields >> 48, fields & 0x7FFFFFFF
            if kind != DATA or length > self._max_frame or self._stream or self._first or not stream:
                self._check(kind, stream, length)
            start = at + 9
            if start + length > end:
                break
            at = start + length
            flags = fields >> 32 & 0xFF
            payload = data[start:at]
            if kind == DATA:
                yield DATA, flags, stream, _unpadded(payload, flags), length
            elif kind in (HEADERS, CONTINUATION):
                yield from self._headers(kind, flags, stream, payload)
            else:
                yield kind, flags, stream, payload, length
        self._rest = data[at:] or self._rest

    def _greeted(self, data: bytes) -> int:
        """Where the frames begin; in the middle of the preface there are none, and it is looked at again with more."""
        preface = self._preface
        if not data.startswith(preface[: len(data)]):
            raise ProtocolError(f"the other end does not speak HTTP/2: it began with {data[: len(preface)]!r}")
        if len(data) < len(preface):
            self._rest = data
            return len(data)
        self._preface = b""
        return len(preface)

    def _check(self, kind: int, stream: int, length: int) -> None:
        if self._first and kind != SETTINGS:
            raise ProtocolError(
                f"the other end does not speak HTTP/2: it began with a frame of type {kind}, not SETTINGS"
            )
        if length > self._max_frame:
            raise ProtocolError(f"a frame of {length} bytes, {self._max_frame} are allowed", FRAME_SIZE_ERROR)
        if self._stream and (kind != CONTINUATION or stream != self._stream):
            raise ProtocolError(f"a frame of type {kind} inside the headers of stream {self._stream}")
        if kind == CONTINUATION and not self._stream:
            raise ProtocolError("CONTINUATION without HEADERS")
        if _SIZES.get(kind, length) != length or (kind == SETTINGS and length % 6):
            raise ProtocolError(f"a frame of type {kind} with {length} bytes", FRAME_SIZE_ERROR)
        if (kind in _OF_STREAMS and not stream) or (kind in _OF_CONNECTION and stream):
            raise ProtocolError(f"a frame of type {kind} on stream {stream}")
        self._first = False

    def _headers(self, kind: int, flags: int, stream: int, payload: bytes) -> Iterator[Frame]:
        if kind == HEADERS:
            payload = _unpadded(payload, flags)
            if flags & _PRIORITY:
                payload = _unprioritised(payload)
            self._flags, self._continuations = flags, 0
        if flags & END_HEADERS and not self._stream:
            yield HEADERS, flags, stream, payload, len(payload)
            return
        self._stream = stream
        self._block += payload
        self._continuations += 1
        if len(self._block) > self._max_block or self._continuations > _CONTINUATIONS:
            raise ProtocolError(
                f"headers of more than {self._max_block} bytes or {_CONTINUATIONS} frames", ENHANCE_YOUR_CALM
            )
        if flags & END_HEADERS:
            block, self._block, self._stream = bytes(self._block), bytearray(), 0
            yield HEADERS, self._flags, stream, block, len(block)


def _unpadded(payload: bytes, flags: int) -> bytes:
    if not flags & _PADDED:
        return payload
    if not payload or payload[0] >= len(payload):
        raise ProtocolError("padding that is longer than its frame")
    return payload[1 : len(payload) - payload[0]]


def _unprioritised(payload: bytes) -> bytes:
    if len(payload) < 5:
        raise ProtocolError("HEADERS too short for its priority", FRAME_SIZE_ERROR)
    return payload[5:]
