"""Times llbpy on one shape and prints what the Go program prints, as one JSON object.

usage: python -m bench.measure SHAPE N REPS

SHAPE is one of bench.shapes, or `lines` (bench.lines). Source locations and validation are on, as they always are. The process
imports little besides llbpy, so that its peak memory is llbpy's.
"""

from __future__ import annotations

import gc
import sys
from functools import partial
from hashlib import sha256
from resource import RUSAGE_SELF, getrusage
from time import perf_counter

from bench.lines import written_out
from bench.shapes import SHAPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from llbpy import Definition, State

    Sample: TypeAlias = tuple[float, float, float]
    """Seconds that one repetition took to construct, to marshal, and to write as bytes."""


def main(shape: str, n: int, reps: int) -> None:
    samples: list[Sample] = []
    definition: Definition | None = None
    for _ in range(reps):
        build = written_out(n) if shape == "lines" else partial(SHAPES[shape], n)
        definition = None  # the collection below must also free the previous repetition
        gc.collect()
        sample, definition = repeat(build)
        samples.append(sample)
    peak = getrusage(RUSAGE_SELF).ru_maxrss  # before the imports below add to it
    if definition is None:
        raise SystemExit("REPS must be at least 1")
    from json import dumps

    facts = {"shape": shape, "n": n, "reps": reps, "locations": is_located(definition), "peak_rss_kb": peak}
    print(dumps(facts | times(samples, len(definition.ops)) | contents(definition)))


def repeat(build: Callable[[], State]) -> tuple[Sample, Definition]:
    """One repetition, on a graph of its own."""
    start = perf_counter()
    state = build()
    built = perf_counter()
    definition = state.marshal(platform="linux/amd64", unique_id="bench")
    marshalled = perf_counter()
    definition.to_bytes()
    return (built - start, marshalled - built, perf_counter() - marshalled), definition


def is_located(definition: Definition) -> bool:
    """Whether every vertex has a source location; the last op is none, it only names the output that is meant."""
    return all(definition.source.locations.get(digest) for digest in definition.digests[:-1])


def times(samples: list[Sample], vertices: int) -> dict[str, float]:
    """Medians in microseconds per vertex, a vertex being one entry of the definition."""
    from statistics import median

    columns = {
        "construct_us": [construct for construct, _, _ in samples],
        "marshal_us": [marshal for _, marshal, _ in samples],
        "total_us": [construct + marshal for construct, marshal, _ in samples],
        "to_bytes_us": [to_bytes for _, _, to_bytes in samples],
    }
    return {name: round(median(seconds) * 1e6 / vertices, 3) for name, seconds in columns.items()}


def contents(definition: Definition) -> dict[str, int | str]:
    """What both programs must agree on."""
    lines = "".join(f"{digest}\n" for digest in definition.digests)
    return {
        "vertices": len(definition.ops),
        "ops_bytes": sum(map(len, definition.ops)),
        "ops_sha256": sha256(lines.encode()).hexdigest(),
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
