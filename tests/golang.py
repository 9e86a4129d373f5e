"""Go programs of tests, built with the machine's Go or else with the one that the test bed fetches."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).parents[1] / "tools"
FIND = "import sys, parts; print(parts.find_go(parts.go_version(sys.stdin.read())))"
"""In a process of its own: the modules of tools/ bear names that a build file's neighbours may have as well."""


def build(module: Path, program: Path) -> Path:
    """Builds a module into a program; its path."""
    wanted = (module / "go.mod").read_text()
    finding = (sys.executable, "-c", FIND)
    found = subprocess.run(finding, cwd=TOOLS, input=wanted, text=True, check=True, stdout=subprocess.PIPE).stdout
    env = {name: value for name, value in os.environ.items() if name != "GOFLAGS"} | {"GOTOOLCHAIN": "local"}
    command = [found.splitlines()[-1], "build", "-trimpath", "-o", program, "."]
    subprocess.run(command, cwd=module, env=env, check=True)
    return program
