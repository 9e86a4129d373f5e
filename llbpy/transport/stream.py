"""gRPC over any stream of bytes, as far as both roles share it: frames that come, windows, and how calls end.

Bytes in and events out, and bytes out when asked; no I/O, no clock, and no locks: one thread at a time. `client.py` and `server.py`
have the roles.
"""

from __future__ import annotations

from llbpy.errors import CallOver, ConnectionLost, ProtocolError, TransportError
from llbpy.transport.calls import Call, GoingAway, Received, Refusal
from llbpy.transport.codes import (
    FLOW_CONTROL_ERROR,
    FRAME_SIZE_ERROR,
    NO_ERROR,
    RESOURCE_EXHAUSTED,
    STREAM_CLOSED,
    http2_name,
)
from llbpy.transport.frames import (
    ACK,
    DATA,
    END_STREAM,
    GOAWAY,
    HEADERS,
    INITIAL_WINDOW_SIZE,
    MAX_FRAME_SIZE,
    MAX_HEADER_LIST_SIZE,
    PING,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Reader,
    frame,
    settings,
)
from llbpy.transport.hpack import Decoder
from llbpy.transport.sender import DEFAULT_WINDOW, LARGEST_WINDOW, Sender, reset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from llbpy.transport.calls import Event, Limits
    from llbpy.transport.hpack import Header
    from llbpy.transport.status import Status

    Events: TypeAlias = list[Event | GoingAway]

_MAX_FRAME = 1 << 16
_STREAM = (1 << 31) - 1  # the bits of a stream's number


