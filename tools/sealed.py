"""A server that leaves nothing behind: its processes and mounts are in namespaces of its own, which end with whoever runs it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from server import await_answer, server_env
from testbed import LOGS

# The kernel ends the server's first process with its parent, and with that process all that it has started and mounted.
SEAL = ("setpriv", "--pdeathsig=KILL", "unshare", "--pid", "--mount-proc", "--fork", "--kill-child")
GRACE = 10  # seconds


@dataclass(frozen=True)
class Sealed:
    """One server: its name, command line and address, the folder that is its own, its settings, whether an address answers."""

    name: str
    argv: tuple[str, ...]
    address: str
    folder: Path
    settings: Mapping[Path, str]
    answers: Callable[[str], bool]

    @contextmanager
    def running(self) -> Generator[None]:
        """Runs it, from the moment that it answers. Raises Failure if it does not."""
        shutil.rmtree(self.folder, ignore_errors=True)  # left by a run that was ended by force
        self.folder.mkdir(mode=0o700)
        for path, text in self.settings.items():
            path.write_text(text)
        process = self.spawn()
        try:
            await_answer(process, partial(self.answers, self.address), self.log)
            yield
        finally:
            end(process)
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    def spawn(self) -> subprocess.Popen[bytes]:
        LOGS.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as out:
            return subprocess.Popen(
                (*SEAL, *self.argv),
                cwd="/",
                env=server_env(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a server, by force after a while."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, sign)  # the group: its first process does nothing but wait for the server
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
