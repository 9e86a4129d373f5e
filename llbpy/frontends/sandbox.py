"""What a build file's code may touch: not the pipe to the daemon, not the environment, and so much memory and no more.

The image drops privileges before Python starts and has no network; this is the rest.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_PIPE_FROM = 512
"""The first descriptor that the pipe may move to: far from those that code guesses at."""
_MEMORY = 1 << 30
_PROCESSES = 256
_FILE = 64 << 20


def take_environment() -> Mapping[str, str]:
    """The environment, which is empty from then on."""
    taken = dict(os.environ)
    os.environ.clear()
    return taken


def take_pipe() -> tuple[int, int]:
    """The descriptors on which the daemon speaks and listens, moved to where user code and its children do not have them."""
    from fcntl import F_DUPFD_CLOEXEC, fcntl

    pipe = fcntl(0, F_DUPFD_CLOEXEC, _PIPE_FROM), fcntl(1, F_DUPFD_CLOEXEC, _PIPE_FROM)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.register_at_fork(after_in_child=lambda: os.closerange(pipe[0], pipe[1] + 1))
    return pipe


def take_output() -> tuple[int, int]:
    """A file in memory that has all that is written to stdout and stderr from then on, and the stderr of before."""
    from fcntl import F_DUPFD_CLOEXEC, fcntl

    log = fcntl(2, F_DUPFD_CLOEXEC, _PIPE_FROM)
    output = os.memfd_create("output")
    for fd in (1, 2):
        os.dup2(output, fd)
    return output, log


def limit() -> None:
    """Bounds memory (1 GiB), processes of this user (256) and each file (64 MiB) of this process and its children."""
    import resource

    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_NPROC, _PROCESSES),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))
    sys.dont_write_bytecode = True
