"""Makes root file systems of Debian packages, from the mirror that the machine's own apt uses."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from parts import update_lists
from testbed import BIN, ROOT, ask, run

SUITE = "bookworm"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
SETTINGS = ("Acquire::http::Proxy", "Acquire::https::Proxy", "Acquire::Check-Valid-Until", "Acquire::Check-Date")


@dataclass(frozen=True)
class Root:
    """A root file system: mmdebstrap's options, and the scripts in tools/images that finish it."""

    options: tuple[str, ...]
    scripts: tuple[str, ...] = ()

    @property
    def hooks(self) -> list[Path]:
        return [ROOT / "tools" / "images" / f"{script}.sh" for script in self.scripts]

    @property
    def words(self) -> list[str]:
        """mmdebstrap's options with those that the machine asks for; nothing in them depends on this clone."""
        return [*self.options, *apt_settings(), *(https_options() if "--variant=apt" in self.options else [])]

    @property
    def recipe(self) -> list[object]:
        """All that goes into the root, for a digest."""
        return [self.words, [hook.read_text() for hook in self.hooks], SUITE, mirror()]

    def make(self, arch: str, tar: Path) -> None:
        """Writes the root as a tar file; arch as Debian names it."""
        hooks = [f"--extract-hook={hook}" for hook in self.hooks]
        words: list[str | Path] = [f"--arch={arch}", "--skip=output/dev", *self.words, *hooks, SUITE, tar, *mirror()]
        run("mmdebstrap", *words, log=f"rootfs-{arch}", env=os.environ | {"BUSYBOX": str(BIN / "busybox")})


@cache
def mirror() -> list[str]:
    """The mirror that the machine's apt has the suite from, none (mmdebstrap's own choice) if it has none."""
    found = suite_sources()
    if not found:
        update_lists()  # apt names a source only once it has fetched its lists
        found = suite_sources()
    return found[:1]


def suite_sources() -> list[str]:
    lines = ask("apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages")
    return [line.split()[2] for line in lines.splitlines() if line.startswith(f"{SUITE} main ")]


@cache
def apt_settings() -> list[str]:
    """The machine's proxies and its say on old archives; they hold inside the images too."""
    lines = ask("apt-config", "dump", "--format", '%f "%v";%n', *SETTINGS)
    return [f"--aptopt={line}" for line in lines.splitlines() if not line.endswith('"";')]


def https_options() -> list[str]:
    """What apt inside an image needs to trust an https mirror as this machine does."""
    if not "".join(mirror()).startswith("https:"):
        return []
    return ["--include=ca-certificates", f"--customize-hook=copy-in {CERTIFICATES} {os.path.dirname(CERTIFICATES)}"]
