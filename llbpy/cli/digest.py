"""`llbpy digest`: the digest of a target's definition, and whether it is always the same."""

from __future__ import annotations

from llbpy.cli import FAILED
from llbpy.cli.options import NOT_SENT, add_target, make

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from llbpy.graph.definition import Definition
    from llbpy.graph.sourcemap import Location

HELP = "print the digest of a target's definition"
DESCRIPTION = """\
Prints the digest of a target's definition and nothing else: equal digests are equal builds.

  llbpy digest app --arg version=1.2
  llbpy digest --check    makes the graph in two processes that order sets differently, and names the steps that differ
"""
_SEEDS = ("1", "2")


def configure(parser: argparse.ArgumentParser) -> None:
    add_target(parser)
    parser.add_argument("--steps", action="store_true", help="print each step before it: digest, line and name")
    parser.add_argument(
        "--check", action="store_true", help="make the graph under two hash seeds, and name what differs"
    )


def run(options: argparse.Namespace) -> int:
    if options.check:
        return _check(options)
    definition = make(options).marshal(NOT_SENT)
    if options.steps:
        for step in _steps(definition):
            print(step)
    print(definition.digests[-1] if definition.digests else "scratch")
    return 0


def _steps(definition: Definition) -> list[str]:
    from llbpy.explain.graph import read

    return [f"{vertex.digest} {_place(vertex.locations)} {vertex.title}" for vertex in read(definition).vertices]


def _place(locations: Sequence[Location]) -> str:
    return str(locations[0]) if locations else "-"


def _check(options: argparse.Namespace) -> int:
    """Compares the steps of two processes; exit code 1 if they differ."""
    first, second = [_steps_under(seed, options) for seed in _SEEDS]
    if first == second:
        print(first[-1])
        return 0
    print(
        "the graph depends on the order of a set or on something else that changes from run to run; these steps differ:"
    )
    for before, after in zip(first[:-1], second[:-1], strict=False):
        if before != after:
            print(f"- {before}\n+ {after}")
    if len(first) != len(second):
        print(f"and one run has {len(first) - 1} steps, the other {len(second) - 1}")
    return FAILED


def _steps_under(seed: str, options: argparse.Namespace) -> list[str]:
    import os
    import subprocess
    import sys

    words = [options.target] if options.target else []
    words += [f"--file={options.file}"] if options.file else []
    words += [f"--platform={options.platform}"] if options.platform else []
    words += [f"--arg={pair}" for pair in options.arg]
    command = [sys.executable, "-P", "-m", "llbpy", "digest", "--steps", *words]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.returncode)  # it has said why
    return done.stdout.splitlines()
