"""Filesystems made of filesystems: merge and diff."""

from __future__ import annotations

from llbpy.dsl.state import State
from llbpy.errors import GraphError
from llbpy.graph.constraints import constraints
from llbpy.graph.facts import NOTHING
from llbpy.graph.ops.diff import DiffOp
from llbpy.graph.ops.merge import MergeOp
from llbpy.graph.sourcemap import here

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Unpack

    from llbpy.graph.constraints import OpOptions


def merge(*states: State, **options: Unpack[OpOptions]) -> State:
    """All states' files, the later ones on top, without copying. Facts are the first one's.

    Scratch adds nothing: a merge of one state is that state, and of none is scratch.
    """
    for state in states:
        if not isinstance(state, State):
            raise GraphError(
                f"merge() takes states, and this is {type(state).__name__}; write merge(*states) for a list"
            )
    filled = [state for state in states if state.vertex is not None]
    if len(filled) < 2:
        return filled[0] if filled else State(None, NOTHING)
    outputs = [state.vertex for state in filled if state.vertex is not None]
    op = MergeOp(outputs, constraints(options, merge), here())
    return State((op, 0), filled[0].facts)


def diff(lower: State, upper: State, **options: Unpack[OpOptions]) -> State:
    """What `upper` adds to and removes from `lower`, alone. Facts are those of `lower`; against scratch it is `upper` itself."""
    if lower.vertex is None:
        return upper
    op = DiffOp(lower.vertex, upper.vertex, constraints(options, diff), here())
    return State((op, 0), lower.facts)
