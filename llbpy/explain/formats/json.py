"""JSON for programs: all that a definition says, each op under its proto field names."""

from __future__ import annotations

from llbpy.explain.graph import read
from llbpy.graph import messages as pb
from llbpy.graph.protojson import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from llbpy.explain.graph import Input, Vertex
    from llbpy.graph.definition import Definition
    from llbpy.graph.sourcemap import Location

NAME = "json"


def render(definition: Definition, width: int | None = None) -> str:
    import json

    return json.dumps(value(definition), indent=2, ensure_ascii=False) + "\n"


def value(definition: Definition) -> dict[str, Any]:
    """`head` (null for scratch), `platform` that most vertices are for, and `vertices`, inputs before users.

    Ops and metadata are proto-JSON with proto field names; lines count from 1, columns from 0. Raises GraphError.
    """
    graph = read(definition)
    return {
        "head": None if graph.head is None else _output(graph.head),
        "platform": graph.platform,
        "vertices": [_vertex(vertex) for vertex in graph.vertices],
    }


def _vertex(vertex: Vertex) -> dict[str, Any]:
    return {
        "digest": vertex.digest,
        "kind": vertex.kind,
        "title": vertex.title,
        "inputs": [{**_output(each), "uses": list(each.uses)} for each in vertex.inputs],
        "op": to_json(pb.Op, vertex.op),
        "metadata": {} if vertex.metadata is None else vertex.metadata.to_json(),
        "locations": [_location(each) for each in vertex.locations],
    }


def _output(output: Input) -> dict[str, Any]:
    return {"digest": output.vertex.digest, "index": output.index}


def _location(location: Location) -> dict[str, Any]:
    ranges = [{"start": _position(start), "end": _position(end)} for start, end in location.ranges]
    return {"file": location.info.filename, "ranges": ranges}


def _position(place: tuple[int, int]) -> dict[str, int]:
    return {"line": place[0], "column": place[1]}
