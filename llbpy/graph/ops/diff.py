"""Diff: what an upper filesystem changed of a lower one."""

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

_CAPS = caps("diffop")


class DiffOp(Op):
    """The changes from `lower` to `upper`; an upper scratch (None) is everything removed."""

    __slots__ = ("lower", "upper")

    KIND = "diff"

    def __init__(self, lower: Output | None, upper: Output | None, constraints: Constraints, site: Site) -> None:
        self.lower = lower
        self.upper = upper
        self.constraints = constraints
        self.site = site

    @property
    def platform(self) -> Platform | None:
        return None

    def inputs(self) -> list[Op]:
        return [side[0] for side in (self.lower, self.upper) if side is not None]

    def encode(self, marshaller: Marshaller) -> bytes:
        sides = [side for side in (self.lower, self.upper) if side is not None]
        inputs = b"".join([marshaller.input(side) for side in sides])
        lower = -1 if self.lower is None else 0
        upper = -1 if self.upper is None else len(sides) - 1
        payload = op_pb.DiffOp.lower.write(op_pb.LowerDiffInput.input.write(lower))
        payload += op_pb.DiffOp.upper.write(op_pb.UpperDiffInput.input.write(upper))
        return inputs + marshaller.surroundings(None, self.constraints.worker_filters) + pb.Op.diff.write(payload)

    def caps(self, marshaller: Marshaller) -> int:
        return _CAPS

    @staticmethod
    def describe(fields: Mapping[str, Any], inputs: Sequence[str]) -> str:
        lower, upper = (_side(fields.get(side, {}), inputs) for side in ("lower", "upper"))
        return f"diff {lower} -> {upper}"


def _side(side: Mapping[str, Any], inputs: Sequence[str]) -> str:
    number = side.get("input", 0)
    return f"({inputs[number]})" if 0 <= number < len(inputs) else "scratch"
