"""What one end of a connection has to write: control frames first, then calls in turn, as far as the peer's windows go.

Calls are only made into frames when somebody is about to write them, so that what waits is messages, and can be dropped.
"""

from __future__ import annotations

from llbpy.errors import ProtocolError
from llbpy.transport.codes import ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR
from llbpy.transport.frames import (
    DATA,
    ENABLE_PUSH,
    END_STREAM,
    INITIAL_WINDOW_SIZE,
    LARGEST_MAX_FRAME,
    MAX_FRAME_SIZE,
    MAX_HEADER_LIST_SIZE,
    RST_STREAM,
    SMALLEST_MAX_FRAME,
    frame,
    frame_head,
    header_frames,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from llbpy.transport.calls import Call, Part

LARGEST_WINDOW = (1 << 31) - 1
DEFAULT_WINDOW = (1 << 16) - 1
_LARGEST_DATA = 1 << 16  # bytes of a frame, so that others get their turn
_LARGEST_DEBT = 1 << 18


def reset(stream: int, code: int) -> bytes:
    """An RST_STREAM frame."""
    return frame(RST_STREAM, 0, stream, code.to_bytes(4, "big"))


class Sender:
    """Frames that wait to be written, and calls that have something to say.

    initial_credit: bytes that the peer takes for a call before it is asked; max_frame: bytes of the largest payload that it takes;
    max_headers: bytes of the largest header list.
    """

    __slots__ = (
        "_control",
        "_credit",
        "_data",
        "_debt",
        "_ready",
        "_stalled",
        "initial_credit",
        "max_frame",
        "max_headers",
    )

    def __init__(self) -> None:
        self.initial_credit = DEFAULT_WINDOW
        self.max_frame = SMALLEST_MAX_FRAME
        self.max_headers = LARGEST_WINDOW
        self._control: list[Part] = []
        self._debt = 0  # bytes of what the peer made us write since somebody last wrote
        self._credit = DEFAULT_WINDOW  # bytes that the peer takes for all calls together
        self._ready: dict[Call, None] = {}
        self._stalled: dict[Call, None] = {}  # those that only wait for the connection's credit

    def control(self, frame: bytes) -> None:
        """Adds a frame that goes before all calls."""
        self._control.append(frame)

    def answer(self, frame: bytes) -> None:
        """The same for a frame that the peer has provoked. Raises ProtocolError if it reads none of them."""
        self._control.append(frame)
        self._debt += len(frame)
        if self._debt > _LARGEST_DEBT:
            raise ProtocolError(f"{self._debt} bytes of answers that are not read", ENHANCE_YOUR_CALM)

    def ready(self, call: Call) -> None:
        """A call has something to write: headers, messages, or its end. Without a stream it waits for one."""
        if call.id:
            self._ready[call] = None

    def forget(self, call: Call) -> None:
        """Drops what a call has left to write."""
        self._ready.pop(call, None)
        self._stalled.pop(call, None)
        call.drop()

    def widen(self, size: int) -> None:
        """The peer takes `size` more bytes of all calls together."""
        self._credit = checked(self._credit + size)
        self._ready |= self._stalled
        self._stalled = {}

    def give(self, call: Call, size: int) -> None:
        """The peer takes `size` more bytes of a call, fewer if it is negative."""
        call.credit = checked(call.credit + size)
        if call.credit > 0 and call.outbox.size:
            self._ready[call] = None

    def setting(self, name: int, value: int, calls: Iterable[Call]) -> None:
        """Follows a setting of the peer. Raises ProtocolError for a value that it must not have."""
        if name == INITIAL_WINDOW_SIZE:
            change, self.initial_credit = checked(value) - self.initial_credit, value
            for call in calls:
                self.give(call, change)
        elif name == MAX_FRAME_SIZE:
            if not SMALLEST_MAX_FRAME <= value <= LARGEST_MAX_FRAME:
                raise ProtocolError(f"{value} as the setting of the largest frame")
            self.max_frame = value
        elif name == MAX_HEADER_LIST_SIZE:
            self.max_headers = value
        elif name == ENABLE_PUSH and value > 1:
            raise ProtocolError(f"{value} as the setting that allows to push")

    def take(self, limit: int) -> tuple[bytes, list[Call]]:
        """About `limit` bytes to write, and the calls whose end is among them."""
        parts, self._control, self._debt = self._control, [], 0
        size = sum(map(len, parts))
        ended: list[Call] = []
        while self._ready and size < limit:
            call = next(iter(self._ready))
            del self._ready[call]
            size += self._turn(call, parts)
            if call.ended:
                ended.append(call)
        return b"".join(parts), ended

    def _turn(self, call: Call, parts: list[Part]) -> int:
        """Writes headers, a frame of messages, the end: what there is and may go. Tells how many bytes."""
        size = self._head(call, parts) if call.head is not None else 0
        if call.ended:
            return size
        if call.outbox.size or call.tail == b"":
            size += self._messages(call, parts)
        if call.outbox.size:
            self._again(call)
        elif call.tail:
            size += self._headers(call, call.tail, True, parts)
        return size

    def _head(self, call: Call, parts: list[Part]) -> int:
        block, call.head = call.head or b"", None
        return self._headers(call, block, call.tail == b"" and not call.outbox.size, parts)

    def _headers(self, call: Call, block: bytes, last: bool, parts: list[Part]) -> int:
        frames = header_frames(call.id, block, END_STREAM if last else 0, self.max_frame)
        parts.append(frames)
        call.ended = last
        return len(frames)

    def _messages(self, call: Call, parts: list[Part]) -> int:
        waiting = call.outbox.size
        size = min(waiting, call.credit, self._credit, self.max_frame, _LARGEST_DATA)
        if size <= 0 and waiting:
            return 0
        call.ended = call.tail == b"" and size == waiting
        parts.append(frame_head(size, DATA, END_STREAM if call.ended else 0, call.id))
        parts += call.outbox.take(size)
        call.credit -= size
        self._credit -= size
        return size

    def _again(self, call: Call) -> None:
        """Gives another turn to a call that has more; where its own credit is used up, `give` will."""
        if call.credit > 0:
            (self._ready if self._credit > 0 else self._stalled)[call] = None


def checked(window: int) -> int:
    """A window that a peer has opened. Raises ProtocolError if it is larger than one may be."""
    if window > LARGEST_WINDOW:
        raise ProtocolError(f"a window of {window} bytes", FLOW_CONTROL_ERROR)
    return window
