"""The ways in which a build file goes through its frontend: what is typed, and what the client says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

ROOT = Path(__file__).parents[3]
BASE = "python:3.11-slim"

Way: TypeAlias = Callable[["Builds", Path, Sequence[str]], list[str]]
"""The command that builds the build file of a folder with options of the frontend, as `target=app`, `build-arg:version=1`."""


def push_frontend(ref: str) -> str:
    """Builds the frontend image of this tree with its Dockerfile for one platform, pushes it; the reference."""
    options = ("filename=Dockerfile.frontend", f"build-arg:PYTHON={BASE}")
    places = (f"--local=context={ROOT}", f"--local=dockerfile={ROOT}", f"--output=type=image,name={ref},push=true")
    run(0, "buildctl", "build", "--progress=plain", "--frontend=dockerfile.v0", *_opts(options), *places)
    return ref


def run(expected: int, *command: str | Path, env: Mapping[str, str] | None = None, timeout: float = 300) -> str:
    """What a command says that must end with a certain exit code."""
    given = None if env is None else os.environ | env
    words = [*map(str, command)]
    done = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, env=given, timeout=timeout
    )
    said = done.stdout.decode()
    assert done.returncode == expected, said
    return said


def gateway(builds: Builds, folder: Path, options: Sequence[str]) -> list[str]:
    """`buildctl build --frontend gateway.v0`, with the image as its source."""
    return ["buildctl", "build", "--progress=plain", *_places(folder), "--frontend=gateway.v0"] + _opts(
        (f"source={builds.frontend}", *options)
    )


def syntax(builds: Builds, folder: Path, options: Sequence[str]) -> list[str]:
    """`buildctl build --frontend dockerfile.v0`, which goes on to the image that the syntax line names."""
    return ["buildctl", "build", "--progress=plain", *_places(folder), "--frontend=dockerfile.v0"] + _opts(
        ("filename=build.py", *options)
    )


def _places(folder: Path) -> list[str]:
    return [f"--local={name}={folder}" for name in ("context", "dockerfile")]


def _opts(options: Sequence[str]) -> list[str]:
    return [f"--opt={option}" for option in options]


@dataclass(frozen=True)
class Builds:
    """A folder for one test, the frontend's reference, a registry, and a salt that no other test or run has."""

    folder: Path
    frontend: str
    registry: str
    salt: str

    def write(self, text: str, others: Mapping[str, str] | None = None, name: str = "build.py") -> Path:
        """A new folder with a build file, whose first line names the frontend, and other files by their paths."""
        folder = self.folder / uuid4().hex[:8]
        for path, content in {name: f"# syntax={self.frontend}\n{text}", **(others or {})}.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        return folder

    def done(self, folder: Path, *options: str, way: Way = gateway, words: Sequence[str] = ()) -> str:
        """What the client says of a build that must succeed; `words` are its own options."""
        return run(0, *way(self, folder, options), *words)

    def fails(self, folder: Path, *options: str, way: Way = gateway, words: Sequence[str] = ()) -> str:
        """What the client says of a build that must fail."""
        return run(1, *way(self, folder, options), *words)
