"""What lies beside a build file, brought when it is imported and not before: most build files import nothing of the kind."""

from __future__ import annotations

import os
import sys

from llbpy.dsl.sources import local
from llbpy.errors import BuildFileError
from llbpy.gateway import bridge as calls
from llbpy.gateway.folders import solvable
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from llbpy.gateway.bridge import Bridge
    from llbpy.gateway.entry import Entry
    from llbpy.gateway.options import Options

_NEVER = (".venv", "node_modules", ".git", "__pycache__")
_LARGEST = 8 << 20
"""Bytes of all modules together."""
_MOST = 1000
"""Files."""
_HOPS = 40
"""Links from link to link, as many as Linux follows: they may lead in circles."""
_FOLDER, _LINK = 1 << 31, 1 << 27
"""The bits of Go's file modes that say folder, and symlink."""
_ADVICE = "the frontend's image has Python's standard library; derive one from it that has more, and name that in the syntax line"


class Beside:
    """Brings modules and packages from beside the build file into `folder`, where Python finds them.

    All that the build file names come together, with every `*.py` beside it: one sync under a hint of its own, as sharing the
    build file's would make the two push each other out of the daemon's cache. Links stay links, and what they lead to comes too.
    """

    def __init__(self, bridge: Bridge, options: Options, entry: Entry, folder: str) -> None:
        self._bridge = bridge
        self._options = options
        self._entry = entry
        self._folder = folder
        self._root = entry.filename.rpartition("/")[0]
        self._names: set[str] = set()
        self._linked: set[str] = set()
        """What may be a link, and what links lead to, seen from the build file's folder."""
        self._links: dict[str, str] = {}
        self._written: set[str] = set()

    def __call__(self, name: str) -> bool:
        """Whether there is such a module now. Raises ModuleNotFoundError with advice if not, BuildFileError for too large ones."""
        if name not in self._names:
            self._names |= {name, *(imported(self._entry.text) if not self._names else ())}
            self._bring()
        if not self._has(name) and name not in self._linked:
            self._linked.add(name)  # it may be a link, which the files in a folder of that name do not bring along
            self._bring()
        if not self._has(name):
            raise ModuleNotFoundError(f"No module named {name!r}: {self._where(name)}, and {_ADVICE}", name=name)
        return True

    def _has(self, name: str) -> bool:
        return any(os.path.exists(os.path.join(self._folder, each)) for each in (name, f"{name}.py"))

    def _where(self, module: str) -> str:
        for link in (module, f"{module}.py"):
            if link in self._links:
                return f"{link} is a link to {self._links[link]!r}, which does not lie in the build file's folder"
        name = self._entry.filename.rpartition("/")[2]
        if self._entry.is_local and not self._written:
            return (
                f"no module lies beside {name} (a file from stdin comes alone: pass its folder, and its name with -f)"
            )
        return f"it does not lie beside {name}"

    def _bring(self) -> None:
        files = self._list(self._ref())
        for _ in range(_HOPS):
            if not self._follow():
                break
            files = self._list(self._ref())
        self._check_size(files)
        for path in self._links:
            self._link(path)
        new = [path for path in files if path not in self._written]
        requests = [calls.read_file(self._source, self._below(path)) for path in new]
        for path, reply in zip(new, self._bridge.ask_each(requests), strict=True):
            if path in self._links and isinstance(reply, Status):
                continue  # leads nowhere, as those of editors do beside a file that is being changed, or to a folder
            found = calls.if_there(reply)
            if found is not None:
                self._write(path, found.get("Data", b""))

    def _follow(self) -> bool:
        """Whether links lead to more than what is wanted so far."""
        more = {target for link in self._links for target in self._behind(link) if not self._is_wanted(target)}
        self._linked |= more
        return bool(more)

    def _behind(self, link: str) -> list[str]:
        """What is wanted of that to which a link leads: all of it, or what other links lead to through this one."""
        target = _target(link, self._links[link])
        through = [each.removeprefix(link) for each in self._linked if each.startswith(f"{link}/")]
        whole = [""] if self._is_wanted(link) and target != "." else []
        return [os.path.normpath(target + rest) for rest in (*whole, *through)] if target else []

    def _link(self, path: str) -> None:
        place = os.path.join(self._folder, path)
        if self._is_link(path) and not os.path.lexists(place):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(self._links[path], place)

    def _write(self, path: str, data: bytes) -> None:
        target = os.path.join(self._folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)
        self._written.add(path)

    def _ref(self) -> str:
        """The ref that has the modules: the context itself, or a sync of them alone."""
        if not self._entry.is_local:
            self._source = self._entry.ref
            return self._source
        options = self._options
        wanted = local(
            options.file_key,
            include=[self._below(pattern) for pattern in ("*.py", *[f"{name}/**" for name in sorted(self._names)])],
            follow=[self._below(path) for path in sorted(self._linked)],
            exclude=[f"**/{name}" for name in _NEVER],
            shared_key=f"{options.file_key}-modules",
            session=options.local_session(options.file_key) or None,
            name=f"[internal] load modules beside {self._entry.filename}",
        )
        (reply,) = self._bridge.ask(calls.solve(solvable(wanted.vertex).to_bytes()))
        self._source = reply.get("result", {}).get("ref", {}).get("id", "")
        return self._source

    def _below(self, path: str) -> str:
        return f"{self._root}/{path}" if self._root else path

    def _list(self, ref: str) -> dict[str, int]:
        """The size of each file that is wanted, by its path from the build file's folder: a round for each depth of folders."""
        found: dict[str, int] = {}
        folders = [""]
        while folders and len(found) <= _MOST:
            requests = [calls.read_dir(ref, self._below(folder) or "/") for folder in folders]
            listed = [(calls.if_there(reply) or {}).get("entries", ()) for reply in self._bridge.ask_each(requests)]
            deeper: list[str] = []
            for folder, entries in zip(folders, listed, strict=True):
                files, below = self._sorted(folder, entries)
                found |= files
                deeper += below
            folders = deeper
        return found

    def _sorted(self, folder: str, entries: Iterable[dict[str, Any]]) -> tuple[dict[str, int], list[str]]:
        files: dict[str, int] = {}
        folders: list[str] = []
        for entry in entries:
            name = entry.get("path", "").rpartition("/")[2]
            path = f"{folder}/{name}" if folder else name
            mode = entry.get("mode", 0)
            if name in _NEVER or not (self._is_wanted(path) or self._leads_on(path)):
                continue
            if mode & _LINK:
                self._links[path] = entry.get("linkname", "")
            if mode & _FOLDER:
                folders.append(path)
            elif path not in self._names and not self._is_link(path):  # a program, say, has a module's bare name
                files[path] = entry.get("size", 0)
        return files, folders

    def _is_wanted(self, path: str) -> bool:
        """Whether a file or folder is to be brought: a module, or what is in a package or linked."""
        if "/" not in path and path.endswith(".py"):
            return True
        return any(f"{path}/".startswith(f"{each}/") for each in (*self._names, *self._linked))

    def _is_link(self, path: str) -> bool:
        """Whether it stays a link; one that leads out of the folder is read as the file that it may be."""
        return path in self._links and bool(_target(path, self._links[path]))

    def _leads_on(self, path: str) -> bool:
        """Whether it is a folder on the way to what is linked."""
        return any(each.startswith(f"{path}/") for each in self._linked)

    def _check_size(self, files: dict[str, int]) -> None:
        if len(files) > _MOST:
            problem = f"more than {_MOST} files lie in the packages that it imports ({', '.join(sorted(self._names))})"
            raise BuildFileError(problem, self._entry.filename)
        if sum(files.values()) > _LARGEST:
            largest = max(files, key=lambda path: files[path])
            size = files[largest] / (1 << 20)
            problem = (
                f"the modules that it imports have more than 8 MiB, {largest!r} {size:.1f}; keep data in the context"
            )
            raise BuildFileError(problem, self._entry.filename)


