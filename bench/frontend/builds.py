"""Builds that are measured: their files, and how buildctl is asked for them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench.frontend import images
from bench.frontend.daemon import Daemon
from bench.processes import ENV, PYTHON, ROOT, await_quiet, output, wall_ms

HEAD = """\
from llbpy import State, image, merge, scratch, target


@target(default=True)
def all() -> State:
    return """
NOTHING = HEAD + 'image("busybox")\n'
EQUAL = HEAD + 'image("busybox").run("echo one > /one").run("echo two > /two").run("echo three > /three")\n'
LARGE = HEAD + 'merge(*[scratch().write(f"/{n}", str(n)) for n in range(9_999)])\n'
CONFIGS = HEAD + 'merge(*[image(f"BASE:{n}").write("here", "") for n in range(COUNT)])\n'
PLATFORMS = HEAD + 'image("BASE:all").write("here", "")\n'

NOTHING_DOCKERFILE = "FROM busybox\n"
EQUAL_DOCKERFILE = "FROM busybox\nRUN echo one > /one\nRUN echo two > /two\nRUN echo three > /three\n"


class Subject(NamedTuple):
    """A build: its folder, its file, and buildctl's options that name the frontend and more."""

    folder: Path
    file: str
    options: tuple[str, ...]

    def command(self, daemon: Daemon, progress: str = "quiet") -> tuple[str, ...]:
        return daemon.buildctl(
            *("build", f"--progress={progress}", f"--opt=filename={self.file}", *self.options),
            *(f"--local=context={self.folder}", f"--local=dockerfile={self.folder}"),
        )


def by_gateway(name: str, text: str, *options: str, frontend: str = "llbpy") -> Subject:
    """A build whose frontend the client names."""
    return _subject(name, frontend, text, f"--opt=source={images.name(frontend)}", "--frontend=gateway.v0", *options)


def by_syntax(name: str, text: str, *, frontend: str = "llbpy") -> Subject:
    """A build whose file names the frontend."""
    return _subject(name, frontend, f"# syntax={images.name(frontend)}\n{text}", "--frontend=dockerfile.v0")


def _subject(name: str, frontend: str, text: str, *options: str) -> Subject:
    folder = images.WORK / "builds" / name
    folder.mkdir(parents=True, exist_ok=True)
    file = "Dockerfile" if frontend == images.GO else "build.py"
    (folder / file).write_text(text.replace("BASE", images.name("base")))
    return Subject(folder, file, options)


def steps(daemon: Daemon, subject: Subject) -> set[str]:
    """The digests of the vertices that a build makes of others."""
    status = _rawjson(daemon, subject).splitlines()
    vertexes = [vertex for line in status for vertex in json.loads(line).get("vertexes") or ()]
    return {vertex["digest"] for vertex in vertexes if vertex.get("inputs")}


def _rawjson(daemon: Daemon, subject: Subject) -> bytes:
    """What buildctl says of a build's progress."""
    command = subject.command(daemon, progress="rawjson")
    return subprocess.run(
        command, check=True, cwd=ROOT, env=ENV, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    ).stderr


def warm_ms(daemon: Daemon, subject: Subject) -> float:
    """Milliseconds of a build, after a quiet moment."""
    await_quiet()
    return wall_ms(*subject.command(daemon))


def first_use_ms(daemon: Daemon, subject: Subject, warm: Subject) -> float:
    """Milliseconds of a build whose frontend's image the daemon has to pull; `warm` has brought everything else.

    Raises RuntimeError if the daemon had the image.
    """
    output(*daemon.buildctl("prune", "--all"))
    output(*warm.command(daemon))
    await_quiet()
    start = perf_counter()
    progress = _rawjson(daemon, subject)
    spent = (perf_counter() - start) * 1e3
    if b'"extracting ' not in progress:
        raise RuntimeError("the daemon had the frontend's image")
    return spent


def definition(subject: Subject) -> Path:
    """A file with the definition that `llbpy dump` makes of a build file."""
    path = subject.folder / "definition"
    command = (Path(PYTHON).with_name("llbpy"), "dump", "-f", subject.folder / subject.file)
    with path.open("wb") as file:
        subprocess.run(command, check=True, cwd=ROOT, env=ENV, stdout=file)
    return path


def bare_ms(daemon: Daemon, definition: Path) -> float:
    """Milliseconds of a build of a definition, without a frontend."""
    await_quiet()
    with definition.open("rb") as file:
        start = perf_counter()
        subprocess.run(daemon.buildctl("build", "--progress=quiet"), check=True, cwd=ROOT, env=ENV, stdin=file)
        return (perf_counter() - start) * 1e3
