"""The images that are measured and built from, in the registry beside the daemon: all under bench/."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bench.processes import ROOT, output, say, testbed

HERE = Path(__file__).parent
WORK = ROOT / ".tools" / "bench" / "frontend"
PYTHON = os.environ.get("PYTHON_IMAGE", "python:3.11-slim")
PLATFORMS = ("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x")
BASES = 30
"""Images with a config of their own."""

GO = "dockerfile"
MODULE = "dockerfile-frontend"
GO_DOCKERFILE = f"""\
FROM scratch
COPY {MODULE} /bin/{MODULE}
LABEL moby.buildkit.frontend.network.none=true \\
      moby.buildkit.frontend.caps=moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts
ENTRYPOINT ["/bin/{MODULE}"]
"""
TIMED_DOCKERFILE = """\
FROM OURS AS compiled
COPY timed.py /timed.py
ENV PYTHONPATH=/usr/lib/llbpy/python.zip
RUN ["/usr/bin/python3", "-P", "-s", "-S", "-c", "import py_compile; py_compile.compile('/timed.py', '/timed.pyc', optimize=2)"]
FROM OURS
COPY launch /launch
COPY --from=compiled /timed.pyc /usr/lib/llbpy/timed.pyc
"""
BASE_DOCKERFILE = """\
FROM scratch
ARG NUMBER
COPY Dockerfile /
ENV NUMBER=$NUMBER
"""


def name(repository: str) -> str:
    """The full name of an image that is made here."""
    return f"{os.environ['LLBPY_REGISTRY']}/bench/{repository}"


def make() -> str:
    """Builds and pushes all of them, quickly if nothing has changed; what they are made of."""
    say("images")
    part = testbed("parts").GoPart(MODULE, "github.com/moby/buildkit", {MODULE: MODULE})
    _ours()
    _timed()
    _go(testbed("testbed").cached(part.key, part.build) / MODULE)
    _bases()
    return f"BuildKit and docker/dockerfile {part.version}, llbpy on {PYTHON}"


def _ours() -> None:
    _push("llbpy", ROOT, f"--opt=build-arg:PYTHON={PYTHON}", file="Dockerfile.frontend")


def _timed() -> None:
    """Ours, with a note of when it gets where."""
    folder = _folder("timed")
    output("gcc", "-O2", "-static", "-o", folder / "launch", HERE / "launch.c")
    shutil.copy(HERE / "timed.py", folder)
    lines = (ROOT / "Dockerfile.frontend").read_text().splitlines(keepends=True)
    (entry,) = [line for line in lines if line.startswith("ENTRYPOINT [")]
    entry = entry.replace("[", '["/launch", ', 1).replace("/start.pyc", "/timed.pyc")
    (folder / "Dockerfile").write_text(TIMED_DOCKERFILE.replace("OURS", name("llbpy")) + entry)
    _push("timed", folder)


def _go(program: Path) -> None:
    """docker/dockerfile, its image as its authors make it."""
    folder = _folder(GO)
    shutil.copy(program, folder)
    (folder / "Dockerfile").write_text(GO_DOCKERFILE)
    _push(GO, folder)


def _bases() -> None:
    """Images that differ in their config, and one for several platforms."""
    folder = _folder("base")
    (folder / "Dockerfile").write_text(BASE_DOCKERFILE)
    for number in range(BASES):
        _push(f"base:{number}", folder, f"--opt=build-arg:NUMBER={number}")
    _push("base:all", folder, f"--opt=platform={','.join(PLATFORMS)}")


def _folder(of: str) -> Path:
    folder = WORK / of
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _push(repository: str, folder: Path, *options: str, file: str = "Dockerfile") -> None:
    output(
        *("buildctl", "build", "--progress=quiet", "--frontend=dockerfile.v0", f"--opt=filename={file}", *options),
        *(f"--local=context={folder}", f"--local=dockerfile={folder}"),
        f"--output=type=image,name={name(repository)},push=true",
    )
