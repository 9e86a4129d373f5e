"""The lines that a terminal draws beside a list of vertices: each output flows down to its users in a lane of its own."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llbpy.explain.graph import Graph, Vertex

MOST = 8
"""Lanes drawn side by side. Inputs without one are named by number, as all are that are not drawn straight."""

_SOURCE, _VERTEX, _HEAD = "○", "●", "◉"


class Row:
    """What is drawn beside a vertex, and beside further lines about it.

    `clear` says that its first input can be told from the drawing: it goes on in that lane, or no other leads to it.
    """

    __slots__ = ("below", "beside", "clear")

    def __init__(self, beside: str, below: str, clear: bool) -> None:
        self.beside = beside
        self.below = below
        self.clear = clear


def rows(graph: Graph) -> Iterator[Row]:
    """One row a vertex, in their order. Linear in vertices and inputs."""
    left = _users(graph)
    lanes: list[str] = []
    head = graph.head and graph.head.vertex
    for vertex in graph.vertices:
        needed = {each.vertex.digest for each in vertex.inputs}
        for digest in needed:
            left[digest] -= 1
        joined = {at: left[digest] == 0 for at, digest in enumerate(lanes) if digest in needed}
        own = _lane(vertex, lanes, joined)
        alone = len(joined) == 1 == len(vertex.inputs)
        clear = alone or (own in joined and lanes[own] == vertex.inputs[0].vertex.digest)
        mark = _HEAD if vertex is head else _VERTEX if vertex.inputs else _SOURCE
        beside = _drawn(lanes, joined, own, mark)
        _advance(lanes, joined, own, vertex.digest if left[vertex.digest] else "")
        yield Row(beside, " ".join(["│" if digest else " " for digest in lanes]), clear)


def _users(graph: Graph) -> dict[str, int]:
    """How many vertices use each."""
    counts = {vertex.digest: 0 for vertex in graph.vertices}
    for vertex in graph.vertices:
        for digest in {each.vertex.digest for each in vertex.inputs}:
            counts[digest] += 1
    return counts


def _lane(vertex: Vertex, lanes: list[str], joined: Mapping[int, bool]) -> int:
    """The lane of its first input if that ends here, else of another that does, else the first that is free."""
    ending = [at for at, ends in joined.items() if ends]
    if ending:
        first = vertex.inputs[0].vertex.digest
        return next((at for at in ending if lanes[at] == first), ending[0])
    return lanes.index("") if "" in lanes else len(lanes)


def _advance(lanes: list[str], joined: Mapping[int, bool], own: int, digest: str) -> None:
    for at, ends in joined.items():
        if ends:
            lanes[at] = ""
    if own < MOST:
        lanes[own : own + 1] = [digest]
    while lanes and not lanes[-1]:
        lanes.pop()


def _drawn(lanes: list[str], joined: Mapping[int, bool], own: int, mark: str) -> str:
    first, last = min((own, *joined)), max((own, *joined))
    drawn = ""
    for at in range(max(len(lanes), own + 1)):
        inside = first <= at <= last
        if at == own:
            glyph = mark
        elif at in joined:
            glyph = _CORNERS[joined[at]][(at > first) + (at == last) if at in (first, last) else 1]
        else:
            glyph = "│" if at < len(lanes) and lanes[at] else "─" if inside else " "
        drawn += glyph + ("─" if first <= at < last else " ")
    return drawn.rstrip()


_CORNERS = {True: "╰┴╯", False: "├┼┤"}
"""Where a lane meets the line to a vertex at its left end, in between, at its right end: the lanes that end, those that go on."""
