"""The frontend's container pays for each import at each build."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import llbpy

LOADED = """
import sys
sys.path.insert(0, sys.argv[1])
import os  # which the loader of build files needs
import llbpy.errors, llbpy.graph.wire
before = set(sys.modules)
import llbpy.transport.pipes, llbpy.transport.server
print(*sorted(name for name in set(sys.modules) - before if not name.startswith("llbpy.transport")))
"""


def test_the_transport_loads_nothing_but_select() -> None:
    root = Path(llbpy.__file__).parents[1]
    argv = [sys.executable, "-I", "-S", "-c", LOADED, root]
    loaded = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()
    assert set(loaded) <= {"select"}
