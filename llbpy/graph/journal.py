"""The journal beside a definition: for each vertex its name, the target that made it, and the lines of code that did."""

from __future__ import annotations

from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from llbpy.graph.definition import Definition
    from llbpy.graph.sourcemap import Location


class Stretch(Value):
    """The lines of a file, both ends included, that a target's function takes."""

    __slots__ = ("target", "filename", "first", "last")

    target: str
    filename: str
    first: int
    last: int

    def __init__(self, target: str, filename: str, first: int, last: int) -> None:
        set_field(self, "target", target)
        set_field(self, "filename", filename)
        set_field(self, "first", first)
        set_field(self, "last", last)

    def holds(self, location: Location) -> bool:
        return location.info.filename == self.filename and self.first <= location.line <= self.last


class Entry(Value):
    """One vertex: `name` is its own (empty: none was given), `target` the innermost that made it (empty: none did).

    `frames` are `file:line`, the innermost first.
    """

    __slots__ = ("digest", "target", "name", "frames")

    digest: str
    target: str
    name: str
    frames: tuple[str, ...]

    def __init__(self, digest: str, target: str, name: str, frames: tuple[str, ...]) -> None:
        set_field(self, "digest", digest)
        set_field(self, "target", target)
        set_field(self, "name", name)
        set_field(self, "frames", frames)


def journal(definition: Definition, stretches: Iterable[Stretch] = ()) -> tuple[Entry, ...]:
    """An entry for each vertex, in the definition's order."""
    known = tuple(stretches)
    return tuple([_entry(definition, digest, known) for digest in definition.digests[:-1]])


def _entry(definition: Definition, digest: str, stretches: tuple[Stretch, ...]) -> Entry:
    locations = definition.source.locations.get(digest, ())
    targets = [stretch.target for location in locations for stretch in stretches if stretch.holds(location)]
    details = definition.metadata.get(digest)
    description = (details.description if details is not None else None) or {}
    frames = tuple([str(location) for location in locations])
    return Entry(digest, targets[0] if targets else "", description.get("llb.customname", ""), frames)
