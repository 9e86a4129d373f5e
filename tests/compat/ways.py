"""Docker's own command as a way of building, and the servers that it and others build on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.frontends.ways import ROOT, Builds, bake, buildx

OLDER = tuple(sorted(folder.name for folder in (ROOT / "tools" / "go").glob("buildkitd-*")))
"""The older daemons that there are programs of, as `buildkitd-0.13.2`."""


@contextmanager
def serving(name: str) -> Iterator[str]:
    """The address of a server of tools/compat.py. It ends when its stdin does: at the latest with this process."""
    command = (sys.executable, ROOT / "tools" / "compat.py", "serve", name)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, f"{name} does not start"
        yield address


def docker(builds: Builds, folder: Path, options: Sequence[str], words: Sequence[str]) -> list[str]:
    """`docker build`. Docker Engine has no network for commands here but the machine's."""
    return ["docker", *buildx(builds, folder, options, ["--network=host", "--allow=network.host", *words])[1:]]


def docker_bake(builds: Builds, folder: Path, options: Sequence[str], words: Sequence[str]) -> list[str]:
    """`docker buildx bake`, with the machine's network as well."""
    return ["docker", "buildx", *bake(builds, folder, options, ["--network=host", "--allow=network.host", *words])[1:]]
