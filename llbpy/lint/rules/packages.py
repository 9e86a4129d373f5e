"""Rules on package managers of distributions."""

from __future__ import annotations

from llbpy.lint.commands import CACHE, base_name
from llbpy.lint.installs import plain_words
from llbpy.lint.lineage import kept
from llbpy.lint.rules.rule import Rule
from llbpy.lint.subject import where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llbpy.lint.commands import Command
    from llbpy.lint.finding import Finding
    from llbpy.lint.subject import Subject

_APT = ("apt", "apt-get")
_LISTS = "/var/lib/apt/lists"
_CLEANERS = ("distclean", "dist-clean")
_APT_FOLDERS = ("/var/cache/apt", "/var/lib/apt")
_DNF_FOLDERS = ("/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum", "/var/lib/dnf")

_FOLDERS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys((*_APT, "aptitude"), _APT_FOLDERS),
    **dict.fromkeys(("dnf", "microdnf", "yum"), _DNF_FOLDERS),
    "apk": ("/var/cache/apk", "/etc/apk/cache"),
    "zypper": ("/var/cache/zypp",),
    "pacman": ("/var/cache/pacman",),
}
"""For each package manager, the folders that two of it may not use at once."""


class UnlockedPackageCache(Rule):
    """apt, dnf and their like expect to be alone in their folders, and their lock files do not reach from one container to another.
    Two builds at once, or two platforms of one build, then break each other's downloads. `sharing="locked"` lets one wait for the
    other; `sharing="private"`, which gives each its own, is as good.

    Bad:

        @target
        def app() -> State:
            caches = [cache("/var/cache/apt"), cache("/var/lib/apt")]
            return image("debian:trixie", inherit=False).run("apt-get update && apt-get install -y git", mounts=caches)

    Good:

        @target
        def app() -> State:
            caches = [cache("/var/cache/apt", sharing="locked"), cache("/var/lib/apt", sharing="locked")]
            return image("debian:trixie", inherit=False).run("apt-get update && apt-get install -y git", mounts=caches)
    """

    DESCRIPTION = "A package manager works in a cache that others may write to at the same time"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for command in subject.commands:
            programs = {base_name(call[0]): None for call in command.called(*_FOLDERS)}
            for program in programs:
                for target in _shared(command, _FOLDERS[program]):
                    advice = f"write cache({target!r}, sharing='locked')"
                    detail = f"{program} shares its cache at {target} with whoever builds at the same time; {advice}"
                    yield cls.found(detail, where(command.vertex))


def _shared(command: Command, folders: Sequence[str]) -> list[str]:
    """The targets of shared caches on some of these folders, or below them."""
    caches = [mount.target for mount in command.mounts if mount.is_shared_cache]
    return [target for target in caches if any(f"{target}/".startswith(f"{folder}/") for folder in folders)]


class AptWithoutCleanup(Rule):
    """They are tens of megabytes that no container needs, and are stale within days. A cache mount keeps them out of the layer, and
    the next build has them; or the same command removes them. A later command cannot: the layer below it keeps them. What
    happens in a filesystem that is no part of the result is not looked at.

    Bad:

        @target
        def app() -> State:
            return image("debian:trixie", inherit=False).run("apt-get update && apt-get install -y git")

    Good:

        @target
        def app() -> State:
            caches = [cache("/var/cache/apt", sharing="locked"), cache("/var/lib/apt", sharing="locked")]
            return image("debian:trixie", inherit=False).run("apt-get update && apt-get install -y git", mounts=caches)
    """

    DESCRIPTION = "apt leaves its package lists in the result"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        digests = {vertex.digest for vertex in kept(subject.graph)}
        for command in subject.commands:
            if command.vertex.digest in digests and _runs(command, *_USES) and not _cleans(command):
                advice = (
                    "mount cache('/var/lib/apt', sharing='locked'), or end the command with rm -rf /var/lib/apt/lists/*"
                )
                yield cls.found(f"apt's package lists stay in the layer; {advice}", where(command.vertex))


class AptUpdateAlone(Rule):
    """The first one's result is cached for as long as its text is the same. Weeks later a changed list of packages is installed
    from the old lists, which name versions that the mirrors no longer have.

    Bad:

        @target
        def app() -> State:
            return image("debian:trixie", inherit=False).run("apt-get update").run("apt-get install -y git")

    Good:

        @target
        def app() -> State:
            text = "apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*"
            return image("debian:trixie", inherit=False).run(text)
    """

    DESCRIPTION = "A command fetches apt's package lists, and another one installs from them"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for command in subject.commands:
            if _runs(command, "update") and not _runs(command, *_USES) and not _cleans(command):
                advice = "put update and install into one command"
                yield cls.found(
                    f"apt update stands alone, so its lists are cached and grow stale; {advice}", where(command.vertex)
                )


_USES = ("install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep", "satisfy")


def _runs(command: Command, *subcommands: str) -> bool:
    """Whether it calls apt with one of these subcommands."""
    return any(plain_words(call)[1:2] == [each] for call in command.called(*_APT) for each in subcommands)


def _cleans(command: Command) -> bool:
    """Whether the lists are gone when it ends: never in the layer, or removed."""
    elsewhere = any(mount.covers(_LISTS) for mount in command.mounts if mount.kind >= CACHE)
    removed = any(_LISTS in " ".join(call) for call in command.called("rm", "find"))
    return elsewhere or removed or _runs(command, *_CLEANERS)
