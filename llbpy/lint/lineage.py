"""Which vertices leave their files in a result, and which start from what others have left."""

from __future__ import annotations

from llbpy.explain.uses import ROOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llbpy.explain.graph import Graph, Input, Vertex


def kept(graph: Graph) -> list[Vertex]:
    """The vertices whose root filesystem, and what they wrote to it, is part of the result: the head's and those below it.

    A command of which only a mount is taken leaves its root behind, and so it is none of them.
    """
    return [] if graph.head is None else [vertex for vertex, is_root in _walk(graph.head) if is_root]


def carriers(graph: Graph, makes: Callable[[Vertex], bool]) -> set[str]:
    """The digests of vertices that start from a root filesystem with what vertices that `makes` is true of have left in it."""
    left: set[str] = set()
    found: set[str] = set()
    for vertex in graph.vertices:
        roots = [_step(each) for each in vertex.inputs if _goes_on(vertex, "", each)]
        if any(not output and root.digest in left for root, output in roots):
            found.add(vertex.digest)
        if vertex.digest in found or makes(vertex):
            left.add(vertex.digest)
    return found


def _walk(head: Input) -> Iterator[tuple[Vertex, bool]]:
    """The head's vertex and each below, and whether its root is meant; a mount's output goes on with what was mounted there."""
    todo = [_step(head)]
    seen: set[tuple[str, str]] = set()
    while todo:
        vertex, output = todo.pop()
        if (vertex.digest, output) in seen:
            continue
        seen.add((vertex.digest, output))
        if vertex.kind == "diff":
            seen.update((each.vertex.digest, "") for each in vertex.inputs if "lower" in each.uses)
        yield vertex, not output
        todo += [_step(each) for each in vertex.inputs if _goes_on(vertex, output, each)]


def _step(input: Input) -> tuple[Vertex, str]:
    """A vertex, and the target of the mount whose output is taken (empty: its root filesystem)."""
    return input.vertex, input.output if input.vertex.kind == "exec" else ""


def _goes_on(vertex: Vertex, output: str, input: Input) -> bool:
    if vertex.kind == "exec":
        return (output or ROOT) in input.uses
    if vertex.kind == "merge":
        return True
    return ROOT in input.uses or "upper" in input.uses or "handed on" in input.uses
