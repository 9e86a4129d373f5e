"""What is measured, and what is to be reached."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import NamedTuple

from bench.processes import PYTHON, ROOT, Run, Spread, interleave, ratios, run_go, run_llbpy, say, spread, wall_ms
from bench.shapes import SHAPES

TIME_TARGETS = (
    {(shape, 100): 0.75 for shape in SHAPES} | {(shape, 1000): 0.2 for shape in SHAPES} | {("wide", 1000): 0.5}
)
"""Times of Go's construct + marshal, at most."""
GROWTH_TARGET = 1.2
MEMORY_TARGET = 0.7
IMPORT_TARGET_MS = 12.0
DUMP_TARGET = 3.5

REPETITIONS = {100: 21, 1000: 9}
SMALL, LARGE = 1_000, 20_000
DUMP = (Path(PYTHON).with_name("llbpy"), "dump", "-f", ROOT / "bench" / "twenty.py")


class Effort(NamedTuple):
    """How many processes of each kind."""

    rounds: int
    growth: int
    memory: dict[str, int]
    """By shape: Go is quadratic in some, and one process takes it most of a minute."""
    starts: int


QUICK = Effort(rounds=3, growth=0, memory={}, starts=10)
DEFAULT = Effort(rounds=9, growth=5, memory={"chain": 1, "wide": 5, "copies": 3}, starts=40)
FULL = DEFAULT._replace(memory={**DEFAULT.memory, "diamond": 1})


class Pairing(NamedTuple):
    """Processes of Go, of Go with a source location on each vertex, and of llbpy, which ran in turn."""

    shape: str
    n: int
    go: list[Run]
    located: list[Run]
    ours: list[Run]

    @property
    def target(self) -> float | None:
        return TIME_TARGETS.get((self.shape, self.n))

    @property
    def flaw(self) -> str:
        """Why the two cannot be compared; empty if they can."""
        if len({run.ops_sha256 for run in (*self.go, *self.located, *self.ours)}) != 1:
            return "bytes differ"
        return "" if all(run.locations for run in (*self.located, *self.ours)) else "no locations"

    @property
    def time(self) -> Spread:
        return ratios([run.total_us for run in self.ours], [run.total_us for run in self.go])

    @property
    def memory(self) -> Spread:
        return ratios([run.peak_rss_kb for run in self.ours], [run.peak_rss_kb for run in self.go])


class Growth(NamedTuple):
    """What a vertex costs llbpy in a small and in a large graph."""

    shape: str
    small: list[Run]
    large: list[Run]

    @property
    def ratio(self) -> Spread:
        return ratios([run.total_us for run in self.large], [run.total_us for run in self.small])


class Starts(NamedTuple):
    """Milliseconds of whole processes that ran in turn."""

    bare: list[float]
    importing: list[float]
    dump: list[float]

    @property
    def added(self) -> Spread:
        return spread(ours - bare for ours, bare in zip(self.importing, self.bare, strict=True))

    @property
    def ratio(self) -> Spread:
        return ratios(self.dump, self.bare)


def starts(effort: Effort) -> Starts:
    say(f"start-up, {effort.starts} rounds")
    programs = ((PYTHON, "-c", "pass"), (PYTHON, "-c", "from llbpy import image"), DUMP)
    for program in programs:
        wall_ms(*program)  # warms the file cache
    return Starts(*interleave(effort.starts, *[partial(wall_ms, *program) for program in programs]))


def times(program: Path, effort: Effort) -> Iterator[Pairing]:
    for n, reps in REPETITIONS.items():
        for shape in (*SHAPES, "lines"):
            say(f"{shape} {n}, {effort.rounds} rounds")
            twin = "copies" if shape == "lines" else shape  # Go gives every vertex a line of its own in any shape
            go, ours = partial(run_go, program, twin, n, reps), partial(run_llbpy, shape, n, reps)
            yield Pairing(shape, n, *interleave(effort.rounds, go, partial(go, locations=True), ours))


def memory(program: Path, effort: Effort, n: int = 10_000) -> Iterator[Pairing]:
    """Of processes that build their graph once."""
    for shape, rounds in effort.memory.items():
        say(f"{shape} {n}, {rounds} rounds")
        go, ours = interleave(rounds, partial(run_go, program, shape, n, 1), partial(run_llbpy, shape, n, 1))
        _check_peaks([*go, *ours])
        yield Pairing(shape, n, go, [], ours)


def _check_peaks(runs: list[Run]) -> None:
    """Linux counts the peak of the process that a program was started from as the program's own."""
    floor = getrusage(RUSAGE_SELF).ru_maxrss
    if min(run.peak_rss_kb for run in runs) <= floor:
        raise RuntimeError(f"peaks below this process's own {floor} kB cannot be seen")


def growth(effort: Effort) -> Iterator[Growth]:
    for shape in SHAPES if effort.growth else ():
        say(f"{shape} {SMALL} and {LARGE}, {effort.growth} rounds")
        small, large = partial(run_llbpy, shape, SMALL, 9), partial(run_llbpy, shape, LARGE, 3)
        yield Growth(shape, *interleave(effort.growth, small, large))
