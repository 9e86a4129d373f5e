"""`frontend.targets`: what the file can build."""

from __future__ import annotations

from llbpy.errors import BuildFileError
from llbpy.explain.graph import read
from llbpy.frontends.requests.places import Sources
from llbpy.frontends.requests.request import Request
from llbpy.frontends.requests.results import present, result
from llbpy.frontends.requests.tables import table
from llbpy.lint.code import Code
from llbpy.lint.lineage import kept
from llbpy.lint.rules.images import familiar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from llbpy.buildfile import BuildFile
    from llbpy.dsl.targets import Target
    from llbpy.frontends.requests.available import Available
    from llbpy.graph.definition import Definition
    from llbpy.graph.sourcemap import SourceInfo

_PADDING = 1
_IMAGE = "docker-image://"


class Targets(Request):
    NAME = "frontend.targets"
    DESCRIPTION = "List all targets current build supports"

    @classmethod
    def answer(cls, available: Available) -> dict[str, bytes]:
        return targets(available.source, available.file(), available.graphs)


def targets(source: SourceInfo, file: BuildFile, graphs: Mapping[str, Definition] | None = None) -> dict[str, bytes]:
    """The result for a build file; no target is called. `graphs` are those that are known, by the names of targets."""
    sources, code, default = Sources(source), Code(file.source_files()), default_of(file)
    listed: list[dict[str, Any]] = []
    for target in file.targets.values():
        graph = (graphs or {}).get(target.name)
        location = code.head(target.function)
        listed.append(
            present(
                name=target.name,
                default=target is default,
                description=target.doc,
                base="" if graph is None else base_image(graph),
                platform=",".join(target.settings.get("platforms", ())),
                location=None if location is None else sources.place(location),
            )
        )
    return result(Targets.VERSION, {"targets": listed or None, "sources": sources.texts}, _text(listed))


def default_of(file: BuildFile) -> Target | None:
    """The target that is built when none is named, None if there is no such."""
    try:
        return file.find()
    except BuildFileError:
        return None  # a file may have several targets and no default, and is right all the same


def base_image(definition: Definition) -> str:
    """The image that a graph's result starts from, as people write it; empty if it starts from none or from several."""
    kinds = [vertex.op.get("source", {}).get("identifier", "") for vertex in kept(read(definition))]
    images = {identifier.removeprefix(_IMAGE) for identifier in kinds if identifier.startswith(_IMAGE)}
    return familiar(images.pop()) if len(images) == 1 else ""


def _text(listed: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (f"{each['name']}{' (default)' if 'default' in each else ''}", each.get("description", "")) for each in listed
    ]
    return table([("TARGET", "DESCRIPTION"), *rows], _PADDING)
