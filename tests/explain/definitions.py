"""Definitions to look at: graphs of this folder, and what Go's client marshals for the conformance cases."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

from llbpy import Definition, State
from llbpy.graph.marshal import Marshaller, marshal
from llbpy.graph.platforms import as_platform
from llbpy.graph.sourcemap import SourceFiles
from tests.explain.graphs import app, hostile, layers

_HERE = Path(__file__).parent
_CASES = _HERE.parent / "conformance" / "data" / "features.expected.jsonl"


def marshalled(state: State) -> Definition:
    """A state for linux/amd64, with the names of files as they are in `graphs`."""
    files = SourceFiles(str(_HERE / "graphs"))
    return marshal(state.vertex, Marshaller(as_platform("linux/amd64"), "x", None, {}, files))


GRAPHS = {name: marshalled(module.image) for name, module in (("app", app), ("layers", layers), ("hostile", hostile))}

GO = {
    case["name"]: Definition.from_bytes(b64decode(case["definition"]))
    for case in map(json.loads, _CASES.read_text().splitlines())
    if "definition" in case
}
