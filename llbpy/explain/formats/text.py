"""Text for terminals: a vertex a line in the order of the build, beside lines that lead from each to its users."""

from __future__ import annotations

from llbpy.explain.graph import read
from llbpy.explain.lanes import rows
from llbpy.explain.lines import clip, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbpy.explain.graph import Graph, Input, Vertex
    from llbpy.graph.definition import Definition

NAME = "text"

_TITLES = 64
"""Titles up to this many characters have their places in one column."""
_LEAST = 20
"""Characters of a title that even a narrow terminal gets."""


def render(definition: Definition, width: int | None = None) -> str:
    graph = read(definition)
    if graph.head is None:
        return "scratch\n"
    return "".join([clip(line, width) + "\n" for line in (*_lines(graph, width), "", _summary(graph, graph.head))])


def _lines(graph: Graph, width: int | None) -> Iterator[str]:
    drawn = list(rows(graph))
    numbers, beside = len(str(len(graph.vertices))), max(len(row.beside) for row in drawn)
    titles = [one_line(vertex.short_title) for vertex in graph.vertices]
    column = min(_TITLES, max(map(len, titles)))
    places = max(len(vertex.place) for vertex in graph.vertices)
    room = None
    if width is not None:
        room = max(width - numbers - beside - places - 6, _LEAST)
        column = min(column, room)
    for vertex, title, row in zip(graph.vertices, titles, drawn, strict=True):
        title = clip(title, room)
        yield f"{vertex.number:>{numbers}}  {row.beside:<{beside}}  {title:<{column}}  {vertex.place}".rstrip()
        details = _details(graph, vertex, row.clear)
        if details:
            yield f"{'':>{numbers}}  {row.below:<{beside}}    {details}"


def _details(graph: Graph, vertex: Vertex, clear: bool) -> str:
    shown = () if vertex.names_inputs else vertex.inputs[1:] if clear and vertex.inputs[0].plain else vertex.inputs
    inputs = [f"{', '.join(each.uses)} ← {each.shown}" for each in shown]
    return one_line("   ".join([*inputs, *graph.special(vertex)]))


def _summary(graph: Graph, head: Input) -> str:
    count = len(graph.vertices)
    vertices = "1 vertex" if count == 1 else f"{count} vertices"
    platform = f" for {graph.platform}" if graph.platform else ""
    return f"{vertices}{platform}, head {head.shown}, {head.vertex.digest}"
