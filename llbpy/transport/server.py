"""The end of a connection that is called: a build's client, in the tunnel of its session."""

from __future__ import annotations

from llbpy.errors import CallOver, ProtocolError
from llbpy.transport import metadata as headers_of
from llbpy.transport.calls import Call, Ended, HalfClosed, Inbox, Limits, Outbox, Refusal, Request
from llbpy.transport.codes import (
    CANCELLED,
    ENHANCE_YOUR_CALM,
    INTERNAL,
    NO_ERROR,
    PROTOCOL_ERROR,
    REFUSED_STREAM,
    STREAM_CLOSED,
    http2_name,
)
from llbpy.transport.frames import MAX_CONCURRENT_STREAMS, PREFACE
from llbpy.transport.hpack import size
from llbpy.transport.metadata import Malformed
from llbpy.transport.sender import reset
from llbpy.transport.status import OK, Status
from llbpy.transport.stream import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.transport.hpack import Header
    from llbpy.transport.metadata import Metadata

_RESETS = 1000  # calls that a client may give up in a row


class Server(Connection):
    """The end that is called: a build's client, in the tunnel of its session.

    Each `Request` is answered with any number of `send` and one `finish`.
    """

    __slots__ = ("_closing", "_resets")

    def __init__(self, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        super().__init__(b"", PREFACE, {MAX_CONCURRENT_STREAMS: limits.calls}, limits)
        self._closing = False
        self._resets = 0

    def begin(self, call: Call, metadata: Metadata = ()) -> None:
        """Begins the answer, which the first `send` does otherwise. Raises CallOver if that has been done."""
        self._check_open(call)
        if call.answered:
            raise CallOver(f"{call.path}: the answer has begun")
        call.head = headers_of.response(metadata)
        call.answered = True
        self._sender.ready(call)

    def send(self, call: Call, message: bytes) -> None:
        super().send(call, message)
        if not call.answered:
            self.begin(call)

    def finish(self, call: Call, status: Status = OK, metadata: Metadata = ()) -> None:
        """Ends the answer and the call. Raises CallOver if it has ended."""
        self._check_open(call)
        end = headers_of.trailers(status, metadata, self._sender.max_headers)
        if call.answered:
            call.tail = end
        else:
            call.head, call.tail = headers_of.response(()) + end, b""
        call.over = True
        self._resets = 0
        self._sender.ready(call)

    def close(self) -> None:
        super().close()
        self._closing = True

    def _headers(self, last: bool, stream: int, headers: list[Header]) -> None:
        call = self._calls.get(stream)
        if call is not None:
            self._trailers(call, last)
        elif not stream & 1:
            raise ProtocolError(f"a call on stream {stream}, which is not the client's to open")
        elif stream > self._last:
            self._last = stream
            self._request(last, stream, headers)

    def _trailers(self, call: Call, last: bool) -> None:
        if call.peer_ended or not last:
            raise ProtocolError(f"headers between or behind the messages of stream {call.id}", STREAM_CLOSED)
        call.peer_ended = True
        if not call.over:
            self._half_closed(call)

    def _request(self, last: bool, stream: int, headers: list[Header]) -> None:
        if self._closing or len(self._calls) >= self._limits.calls:
            self._sender.answer(reset(stream, REFUSED_STREAM))
            return
        try:
            pseudo, fields = headers_of.split(headers)
            refused = headers_of.refused(pseudo, fields)
            call = Call(pseudo[":path"], headers_of.custom(fields), self._limits.message)
        except Malformed:
            self._sender.answer(reset(stream, PROTOCOL_ERROR))
            return
        self._served = stream
        call.id, call.peer_ended = stream, last
        self._open(call)
        if refused:
            self._dismiss(call, refused)
        else:
            self._welcome(call, size(headers))

    def _welcome(self, call: Call, weight: int) -> None:
        self._events.append(Request(call))
        try:
            self._hold(call, weight)
        except Refusal as refusal:
            self._refuse(call, refusal.status)
            return
        if call.peer_ended:
            self._half_closed(call)

    def _dismiss(self, call: Call, http_status: str) -> None:
        """Answers what is none of gRPC's, and that is all."""
        call.head, call.tail, call.over = headers_of.refusal(http_status), b"", True
        self._sender.ready(call)

    def _half_closed(self, call: Call) -> None:
        if len(call.inbox):
            self._refuse(call, Status(INTERNAL, "the call ended in the middle of a message"))
        else:
            self._events.append(HalfClosed(call))

    def _refuse(self, call: Call, status: Status) -> None:
        call.inbox, call.outbox = Inbox(0), Outbox()
        self._release(call)
        self.finish(call, status)
        self._events.append(Ended(call, status))

    def _reset(self, call: Call, code: int) -> None:
        self._resets += 1
        if self._resets > _RESETS:
            raise ProtocolError(f"{_RESETS} calls that were given up", ENHANCE_YOUR_CALM)
        self._events.append(Ended(call, Status(CANCELLED, f"the other end reset the call: {http2_name(code)}")))

    def _written(self, call: Call) -> None:
        if call.peer_ended:
            self._drop(call)
        else:
            self._abandon(call, NO_ERROR)

    def _lose(self) -> None:
        status = Status(CANCELLED, f"the other end has gone{self._because()}")
        for call in list(self._calls.values()):
            if not call.over:
                self._events.append(Ended(call, status))
            self._drop(call)
