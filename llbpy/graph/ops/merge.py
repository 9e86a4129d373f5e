"""Merge: several filesystems laid over each other without copying."""

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

_CAPS = caps("mergeop")


class MergeOp(Op):
    """At least two outputs, the later on top."""

    __slots__ = ("outputs",)

    KIND = "merge"

    def __init__(self, outputs: Sequence[Output], constraints: Constraints, site: Site) -> None:
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
        merged = op_pb.MergeOp.inputs.write(
            [op_pb.MergeInput.input.write(number) for number in range(len(self.outputs))]
        )
        return inputs + marshaller.surroundings(None, self.constraints.worker_filters) + pb.Op.merge.write(merged)

    def caps(self, marshaller: Marshaller) -> int:
        return _CAPS

    @staticmethod
    def describe(fields: Mapping[str, Any], inputs: Sequence[str]) -> str:
        return f"merge ({', '.join(inputs)})"
