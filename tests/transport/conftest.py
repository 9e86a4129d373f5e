"""The Go end of the byte streams, built once for all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = Path(__file__).parent / "golang"
TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture(scope="session")
def golang(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of `golang/`, built with the machine's Go or else with the one that the test bed fetches."""
    finding = (sys.executable, "-c", "import sys, parts; print(parts.find_go(parts.go_version(sys.stdin.read())))")
    wanted = (MODULE / "go.mod").read_text()
    found = subprocess.run(finding, cwd=TOOLS, input=wanted, text=True, check=True, stdout=subprocess.PIPE).stdout
    program = tmp_path_factory.mktemp("golang") / "peer"
    env = {name: value for name, value in os.environ.items() if name != "GOFLAGS"} | {"GOTOOLCHAIN": "local"}
    command = [found.splitlines()[-1], "build", "-trimpath", "-o", program, "."]
    subprocess.run(command, cwd=MODULE, env=env, check=True)
    return program
