"""What the user's code says while it runs: what it prints goes along with each call, and if it takes its time, where it is."""

from __future__ import annotations

import os

from llbpy.errors import DaemonError
from llbpy.neighbours import is_beside
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable, Iterable, Sequence
    from types import FrameType, TracebackType
    from typing import TypeVar

    from llbpy.frontends.console import Console
    from llbpy.gateway.bridge import Request
    from llbpy.transport.pipes import Channel

    T = TypeVar("T")
else:
    import _signal  # `signal` itself loads `enum`, a tenth of a frontend's start

_PATIENCE = 30.0
"""Seconds without a call after which a build file is said to be still running."""


class WatchedChannel:
    """A channel that shows what is printed. `with` it, code of files in `folder` runs.

    `chores` go on by a step while the daemon thinks about a round of calls.
    """

    def __init__(self, channel: Channel, console: Console, folder: str, chores: Iterable[None] = ()) -> None:
        self._channel = channel
        self._chores = iter(chores)
        self._console = console
        self._folder = folder
        self._process = os.getpid()
        self._patience = 0.0

    def call_all(self, requests: Sequence[tuple[str, bytes]]) -> Sequence[bytes | Status]:
        """As `Channel.call_all`. A process that the code has forked ends here. Raises DaemonError if nothing can be shown."""
        return self._undisturbed(lambda: self._call(requests, self._console.requests()))

    def begin(self, path: str, message: bytes) -> Callable[[], bytes | Status]:
        """As `Channel.begin`."""
        waiting = self._channel.begin(path, message)
        return lambda: self._undisturbed(waiting)

    def _undisturbed(self, call: Callable[[], T]) -> T:
        self._end_forks()
        _signal.setitimer(_signal.ITIMER_REAL, 0)
        try:
            return call()
        finally:
            _signal.setitimer(_signal.ITIMER_REAL, self._patience)

    def show_rest(self) -> None:
        """Shows what is not shown yet, at the end of a build."""
        self._call((), self._console.requests(last=True))

    def _call(self, requests: Sequence[tuple[str, bytes]], shown: Sequence[Request]) -> Sequence[bytes | Status]:
        if not (requests or shown):
            return ()
        asked = [*requests, *[(each.path, each.data) for each in shown]]
        replies = self._channel.call_all(asked, meanwhile=lambda: next(self._chores, None))
        for reply in replies[len(requests) :]:
            if isinstance(reply, Status):
                raise DaemonError(reply, f"the daemon does not show what {self._console.name} prints: {reply.message}")
        return replies[: len(requests)]

    def __enter__(self) -> None:
        self._patience = _PATIENCE
        _signal.signal(_signal.SIGALRM, self._tell)
        _signal.setitimer(_signal.ITIMER_REAL, self._patience)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_forks()
        self._patience = 0.0
        _signal.setitimer(_signal.ITIMER_REAL, 0)

    def _end_forks(self) -> None:
        if os.getpid() != self._process:
            os._exit(1)

    def _tell(self, signal: int, frame: FrameType | None) -> None:
        while frame is not None and not is_beside(self._folder, frame.f_code.co_filename):
            frame = frame.f_back
        where = "" if frame is None else f", {os.path.basename(frame.f_code.co_filename)} line {frame.f_lineno}"
        still = self._console.request([f"{self._console.name} still running{where}"])
        self.call_all([(still.path, still.data)])
