"""The commands of a graph as rules look at them: what is called, and what is mounted."""

from __future__ import annotations

from llbpy.graph.paths import clean
from llbpy.lint.shell import calls, script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from llbpy.explain.graph import Graph, Vertex

BIND, SECRET, SSH, CACHE = range(4)
"""Kinds of mounts, by `pb.Mount.mountType`."""
SHARED = 0
"""`pb.CacheOpt.sharing` of a cache that all may write to at once."""


class Mount:
    """One mount of a command: `kind` is a number of `pb.Mount.mountType`, `source` the vertex that fills it, if one does."""

    __slots__ = ("_fields", "kind", "selector", "source", "target")

    def __init__(self, fields: Mapping[str, Any], vertex: Vertex) -> None:
        number: int = fields.get("input", 0)
        self._fields = fields
        self.kind: int = fields.get("mountType", 0)
        self.target = clean(fields.get("dest", "/"))
        self.selector = clean(fields.get("selector") or "/")
        self.source = vertex.inputs[number].vertex if 0 <= number < len(vertex.inputs) else None

    @property
    def is_shared_cache(self) -> bool:
        return self.kind == CACHE and self._fields.get("cacheOpt", {}).get("sharing", SHARED) == SHARED

    def option(self, name: str) -> Mapping[str, Any]:
        """`secretOpt`, `SSHOpt` or `cacheOpt`, empty where the mount has none."""
        found: Mapping[str, Any] = self._fields.get(name, {})
        return found

    def covers(self, folder: str) -> bool:
        """Whether a folder lies in it, so that the layer does not keep what is written there."""
        return self.target != "/" and f"{folder}/".startswith(f"{self.target}/")


class Command:
    """One exec vertex. `text` is a shell's, or the argv with spaces between; `calls` are the commands in it, as words."""

    __slots__ = ("argv", "calls", "env", "mounts", "text", "vertex")

    def __init__(self, vertex: Vertex) -> None:
        payload: Mapping[str, Any] = vertex.op["exec"]
        meta: Mapping[str, Any] = payload.get("meta", {})
        self.vertex = vertex
        self.argv: Sequence[str] = meta.get("args", ())
        self.env: Sequence[str] = meta.get("env", ())
        self.text = script(self.argv) or " ".join(self.argv)
        self.calls = calls(self.argv)
        self.mounts = [Mount(fields, vertex) for fields in payload.get("mounts", ())]

    def called(self, *programs: str) -> Iterator[list[str]]:
        """The calls of programs, by their base names."""
        return (call for call in self.calls if base_name(call[0]) in programs)


def base_name(program: str) -> str:
    """`/usr/bin/apt-get` is `apt-get`."""
    return program.rpartition("/")[2]


def commands(graph: Graph) -> list[Command]:
    """All commands of a graph, in its order."""
    return [Command(vertex) for vertex in graph.vertices if vertex.kind == "exec"]
