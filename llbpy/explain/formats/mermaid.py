"""A Mermaid flowchart, which code forges draw in Markdown.

Mermaid refuses more than 500 lines between vertices, unless whoever draws them allows more (`maxEdges`).
"""

from __future__ import annotations

import re

from llbpy.explain.graph import read
from llbpy.explain.lines import wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llbpy.explain.graph import Graph, Input, Vertex
    from llbpy.graph.definition import Definition

NAME = "mermaid"

_WIDTH = 48
"""Characters of a label's line."""
_MOST = 8
"""Lines of a title."""

_START = """\
---
config:
  flowchart:
    wrappingWidth: 480
---
flowchart TB
"""

_SHAPES: Mapping[str, tuple[str, str]] = {
    "source": ("[(", ")]"),
    "exec": ("(", ")"),
    "file": ("[", "]"),
    "build": ("[[", "]]"),
    "merge": ("[\\", "/]"),
    "diff": ("{{", "}}"),
    "passthrough": (">", "]"),
}
_COLOURS = {
    "source": "#dcebfb",
    "exec": "#fff3d6",
    "file": "#e4f4e2",
    "build": "#f9e3e8",
    "merge": "#e6e2f8",
    "diff": "#e6e2f8",
}
_SPECIAL = re.compile(r"[^\w /.,:=@()+\u0080-\U0010ffff-]|_|^[-+](?= )|^\d+(?=[.)] )|style|classDef")
"""What Mermaid may read as its own or as Markdown: all but letters and what names are made of, list marks, two of its words."""


_PREFIXES = ("$", "\\")
"""Two dollars start a formula, a backslash and an n are a line end, references or not."""


def render(definition: Definition, width: int | None = None) -> str:
    graph = read(definition)
    return _START + "".join([f"  {line}\n" for line in _statements(graph)])


def _statements(graph: Graph) -> Iterator[str]:
    if graph.head is None:
        yield 'scratch["scratch"]'
        return
    for vertex in graph.vertices:
        opened, closed = _SHAPES.get(vertex.kind, ("[", "]"))
        yield f'n{vertex.number}{opened}"{_label(graph, vertex)}"{closed}'
    for vertex in graph.vertices:
        for input in vertex.inputs:
            yield f"n{input.vertex.number} {_arrow(input)} n{vertex.number}"
    yield from _colours(graph)
    yield f"style n{graph.head.vertex.number} stroke:#1d2733,stroke-width:3px"


def _label(graph: Graph, vertex: Vertex) -> str:
    lines = [f"{vertex.number}  {vertex.handle}", *wrapped(vertex.short_title, _WIDTH, _MOST)]
    lines += [line for each in graph.special(vertex) for line in wrapped(each, _WIDTH, 2)]
    return "<br/>".join(map(_escaped, lines))


def _arrow(input: Input) -> str:
    if input.plain:
        return "==>"
    label = f"{input.output} " if input.output else ""
    lines = wrapped(label + ", ".join(input.uses), _WIDTH, 3)
    return f'{"-.->" if input.only_awaited else "-->"}|"{"<br/>".join(map(_escaped, lines))}"|'


def _colours(graph: Graph) -> Iterator[str]:
    members: dict[str, list[str]] = {}
    for vertex in graph.vertices:
        members.setdefault(vertex.kind, []).append(f"n{vertex.number}")
    for kind, colour in _COLOURS.items():
        if kind in members:
            yield f"classDef {kind} fill:{colour},stroke:#6b7785,color:#1d2733"
            yield f"class {','.join(members[kind])} {kind}"


def _escaped(line: str) -> str:
    """One line of a label."""
    return _SPECIAL.sub(_reference, line)


def _reference(found: re.Match[str]) -> str:
    """A character reference, and a space of no width behind what would mean something else with the next character."""
    text = found[0]
    return f"#{ord(text[0])};{'#8203;' if text in _PREFIXES else ''}{text[1:]}"
