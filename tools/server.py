"""A server of the test bed: a process in the background that outlives the command that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from testbed import BIN, LOGS, TOOLS, Failure, tail

STATE = TOOLS / "state"


def await_answer(process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path, seconds: float = 60) -> None:
    """Waits until a server that has just been started answers; raises Failure with its log's last lines if it does not."""
    deadline = time.monotonic() + seconds
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failure(f"{log.stem} does not answer; the end of {log}:\n{tail(log, 10)}")
        time.sleep(0.1)


def server_env() -> dict[str, str]:
    """This environment, with the parts first on its PATH: servers start others of them by name."""
    return os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}


@dataclass(frozen=True)
class Server:
    """One server: its name, its command line, and a question that tells whether it serves."""

    name: str
    argv: tuple[str, ...]
    answers: Callable[[], bool]

    @property
    def pid_file(self) -> Path:
        return STATE / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    def pid(self) -> int | None:
        """Its process, None if that has ended; another process under the same number does not count."""
        try:
            pid = int(self.pid_file.read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if words == b"".join(os.fsencode(word) + b"\0" for word in self.argv) else None

    def healthy(self) -> bool:
        return self.pid() is not None and self.answers()

    def start(self, seconds: float = 60) -> None:
        """Starts it and waits until it answers; raises Failure with the log's last lines if it does not."""
        process = self.spawn()
        await_answer(process, self.healthy, self.log, seconds)

    def spawn(self) -> subprocess.Popen[bytes]:
        LOGS.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as out:
            process = subprocess.Popen(
                self.argv,
                cwd="/",
                env=server_env(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid_file.write_text(f"{process.pid}\n")
        return process

    def stop(self, seconds: float = 5) -> None:
        """Ends it, by force after that time; returns once it is gone."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            pid = self.pid()
            if pid is None:
                break
            os.kill(pid, sign)
            self.wait_for_end(seconds)
        if self.pid() is not None:
            raise Failure(f"{self.name} (process {self.pid()}) does not end")
        self.pid_file.unlink(missing_ok=True)

    def wait_for_end(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.pid() is not None and time.monotonic() < deadline:
            time.sleep(0.05)
