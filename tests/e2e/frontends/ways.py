"""The ways in which a build file goes through its frontend: what is typed, and what the client says."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

from tests.e2e.bed import Built
from tests.e2e.oci import Archive
from tests.e2e.servers import Repository

ROOT = Path(__file__).parents[3]
BASE = "python:3.11-slim"

Way: TypeAlias = Callable[["Builds", Path, Sequence[str], Sequence[str]], list[str]]
"""The command that builds the build file of a folder.

It takes options of the frontend, as `target=app`, `build-arg:version=1`, and words of the client, as `--output=…`, `--secret=…`.
"""

_FLAGS = {
    "build-arg:": "--build-arg=",
    "label:": "--label=",
    "context:": "--build-context=",
    "target=": "--target=",
    "platform=": "--platform=",
    "no-cache=": "--no-cache-filter=",
    "cache-from=": "--cache-from=",
}
"""How buildx spells the beginning of an option."""
_MAPS = {"build-arg": "args", "label": "labels", "context": "contexts"}
_LISTS = {"platform": "platforms", "no-cache": "no-cache-filter", "cache-from": "cache-from"}
_WORDS = ("output", "secret", "ssh", "network")
"""What bake takes from its file."""


def push_frontend(ref: str) -> str:
    """Builds the frontend image of this tree with its Dockerfile for one platform, pushes it; the reference."""
    options = ("filename=Dockerfile.frontend", f"build-arg:PYTHON={BASE}")
    places = (f"--local=context={ROOT}", f"--local=dockerfile={ROOT}", f"--output=type=image,name={ref},push=true")
    run(0, "buildctl", "build", "--progress=plain", "--frontend=dockerfile.v0", *_opts(options), *places)
    return ref


def run(
    expected: int,
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    input: bytes | None = None,
    timeout: float = 100,
) -> str:
    """What a command says that must end with a certain exit code."""
    done = subprocess.run(
        [*map(str, command)],
        input=input,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        env=os.environ | (env or {}),
        timeout=timeout,
    )
    said = done.stdout.decode()
    assert done.returncode == expected, said
    return said


def gateway(builds: Builds, folder: Path, options: Sequence[str], words: Sequence[str]) -> list[str]:
    """`buildctl build --frontend gateway.v0`, with the image as its source."""
    return [*buildctl(folder), "--frontend=gateway.v0", *_opts((f"source={builds.frontend}", *options)), *words]


def syntax(builds: Builds, folder: Path, options: Sequence[str], words: Sequence[str]) -> list[str]:
    """`buildctl build --frontend dockerfile.v0`, which goes on to the image that the syntax line names."""
    return [*buildctl(folder), "--frontend=dockerfile.v0", *_opts(("filename=build.py", *options)), *words]


def buildx(builds: Builds, folder: Path, options: Sequence[str], words: Sequence[str]) -> list[str]:
    """`docker buildx build`."""
    flags = [*map(_flag, options), f"--file={folder / 'build.py'}", *words]
    return ["docker-buildx", "build", f"--builder={builds.builder}", "--progress=plain", *flags, str(folder)]


def bake(builds: Builds, folder: Path, options: Sequence[str], words: Sequence[str]) -> list[str]:
    """`docker buildx bake`, with all of that in its file."""
    file = builds.folder / f"{uuid4().hex[:8]}.json"
    file.write_text(json.dumps({"target": {"default": _target(folder, options, words)}}))
    allowed = ("--allow=fs=*", "--allow=ssh")
    given = [word for word in words if word.partition("=")[0].removeprefix("--") not in _WORDS]
    return [*baked(builds, file), *allowed, *given]


def baked(builds: Builds, file: Path) -> list[str]:
    """`docker buildx bake` of a file."""
    return ["docker-buildx", "bake", f"--builder={builds.builder}", "--progress=plain", f"--file={file}"]


WAYS = (gateway, syntax, buildx, bake)


def buildctl(context: Path, dockerfile: Path | None = None) -> list[str]:
    """`buildctl build` with the two folders that frontends ask for."""
    places = [f"--local=context={context}", f"--local=dockerfile={dockerfile or context}"]
    return ["buildctl", "build", "--progress=plain", *places]


def _opts(options: Sequence[str]) -> list[str]:
    return [f"--opt={option}" for option in options]


def _flag(option: str) -> str:
    if option == "no-cache=":
        return "--no-cache"
    if option.startswith("attest:"):
        return f"--attest={_attestation(option)}"
    for start, flag in _FLAGS.items():
        if option.startswith(start):
            return flag + option.removeprefix(start)
    raise ValueError(f"how does buildx spell {option}?")


def _attestation(option: str) -> str:
    """How clients spell `attest:KIND=PARAMETERS`."""
    kind, _, parameters = option.removeprefix("attest:").partition("=")
    return f"type={kind},{parameters}"


def _target(folder: Path, options: Sequence[str], words: Sequence[str]) -> dict[str, Any]:
    target: dict[str, Any] = {"context": str(folder), "dockerfile": "build.py"}
    for option in options:
        name, _, value = option.partition("=")
        kind, colon, key = name.partition(":")
        if kind == "attest":
            target.setdefault(kind, []).append(_attestation(option))
        elif colon:
            target.setdefault(_MAPS[kind], {})[key] = value
        elif option == "no-cache=":
            target[name] = True
        elif name in _LISTS:
            target[_LISTS[name]] = value.split(",")
        else:
            target[name] = value
    for word in words:
        name, _, value = word.removeprefix("--").partition("=")
        if name == "network":
            target[name] = value
        elif name in _WORDS:
            target.setdefault(name, []).append(value)
    return target


@dataclass(frozen=True)
class Builds:
    """A folder for one test, the frontend's reference, a registry, a salt that no other test or run has, a builder of buildx."""

    folder: Path
    frontend: str
    registry: str
    salt: str
    builder: str

    def write(self, text: str, others: Mapping[str, str] | None = None, name: str = "build.py") -> Path:
        """A new folder with a build file, whose first line names the frontend, and other files by their paths."""
        return self.files({name: f"# syntax={self.frontend}\n{text}", **(others or {})})

    def files(self, texts: Mapping[str, str]) -> Path:
        """A new folder with files by their paths."""
        folder = self.fresh()
        folder.mkdir()
        for path, content in texts.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        return folder

    def fresh(self) -> Path:
        """A path where nothing is."""
        return self.folder / uuid4().hex[:8]

    def done(self, folder: Path, *options: str, way: Way = gateway, words: Sequence[str] = ()) -> str:
        """What the client says of a build that must succeed; `words` are its own options."""
        return run(0, *way(self, folder, options, words))

    def fails(self, folder: Path, *options: str, way: Way = gateway, words: Sequence[str] = ()) -> str:
        """What the client says of a build that must fail."""
        return run(1, *way(self, folder, options, words))

    def export(self, folder: Path, *options: str, way: Way = gateway, words: Sequence[str] = ()) -> Built:
        """A build that must succeed, exported to a folder."""
        out = self.fresh()
        return Built(self.done(folder, *options, way=way, words=[f"--output=type=local,dest={out}", *words]), out)

    def archive(self, folder: Path, *options: str, way: Way = gateway, words: Sequence[str] = ()) -> Archive:
        """A build that must succeed, exported as an OCI archive."""
        out = self.fresh().with_suffix(".tar")
        self.done(folder, *options, way=way, words=[f"--output=type=oci,dest={out}", *words])
        return Archive.read(out)

    def elsewhere(
        self,
        context: str,
        *options: str,
        through: str = "gateway.v0",
        output: str = "",
        words: Sequence[str] = (),
        code: int = 0,
    ) -> Built:
        """A build by buildctl of a context that is no folder of the client, exported to a folder unless `output` is given."""
        out = self.fresh()
        given = [f"--frontend={through}", *_opts((f"source={self.frontend}", f"context={context}", *options)), *words]
        given.append(output or f"--output=type=local,dest={out}")
        return Built(run(code, "buildctl", "build", "--progress=plain", *given), out)

    def typed(self, *words: str | Path, input: bytes = b"", code: int = 0) -> Built:
        """A build by `docker buildx build WORDS`, exported to a folder; `input` comes on its stdin."""
        out = self.fresh()
        command = ("docker-buildx", "build", f"--builder={self.builder}", "--progress=plain")
        return Built(run(code, *command, f"--output=type=local,dest={out}", *words, input=input), out)

    def said(self, *words: str, code: int = 0) -> str:
        """What `docker buildx WORDS` says."""
        return run(code, "docker-buildx", *words)

    def repository(self) -> Repository:
        """A repository, served as `remotes` and the salt."""
        return Repository(self.folder / "git" / self.salt)

    def push(self, folder: Path, *options: str, way: Way = gateway, words: Sequence[str] = ()) -> str:
        """A build that must succeed, pushed; the reference."""
        ref = f"{self.registry}/e2e/{uuid4().hex}"
        self.done(folder, *options, way=way, words=[f"--output=type=image,name={ref},push=true", *words])
        return ref
