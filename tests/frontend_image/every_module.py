"""Imports every module below a folder and writes what is wrong with each: every_module.py FOLDER OUT LEFT_OUT…

It runs inside images, with their Python. In the standard library's folder, only what Python counts as a part of it is tried.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator

NOT_MODULES = {"test", "tests", "__pycache__", "site-packages", "dist-packages", "lib-dynload"}


def names(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_MODULES and not name.startswith("config-")]
        for file in files:
            if file.endswith((".py", ".pyc")):
                path = os.path.relpath(os.path.join(parent, file), folder).rpartition(".")[0]
                yield path.replace("/", ".").removesuffix(".__init__")


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
    sys.path.append(folder)
    found = sorted({*(standard(folder) if folder == os.path.dirname(os.__file__) else names(folder))})
    wanted = [name for name in found if name.partition(".")[0] not in left_out and not name.endswith("__main__")]
    with open(out, "w") as file:
        json.dump({name: tried(name) for name in wanted}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
