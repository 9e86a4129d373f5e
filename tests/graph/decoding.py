"""What a state marshals to, decoded: how the tests of vertices, mounts and file actions look at the wire."""

from __future__ import annotations

from typing import Any

from llbpy import Definition, State, image
from llbpy.graph import messages as pb

Fields = dict[str, Any]


def plain(ref: str = "alpine", **options: Any) -> State:
    """An image whose config nobody asks for."""
    return image(ref, inherit=False, **options)


def marshal(state: State, **how: Any) -> Definition:
    """For linux/amd64, with a constant id for local folders, unless told otherwise."""
    return state.marshal(**{"platform": "linux/amd64", "unique_id": "unique", **how})


def ops(state: State, **how: Any) -> list[Fields]:
    """Every op of the definition, inputs first, the terminal last."""
    return [pb.Op.decode(op) for op in marshal(state, **how).ops]


def op(state: State, **how: Any) -> Fields:
    """The op whose output the state is."""
    definition = marshal(state, **how)
    return pb.Op.decode(definition.ops[definition.digests.index(definition.head)])


def exec_of(state: State, **how: Any) -> Fields:
    fields: Fields = op(state, **how)["exec"]
    return fields


def meta_of(state: State, **how: Any) -> Fields:
    fields: Fields = exec_of(state, **how)["meta"]
    return fields


def caps_of(state: State, **how: Any) -> frozenset[str]:
    definition = marshal(state, **how)
    return definition.metadata[definition.head].caps
