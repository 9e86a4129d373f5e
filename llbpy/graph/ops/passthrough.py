"""Passthrough: an output that waits for other vertices, and takes nothing from them."""

from __future__ import annotations

from llbpy.graph import messages as pb
from llbpy.graph import opmessages as op_pb
from llbpy.graph.caps import caps
from llbpy.graph.ops.op import Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from llbpy.graph.constraints import Constraints
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.ops.op import Output
    from llbpy.graph.platforms import Platform
    from llbpy.graph.sourcemap import Site

_CAPS = caps("passthroughop")


class PassthroughOp(Op):
    """Its first output is handed on; the others only have to succeed."""

    __slots__ = ("id", "outputs")

    KIND = "passthrough"

    def __init__(self, id: str, outputs: Sequence[Output], constraints: Constraints, site: Site) -> None:
        self.id = id
        self.outputs = outputs
        self.constraints = constraints
        self.site = site

    @property
    def platform(self) -> Platform | None:
        return None

    def inputs(self) -> list[Op]:
        return [op for op, _ in self.outputs]

    def encode(self, marshaller: Marshaller) -> bytes:
        inputs = b"".join([marshaller.input(output) for output in self.outputs])
        payload = op_pb.PassthroughOp.id.write(self.id) + op_pb.PassthroughOp.outputs.write((0,))
        return (
            inputs + marshaller.surroundings(None, self.constraints.worker_filters) + pb.Op.passthrough.write(payload)
        )

    def caps(self, marshaller: Marshaller) -> int:
        return _CAPS

    @staticmethod
    def describe(fields: Mapping[str, Any], inputs: Sequence[str]) -> str:
        return f"passthrough {fields.get('id', '')}"
