"""Child processes: what they print, how long they take, and the spread of what several of them gave."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
ENV = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
"""Children find compiled modules and may write them, as for a user who has installed llbpy."""


class Run(NamedTuple):
    """What one process of either program measured: medians of its repetitions, in microseconds per vertex."""

    locations: bool
    vertices: int
    construct_us: float
    marshal_us: float
    total_us: float
    to_bytes_us: float
    ops_sha256: str
    peak_rss_kb: int


class Spread(NamedTuple):
    """The median of several measurements, the least and the most."""

    median: float
    low: float
    high: float


def spread(values: Iterable[float]) -> Spread:
    known = sorted(values)
    return Spread(statistics.median(known), known[0], known[-1])


def ratios(ours: Iterable[float], theirs: Iterable[float]) -> Spread:
    """Pair by pair, as the two of a pair ran one after the other and met the same noise."""
    return spread(mine / other for mine, other in zip(ours, theirs, strict=True))


def interleave(rounds: int, *programs: Callable[[], T]) -> list[list[T]]:
    """What each program gave, round by round: A B A B, so that noise meets all alike."""
    given = [[program() for program in programs] for _ in range(rounds)]
    return [list(column) for column in zip(*given, strict=True)]


def say(text: str) -> None:
    """Tells the user what goes on, on stderr."""
    print(text, file=sys.stderr, flush=True)


def testbed(module: str) -> Any:
    """A module of tools/, which is no package."""
    if str(ROOT / "tools") not in sys.path:
        sys.path.append(str(ROOT / "tools"))
    return import_module(module)


def await_quiet(seconds: float = 3) -> None:
    """Returns once the machine has been nine tenths idle for a moment, or after that time."""
    end = monotonic() + seconds
    while monotonic() < end:
        idle, whole = _processor_ticks()
        sleep(0.06)
        later, after = _processor_ticks()
        if later - idle >= 0.9 * (after - whole):
            return


def _processor_ticks() -> tuple[int, int]:
    """Ticks that the processors were idle, and all."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return ticks[3] + ticks[4], sum(ticks)


def output(*argv: str | Path) -> str:
    """What a program prints. Raises CalledProcessError if it fails; its stderr is the user's."""
    done = subprocess.run(argv, check=True, cwd=ROOT, env=ENV, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return done.stdout.decode()


def wall_ms(*argv: str | Path) -> float:
    """Milliseconds from starting a program to its end. Raises CalledProcessError if it fails."""
    start = perf_counter()
    subprocess.run(argv, check=True, cwd=ROOT, env=ENV, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return (perf_counter() - start) * 1e3


def run_go(program: Path, shape: str, n: int, reps: int, locations: bool = False) -> Run:
    flags = [f"-shape={shape}", f"-n={n}", f"-reps={reps}", f"-locations={str(locations).lower()}"]
    return _read(output(program, *flags))


def run_llbpy(shape: str, n: int, reps: int) -> Run:
    return _read(output(PYTHON, "-m", "bench.measure", shape, str(n), str(reps)))


def _read(text: str) -> Run:
    facts = json.loads(text)
    return Run(**{name: facts[name] for name in Run._fields})
