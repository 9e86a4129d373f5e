"""DOT, which Graphviz draws: `llbpy graph --format dot | dot -Tsvg`."""

from __future__ import annotations

from llbpy.explain.graph import read
from llbpy.explain.lines import printable, wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llbpy.explain.graph import Graph, Input, Vertex
    from llbpy.graph.definition import Definition

NAME = "dot"

_WIDTH = 48
"""Characters of a label's line."""
_MOST = 8
"""Lines of a title; the tooltip has the whole."""

_START = """\
digraph build {
  graph [nodesep=0.3, ranksep=0.4]
  node [fontname="Helvetica", fontsize=11, margin="0.16,0.08", shape=box, style="filled,rounded", color="#6b7785"]
  edge [fontname="Helvetica", color="#98a2ae", fontsize=9, fontcolor="#55606c", arrowsize=0.7]
"""

_KINDS: Mapping[str, str] = {
    "source": 'shape=folder, style=filled, fillcolor="#dcebfb"',
    "exec": 'fillcolor="#fff3d6"',
    "file": 'shape=note, style=filled, fillcolor="#e4f4e2"',
    "build": 'shape=component, style=filled, fillcolor="#f9e3e8"',
    "merge": 'shape=invhouse, style=filled, fillcolor="#e6e2f8"',
    "diff": 'shape=hexagon, style=filled, fillcolor="#e6e2f8"',
    "passthrough": 'style="filled,dashed", fillcolor="#f4f5f7"',
}
"""How the vertices of a kind look; one without a row looks plain."""

_HEAD = 'penwidth=2.5, color="#1d2733"'
_GOES_ON = 'penwidth=1.5, color="#3a4653"'
_WAITS = "style=dashed"

_NEWLINE = r"\n"
_IN_TOOLTIPS = r"\\" + "\N{ZERO WIDTH SPACE}"
"""Graphviz reads the tooltips of vertices twice, so that an `N` had better not follow."""


def render(definition: Definition, width: int | None = None) -> str:
    graph = read(definition)
    return "".join([_START, *[f"  {line}\n" for line in _statements(graph)], "}\n"])


def _statements(graph: Graph) -> Iterator[str]:
    if graph.head is None:
        yield 'scratch [label="scratch"]'
    for vertex in graph.vertices:
        yield f"n{vertex.number} [{', '.join(_attributes(graph, vertex))}]"
    for vertex in graph.vertices:
        for input in vertex.inputs:
            yield f"n{input.vertex.number} -> n{vertex.number} [{', '.join(_edge(input))}]"


def _attributes(graph: Graph, vertex: Vertex) -> Iterator[str]:
    title = _lines(wrapped(vertex.short_title, _WIDTH, _MOST))
    besides = _small(line for each in graph.special(vertex) for line in wrapped(each, _WIDTH, 2))
    yield f"label=<{_small([f'{vertex.number}  {vertex.handle}'])}{title}{besides}>"
    if vertex.kind in _KINDS:
        yield _KINDS[vertex.kind]
    if graph.head is not None and vertex is graph.head.vertex:
        yield _HEAD
    whole = f"{vertex.digest}\n{vertex.title}".split("\n")
    yield f"tooltip={_quoted(whole, _IN_TOOLTIPS)}"


def _edge(input: Input) -> Iterator[str]:
    if input.plain:
        yield _GOES_ON
        return
    yield f"label={_quoted(wrapped(', '.join(input.uses), _WIDTH, 3))}"
    if input.only_awaited:
        yield _WAITS
    if input.output:
        yield f"taillabel={_quoted((input.output,))}"


def _small(lines: Iterable[str]) -> str:
    text = _lines(lines)
    return text and f'<FONT POINT-SIZE="9" COLOR="#55606c">{text}</FONT>'


def _lines(lines: Iterable[str]) -> str:
    """Lines of an HTML-like label, set left."""
    return "".join([f'{_html(line)}<BR ALIGN="LEFT"/>' for line in lines])


def _html(line: str) -> str:
    return printable(line).replace("\\", r"\\").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(lines: Iterable[str], backslash: str = r"\\") -> str:
    """Lines between quotes, where a backslash stands for parts of the graph and `&` for characters."""
    escaped = [printable(line).replace("\\", backslash).replace("&", "&amp;").replace('"', "&quot;") for line in lines]
    return f'"{_NEWLINE.join(escaped)}"'
