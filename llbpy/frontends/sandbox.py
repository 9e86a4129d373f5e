"""What a build file's code may touch: not the pipe to the daemon, not the environment, and so much memory and no more.

The image drops privileges before Python starts and has no network; this is the rest.
"""

from __future__ import annotations

import posix  # `os` takes a millisecond, and can wait until the first call is under way
import sys
from io import FileIO, TextIOWrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

_READ, _WRITE, LOG = range(512, 515)
"""The descriptors that the daemon is at the other end of, far from those that code guesses at."""
_MEMORY = 1 << 30
_SPARE = 64 << 20
"""Bytes that code gets more once it has run out of memory, to say so."""
_FILE = 64 << 20
_NAMES = "utf-8", "surrogateescape"
"""How `os` decodes."""


def environment() -> Mapping[str, str]:
    """The environment, as it is before `wipe_environment`."""
    return {name.decode(*_NAMES): value.decode(*_NAMES) for name, value in posix.environ.items()}


def wipe_environment() -> None:
    """Empties it for Python, and in what the kernel shows of the process."""
    import os

    os.environ.clear()
    posix.environ.clear()
    try:
        _overwrite_environment()
    except (OSError, ValueError):
        return  # some kernels and emulators do not have it; what is there is no secret to the one whose build it is


def _overwrite_environment() -> None:
    """Overwrites what /proc/self/environ shows: the memory in which the process got it. Raises OSError."""
    with open("/proc/self/stat", "rb") as file:
        start, end = map(int, file.read().rpartition(b") ")[2].split()[47:49])
    memory = posix.open("/proc/self/mem", posix.O_WRONLY)
    posix.pwrite(memory, bytes(end - start), start)
    posix.close(memory)


def take_pipe() -> tuple[int, int]:
    """The descriptors on which the daemon speaks and listens, moved out of the way. There is nothing on stdin then."""
    for old, new in ((0, _READ), (1, _WRITE)):
        posix.dup2(old, new, inheritable=False)
    null = posix.open("/dev/null", posix.O_RDONLY)
    posix.dup2(null, 0)
    posix.close(null)
    return _READ, _WRITE


def take_output() -> tuple[int, int]:
    """A file in memory that has all that is written to stdout and stderr from then on, at once, and the stderr of before."""
    posix.dup2(2, LOG, inheritable=False)
    output = posix.memfd_create("output")
    for fd, name in ((1, "stdout"), (2, "stderr")):
        posix.dup2(output, fd)
        stream = TextIOWrapper(FileIO(fd, "w", closefd=False), "utf-8", "backslashreplace", write_through=True)
        for attribute in (name, f"__{name}__"):
            setattr(sys, attribute, stream)
    return output, LOG


def limit() -> None:
    """Bounds memory (1 GiB) and each file (64 MiB) of this process and those that it forks."""
    import resource

    _bound(resource.RLIMIT_AS, _MEMORY, _SPARE)
    _bound(resource.RLIMIT_FSIZE, _FILE)
    _bound(resource.RLIMIT_CORE, 0)
    sys.dont_write_bytecode = True


def stay_alone() -> None:
    """Lets this process start no other, and no thread."""
    import os
    import resource

    _bound(resource.RLIMIT_NPROC, 0)
    os.system = _no_shell  # would fail without a word


def shut_out(log: int) -> None:
    """Takes from a forked process all that the daemon is at the other end of. What it has to say to the daemon goes to `log`."""
    import os

    posix.dup2(log, LOG, inheritable=False)
    posix.closerange(3, LOG)
    os._exit = _exit  # tells where it is called


def make_room() -> None:
    """Lets a process that has run out of memory have as much more as it takes to say so."""
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _bound(what: int, most: int, spare: int = 0) -> None:
    import resource

    hard = resource.getrlimit(what)[1]
    bounds = (most, most + spare) if hard == resource.RLIM_INFINITY else (min(most, hard), min(most + spare, hard))
    resource.setrlimit(what, bounds)


def _no_shell(command: object) -> int:
    raise PermissionError(f"os.system({command!r}): a build file starts no processes; run() steps do")


def _exit(status: int) -> NoReturn:
    sys.exit(status)
