"""Two processes: one has the pipe to the daemon, the other runs the build file and asks the first to make its calls.

Whatever a build file does to its process, there is one left that can say so. It takes some milliseconds, so that only those
build files get it that could do such things.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from os import _exit, read, write
from time import sleep

from llbpy.errors import BuildFileError
from llbpy.frontends import sandbox
from llbpy.neighbours import is_beside
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable, Sequence
    from typing import Any
else:
    import _signal  # `signal` itself loads `enum`

_ASK, _HEAR, _PLACE = range(520, 523)
"""Descriptors of the process that is apart: to ask for calls, to hear the replies, and to write down where it ended."""
_MARK = b"\0llb"
_MOST = 1 << 16
"""Calls at once."""
_LARGEST = 64 << 20
"""Bytes of one; a daemon takes less."""
_BROKEN, _CUT_OFF = 70, 71
"""Exit codes: llbpy itself has failed there; nothing can be asked from there."""
_LOOK, _LOOKS = 0.01, 50
"""Seconds between two looks at whether a process has ended, and how many there are."""
_SHOWN = 1 << 16
"""Bytes of its last words that are read, and of those for the daemon's log that are passed on."""
_STOP = _signal.SIGVTALRM
"""Ends a process that goes on although it has cut its line."""
_DEADLY = _signal.SIGHUP, _signal.SIGQUIT, _signal.SIGTERM, _signal.SIGUSR1, _signal.SIGUSR2, _STOP


class _Garbled(Exception):
    """What has come is not what the other process sends."""


def part(path: str) -> Line | Other:
    """Goes on in two processes. The one that is to run the build file at `path` gets the line, the first one gets the other."""
    ask, hear = os.pipe(), os.pipe()
    place, log = os.memfd_create("place"), os.memfd_create("log")
    process = os.fork()
    if process:
        os.close(ask[1])
        os.close(hear[0])
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # nothing inside a container sends it to the first process then
        return Other(process, path, ask[0], hear[1], place, log)
    for old, new in ((ask[1], _ASK), (hear[0], _HEAR), (place, _PLACE)):
        os.dup2(old, new, inheritable=False)
    sandbox.shut_out(log)
    _leave_word()
    return Line()


def _leave_word() -> None:
    """Has the interpreter write down where it is when a signal ends it, and keeps what breaks llbpy from the user's eyes."""
    sys.excepthook = _broken
    faulthandler.enable(_PLACE, all_threads=False)
    for signal in _DEADLY:
        faulthandler.register(signal, _PLACE, all_threads=False, chain=True)


def _broken(*error: Any) -> None:
    os.dup2(sandbox.LOG, 2)
    sys.__excepthook__(*error)
    _exit(_BROKEN)


class Line:
    """The way from the process that is apart to the one that has the pipe."""

    def call_all(self, requests: Sequence[tuple[str, bytes]], meanwhile: Callable[[], object]) -> list[bytes | Status]:
        """As `Channel.call_all`. The process ends if the line is cut."""
        try:
            _send(_ASK, [(path.encode(), data) for path, data in requests])
        except OSError:
            _exit(_CUT_OFF)
        meanwhile()
        try:
            replies = _receive(_HEAR)
        except (OSError, EOFError, _Garbled):
            _exit(_CUT_OFF)
        return [Status.from_bytes(status) if status else reply for status, reply in replies]


class Other:
    """The process that is apart, for the one that has the pipe."""

    def __init__(self, process: int, path: str, asked: int, heard: int, place: int, log: int) -> None:
        self._process = process
        self._path = path
        self._asked = asked
        self._heard = heard
        self._place = place
        self._log = log

    def asked(self) -> list[tuple[str, bytes]]:
        """The next calls that it wants to be made. Raises BuildFileError if it has ended without."""
        try:
            return [(path.decode(), data) for path, data in _receive(self._asked)]
        except EOFError:
            sentence = _sentence(self._end())
        except (_Garbled, UnicodeDecodeError):
            self._end()
            sentence = "it wrote to a descriptor that it had not opened"
        raise BuildFileError(sentence, self._last_line() or self._path)

    def answer(self, replies: Sequence[bytes | Status]) -> None:
        """Hands it the replies. Whether it has ended will be seen when it is to ask for more."""
        parts = [(b"", reply) if isinstance(reply, bytes) else (reply.to_bytes(), b"") for reply in replies]
        try:
            _send(self._heard, parts)
        except BrokenPipeError:
            return

    def pass_on_log(self) -> None:
        """Writes what it has for the daemon's log there."""
        if said := os.pread(self._log, _SHOWN, 0):
            os.write(sandbox.LOG, said)

    def _end(self) -> int:
        """The exit code, negative for a signal; one that has not ended yet does so now."""
        os.kill(self._process, _STOP)
        for _ in range(_LOOKS):
            process, status = os.waitpid(self._process, os.WNOHANG)
            if process:
                return os.waitstatus_to_exitcode(status)
            sleep(_LOOK)
        os.kill(self._process, _signal.SIGKILL)
        return -_STOP

    def _last_line(self) -> str:
        """File and line of the user's code that was running at the end, if the interpreter has written that down."""
        folder = os.path.dirname(self._path)
        for line in os.pread(self._place, _SHOWN, 0).decode(errors="replace").splitlines():
            file, _, rest = line.strip().removeprefix('File "').partition('", line ')
            if is_beside(folder, file):
                return f"{file}:{rest.partition(' ')[0]}"
        return ""


def _sentence(code: int) -> str:
    if code in (_CUT_OFF, -_STOP):
        return "it closed a descriptor that it had not opened"
    if code == _BROKEN:
        return "it changed Python's or llbpy's own modules, and llbpy cannot go on; the daemon's log has more"
    if code >= 0:
        return f"its process ended with exit code {code} before there was a result"
    from signal import Signals

    return f"its process was ended by {Signals(-code).name}"


def _send(fd: int, parts: Sequence[tuple[bytes, bytes]]) -> None:
    """Writes pairs of bytes. Raises OSError."""
    pieces = [_MARK, _number(len(parts))]
    for pair in parts:
        for piece in pair:
            pieces += (_number(len(piece)), piece)
    data = memoryview(b"".join(pieces))
    while data:
        data = data[write(fd, data) :]


def _receive(fd: int) -> list[tuple[bytes, bytes]]:
    """Reads what `_send` has written. Raises EOFError, OSError, _Garbled."""
    if _exactly(fd, len(_MARK)) != _MARK:
        raise _Garbled
    return [(_sized(fd), _sized(fd)) for _ in range(_size(fd, _MOST))]


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _size(fd: int, most: int) -> int:
    size = int.from_bytes(_exactly(fd, 4), "big")
    if size > most:
        raise _Garbled
    return size


def _sized(fd: int) -> bytes:
    return _exactly(fd, _size(fd, _LARGEST))


def _exactly(fd: int, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        more = read(fd, size - len(data))
        if not more:
            raise EOFError
        data += more
    return bytes(data)
