"""The README's shell snippets, run as they stand there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_readme import BLOCKS

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parent.parent.parent
SCRIPTS = [text for language, text in BLOCKS if language == "sh"]


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_a_shell_snippet_runs_in_the_folder_of_a_build_file(number: int, tmp_path: Path, bed: object) -> None:
    shutil.copy(ROOT / "examples" / "hello" / "build.py", tmp_path)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    script = f"set -euo pipefail\n{SCRIPTS[number]}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "exporting to image" in done.stderr
