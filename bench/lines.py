"""A build file with a line for every step, as people write them: a source location to work out for every vertex."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from llbpy import State

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ".tools", "bench")
HEAD = """\
from bench.shapes import ALPINE, GOLANG
from llbpy import files, image


def build():
    source, state = image(GOLANG, inherit=False), image(ALPINE, inherit=False)
"""


def written_out(n: int) -> Callable[[], State]:
    """The graph of `shapes.copies`, without its loop; the file is outside of the tree, and its code new each time."""
    steps = [f'    state = state.file(files.copy(source, "/src/file{i}", "/dst/file{i}"))\n' for i in range(n)]
    text = HEAD + "".join(steps) + "    return state\n"
    path = os.path.join(FOLDER, f"lines-{n}.py")
    os.makedirs(FOLDER, exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    names: dict[str, Any] = {}
    exec(compile(text, path, "exec"), names)
    build: Callable[[], State] = names["build"]
    return build
