"""The way of a target through the real thing: `llbpy dump`, `buildctl build`, and what came out of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeAlias

from llbpy import State, image
from tests.e2e.oci import Image


class Named(NamedTuple):
    """A target by its build file and name; no name is the default one."""

    file: Path
    target: str = ""


Buildable: TypeAlias = Callable[..., State] | Named
"""What a bed builds: a target of a test file, which takes a salt; or one of any build file."""


def busybox(salt: str) -> State:
    """A small image, and a variable that makes whatever runs on it new to the daemon."""
    return image("busybox", inherit=False).env(SALT=salt)


def marked(progress: str) -> list[str]:
    """The lines of source that buildctl marks, stripped."""
    return [line.partition(">>>")[2].strip() for line in progress.splitlines() if ">>>" in line]


@dataclass(frozen=True)
class Built:
    """What a build left: its progress as plain text, and the folder that it was exported to."""

    progress: str = field(repr=False)
    folder: Path

    def text(self, path: str) -> str:
        """A file's text without its last newline."""
        return (self.folder / path).read_text().removesuffix("\n")

    @property
    def names(self) -> list[str]:
        """All files and links, seen from the folder; folders only where they are empty."""
        found = [
            path for path in self.folder.rglob("*") if path.is_symlink() or not (path.is_dir() and any(path.iterdir()))
        ]
        return sorted(str(path.relative_to(self.folder)) for path in found)

    @cached_property
    def cached(self) -> set[str]:
        """The steps that came from the cache, by name."""
        names = dict(re.findall(r"^#(\d+) (.*)$", "\n".join(reversed(self.progress.splitlines())), re.MULTILINE))
        return {names[number] for number in re.findall(r"^#(\d+) CACHED$", self.progress, re.MULTILINE)}


@dataclass(frozen=True)
class Layout:
    """A folder of OCI layout, and the digest of its only image."""

    folder: Path
    digest: str


class Bed:
    """A folder for one test, and a salt that no other test or run has."""

    def __init__(self, folder: Path, registry: str, salt: str) -> None:
        self.folder = folder
        self.registry = registry
        self.salt = salt
        self._numbers = count(1)

    def llbpy(self, *words: str | Path, input: bytes | None = None) -> bytes:
        """What the command writes to stdout. What it says otherwise is the message of a failure."""
        command = [sys.executable, "-m", "llbpy", *map(str, words)]
        done = subprocess.run(command, input=input, cwd=self.folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def words(self, what: Buildable, platform: str = "", **args: str) -> list[str]:
        """How a target is named to `llbpy dump`, `digest` and `graph`."""
        if not isinstance(what, Named):
            what, args = Named(Path(what.__code__.co_filename), what.__name__), {"salt": self.salt, **args}
        name = [what.target] if what.target else []
        on = [f"--platform={platform}"] if platform else []
        return [*name, f"--file={what.file}", *on, *[f"--arg={key}={value}" for key, value in args.items()]]

    def dump(self, what: Buildable, *, platform: str = "", **args: str) -> bytes:
        """The definition of a target."""
        return self.llbpy("dump", *self.words(what, platform, **args))

    def build(self, what: Buildable | bytes, *options: str, platform: str = "", **args: str) -> Built:
        """A target or a definition, built to a folder of its own; options are buildctl's."""
        folder = self._fresh()
        definition = self._definition(what, platform, args)
        return Built(self._buildctl(0, definition, f"--output=type=local,dest={folder}", *options), folder)

    def failure(self, what: Buildable | bytes, *options: str, platform: str = "", **args: str) -> str:
        """What buildctl says of a build that must fail."""
        return self._buildctl(1, self._definition(what, platform, args), *options)

    def archive(self, what: Buildable, *options: str, platform: str = "", **args: str) -> Path:
        """A target, built and exported as an image in one OCI archive."""
        archive = self._fresh().with_suffix(".tar")
        self._buildctl(0, self.dump(what, platform=platform, **args), f"--output=type=oci,dest={archive}", *options)
        return archive

    def image(self, what: Buildable, *options: str, platform: str = "", **args: str) -> Image:
        """A target, exported as an image and read back."""
        return Image.from_archive(self.archive(what, *options, platform=platform, **args))

    def layout(self, what: Buildable, **args: str) -> Layout:
        """A target, built and exported as an image in a folder of OCI layout."""
        folder = self._fresh()
        self._buildctl(0, self.dump(what, **args), f"--output=type=oci,tar=false,dest={folder}")
        (only,) = json.loads((folder / "index.json").read_text())["manifests"]
        return Layout(folder, only["digest"])

    def pushed(self, what: Buildable, *options: str, platform: str = "", **args: str) -> Image:
        """A target with its image config, pushed to the registry as the help of `llbpy dump` shows, and read back."""
        metadata, name = self.folder / "meta.json", f"e2e/{self.salt}"
        definition = self.llbpy("dump", f"--metadata-file={metadata}", *self.words(what, platform, **args))
        config = json.loads(metadata.read_text())["buildctl.output"]
        output = f"--output=type=image,name={self.registry}/{name},push=true,{config}"
        self._buildctl(0, definition, output, *options)
        return Image.from_registry(self.registry, name)

    def local(self, name: str, files: dict[str, str]) -> str:
        """A folder of files, made here; the option that offers it to a build under the name."""
        folder = self.folder / "locals" / name
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return f"--local={name}={folder}"

    def _definition(self, what: Buildable | bytes, platform: str, args: dict[str, str]) -> bytes:
        return what if isinstance(what, bytes) else self.dump(what, platform=platform, **args)

    def _fresh(self) -> Path:
        return self.folder / f"export-{next(self._numbers)}"

    @staticmethod
    def _buildctl(expected: int, definition: bytes, *options: str) -> str:
        """The plain progress of a build that ends with the expected exit code."""
        command = ("buildctl", "build", "--progress=plain", *options)
        done = subprocess.run(command, input=definition, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        progress = done.stdout.decode()
        assert done.returncode == expected, progress
        return progress
