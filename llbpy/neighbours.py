"""What lies beside a build file: importable while the file is loaded and while its targets run, and at no other time."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType, TracebackType
    from typing import TypeAlias

    Bring: TypeAlias = Callable[[str], bool]


class Neighbours:
    """Lets a build file import modules of its folder.

    Its modules, and what it adds to `sys.path`, are out of sight otherwise, so that files of the same name in two folders never
    mix; and no bytecode is written, which would change the context that is being built.

    `bring` puts a module or package into the folder and says whether there is one of that name; it is asked for those that
    nothing else has. It may raise ModuleNotFoundError to say more.
    """

    def __init__(self, folder: str, module: ModuleType, bring: Bring | None = None) -> None:
        self._folder = folder
        self._finder = None if bring is None else _Finder(folder, bring)
        self._modules = {module.__name__: module}
        self._hidden: dict[str, ModuleType] = {}
        self._path = [folder]
        self._outside: list[str] = []
        self._before: dict[str, ModuleType] = {}
        self._bytecode = sys.dont_write_bytecode

    def __enter__(self) -> None:
        self._hidden = {name: sys.modules[name] for name in self._modules if name in sys.modules}
        self._bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        self._outside = list(sys.path)
        sys.modules.update(self._modules)
        self._before = dict(sys.modules)
        sys.path[:0] = self._path
        sys.path_importer_cache.pop(self._folder, None)
        if self._finder is not None:
            sys.meta_path.append(self._finder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._finder is not None:
            sys.meta_path.remove(self._finder)
        self._path = [entry for entry in sys.path if entry not in self._outside]
        sys.path[:] = self._outside
        sys.dont_write_bytecode = self._bytecode
        if sys.modules != self._before:
            self._modules.update(self._imported())
        for name in self._modules:
            sys.modules.pop(name, None)
        sys.modules.update(self._hidden)

    def _imported(self) -> dict[str, ModuleType]:
        """The modules of the folder that are new."""
        return {
            name: module
            for name, module in list(sys.modules.items())
            if self._before.get(name) is not module
            and name != "__main__"
            and any(is_beside(self._folder, place) for place in _places(module))
        }


class _Finder:
    """The last one that an import asks."""

    def __init__(self, folder: str, bring: Bring) -> None:
        self._folder = folder
        self._bring = bring

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if path is not None or not self._is_wanted() or not self._bring(name):
            return None
        from importlib.machinery import PathFinder

        sys.path_importer_cache.pop(self._folder, None)
        return PathFinder.find_spec(name, [self._folder])

    def _is_wanted(self) -> bool:
        """Whether code of the folder imports it, and not a module of Python's own that does without it."""
        frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage]
        while frame.f_back is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        return is_beside(self._folder, frame.f_code.co_filename)


def is_beside(folder: str, file: str) -> bool:
    """Whether a file or folder lies in a build file's folder and is the user's own, not an installed package's."""
    installed = file.startswith((sys.prefix + "/", os.path.dirname(__file__) + "/")) or "/site-packages/" in file
    return f"{file}/".startswith(folder + "/") and not installed


def _places(module: ModuleType) -> list[str]:
    """Where a module, or a package without a file of its own, comes from."""
    return [str(place) for place in (getattr(module, "__file__", None), *getattr(module, "__path__", ())) if place]
