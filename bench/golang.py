"""The Go side: finds a Go, builds bench/go, knows the versions."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from bench.processes import ROOT, output, testbed

MODULE = ROOT / "bench" / "go"
PROGRAM = ROOT / ".tools" / "bench" / "llbpy-bench"


def build() -> Path:
    """Builds the program outside of the tree; quick if nothing has changed."""
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    output(_go(), "-C", MODULE, "build", "-trimpath", "-o", PROGRAM, ".")
    return PROGRAM


def versions() -> tuple[str, str]:
    """Of the Go and of the BuildKit that the program was built from, such as `("go1.26.3", "v0.32.2")`."""
    facts = output(_go(), "version", "-m", PROGRAM)
    return re.findall(r": (go\S+)", facts)[0], re.findall(r"moby/buildkit\s+(\S+)", facts)[0]


@cache
def _go() -> Path:
    """The machine's Go, or else the one that the test bed fetches."""
    parts = testbed("parts")
    found: Path = parts.find_go(parts.go_version((MODULE / "go.mod").read_text()))
    return found
