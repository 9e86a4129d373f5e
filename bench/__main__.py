"""Runs Go and llbpy in turn and writes their part of bench/RESULTS.md; nothing here fails for being slow."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys

from bench import experiments, golang, results
from bench.processes import PYTHON, output
from bench.report import render


def main() -> int:
    options = parse()
    effort = experiments.QUICK if options.quick else experiments.FULL if options.full else experiments.DEFAULT
    output(PYTHON, "-m", "compileall", "-q", "llbpy", "bench")
    program = golang.build()
    starts = experiments.starts(effort)
    pairs = list(experiments.times(program, effort))
    growths = list(experiments.growth(effort))
    memory = list(experiments.memory(program, effort))
    text = render(pairs, growths, memory, starts)
    print(text)
    if not options.quick:
        results.put(text)
    return int(any(pair.flaw for pair in (*pairs, *memory)))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds of 100 and 1,000 steps; writes nothing")
    parser.add_argument("--full", action="store_true", help="also the diamond of 10,000 levels, which takes Go minutes")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"bench: {shlex.join(map(str, error.cmd))} failed with code {error.returncode}")
