"""The Go end of the byte streams, built once for all tests."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

MODULE = Path(__file__).parent / "golang"
TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture(scope="session")
def golang(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of `golang/`, built with the machine's Go or else with the one that the test bed fetches."""
    sys.path.append(str(TOOLS))
    parts = import_module("parts")
    go = parts.find_go(parts.go_version((MODULE / "go.mod").read_text()))
    program = tmp_path_factory.mktemp("golang") / "peer"
    subprocess.run([go, "build", "-trimpath", "-o", program, "."], cwd=MODULE, env=parts.go_env(), check=True)
    return program
