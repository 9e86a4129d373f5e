"""One HTTP/2 connection that carries gRPC, as far as both roles share it: settings, flow control, who writes next.

Bytes in, events out, and bytes out when asked; no I/O. The two roles are in `stream.py`.
"""

from __future__ import annotations

from llbpy.transport.calls import Call, GoingAway, Outbox, Received, Refusal
from llbpy.transport.codes import (
    ENHANCE_YOUR_CALM,
    FLOW_CONTROL_ERROR,
    FRAME_SIZE_ERROR,
    NO_ERROR,
    RESOURCE_EXHAUSTED,
    STREAM_CLOSED,
    http2_name,
)
from llbpy.transport.errors import CallOver, ConnectionLost, ProtocolError, TransportError
from llbpy.transport.frames import (
    ACK,
    DATA,
    ENABLE_PUSH,
    END_STREAM,
    GOAWAY,
    HEADERS,
    INITIAL_WINDOW_SIZE,
    LARGEST_MAX_FRAME,
    MAX_CONCURRENT_STREAMS,
    MAX_FRAME_SIZE,
    MAX_HEADER_LIST_SIZE,
    PING,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    SMALLEST_MAX_FRAME,
    WINDOW_UPDATE,
    Reader,
    frame,
    frame_head,
    header_frames,
    settings,
)
from llbpy.transport.hpack import Decoder
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.transport.calls import Event, Part
    from llbpy.transport.hpack import Header

_DEFAULT_WINDOW = (1 << 16) - 1
_LARGEST = (1 << 31) - 1  # of windows and of streams' numbers
_MAX_FRAME = 1 << 16  # bytes of a frame that we take, and of a DATA frame that we write: others get their turn in between
_DEBT = 1 << 18  # bytes of answers to PING and the like that a peer may leave unread
_CALLS_AT_FIRST = 100  # before a server has said how many it takes


