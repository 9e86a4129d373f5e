"""What the image's entry point runs: the frontend, its modules loaded without collections, of which there is nothing to collect.

All of llbpy lies in one file, as looking for one for each module would take longer than running it. So would most of what Python
does to import a module: the file says what a module that loads many others loads, and in which order they can just be run.
"""

from __future__ import annotations

import gc
import marshal
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType
else:  # importing them takes longer than all that is done with them
    Loader, ModuleSpec, ModuleType = object, type(sys.__spec__), type(sys)

FOLDER = "/usr/lib/llbpy"
SIZE = 4
"""Bytes that tell how long the lists of modules are, at the head of their file."""
OFTEN_ENOUGH = 100_000
"""Objects between two collections. With Python's 700, what is loaded later would be walked while a daemon waits for the build."""


class Modules(Loader):
    """Finds and loads the modules of a file that `collect.py` has written; only those that are asked for are read."""

    def __init__(self, path: str) -> None:
        self.path = path
        file = self.open()
        size = int.from_bytes(posix.read(file, SIZE), "big")
        self.base = SIZE + size
        self.known: dict[str, tuple[bool, int, int]]
        self.before: dict[str, tuple[str, ...]]
        self.known, self.before = marshal.loads(posix.read(file, size))
        posix.close(file)

    def open(self) -> int:
        return posix.open(self.path, posix.O_RDONLY | posix.O_CLOEXEC)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name in self.known:
            return ModuleSpec(name, self, is_package=self.known[name][0])
        return None

    def create_module(self, spec: ModuleSpec) -> None:
        """As for any other module."""

    def exec_module(self, module: ModuleType) -> None:
        file = self.open()
        for name in self.before.get(module.__name__, ()):
            if name not in sys.modules:
                self.add(file, name)
        self.run(file, module)
        posix.close(file)

    def add(self, file: int, name: str) -> None:
        """Does for a module what importing it would do, once all that it imports is there."""
        spec = ModuleSpec(name, self, is_package=self.known[name][0])
        module = sys.modules[name] = ModuleType(name)
        module.__spec__, module.__loader__, module.__package__ = spec, self, spec.parent
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        self.run(file, module)
        package, _, last = name.rpartition(".")
        if package:
            setattr(sys.modules[package], last, module)

    def run(self, file: int, module: ModuleType) -> None:
        _, start, size = self.known[module.__name__]
        code = marshal.loads(posix.pread(file, size, self.base + start))
        module.__file__ = code.co_filename
        exec(code, vars(module))


def install() -> None:
    """Adds llbpy; behind all else, what of the standard library is rarely needed, and then what is put beside llbpy."""
    sys.meta_path.insert(0, Modules(f"{FOLDER}/llbpy.modules"))
    sys.path.extend((f"{FOLDER}/python.zip", FOLDER))


if __name__ == "__main__":
    gc.disable()
    install()

    from llbpy.frontends.main import main

    gc.freeze()
    gc.set_threshold(OFTEN_ENOUGH)
    gc.enable()
    main()
