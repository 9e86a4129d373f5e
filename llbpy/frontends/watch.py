"""What the user's code says while it runs: what it prints goes along with each call, and if it takes its time, where it is.

Code that could break the process it runs in gets one of its own; `apart` has how.
"""

from __future__ import annotations

from llbpy.errors import BuildFileError, DaemonError, LLBError
from llbpy.frontends import sandbox
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable, Iterable, Sequence
    from types import FrameType, TracebackType
    from typing import NoReturn, TypeVar

    from llbpy.frontends.apart import Line, Other
    from llbpy.frontends.console import Console
    from llbpy.gateway.bridge import Request
    from llbpy.transport.pipes import Channel

    T = TypeVar("T")
else:
    import _signal  # `signal` itself loads `enum`, a tenth of a frontend's start

_PATIENCE = 30.0
"""Seconds without a call after which a build file is said to be still running."""
_HARMLESS = frozenset(
    "__future__ abc base64 bisect calendar collections configparser contextlib copy csv dataclasses datetime decimal"
    " difflib enum fnmatch fractions functools hashlib heapq hmac html itertools json keyword llbpy logging math numbers"
    " operator pathlib posixpath pprint random re secrets shlex statistics string textwrap time tomllib types typing"
    " unicodedata urllib uuid warnings zoneinfo".split()
)
"""Modules with which a build file cannot break the process that it runs in, unless that is what it is after."""


class WatchedChannel:
    """A channel that shows what is printed. `with` it, and once it is prepared, code of files in `folder` runs.

    `chores` go on by a step while the daemon thinks about a round of calls.
    """

    def __init__(self, channel: Channel, console: Console, folder: str, chores: Iterable[None] = ()) -> None:
        self._channel = channel
        self._chores = iter(chores)
        self._console = console
        self._folder = folder
        self._path = f"{folder}/{console.name}"
        self._patience = 0.0
        self._line: Line | None = None

    def call_all(self, requests: Sequence[tuple[str, bytes]]) -> Sequence[bytes | Status]:
        """As `Channel.call_all`. Raises DaemonError if nothing can be shown."""
        return self._undisturbed(lambda: self._ask(requests))

    def prepare(self, text: bytes) -> None:
        """Confines the code of a build file, before it runs; in a process apart if it could break this one.

        Only the process that runs the code comes back; the other one ends with the build. Raises BuildFileError in that one if the
        code's process ends before.
        """
        if not is_harmless(text):
            from llbpy.frontends.apart import Other, part

            one = part(self._path)
            if isinstance(one, Other):
                self._serve(one)
            self._line = one
        sandbox.stay_alone()

    def show_rest(self) -> None:
        """Shows what is not shown yet, at the end of a build."""
        if self._line is None:
            self._show((), self._console.requests(last=True))

    def _ask(self, requests: Sequence[tuple[str, bytes]]) -> Sequence[bytes | Status]:
        if self._line is not None:
            return self._line.call_all(requests, self._chore)
        return self._show(requests, self._console.requests())

    def _undisturbed(self, call: Callable[[], T]) -> T:
        _signal.setitimer(_signal.ITIMER_REAL, 0)
        try:
            return call()
        finally:
            _signal.setitimer(_signal.ITIMER_REAL, self._patience)

    def _show(self, requests: Sequence[tuple[str, bytes]], shown: Sequence[Request]) -> Sequence[bytes | Status]:
        if not (requests or shown):
            return ()
        asked = [*requests, *[(each.path, each.data) for each in shown]]
        replies = self._channel.call_all(asked, meanwhile=self._chore)
        if any(isinstance(reply, Status) for reply in replies[len(requests) :]):
            self._show_again()
        return replies[: len(requests)]

    def _show_again(self) -> None:
        shown = self._console.again()
        (reply,) = self._channel.call_all([(shown.path, shown.data)], meanwhile=self._chore)
        if isinstance(reply, Status):
            raise DaemonError(reply, f"the daemon does not show what {self._console.name} prints: {reply.message}")

    def _chore(self) -> None:
        next(self._chores, None)

    def __enter__(self) -> None:
        self._patience = _PATIENCE
        _signal.signal(_signal.SIGALRM, self._tell)
        _signal.setitimer(_signal.ITIMER_REAL, self._patience)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patience = 0.0
        _signal.setitimer(_signal.ITIMER_REAL, 0)
        if error is not None and not isinstance(error, LLBError):
            raise _explained(error, self._path) from error

    def _serve(self, other: Other) -> NoReturn:
        """Makes the calls of the process that is apart, and ends with its build. Raises BuildFileError if it ends before."""
        import os

        self._chores = iter(())  # are done there
        try:
            while not self._serve_once(other):
                pass
        finally:
            other.pass_on_log()
        os._exit(0)

    def _serve_once(self, other: Other) -> bool:
        """Whether that was the build's result."""
        requests = other.asked()
        last = requests[-1][0].endswith("/Return")
        if last:
            self.show_rest()
        replies = self._ask(requests)
        other.answer(replies)
        return last and isinstance(replies[-1], bytes)

    def _tell(self, signal: int, frame: FrameType | None) -> None:
        from posixpath import basename

        from llbpy.neighbours import is_beside

        while frame is not None and not is_beside(self._folder, frame.f_code.co_filename):
            frame = frame.f_back
        where = "" if frame is None else f", {basename(frame.f_code.co_filename)} line {frame.f_lineno}"
        still = self._console.request([f"{self._console.name} still running{where}"])
        self.call_all([(still.path, still.data)])


def is_harmless(text: bytes) -> bool:
    """Whether a build file opens no files, and imports nothing with which it could break its process by mistake."""
    lines = [line for line in text.splitlines() if b"import" in line and _imports(line)]
    return b"open(" not in text and all(map(_imports_harmless, lines))


def _imports(line: bytes) -> bool:
    """Whether `import` is a word of the line, and no comment."""
    after = [rest[:1] for rest in line.split(b"import")[1:]]
    return not line.lstrip().startswith(b"#") and not all(char.isalnum() for char in after)


def _imports_harmless(line: bytes) -> bool:
    """Whether all that a line imports is harmless; if it does more than that, it is not."""
    word, _, rest = line.strip().partition(b" ")
    names = rest.partition(b" import")[:1] if word == b"from" else rest.split(b",") if word == b"import" else ()
    modules = [name.strip().partition(b" ")[0].partition(b".")[0].decode(errors="replace") for name in names]
    return b";" not in line and bool(modules) and _HARMLESS.issuperset(modules)


def _explained(error: BaseException, path: str) -> BuildFileError:
    """What a build file's own explanations do not reach: no Exception, or no memory left for them."""
    from posixpath import dirname

    from llbpy.mistakes import raw, user_frames

    sandbox.make_room()
    frames: list[tuple[str, int]] = []
    cause: BaseException | None = error
    while cause is not None and not frames:
        frames = user_frames(cause, dirname(path))
        cause = cause.__context__
    where = ":".join(map(str, frames[-1])) if frames else path
    sentence = "it needs more memory than there is" if isinstance(error, MemoryError) else raw(error).removesuffix(": ")
    return BuildFileError(sentence, where)
