"""The test bed's folders, its one way to run a program and its one way to fail."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
BIN = TOOLS / "bin"
LOGS = TOOLS / "logs"
DOCKER_CONFIG = TOOLS / "docker"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llbpy"


class Failure(Exception):
    """An expected failure, told to the user as one line."""


def cli(main: Callable[[list[str]], int | None]) -> None:
    """Runs main with the command line's words; a Failure becomes one line on stderr and exit code 1."""
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        sys.exit(f"{Path(sys.argv[0]).name}: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)


def say(text: str) -> None:
    """Tells the user what goes on, on stderr: stdout is for what a program reads."""
    print(text, file=sys.stderr, flush=True)


def run(*argv: str | Path, log: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Runs a program, its output going to .tools/logs/LOG.log; raises Failure with the output's last line."""
    path = LOGS / f"{log}.log"
    LOGS.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        try:
            code = subprocess.run(
                argv, check=False, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            ).returncode
        except FileNotFoundError:
            raise Failure(f"{argv[0]} is not installed") from None
    if code != 0:
        raise Failure(f"{Path(argv[0]).name} failed with code {code}: {tail(path, 1)} (all of it: {path})")


def ask(*argv: str | Path, env: Mapping[str, str] | None = None) -> str:
    """What a program prints, stripped; raises Failure with the last line of its stderr."""
    try:
        done = subprocess.run(argv, check=False, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError:
        raise Failure(f"{argv[0]} is not installed") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise Failure(f"{Path(argv[0]).name} failed with code {done.returncode}: {last}")
    return done.stdout.strip()


def tail(path: Path, lines: int) -> str:
    """The last lines of a text file."""
    return "\n".join(path.read_text(errors="replace").strip().splitlines()[-lines:])


@contextmanager
def lock(path: Path) -> Generator[None]:
    """Holds a file's exclusive lock; others wait for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """The user's cached folder of that name; make fills a fresh one, which counts only once it is whole."""
    entry = CACHE / name
    with lock(CACHE / f".{name}.lock"):
        if not entry.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as temp:
                fresh = Path(temp) / name
                fresh.mkdir()
                make(fresh)
                fresh.rename(entry)
    return entry
