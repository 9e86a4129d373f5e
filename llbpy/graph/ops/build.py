"""Build: the definition that a file of the input holds, built as part of this graph."""

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
    from llbpy.graph.sourcemap import Site

_CAPS = caps("source.buildop.llbfilename")
_INPUT = "buildkit.llb.definition"


class BuildOp(Op):
    """`filename` None or empty is BuildKit's default, `/buildkit.llb.definition`."""

    __slots__ = ("filename", "output")

    KIND = "build"

    def __init__(self, output: Output, filename: str | None, constraints: Constraints, site: Site) -> None:
        self.output = output
        self.filename = filename
        self.constraints = constraints
        self.site = site

    def inputs(self) -> tuple[Op, ...]:
        return (self.output[0],)

    def encode(self, marshaller: Marshaller) -> bytes:
        constraints = self.constraints
        attrs = {"llbbuild.filename": self.filename} if self.filename else {}
        payload = (
            op_pb.BuildOp.builder.write(-1)
            + op_pb.BuildOp.inputs.write({_INPUT: b""})
            + op_pb.BuildOp.attrs.write(attrs)
        )
        around = marshaller.surroundings(constraints.platform or marshaller.platform, constraints.worker_filters)
        return marshaller.input(self.output) + around + pb.Op.build.write(payload)

    def caps(self, marshaller: Marshaller) -> int:
        return _CAPS

    @staticmethod
    def describe(fields: Mapping[str, Any], inputs: Sequence[str]) -> str:
        return "build"
