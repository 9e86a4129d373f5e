"""The end of a connection that calls: a frontend, on its stdin and stdout."""

from __future__ import annotations

from llbpy.errors import ConnectionLost, ProtocolError
from llbpy.transport import metadata as headers_of
from llbpy.transport.calls import Call, Ended, Limits, Response
from llbpy.transport.codes import CANCEL, INTERNAL, NO_ERROR, UNAVAILABLE, UNKNOWN, http2_name, of_reset
from llbpy.transport.frames import ENABLE_PUSH, MAX_CONCURRENT_STREAMS, PREFACE
from llbpy.transport.metadata import Malformed
from llbpy.transport.status import Status
from llbpy.transport.stream import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.transport.hpack import Header
    from llbpy.transport.metadata import Metadata

_CALLS_AT_FIRST = 100  # before a server has said how many it takes
_LAST_STREAM = (1 << 31) - 1


class Client(Connection):
    """
    client = Client()
    call = client.call("/grpc.health.v1.Health/Check", message=b"")
    write(client.outgoing())
    events = client.receive(read())  # Response, Received and Ended, each with its call
    """

    __slots__ = ("_greeted", "_max_calls", "_waiting")

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(PREFACE, b"", {ENABLE_PUSH: 0}, limits or Limits())
        self._greeted = False
        self._max_calls = _CALLS_AT_FIRST
        self._waiting: dict[Call, None] = {}  # for a stream

    def call(self, path: str, metadata: Metadata = (), message: bytes | None = None) -> Call:
        """Calls `path`, `/package.Service/Method`. A message given here is all that is sent, else `send` and `end` follow.

        The call waits while the server has as many as it takes. Raises ConnectionLost if it takes no more at all,
        TransportError for what cannot be sent.
        """
        self._check_alive()
        if self._reason is not None or self._last + 2 * len(self._waiting) > _LAST_STREAM - 2:
            raise ConnectionLost(f"{path}: the other end takes no more calls{self._because()}")
        call = Call(path, metadata, self._limits.message)
        call.head = headers_of.request(path, metadata)
        if message is not None:
            self.send(call, message)
            call.tail = b""
        self._waiting[call] = None
        return call

    def end(self, call: Call) -> None:
        """Says that there are no more messages. Raises CallOver if that has been said, or if the call has ended."""
        self._check_open(call)
        call.tail = b""
        self._sender.ready(call)

    def cancel(self, call: Call) -> None:
        """Gives a call up; no event follows. Nothing happens if it has ended."""
        if not call.over:
            self._waiting.pop(call, None)
            self._abandon(call, CANCEL)

    def outgoing(self, limit: int = 1 << 18) -> bytes:
        while self._waiting and len(self._calls) < self._max_calls:
            call = next(iter(self._waiting))
            del self._waiting[call]
            self._last += 2 if self._last else 1
            call.id = self._last
            self._open(call)
        return super().outgoing(limit)

    def _headers(self, last: bool, stream: int, headers: list[Header]) -> None:
        call = self._calls.get(stream)
        if call is None:
            self._check_known(stream)
            return
        try:
            self._answer(call, last, *headers_of.split(headers))
        except Malformed as error:
            self._refuse(call, Status(INTERNAL, f"the answer has {error}"))

    def _answer(self, call: Call, last: bool, pseudo: dict[str, str], fields: list[Header]) -> None:
        if call.answered and (pseudo or not last):
            raise Malformed("headers between messages")
        if call.answered:
            self._over(call, headers_of.status(fields), headers_of.custom(fields))
        elif pseudo.keys() != {":status"}:
            raise Malformed("no HTTP status, or more than that")
        elif pseudo[":status"] == "200" and headers_of.is_grpc(fields):
            self._begun(call, last, fields)
        elif last or not pseudo[":status"].startswith("1"):
            self._refuse(call, headers_of.http_status(pseudo, fields))

    def _begun(self, call: Call, last: bool, fields: list[Header]) -> None:
        if last:
            self._over(call, headers_of.status(fields), headers_of.custom(fields))
        else:
            call.answered = True
            self._events.append(Response(call, headers_of.custom(fields)))

    def _half_closed(self, call: Call) -> None:
        self._over(call, Status(UNKNOWN, "the answer ended without a status"))

    def _over(self, call: Call, status: Status, metadata: Metadata = ()) -> None:
        """The server has ended its side, and so the call."""
        if not status.code and len(call.inbox):
            status = Status(INTERNAL, "the answer ended in the middle of a message")
        self._events.append(Ended(call, status, metadata))
        if call.ended:
            self._drop(call)
        else:
            self._abandon(call, NO_ERROR)

    def _refuse(self, call: Call, status: Status) -> None:
        self._events.append(Ended(call, status))
        self._abandon(call, CANCEL)

    def _reset(self, call: Call, code: int) -> None:
        self._events.append(Ended(call, Status(of_reset(code), f"the other end reset the call: {http2_name(code)}")))

    def _forsaken(self, last: int) -> None:
        self._forsake([call for call in self._calls.values() if call.id > last])

    def _lose(self) -> None:
        self._forsake(list(self._calls.values()))

    def _fail(self, error: ProtocolError) -> None:
        super()._fail(error)
        for call in self._waiting:
            self._drop(call)
        self._waiting.clear()

    def _forsake(self, calls: list[Call]) -> None:
        """Ends the calls, and those that would be next, as they get no answer."""
        status = Status(UNAVAILABLE, f"the other end has gone{self._because()}")
        for call in (*calls, *self._waiting):
            self._drop(call)
            self._events.append(Ended(call, status))
        self._waiting.clear()

    def _settings(self, flags: int, payload: bytes) -> None:
        if not flags and self._max_calls is _CALLS_AT_FIRST:
            ...
        super()._settings(flags, payload)

    def _setting(self, name: int, value: int) -> None:
        if name == MAX_CONCURRENT_STREAMS:
            self._max_calls = value
        else:
            super()._setting(name, value)
