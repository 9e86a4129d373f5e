"""Locations, and the files that they point into, as results have them."""

from __future__ import annotations

from llbpy.frontends.requests.results import base64, present

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from llbpy.graph.sourcemap import Location, SourceInfo


class Sources:
    """The files of a result, each once, the build file first."""

    def __init__(self, first: SourceInfo) -> None:
        self._infos: dict[tuple[str, bytes], SourceInfo] = {(first.filename, first.data): first}

    @property
    def infos(self) -> list[SourceInfo]:
        return [*self._infos.values()]

    @property
    def texts(self) -> list[str]:
        """The texts alone, as results have them."""
        return [base64(info.data) for info in self.infos]

    def place(self, location: Location | None) -> dict[str, Any]:
        """A `pb.Location`; its file is noted. None is the one that printers take for none."""
        if location is None:
            return {"sourceIndex": -1}
        key = (location.info.filename, location.info.data)
        self._infos.setdefault(key, location.info)
        ranges = [{"start": _position(start), "end": _position(end)} for start, end in location.ranges]
        return present(sourceIndex=[*self._infos].index(key), ranges=ranges)


def _position(place: tuple[int, int]) -> dict[str, int]:
    return present(line=place[0], character=place[1])
