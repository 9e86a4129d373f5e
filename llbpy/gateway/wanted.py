"""What is wanted of a build file's folder, and where the links in it lead."""

from __future__ import annotations

import os


class Wanted:
    """The modules that a build file names, and what links among them lead to: all paths are seen from its folder."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.linked: set[str] = set()
        """What may be a link, and what links lead to."""
        self.links: dict[str, str] = {}
        """What each link that was found says."""

    def has(self, path: str) -> bool:
        """Whether a file or folder is to be brought: a module, or what is in a package or linked."""
        if "/" not in path and path.endswith(".py"):
            return True
        return any(f"{path}/".startswith(f"{each}/") for each in (*self.names, *self.linked))

    def leads_on(self, path: str) -> bool:
        """Whether it is a folder on the way to what is linked."""
        return any(each.startswith(f"{path}/") for each in self.linked)

    def stays_link(self, path: str) -> bool:
        """Whether it is a link that stays one; one that leads out of the folder is read as the file that it may be."""
        return path in self.links and bool(_target(path, self.links[path]))

    def follow(self) -> bool:
        """Wants what the links lead to; whether that is more than before."""
        more = {target for link in self.links for target in self._behind(link) if not self.has(target)}
        self.linked |= more
        return bool(more)

    def _behind(self, link: str) -> list[str]:
        """What is wanted of that to which a link leads: all of it, or what other links lead to through this one."""
        target = _target(link, self.links[link])
        through = [each.removeprefix(link) for each in self.linked if each.startswith(f"{link}/")]
        whole = [""] if self.has(link) and target != "." else []
        return [os.path.normpath(target + rest) for rest in (*whole, *through)] if target else []


def _target(path: str, link: str) -> str:
    """Where a link leads, seen from the build file's folder (`.` is that itself); empty if that is outside."""
    target = os.path.normpath(os.path.join(os.path.dirname(path), link))
    return "" if target.startswith(("/", "..")) else target
