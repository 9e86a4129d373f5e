"""What lies beside a build file, brought when it is imported and not before: most build files import nothing of the kind."""

from __future__ import annotations

import os
import sys

from llbpy.dsl.sources import local
from llbpy.errors import BuildFileError
from llbpy.gateway import bridge as calls
from llbpy.gateway.folders import solvable
from llbpy.gateway.wanted import Wanted
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
        self._wanted = Wanted()
        self._written: set[str] = set()

    def __call__(self, name: str) -> bool:
        """Whether there is such a module now. Raises ModuleNotFoundError with advice if not, BuildFileError for too large ones."""
        wanted = self._wanted
        if name not in wanted.names:
            wanted.names |= {name, *(imported(self._entry.text) if not wanted.names else ())}
            self._bring()
        if not self._has(name) and name not in wanted.linked:
            wanted.linked.add(name)  # it may be a link, which the files in a folder of that name do not bring along
            self._bring()
        if not self._has(name):
            raise ModuleNotFoundError(f"No module named {name!r}: {self._where(name)}, and {_ADVICE}", name=name)
        return True

    def _has(self, name: str) -> bool:
        return any(os.path.exists(os.path.join(self._folder, each)) for each in (name, f"{name}.py"))

    def _where(self, module: str) -> str:
        links = self._wanted.links
        for link in (module, f"{module}.py"):
            if link in links:
                return f"{link} is a link to {links[link]!r}, which does not lie in the build file's folder"
        name = self._entry.filename.rpartition("/")[2]
        if self._entry.is_local and not self._written:
            return (
                f"no module lies beside {name} (a file from stdin comes alone: pass its folder, and its name with -f)"
            )
        return f"it does not lie beside {name}"

    def _bring(self) -> None:
        files = self._list(self._ref())
        for _ in range(_HOPS):
            if not self._wanted.follow():
                break
            files = self._list(self._ref())
        self._check_size(files)
        for path in self._wanted.links:
            self._link(path)
        new = [path for path in files if path not in self._written]
        requests = [calls.read_file(self._source, self._below(path)) for path in new]
        for path, reply in zip(new, self._bridge.ask_each(requests), strict=True):
            if path in self._wanted.links and isinstance(reply, Status):
                continue  # leads nowhere, as those of editors do beside a file that is being changed, or to a folder
            found = calls.if_there(reply)
            if found is not None:
                self._write(path, found.get("Data", b""))

    def _link(self, path: str) -> None:
        place = os.path.join(self._folder, path)
        if self._wanted.stays_link(path) and not os.path.lexists(place):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(self._wanted.links[path], place)

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
        options, wanted = self._options, self._wanted
        patterns = ["*.py", *[f"{name}/**" for name in sorted(wanted.names)]]
        modules = local(
            options.file_key,
            include=[self._below(pattern) for pattern in patterns],
            follow=[self._below(path) for path in sorted(wanted.linked)],
            exclude=[f"**/{name}" for name in _NEVER],
            shared_key=f"{options.file_key}-modules",
            session=options.local_session(options.file_key) or None,
            name=f"[internal] load modules beside {self._entry.filename}",
        )
        (reply,) = self._bridge.ask(calls.solve(solvable(modules.vertex).to_bytes()))
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
        wanted = self._wanted
        files: dict[str, int] = {}
        folders: list[str] = []
        for entry in entries:
            name = entry.get("path", "").rpartition("/")[2]
            path = f"{folder}/{name}" if folder else name
            mode = entry.get("mode", 0)
            if name in _NEVER or not (wanted.has(path) or wanted.leads_on(path)):
                continue
            if mode & _LINK:
                wanted.links[path] = entry.get("linkname", "")
            if mode & _FOLDER:
                folders.append(path)
            elif path not in wanted.names and not wanted.stays_link(path):  # a program, say, has a module's bare name
                files[path] = entry.get("size", 0)
        return files, folders

    def _check_size(self, files: dict[str, int]) -> None:
        if len(files) > _MOST:
            names = ", ".join(sorted(self._wanted.names))
            problem = f"more than {_MOST} files lie in the packages that it imports ({names})"
            raise BuildFileError(problem, self._entry.filename)
        if sum(files.values()) > _LARGEST:
            largest = max(files, key=lambda path: files[path])
            size = files[largest] / (1 << 20)
            problem = (
                f"the modules that it imports have more than 8 MiB, {largest!r} {size:.1f}; keep data in the context"
            )
            raise BuildFileError(problem, self._entry.filename)


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
