"""The Go side: finds a Go, builds bench/go, knows the versions."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

from bench.processes import ROOT, output

MODULE = ROOT / "bench" / "go"
PROGRAM = ROOT / ".tools" / "bench" / "llbpy-bench"


def build() -> Path:
    """Builds the program outside of the tree; quick if nothing has changed."""
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    output(_go(), "-C", MODULE, "build", "-trimpath", "-o", PROGRAM, ".")
    return PROGRAM


def go_version() -> str:
    """Such as `1.26.8`: of the Go that built the program."""
    return output(_go(), "version", PROGRAM).rpartition("go")[2].strip()


def buildkit_version() -> str:
    """Such as `v0.32.2`: of the client/llb in the program."""
    found = re.search(r"moby/buildkit (\S+)", (MODULE / "go.mod").read_text())
    return found[1] if found else "unknown"


def _go() -> Path:
    """The machine's Go, or else the one that the test bed fetches."""
    sys.path.append(str(ROOT / "tools"))
    parts = import_module("parts")
    found: Path = parts.find_go(parts.go_version((MODULE / "go.mod").read_text()))
    return found