def _target(path: str, link: str) -> str:
    """Where a link leads, seen from the build file's folder (`.` is that itself); empty if that is outside."""
    target = os.path.normpath(os.path.join(os.path.dirname(path), link))
    return "" if target.startswith(("/", "..")) else target


def imported(text: bytes) -> set[str]:
    """The top-level modules that a file imports, wherever it does, and that are not Python's own or llbpy."""
    import ast

    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return {name for name in names if name not in sys.stdlib_module_names and name != "llbpy"}


def check_dependencies(text: bytes, filename: str) -> None:
    """Raises BuildFileError for a block of dependencies (PEP 723) in a build file: nobody can install them here."""
    if b"# /// script" not in text:
        return
    import tomllib

    lines = text.decode(errors="replace").splitlines()
    start = lines.index("# /// script") if "# /// script" in lines else len(lines)
    block: list[str] = []
    for line in lines[start + 1 :]:
        if line == "# ///" or not line.startswith("#"):
            break
        block.append(line[2:])
    try:
        wanted = tomllib.loads("\n".join(block)).get("dependencies", [])
    except tomllib.TOMLDecodeError as error:
        raise BuildFileError(f"its script block is no TOML: {error}", f"{filename}:{start + 1}") from error
    if wanted:
        raise BuildFileError(f"it depends on {', '.join(map(str, wanted))}; {_ADVICE}", f"{filename}:{start + 1}")