class Limits:
    """What a peer is allowed, in bytes where nothing else is said.

    message: one message, 16 MiB as in BuildKit itself.
    headers: one header list, details of an error included, 4 MiB.
    calls: how many calls a client may have at once, 1024.
    window: what may come for one call in advance, 16 MiB; for all of them together twice that.
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
        self.window = window
        self.held = held


class Connection:
    """What `Client` and `Server` have in common.

    Give `receive` whatever was read, write whatever `outgoing` returns, and ask it again after every other call.
    """

    __slots__ = (
        "_calls",
        "_control",
        "_credit",
        "_debt",
        "_decoder",
        "_events",
        "_failure",
        "_held",
        "_initial_credit",
        "_last",
        "_limits",
        "_max_frame",
        "_max_headers",
        "_reader",
        "_ready",
        "_stalled",
        "_window",
    )

    def __init__(self, preface: bytes, expected: bytes, own: dict[int, int], limits: Limits) -> None:
        self._limits = limits
        self._reader = Reader(expected, _MAX_FRAME, limits.headers)
        self._decoder = Decoder(limits.headers)
        self._events: list[Event | GoingAway] = []
        self._failure: TransportError | None = None
        self._calls: dict[int, Call] = {}  # by stream
        self._last = 0  # the highest number of a stream so far
        self._held = 0  # bytes, see Limits
        self._window = 2 * limits.window  # bytes that the peer may still send
        self._credit = _DEFAULT_WINDOW  # bytes that we may still send, on all streams; next, on a new one
        self._initial_credit = _DEFAULT_WINDOW
        self._max_frame = SMALLEST_MAX_FRAME
        self._max_headers = _LARGEST
        self._ready: dict[Call, None] = {}  # calls that have something to write, in turn
        self._stalled: dict[Call, None] = {}  # those that the connection's credit holds up
        own |= {
            INITIAL_WINDOW_SIZE: limits.window,
            MAX_FRAME_SIZE: _MAX_FRAME,
            MAX_HEADER_LIST_SIZE: limits.headers,
        }
        self._control = [preface, settings(own), _window_update(0, self._window - _DEFAULT_WINDOW)]
        self._debt = 0  # bytes of what the peer made us write since it was last asked for

    # In --------------------------------------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> list[Event | GoingAway]:
        """What the peer's bytes say; b"" means that it has closed its end, which ends all calls.

        Raises ProtocolError if they break the rules: write what is `outgoing`, so that the peer learns why, and stop.
        """
        if self._failure is not None:
            raise self._failure
        self._events = events = []
        if not data:
            self._lose("the other end has closed the connection")
            return events
        try:
            for kind, flags, stream, payload, length in self._reader.frames(data):
                if kind == DATA:
                    self._data(flags, stream, payload, length)
                elif kind == HEADERS:
                    self._headers(flags, stream, self._decoder.decode(payload))
                else:
                    self._other(kind, flags, stream, payload)
        except ProtocolError as error:
            self._fail(error)
            raise
        return events

    def _other(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == WINDOW_UPDATE:
            self._window_updated(stream, int.from_bytes(payload, "big") & _LARGEST)
        elif kind == PING:
            if not flags & ACK:
                self._answer(frame(PING, ACK, 0, payload))
        elif kind == RST_STREAM:
            self._reset_by_peer(stream, int.from_bytes(payload, "big"))
        elif kind == SETTINGS:
            self._settings(flags, payload)
        elif kind == GOAWAY:
            self._going_away(payload)
        elif kind == PUSH_PROMISE:
            raise ProtocolError("a pushed stream, which nobody asked for")

    def _data(self, flags: int, stream: int, payload: bytes, length: int) -> None:
        self._window -= length
        if self._window < self._limits.window:
            self._take_more(length)
        call = self._calls.get(stream)
        if call is None or call.over:
            self._check_known(stream)
            return
        if call.peer_ended:
            raise ProtocolError(f"data on stream {stream} behind its end", STREAM_CLOSED)
        call.window -= length
        if call.window < 0:
            raise ProtocolError(f"more data on stream {stream} than its window has room for", FLOW_CONTROL_ERROR)
        try:
            self._messages(call, payload)
        except Refusal as refusal:
            self._refuse(call, refusal.status)
            return
        if flags & END_STREAM:
            call.peer_ended = True
            self._half_closed(call)
        elif call.window <= self._limits.window >> 1:
            self._widen(call)

    def _messages(self, call: Call, payload: bytes) -> None:
        inbox = call.inbox
        before = len(inbox)
        for message in inbox.feed(payload):
            self._events.append(Received(call, message))
        self._hold(call, len(inbox) - before)

    def _hold(self, call: Call, size: int) -> None:
        call.weight += size
        self._held += size
        if self._held > self._limits.held:
            raise Refusal(RESOURCE_EXHAUSTED, f"the calls of this connection hold more than {self._limits.held} bytes")

    def _take_more(self, length: int) -> None:
        """Opens the connection's window again; nobody makes it wait."""
        if self._window < 0:
            raise ProtocolError(f"{length} bytes of data on a full connection", FLOW_CONTROL_ERROR)
        full = 2 * self._limits.window
        self._control.append(_window_update(0, full - self._window))
        self._window = full

    def _widen(self, call: Call) -> None:
        """Opens a call's window again, unless it is paused."""
        if not call.paused:
            self._control.append(_window_update(call.id, self._limits.window - call.window))
            call.window = self._limits.window

    def _settings(self, flags: int, payload: bytes) -> None:
        if flags & ACK:
            if payload:
                raise ProtocolError("an acknowledgement of settings that has settings", FRAME_SIZE_ERROR)
            return
        for at in range(0, len(payload), 6):
            self._setting(int.from_bytes(payload[at : at + 2], "big"), int.from_bytes(payload[at + 2 : at + 6], "big"))
        self._answer(frame(SETTINGS, ACK, 0))

    def _setting(self, name: int, value: int) -> None:
        if name == INITIAL_WINDOW_SIZE:
            if value > _LARGEST:
                raise ProtocolError(f"an initial window of {value} bytes", FLOW_CONTROL_ERROR)
            change, self._initial_credit = value - self._initial_credit, value
            for call in self._calls.values():
                self._give(call, change)
        elif name == MAX_FRAME_SIZE:
            if not SMALLEST_MAX_FRAME <= value <= LARGEST_MAX_FRAME:
                raise ProtocolError(f"frames of at most {value} bytes")
            self._max_frame = value
        elif name == MAX_HEADER_LIST_SIZE:
            self._max_headers = value
        elif name == ENABLE_PUSH and value > 1:
            raise ProtocolError(f"{value} as the setting that allows to push")

    def _window_updated(self, stream: int, size: int) -> None:
        if not size:
            raise ProtocolError(f"a window of stream {stream} that opens by nothing")
        if stream:
            call = self._calls.get(stream)
            if call is None:
                self._check_known(stream)
            else:
                self._give(call, size)
            return
        self._credit += size
        if self._credit > _LARGEST:
            raise ProtocolError("a connection window of more than 2 GiB", FLOW_CONTROL_ERROR)
        self._ready |= self._stalled
        self._stalled = {}

    def _give(self, call: Call, size: int) -> None:
        call.credit += size
        if call.credit > _LARGEST:
            raise ProtocolError(f"a window of more than 2 GiB on stream {call.id}", FLOW_CONTROL_ERROR)
        if call.credit > 0 and call.outbox.size:
            self._ready[call] = None

    def _going_away(self, payload: bytes) -> None:
        if len(payload) < 8:
            raise ProtocolError("GOAWAY without a reason", FRAME_SIZE_ERROR)
        code = int.from_bytes(payload[4:8], "big")
        event = GoingAway(code, payload[8:].decode(errors="replace"))
        self._events.append(event)
        self._forsaken(int.from_bytes(payload[:4], "big") & _LARGEST, event)

    def _check_known(self, stream: int) -> None:
        """A stream that is over gets leftovers, one that never was gets nothing."""
        if not stream & 1 or stream > self._last:
            raise ProtocolError(f"a frame on stream {stream}, which nobody opened")
...
