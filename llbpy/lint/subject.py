"""What rules look at: one target of a build file, and the graph that it came to."""

from __future__ import annotations

from llbpy.explain.graph import Graph, read
from llbpy.graph.questions import ImageQuestion, ResolvedImage
from llbpy.graph.sourcemap import SourceInfo
from llbpy.lint.code import Code
from llbpy.lint.commands import commands
from llbpy.lint.header import Header
from llbpy.lint.header import read as read_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from llbpy.buildfile import BuildFile
    from llbpy.dsl.targets import Target
    from llbpy.explain.graph import Vertex
    from llbpy.graph.definition import Definition
    from llbpy.graph.questions import Answers
    from llbpy.graph.sourcemap import Location
    from llbpy.lint.commands import Command


class Subject:
    """One target as it is checked.

    `definition` is its graph; None: it was not made, and rules on graphs find nothing. `args` are the arguments given from outside,
    text by name. `config` is the image config that it would be exported with, as parsed JSON. `answers` are those that the graph
    was marshalled with: what an image passes on is not the user's doing, nor is the digest that an answer has pinned it to.
    """

    def __init__(
        self,
        build_file: BuildFile,
        target: Target,
        definition: Definition | None = None,
        *,
        args: Mapping[str, str] | None = None,
        config: Mapping[str, Any] | None = None,
        answers: Answers | None = None,
    ) -> None:
        self.build_file = build_file
        self.target = target
        self.definition = definition
        self.args: Mapping[str, str] = args or {}
        self.config: Mapping[str, Any] = (config or {}).get("config") or {}
        self.answers: Answers = answers or {}
        self.code = Code(build_file.source_files())
        self._written = _as_written(self.answers)
        self._graph: Graph | None = None
        self._commands: list[Command] | None = None

    @property
    def name(self) -> str:
        """The target, by the name that all of a matrix share."""
        return self.target.family or self.target.name

    @property
    def file(self) -> SourceInfo:
        """The build file itself."""
        return SourceInfo(self.build_file.name, self.build_file.text)

    @property
    def header(self) -> Header:
        return read_header(self.build_file.text)

    @property
    def graph(self) -> Graph:
        """The graph as vertices, none if it was not made. Raises GraphError for a definition that is cut short."""
        if self._graph is None:
            self._graph = Graph((), None) if self.definition is None else read(self.definition)
        return self._graph

    @property
    def commands(self) -> list[Command]:
        """All commands of the graph."""
        if self._commands is None:
            self._commands = commands(self.graph)
        return self._commands

    def sources(self, *schemes: str) -> Iterator[tuple[Vertex, str, Mapping[str, str]]]:
        """The sources of these schemes: vertex, identifier without scheme and as the user wrote it, attributes."""
        for vertex in self.graph.vertices:
            fields: Mapping[str, Any] = vertex.op.get("source", {})
            scheme, _, rest = fields.get("identifier", "").partition("://")
            if scheme in schemes:
                yield vertex, self._written.get(rest, rest), fields.get("attrs", {})

    def inherited(self, name: str) -> list[Any]:
        """What the base images' configs say under a name: `Env`, `Entrypoint` and so on."""
        found: list[Any] = []
        for answer in self.answers.values():
            if isinstance(answer, ResolvedImage):
                inner: Mapping[str, Any] = answer.config.get("config") or {}
                found += [inner[name]] if inner.get(name) else []
        return found

    def files(self) -> list[SourceInfo]:
        """The build file, and its neighbours that made vertices."""
        infos = () if self.definition is None else self.definition.source.infos
        return [self.file, *[info for info in infos if info.filename != self.file.filename]]


def _as_written(answers: Answers) -> Mapping[str, str]:
    """References without the digest that answers have pinned them to, by those with it."""
    return {
        f"{question.ref}@{answer.digest}": question.ref
        for question, answer in answers.items()
        if isinstance(question, ImageQuestion) and isinstance(answer, ResolvedImage) and "@" not in question.ref
    }


def where(vertex: Vertex) -> Location | None:
    """The innermost line of the user's that made a vertex."""
    return vertex.locations[0] if vertex.locations else None
