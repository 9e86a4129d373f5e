"""Imports every module below a folder and writes what is wrong with each: every_module.py FOLDER OUT LEFT_OUT…

In the frontend image, `start` knows where there are more of them.

It runs inside images, with their Python. In the standard library's folder, only what Python counts as a part of it is tried.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

NOT_MODULES = {"test", "tests", "__pycache__", "site-packages", "dist-packages", "lib-dynload"}


def names(folder: str) -> Iterator[str]:
    yield from more(folder)
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_MODULES and not name.startswith("config-")]
        for file in files:
            if file.endswith((".py", ".pyc")):
                path = os.path.relpath(os.path.join(parent, file), folder).rpartition(".")[0]
                yield path.replace("/", ".").removesuffix(".__init__")


def more(folder: str) -> Iterator[str]:
    """Modules that lie in no file of their own."""
    if find_spec("start") is None:
        return
    import start  # type: ignore[import-not-found]

    if folder == start.FOLDER:
        yield from sys.meta_path[0].known  # type: ignore[attr-defined]
    else:
        from zipfile import ZipFile

        with ZipFile(f"{start.FOLDER}/python.zip") as archive:
            paths = [name.removesuffix(".pyc") for name in archive.namelist()]
        yield from [path.replace("/", ".").removesuffix(".__init__") for path in paths]


def standard(folder: str) -> Iterator[str]:
    yield from (name for name in names(folder) if name.partition(".")[0] in sys.stdlib_module_names)
    yield from sys.stdlib_module_names.intersection(sys.builtin_module_names)
    yield from sys.stdlib_module_names.intersection(
        file.partition(".")[0] for file in os.listdir(f"{folder}/lib-dynload")
    )


def tried(name: str) -> str:
    """What is wrong with a module; empty if it can be imported."""
    try:
        importlib.import_module(name)
    except ImportError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def main(folder: str, out: str, *left_out: str) -> None:
    sys.path.append("/usr/lib/llbpy")
    if find_spec("start") is not None:
        import start

        start.install()
    found = sorted({*(standard(folder) if folder == os.path.dirname(os.__file__) else names(folder))})
    wanted = [name for name in found if name.partition(".")[0] not in left_out and not name.endswith("__main__")]
    with open(out, "w") as file:
        json.dump({name: tried(name) for name in wanted}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
