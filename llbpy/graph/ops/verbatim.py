"""Vertices read back from a definition: they keep their bytes, and so their digests."""

from __future__ import annotations

from llbpy.errors import GraphError
from llbpy.graph import messages as pb
from llbpy.graph.caps import caps_of
from llbpy.graph.constraints import Constraints
from llbpy.graph.ops.op import Op
from llbpy.graph.platforms import Platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llbpy.graph.definition import Definition
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.ops.op import Output
    from llbpy.graph.sourcemap import Location


class VerbatimOp(Op):
    """A vertex of any kind, as it was marshalled by whoever made it."""

    __slots__ = ("_caps", "_inputs", "data")

    KIND = "definition"

    def __init__(
        self, data: bytes, inputs: tuple[Op, ...], caps: int, constraints: Constraints, places: tuple[Location, ...]
    ) -> None:
        self.data = data
        self._inputs = inputs
        self._caps = caps
        self.constraints = constraints
        self.site = places

    def inputs(self) -> tuple[Op, ...]:
        return self._inputs

    def encode(self, marshaller: Marshaller) -> bytes:
        return self.data

    def caps(self, marshaller: Marshaller) -> int:
        return self._caps


def read_back(definition: Definition) -> Output | None:
    """The output that a definition means, as vertices of this graph; None for scratch.

    The order of a foreign definition's ops is free. Raises GraphError if an input is missing.
    """
    if not definition.ops:
        return None
    ops = dict(zip(definition.digests, map(pb.Op.decode, definition.ops), strict=True))
    terminal = ops[definition.digests[-1]].get("inputs", ())
    if not terminal:
        raise GraphError("the definition's last op names no output; it was cut short, or is no definition")
    data = dict(zip(definition.digests, definition.ops, strict=True))
    made: dict[str, Op] = {}
    todo = [input_digest(terminal[0], ops)]
    while todo:
        missing = [
            digest for edge in ops[todo[-1]].get("inputs", ()) if (digest := input_digest(edge, ops)) not in made
        ]
        if missing:
            todo += missing
            continue
        digest = todo.pop()
        made[digest] = made.get(digest) or _vertex(definition, digest, data[digest], ops[digest], made)
    return made[terminal[0]["digest"]], terminal[0].get("index", 0)


def input_digest(edge: Mapping[str, Any], ops: Mapping[str, object]) -> str:
    """The digest that an input names. Raises GraphError if the definition does not have it, or if no vertex has such an output."""
    digest = str(edge.get("digest", ""))
    if digest not in ops:
        raise GraphError(f"the definition uses {digest or 'a vertex without a digest'} and does not have it")
    if edge.get("index", 0) < 0:
        raise GraphError(f"the definition uses output {edge['index']} of {digest}; outputs count from 0")
    return digest


def _vertex(
    definition: Definition, digest: str, data: bytes, fields: Mapping[str, Any], made: Mapping[str, Op]
) -> VerbatimOp:
    inputs = tuple([made[edge["digest"]] for edge in fields.get("inputs", ())])
    platform = read_platform(fields.get("platform"))
    details = definition.metadata.get(digest)
    if details is None:
        constraints, needed = Constraints(platform=platform), 0
    else:
        constraints = Constraints(
            platform=platform,
            description=details.description,
            ignore_cache=details.ignore_cache,
            export_cache=details.export_cache,
            progress_group=details.progress_group,
            resources=details.resources,
        )
        needed = caps_of(details.caps)
    return VerbatimOp(data, inputs, needed, constraints, definition.source.locations.get(digest, ()))


def read_platform(fields: Mapping[str, Any] | None) -> Platform | None:
    """A platform from its decoded message."""
    if fields is None:
        return None
    get = fields.get
    features = tuple(get("OSFeatures", ()))
    return Platform(get("OS", ""), get("Architecture", ""), get("Variant", ""), get("OSVersion", ""), features)
