"""A definition as vertices with names, inputs and places, which every view starts from."""

from __future__ import annotations

from llbpy.errors import GraphError
from llbpy.explain.flags import flags
from llbpy.explain.lines import clip
from llbpy.explain.uses import ROOT, other_mounts, outputs, uses
from llbpy.graph import messages as pb
from llbpy.graph.ops.op import Op
from llbpy.graph.ops.verbatim import input_digest, read_platform
from llbpy.graph.platforms import format_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from llbpy.graph.definition import Definition
    from llbpy.graph.metadata import OpMetadata
    from llbpy.graph.sourcemap import Location

    Ops = Mapping[str, Mapping[str, Any]]

_SHORT = slice(len("sha256:"), len("sha256:") + 12)
_NESTED = 1000
"""Names of merges and diffs hold those of their inputs, which may be merges in their turn: those are cut at this length."""
_GOES_ON = (ROOT,)
_UNUSED = ("waited for",)
_AROUND = ("inputs", "platform", "constraints")
_KINDS = tuple(field.name for field in pb.Op.fields.values() if field.name not in _AROUND)


class Input:
    """One output of a vertex that another takes.

    `output` names it where that needs saying: the target of a command's mount, or its number if that is not 0. `uses` say what
    it is taken for: `root`, the target of a mount, `copy PATH`, `layer 1`, `lower` and so on.
    """

    __slots__ = ("index", "output", "uses", "vertex")

    def __init__(self, vertex: Vertex, index: int, uses: tuple[str, ...]) -> None:
        self.vertex = vertex
        self.index = index
        self.uses = uses
        self.output = vertex.outputs.get(index, str(index) if index else "")

    @property
    def plain(self) -> bool:
        """Whether it is only what its user goes on with, so that a line between them says it all."""
        return self.uses == _GOES_ON and not self.output

    @property
    def only_awaited(self) -> bool:
        """Whether its user takes nothing from it."""
        return self.uses is _UNUSED

    @property
    def shown(self) -> str:
        """The number of its vertex, with the output where that needs saying: `3`, `10:/out`."""
        return f"{self.vertex.number}:{self.output}" if self.output else str(self.vertex.number)


class Vertex:
    """One vertex as people see it.

    `number` counts from 1, inputs before users. `title` is its custom name or else the daemon's name for it. `mounts` are those
    that no input fills, `flags` what is special about it, `platform` is empty for the kinds that have none.
    """

    __slots__ = (
        "custom_name",
        "digest",
        "flags",
        "inputs",
        "kind",
        "locations",
        "metadata",
        "mounts",
        "number",
        "op",
        "outputs",
        "platform",
        "title",
    )

    def __init__(
        self,
        number: int,
        digest: str,
        op: Mapping[str, Any],
        inputs: Sequence[tuple[Vertex, int]],
        metadata: OpMetadata | None,
        locations: tuple[Location, ...],
    ) -> None:
        self.number = number
        self.digest = digest
        self.op = op
        self.metadata = metadata
        self.locations = locations
        self.kind = next((kind for kind in _KINDS if kind in op), "unknown")
        payload = op.get(self.kind, {})
        used = uses(self.kind, payload)
        self.inputs = tuple([Input(vertex, index, used.get(at, _UNUSED)) for at, (vertex, index) in enumerate(inputs)])
        self.outputs = outputs(self.kind, payload)
        self.mounts = other_mounts(self.kind, payload)
        self.flags = flags(op, metadata)
        self.platform = _platform(op.get("platform"))
        self.custom_name = _custom_name(metadata)
        self.title: str = self.titled([clip(vertex.title, _NESTED) for vertex, _ in inputs])

    def titled(self, names: Sequence[str]) -> str:
        """The title where the inputs, in their order, go by these names; those of merges and diffs repeat them."""
        if self.custom_name is not None:
            return self.custom_name
        known = Op.kinds.get(self.kind)
        return "unknown" if known is None else known.describe(self.op.get(self.kind, {}), names)

    @property
    def short_title(self) -> str:
        """The title where inputs go by their numbers."""
        return self.titled([each.shown for each in self.inputs])

    @property
    def names_inputs(self) -> bool:
        """Whether the title names every input."""
        return self.custom_name is None and self.kind in ("merge", "diff")

    @property
    def short(self) -> str:
        """The digest as people quote it: its first twelve figures."""
        return self.digest[_SHORT]

    @property
    def handle(self) -> str:
        """What to look it up by: the innermost line that made it, as `build.py:12`, or else its short digest."""
        return str(self.locations[0]) if self.locations else self.short


class Graph:
    """The vertices of a definition, inputs before users, and the output that is meant (None: scratch).

    `platform` is the one that most vertices are for, empty if none says.
    """

    __slots__ = ("head", "platform", "vertices")

    def __init__(self, vertices: tuple[Vertex, ...], head: Input | None) -> None:
        self.vertices = vertices
        self.head = head
        self.platform = _most([vertex.platform for vertex in vertices if vertex.platform])

    def special(self, vertex: Vertex) -> tuple[str, ...]:
        """What sets a vertex apart from the others: its mounts, its flags, and its platform if it is not the usual one."""
        elsewhere = (vertex.platform,) if vertex.platform not in ("", self.platform) else ()
        return (*vertex.mounts, *elsewhere, *vertex.flags)


def read(definition: Definition) -> Graph:
    """The graph of any definition, in its own order where that has inputs before users.

    Raises GraphError if an input is missing, or if the last op names no output.
    """
    if not definition.ops:
        return Graph((), None)
    ops = {digest: pb.Op.decode(data) for digest, data in zip(definition.digests, definition.ops, strict=True)}
    last = ops.pop(definition.digests[-1])
    if not last.get("inputs"):
        raise GraphError("the definition's last op names no output; it was cut short, or is no definition")
    made: dict[str, Vertex] = {}
    for digest in _in_order(ops):
        op, details = ops[digest], definition.metadata.get(digest)
        inputs = [(made[edge["digest"]], edge.get("index", 0)) for edge in op.get("inputs", ())]
        places = definition.source.locations.get(digest, ())
        made[digest] = Vertex(len(made) + 1, digest, op, inputs, details, places)
    head = made[input_digest(last["inputs"][0], ops)]
    return Graph(tuple(made.values()), Input(head, last["inputs"][0].get("index", 0), ()))


def _in_order(ops: Ops) -> Iterator[str]:
    """All digests, inputs first: the order given where it can stay."""
    done: set[str] = set()
    for start in ops:
        path = [start]
        while path:
            if path[-1] in done:
                path.pop()
                continue
            missing = [digest for digest in _inputs(ops[path[-1]], ops) if digest not in done]
            if missing:
                path += reversed(missing)
                continue
            done.add(path[-1])
            yield path.pop()


def _inputs(op: Mapping[str, Any], ops: Ops) -> list[str]:
    return [input_digest(edge, ops) for edge in op.get("inputs", ())]


def _platform(fields: Mapping[str, Any] | None) -> str:
    platform = read_platform(fields)
    return "" if platform is None else format_all(platform)


def _custom_name(metadata: OpMetadata | None) -> str | None:
    description = None if metadata is None else metadata.description
    return None if description is None else description.get("llb.customname")


def _most(names: list[str]) -> str:
    counts: dict[str, int] = {}
    for each in names:
        counts[each] = counts.get(each, 0) + 1
    return max(counts, key=lambda each: counts[each], default="")