class Connection:
    """What `Client` and `Server` have in common.

    Give `receive` whatever was read. Then, and after every other call, write what `outgoing` returns until there is nothing.

    failure: why nothing more can be done, once it is so.
    """

    __slots__ = (
        "_calls",
        "_decoder",
        "_events",
        "failure",
        "_held",
        "_last",
        "_limits",
        "_reader",
        "_reason",
        "_sender",
        "_served",
        "_window",
    )

    def __init__(self, preface: bytes, expected: bytes, own: dict[int, int], limits: Limits) -> None:
        self._limits = limits
        self._reader = Reader(expected, _MAX_FRAME, limits.headers)
        self._decoder = Decoder(limits.headers)
        self._sender = Sender()
        self._events: Events = []
        self.failure: TransportError | None = None
        self._reason: GoingAway | None = None
        self._calls: dict[int, Call] = {}  # by the number of their stream
        self._last: int = 0  # the highest of these numbers so far
        self._served = 0  # the highest that the peer has opened
        self._held = 0  # bytes, see Limits
        self._window = 2 * limits.window  # bytes that the peer may still send
        common = {INITIAL_WINDOW_SIZE: limits.window, MAX_FRAME_SIZE: _MAX_FRAME, MAX_HEADER_LIST_SIZE: limits.headers}
        self._sender.control(preface + settings(own | common) + _window_update(0, self._window - DEFAULT_WINDOW))

    def receive(self, data: bytes) -> Events:
        """What the peer's bytes say. b"" stands for its end of the connection, which ends all calls.

        Raises ProtocolError if they break the rules: what is `outgoing` then tells the peer why, and that was it.
        """
        self._check_alive()
        events: Events = []
        self._events = events
        if not data:
            self._lose()
            self.failure = ConnectionLost(f"the other end has closed the connection{self._because()}")
            return events
        try:
            for kind, flags, stream, payload, length in self._reader.frames(data):
                if kind == DATA:
                    self._data(flags, stream, payload, length)
                elif kind == HEADERS:
                    self._headers(flags & END_STREAM != 0, stream, self._decoder.decode(payload))
                else:
                    self._other(kind, flags, stream, payload)
        except ProtocolError as error:
            self._fail(error)
            raise
        return events

    def outgoing(self, limit: int = 1 << 18) -> bytes:
        """About `limit` bytes that wait to be written; b"" if there is nothing, or nothing that the peer takes now."""
        data, ended = self._sender.take(limit)
        for call in ended:
            self._written(call)
        return data

    def send(self, call: Call, message: bytes) -> None:
        """Queues a message; `call.unsent` tells how much waits.

        Raises CallOver if the call has ended, which the peer may have caused with an event that comes next; TransportError if
        the message is larger than allowed.
        """
        self._check_open(call)
        if len(message) > self._limits.message:
            raise TransportError(f"{call.path}: a message of {len(message)} bytes, {self._limits.message} are the most")
        call.outbox.put(message)
        self._sender.ready(call)

    def pause(self, call: Call) -> None:
        """Lets the peer send no more for this call than the window that it has been told of."""
        call.paused = True

    def resume(self, call: Call) -> None:
        """Undoes `pause`."""
        call.paused = False
        if not call.over and not call.peer_ended:
            self._widen(call)

    def close(self) -> None:
        """Tells the peer that there will be no more calls. Those under way go on."""
        if self.failure is None:
            self._sender.control(self._goaway(NO_ERROR, b""))

    # What the roles differ in ----------------------------------------------------------------------------------------------

    def _headers(self, last: bool, stream: int, headers: list[Header]) -> None:
        """Headers have come, with which the peer's side of the stream ends if they are the last."""
        raise NotImplementedError

    def _half_closed(self, call: Call) -> None:
        """The peer's side has ended with data."""
        raise NotImplementedError

    def _refuse(self, call: Call, status: Status) -> None:
        """What has come for the call cannot be taken."""
        raise NotImplementedError

    def _reset(self, call: Call, code: int) -> None:
        """The peer has given the call up."""
        raise NotImplementedError

    def _written(self, call: Call) -> None:
        """This side of the call has ended, and its end is being written."""

    def _forsaken(self, last: int) -> None:
        """The peer looks at no stream with a higher number than `last`."""

    def _lose(self) -> None:
        """The connection is gone."""
        raise NotImplementedError

    # Frames ----------------------------------------------------------------------------------------------------------------

    def _data(self, flags: int, stream: int, payload: bytes, length: int) -> None:
        self._window -= length
        if self._window < self._limits.window:
            self._open_window()
        call = self._calls.get(stream)
        if call is None:
            self._check_known(stream)
            return
        if call.peer_ended:
            raise ProtocolError(f"data behind the end of stream {stream}", STREAM_CLOSED)
        call.window -= length
        if call.window < 0:
            raise ProtocolError(f"more data than stream {stream} has room for", FLOW_CONTROL_ERROR)
        if not call.over:
            self._messages(call, payload)
        if flags & END_STREAM:
            call.peer_ended = True
            if not call.over:
                self._half_closed(call)
        elif call.window <= self._limits.window >> 1:
            self._widen(call)

    def _messages(self, call: Call, payload: bytes) -> None:
        before = len(call.inbox)
        try:
            for message in call.inbox.feed(payload):
                self._events.append(Received(call, message))
            self._hold(call, len(call.inbox) - before)
        except Refusal as refusal:
            self._refuse(call, refusal.status)

    def _hold(self, call: Call, size: int) -> None:
        call.weight += size
        self._held += size
        if self._held > self._limits.held:
            raise Refusal(RESOURCE_EXHAUSTED, f"more than {self._limits.held} bytes in all calls of the connection")

    def _open_window(self) -> None:
        """Lets the peer send more on the connection as a whole, which nobody can pause."""
        if self._window < 0:
            raise ProtocolError("more data than the connection has room for", FLOW_CONTROL_ERROR)
        full = 2 * self._limits.window
        self._sender.control(_window_update(0, full - self._window))
        self._window = full

    def _widen(self, call: Call) -> None:
        """Lets the peer send more for a call, unless it is paused."""
        full = self._limits.window
        if not call.paused and call.window < full:
            self._sender.control(_window_update(call.id, full - call.window))
            call.window = full

    def _other(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == WINDOW_UPDATE:
            self._window_update(stream, int.from_bytes(payload, "big") & LARGEST_WINDOW)
        elif kind == SETTINGS:
            self._settings(flags, payload)
        elif kind == PING and not flags & ACK:
            self._sender.answer(frame(PING, ACK, 0, payload))
        elif kind == RST_STREAM:
            self._rst_stream(stream, int.from_bytes(payload, "big"))
        elif kind == GOAWAY:
            self._going_away(payload)
        elif kind == PUSH_PROMISE:
            raise ProtocolError("a pushed stream, which nobody asked for")

    def _window_update(self, stream: int, size: int) -> None:
        if not size:
            raise ProtocolError(f"a window of stream {stream} that opens by nothing")
        call = self._calls.get(stream)
        if call is not None:
            self._sender.give(call, size)
        elif stream:
            self._check_known(stream)
        else:
            self._sender.widen(size)

    def _settings(self, flags: int, payload: bytes) -> None:
        if flags & ACK:
            if payload:
                raise ProtocolError("acknowledged settings with settings in them", FRAME_SIZE_ERROR)
            return
        for at in range(0, len(payload), 6):
            self._setting(int.from_bytes(payload[at : at + 2], "big"), int.from_bytes(payload[at + 2 : at + 6], "big"))
        self._sender.answer(frame(SETTINGS, ACK, 0))

    def _setting(self, name: int, value: int) -> None:
        self._sender.setting(name, value, self._calls.values())

    def _rst_stream(self, stream: int, code: int) -> None:
        call = self._calls.get(stream)
        if call is None:
            self._check_known(stream)
            return
        over = call.over
        self._drop(call)
        if not over:
            self._reset(call, code)

    def _going_away(self, payload: bytes) -> None:
        if len(payload) < 8:
            raise ProtocolError("GOAWAY without a reason", FRAME_SIZE_ERROR)
        reason = GoingAway(int.from_bytes(payload[4:8], "big"), payload[8:].decode(errors="replace"))
        self._reason = reason
        self._events.append(reason)
        self._forsaken(int.from_bytes(payload[:4], "big") & _STREAM)

    def _because(self) -> str:
        """What the peer has said of its going, if it has."""
        if self._reason is None or not self._reason.code:
            return ""
        return f": {http2_name(self._reason.code)} {self._reason.message}".rstrip()

    def _check_known(self, stream: int) -> None:
        """Streams that are over get leftovers, and nobody minds; one that never was cannot."""
        if not stream & 1 or stream > self._last:
            raise ProtocolError(f"a frame on stream {stream}, which nobody opened")

    # Ends ------------------------------------------------------------------------------------------------------------------

    def _check_alive(self) -> None:
        if self.failure is not None:
            raise self.failure.with_traceback(None)

    def _check_open(self, call: Call) -> None:
        self._check_alive()
        if call.over or call.tail is not None:
            raise CallOver(f"{call.path}: the call has ended")

    def _open(self, call: Call) -> None:
        """Gives a call, which has got the number of its stream, its place."""
        call.credit = self._sender.initial_credit
        call.window = self._limits.window
        self._calls[call.id] = call
        self._sender.ready(call)

    def _release(self, call: Call) -> None:
        self._held -= call.weight
        call.weight = 0

    def _drop(self, call: Call) -> None:
        """Forgets a call of which nothing is left to be said."""
        call.over = True
        self._release(call)
        self._sender.forget(call)
        self._calls.pop(call.id, None)

    def _abandon(self, call: Call, code: int) -> None:
        """Drops a call, and tells the peer if it has heard of it."""
        self._drop(call)
        if call.id:
            self._sender.control(reset(call.id, code))

    def _fail(self, error: ProtocolError) -> None:
        """Gives everything up, and tells the peer why."""
        self.failure = error
        for call in list(self._calls.values()):
            self._drop(call)
        self._sender.control(self._goaway(error.code, str(error).encode()[:1024]))

    def _goaway(self, code: int, message: bytes) -> bytes:
        return frame(GOAWAY, 0, 0, (self._served << 32 | code).to_bytes(8, "big") + message)


def _window_update(stream: int, size: int) -> bytes:
    return frame(WINDOW_UPDATE, 0, stream, size.to_bytes(4, "big"))
