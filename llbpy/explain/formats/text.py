"""Text for terminals: a vertex a line in the order of the build, beside lines that lead from each to its users."""

from __future__ import annotations

from llbpy.explain.graph import read
from llbpy.explain.lanes import rows
from llbpy.explain.lines import clip, clip_start, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbpy.explain.graph import Graph, Input, Vertex
    from llbpy.graph.definition import Definition

NAME = "text"

_TITLES = 64
"""Titles up to this many characters have their places in one column."""
_LEAST = 20
"""Characters that even a narrow terminal leaves a title."""


def render(definition: Definition, width: int | None = None) -> str:
    graph = read(definition)
    if graph.head is None:
        return "scratch\n"
    return "".join([clip(line, width) + "\n" for line in (*_lines(graph, width), "", _summary(graph, graph.head))])


def _lines(graph: Graph, width: int | None) -> Iterator[str]:
    drawn = list(rows(graph))
    numbers, beside = len(str(len(graph.vertices))), max(len(row.beside) for row in drawn)
    places = [clip_start(vertex.handle, width and width // 3) for vertex in graph.vertices]
    room = None if width is None else max(width - numbers - beside - _longest(places) - 6, _LEAST)
    titles = [clip(one_line(vertex.short_title), room) for vertex in graph.vertices]
    column = min(_TITLES, _longest(titles))
    for vertex, title, place, row in zip(graph.vertices, titles, places, drawn, strict=True):
        yield f"{vertex.number:>{numbers}}  {row.beside:<{beside}}  {title:<{column}}  {place}".rstrip()
        details = _details(graph, vertex, row.clear)
        if details:
            yield f"{'':>{numbers}}  {row.below:<{beside}}    {details}"


def _longest(texts: list[str]) -> int:
    return max(map(len, texts))


def _details(graph: Graph, vertex: Vertex, clear: bool) -> str:
    shown = () if vertex.names_inputs else vertex.inputs[1:] if clear and vertex.inputs[0].plain else vertex.inputs
    inputs = [f"{', '.join(each.uses)} ← {each.shown}" for each in shown]
    return one_line("   ".join([*inputs, *graph.special(vertex)]))


def _summary(graph: Graph, head: Input) -> str:
    count = len(graph.vertices)
    vertices = "1 vertex" if count == 1 else f"{count} vertices"
    platform = f" for {graph.platform}" if graph.platform else ""
    return f"{vertices}{platform}, head {head.shown}, {head.vertex.digest}"
