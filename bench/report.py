"""The results as Markdown."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.experiments import DUMP_TARGET, GROWTH_TARGET, IMPORT_TARGET_MS, MEMORY_TARGET, Growth, Pairing, Starts
from bench.golang import versions
from bench.processes import Run, Spread

INTRODUCTION = """\
# Benchmarks

The graphs of `bench/go/shapes.go`, built and marshalled by BuildKit's own `client/llb` and by llbpy, to the same bytes: there is
no ratio where the sha256 over all ops differs. `chain` is runs in a row with three mounts and ten variables, `wide` a fan-in
of images with a run each, `copies` a chain of copies, `diamond` levels of two runs and a merge. In these, loops of a few lines
make all vertices, so that llbpy has few source locations to work out; `lines` is `copies` written out, a line for every copy.

Times are microseconds per vertex, construct + marshal, each the median of the repetitions in one process, and then of several
processes. The programs run in turn, A B A B; a ratio is taken pair by pair, and its median is given with the least and the most.
llbpy has validation and source locations on, a collection before each repetition is not timed, and its modules are compiled, as
an installed package's are. Ratios are to Go as it comes, without source locations; Go with one on every vertex is beside it.
At 10,000 a process builds its graph once. What a process works out once, as the places of a loop's few lines in their file, is
in its first repetition; `lines` has code of its own in each. Peak memory is the whole process's, the Python interpreter included.
"""


def render(pairs: Sequence[Pairing], growths: Sequence[Growth], memory: Sequence[Pairing], starts: Starts) -> str:
    sections = [
        INTRODUCTION,
        facts(_software()),
        "## Construct and marshal\n\n" + times_table([*pairs, *memory]),
        "## Where the time goes\n\n" + parts_table([*pairs, *memory]),
        "## Starting\n\n" + starts_table(starts),
    ]
    if growths:
        sections.append("## Growth of llbpy per vertex, 1,000 to 20,000\n\n" + growth_table(growths))
    if memory:
        sections.append("## Peak memory at 10,000, one repetition a process\n\n" + memory_table(memory))
    return "\n".join(sections)


def facts(software: str) -> str:
    """When and on what it was measured."""
    cores = len(os.sched_getaffinity(0))
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {software}; {cores} cores of {_processor()}, "
        f"{platform.system()} on {platform.machine()}.\n"
        f"Load over the last 1, 5 and 15 minutes, with this program's own of about 1: {busy}.\n"
    )


def _software() -> str:
    go, buildkit = versions()
    return f"{platform.python_implementation()} {platform.python_version()}, {go}, BuildKit {buildkit}"


def times_table(pairs: Iterable[Pairing]) -> str:
    head = ("shape", "N", "vertices", "Go", "Go, locations", "llbpy", "llbpy / Go", "target", "")
    return table(head, [_times_row(pair) for pair in pairs])


def _times_row(pair: Pairing) -> list[str]:
    figures = [_middle(runs, "total_us") for runs in (pair.go, pair.located, pair.ours)]
    name = [pair.shape, f"{pair.n:,}", f"{pair.ours[0].vertices:,}"]
    if pair.flaw:
        return [*name, *figures, pair.flaw, "", "**void**"]
    return [*name, *figures, spread_text(pair.time), *verdict(pair.time.median, pair.target)]


def parts_table(pairs: Iterable[Pairing]) -> str:
    parts = {"construct": "construct_us", "marshal": "marshal_us", "to bytes": "to_bytes_us"}
    head = ("shape", "N", *[f"{who} {part}" for part in parts for who in ("Go", "llbpy")])
    return table(head, [[pair.shape, f"{pair.n:,}", *_parts(pair, parts.values())] for pair in pairs])


def _parts(pair: Pairing, fields: Iterable[str]) -> list[str]:
    return [_middle(runs, field) for field in fields for runs in (pair.go, pair.ours)]


def growth_table(growths: Iterable[Growth]) -> str:
    rows = [
        [
            growth.shape,
            _middle(growth.small, "total_us"),
            _middle(growth.large, "total_us"),
            spread_text(growth.ratio),
            *verdict(growth.ratio.median, GROWTH_TARGET),
        ]
        for growth in growths
    ]
    return table(("shape", "1,000", "20,000", "growth", "target", ""), rows)


def memory_table(pairs: Iterable[Pairing]) -> str:
    rows = [
        [
            pair.shape,
            f"{median(run.peak_rss_kb for run in pair.go) / 1024:.1f}",
            f"{median(run.peak_rss_kb for run in pair.ours) / 1024:.1f}",
            spread_text(pair.memory),
            *verdict(pair.memory.median, MEMORY_TARGET),
        ]
        for pair in pairs
    ]
    return table(("shape", "Go, MiB", "llbpy, MiB", "llbpy / Go", "target", ""), rows)


def starts_table(starts: Starts) -> str:
    def whole(walls: Sequence[float]) -> str:
        return f"{median(walls):.1f}"

    rows = [
        ["`python -c pass`", whole(starts.bare), "", "", ""],
        [
            '`python -c "from llbpy import image"`',
            whole(starts.importing),
            f"+{spread_text(starts.added)} ms",
            *verdict(starts.added.median, IMPORT_TARGET_MS),
        ],
        [
            "`llbpy dump` of 20 steps",
            whole(starts.dump),
            f"{spread_text(starts.ratio)} times",
            *verdict(starts.ratio.median, DUMP_TARGET),
        ],
    ]
    return table(("whole process", "ms", "over the bare interpreter", "target", ""), rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def verdict(value: float, target: float | None) -> tuple[str, str]:
    if target is None:
        return "", ""
    return f"≤ {target:g}", "reached" if value <= target else "**missed**"


def spread_text(values: Spread) -> str:
    if values.low == values.high:
        return f"{values.median:.3g}"
    return f"{values.median:.3g} ({values.low:.3g} to {values.high:.3g})"


def _middle(runs: Sequence[Run], field: str) -> str:
    return f"{median(getattr(run, field) for run in runs):,.2f}" if runs else ""


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else "an unnamed processor"
