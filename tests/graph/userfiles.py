"""Files as users write them, and the places that vertices made in them have."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import llbpy
from llbpy import State
from llbpy.graph.sourcemap import Location
from tests.graph.decoding import marshal

ALPINE = 'base = llbpy.image("alpine", inherit=False)\n'


class Folder:
    """User files, run from where they lie."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, text: str, name: str = "build.py", **names: Any) -> dict[str, Any]:
        """What a file defines, once it is written and run."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        defined = {"llbpy": llbpy, **names}
        exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), defined)
        return defined

    def shown(self, locations: Iterable[Location]) -> list[str]:
        """`file:line` of the places in this folder; those in the test that runs its files are left out."""
        here = f"{self.path}/"
        return [str(each).removeprefix(here) for each in locations if each.info.filename.startswith(here)]

    def places(self, state: State) -> list[str]:
        """Those of the vertex that a state is at."""
        return self.shown(locations(state))


def locations(state: State) -> tuple[Location, ...]:
    """All places of the vertex that a state is at."""
    data = marshal(state)
    return data.source.locations[data.head]
