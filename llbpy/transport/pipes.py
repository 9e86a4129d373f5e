"""gRPC on two file descriptors, such as a frontend's stdin and stdout: blocking, in one thread, many calls at once.

    channel = Channel(0, 1)
    pong = channel.call("/moby.buildkit.v1.frontend.LLBBridge/Ping", b"")

It reads whenever it has to wait for writing, so that no two ends wait for each other.
"""

from __future__ import annotations

import posix
import select

from llbpy.errors import DaemonError, ProtocolError
from llbpy.transport.calls import Ended, Received
from llbpy.transport.client import Client
from llbpy.transport.codes import CANCELLED, INTERNAL
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    from llbpy.transport.calls import Call, Limits
    from llbpy.transport.metadata import Metadata

_CHUNK = 1 << 18  # bytes to read or write at a time
_BACKLOG = 1 << 20  # bytes of a call that may wait to be written, or to be looked at


class Channel:
    """The client of the peer behind two descriptors, which may be one socket. It owns them, and makes `write_fd` non-blocking."""

    __slots__ = ("_both", "_client", "_exchanges", "_read_fd", "_reading", "_unwritten", "_write_fd")

    def __init__(self, read_fd: int, write_fd: int, limits: Limits | None = None) -> None:
        self._client = Client(limits)
        self._exchanges: dict[Call, Exchange] = {}
        self._unwritten = memoryview(b"")
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._reading, self._both = select.poll(), select.poll()
        self._reading.register(read_fd, select.POLLIN)
        self._both.register(write_fd, select.POLLOUT)
        self._both.register(read_fd, select.POLLIN | (select.POLLOUT if read_fd == write_fd else 0))
        posix.set_blocking(write_fd, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def call(self, path: str, message: bytes, metadata: Metadata = ()) -> bytes:
        """The answer to one message.

        Raises DaemonError if the peer refuses, ConnectionLost if it is gone, ProtocolError if it breaks the rules, and
        TransportError for what cannot be sent.
        """
        answer = self.open(path, metadata, message).answer()
        if isinstance(answer, Status):
            raise DaemonError(answer)
        return answer

    def call_all(
        self,
        requests: Iterable[tuple[str, bytes]],
        metadata: Metadata = (),
        meanwhile: Callable[[], object] = lambda: None,
    ) -> list[bytes | Status]:
        """The answers to many messages, each given with its path, in the order given; a Status where the peer refused.

        All are asked at once, and `meanwhile` is done while the peer thinks. Raises ConnectionLost, ProtocolError and
        TransportError as `call` does, and what `meanwhile` raises.
        """
        exchanges = [self.open(path, metadata, message) for path, message in requests]
        self.flush()
        meanwhile()
        return [exchange.answer() for exchange in exchanges]

    def open(self, path: str, metadata: Metadata = (), message: bytes | None = None) -> Exchange:
        """Begins a call with any number of messages each way; a `message` given here is all that it sends."""
        call = self._client.call(path, metadata, message)
        exchange = self._exchanges[call] = Exchange(self, self._client, call)
        return exchange

    def cancel(self, call: Call) -> None:
        """Gives a call up, if it has not ended."""
        self._exchanges.pop(call, None)
        self._client.cancel(call)
        self.flush()

    def turn(self) -> None:
        """Writes what the peer takes, and waits until it says something or takes more."""
        self.flush()
        self.wait()

    def wait(self) -> None:
        """Waits until the peer says something, which is read, or takes more of what could not be written."""
        poll = self._both if self._unwritten else self._reading
        for fd, event in poll.poll():
            if fd == self._read_fd and event & ~select.POLLOUT:
                self._take(self._read())

    def flush(self) -> None:
        """Writes what the peer takes without waiting. Raises ConnectionLost if it takes nothing any more."""
        try:
            self._write()
        except BlockingIOError:
            return
        except OSError:
            self._hear_out()

    def close(self) -> None:
        """Says goodbye, if the peer listens, and closes the descriptors."""
        self._client.close()
        self._say_last()
        for fd in {self._read_fd, self._write_fd}:
            posix.close(fd)

    def _write(self) -> None:
        while True:
            if not self._unwritten:
                self._unwritten = memoryview(self._client.outgoing(_CHUNK))
            if not self._unwritten:
                return
            written = posix.write(self._write_fd, self._unwritten)
            self._unwritten = self._unwritten[written:]

    def _say_last(self) -> None:
        try:
            self._write()
        except OSError:
            return  # that the peer listens is not to be expected

    def _hear_out(self) -> None:
        """The peer has stopped reading; what it has said before may tell why."""
        while self._reading.poll(0):
            self._take(self._read())  # raises at the end
        self._take(b"")

    def _read(self) -> bytes:
        try:
            return posix.read(self._read_fd, _CHUNK)
        except ConnectionResetError:
            return b""

    def _take(self, data: bytes) -> None:
        try:
            events = self._client.receive(data)
        except ProtocolError:
            self._say_last()
            raise
        for event in events:
            if type(event) is Received:
                self._exchanges[event.call].put(event.data)
            elif type(event) is Ended:
                self._exchanges.pop(event.call).finish(event)
        if self._client.failure is not None:
            raise self._client.failure


class Exchange:
    """A call under way; see `Channel.open`.

    metadata: what the peer said besides at the call's end.
    """

    __slots__ = ("_at", "_call", "_channel", "_client", "_held", "_messages", "_status", "metadata")

    def __init__(self, channel: Channel, client: Client, call: Call) -> None:
        self._channel = channel
        self._client = client
        self._call = call
        self._messages: list[bytes] = []
        self._at = 0  # the next of them
        self._held = 0  # their bytes
        self._status: Status | None = None
        self.metadata: Metadata = ()

    def send(self, message: bytes) -> None:
        """Sends a message; waits while much waits for the peer. Raises CallOver if the call has ended, and as `Channel.call`."""
        self._client.send(self._call, message)
        self._channel.flush()
        while self._call.unsent > _BACKLOG:  # not turn(), as a peer that has taken all by then may say nothing
            self._channel.wait()
            self._channel.flush()

    def end(self) -> None:
        """Says that there are no more messages. Raises as `send` does."""
        self._client.end(self._call)
        self._channel.flush()

    def cancel(self) -> None:
        """Gives the call up."""
        self._status = self._status or Status(CANCELLED, "given up on this side")
        self._channel.cancel(self._call)

    def receive(self) -> bytes | None:
        """The next message, or None if the peer has ended the call well. Raises DaemonError if not, and as `Channel.call`."""
        while not self._messages and self._status is None:
            self._channel.turn()
        if self._messages:
            return self._next()
        if self._status is not None and self._status.code:
            raise DaemonError(self._status)
        return None

    def answer(self) -> bytes | Status:
        """The one message that answers the call, or why there is none, or more. Raises as `Channel.call`, but for DaemonError."""
        while self._status is None and len(self._messages) < 2:
            self._channel.turn()
        if self._status is None:
            self.cancel()
        elif self._status.code:
            return self._status
        if len(self._messages) != 1:
            return Status(INTERNAL, f"{len(self._messages) or 'no'} messages where one is the answer")
        return self._next()

    def put(self, message: bytes) -> None:
        """Takes a message that has come. Its sender has to wait if nobody looks at them."""
        self._messages.append(message)
        self._held += len(message)
        if self._held > _BACKLOG:
            self._client.pause(self._call)

    def finish(self, event: Ended) -> None:
        """The call has ended."""
        self._status, self.metadata = event.status, event.metadata

    def _next(self) -> bytes:
        message, self._messages[self._at] = self._messages[self._at], b""
        self._at += 1
        self._held -= len(message)
        if self._at == len(self._messages):
            self._messages, self._at = [], 0
            if self._call.paused:
                self._client.resume(self._call)
        return message
