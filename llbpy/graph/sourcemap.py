"""Which lines of the user's files made a vertex: captured cheaply when it is made, worked out when it is marshalled.

A *site* is what is kept on a vertex: code objects and instruction offsets of the user's innermost frame and of two callers.
Lines, columns and the files' texts are looked up for the sites that a definition really has.
"""

from __future__ import annotations

import sys
from itertools import islice

from llbpy.errors import GraphError
from llbpy.graph import messages as pb
from llbpy.graph.values import Value, set_field
from llbpy.graph.wire import digest_map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType
    from typing import Any, TypeAlias

    Site: TypeAlias = tuple[Any, ...]
    """(code, offset, code, offset, …), the innermost caller first, and only that is known to be the user's; or Locations."""
    Span: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
    """Start and end, each (line from 1, column from 0)."""

FRAMES = 3
_LOCATIONS = b"\x0a"  # pb.Source.locations
_getframe = sys._getframe  # pyright: ignore[reportPrivateUsage] - CPython's own way, and `inspect` is too heavy to import
_PACKAGE = _getframe().f_code.co_filename.rpartition("/graph/")[0] + "/"
_LOADER = _PACKAGE + "buildfile.py"
_ours: dict[str, bool] = {}


def here() -> Site:
    """The site of the call into llbpy that is being served: the user's innermost frame and the two that called it."""
    frame = _getframe(2)
    code = frame.f_code
    while _ours.get(code.co_filename, True):
        if code.co_filename not in _ours:
            _ours[code.co_filename] = code.co_filename.startswith(_PACKAGE)
        elif frame.f_back is None:
            return ()
        else:
            frame = frame.f_back
            code = frame.f_code
    second = frame.f_back
    if second is None:
        return code, frame.f_lasti
    third = second.f_back
    if third is None:
        return code, frame.f_lasti, second.f_code, second.f_lasti
    return code, frame.f_lasti, second.f_code, second.f_lasti, third.f_code, third.f_lasti


class SourceInfo(Value):
    """A file that locations point into: its name as shown, its text, its language in Linguist's words.

    `definition` has the bytes of the pb.Definition that the file came from, if it came from one.
    """

    __slots__ = ("filename", "data", "language", "definition")

    filename: str
    data: bytes
    language: str
    definition: bytes | None

    def __init__(self, filename: str, data: bytes, language: str = "Python", definition: bytes | None = None) -> None:
        set_field(self, "filename", filename)
        set_field(self, "data", data)
        set_field(self, "language", language)
        set_field(self, "definition", definition)

    def to_bytes(self) -> bytes:
        message = pb.SourceInfo
        name, data = message.filename.write(self.filename), message.data.write(self.data)
        return name + data + message.definition.write(self.definition) + message.language.write(self.language)


class Location(Value):
    """A place in a file: ranges of lines (from 1) and columns (from 0), start and end."""

    __slots__ = ("info", "ranges")

    info: SourceInfo
    ranges: tuple[Span, ...]

    def __init__(self, info: SourceInfo, ranges: tuple[Span, ...]) -> None:
        set_field(self, "info", info)
        set_field(self, "ranges", ranges)

    @property
    def line(self) -> int:
        """The first line, 0 where there is no range."""
        return self.ranges[0][0][0] if self.ranges else 0

    def __str__(self) -> str:
        return f"{self.info.filename}:{self.line}"


class SourceFiles:
    """The files that sites may point into, by the name that their code objects bear.

    `texts` has those already read; others are read when first needed, and files of Python itself or of installed packages are
    nobody's build file. Names are shown relative to `root`.
    """

    def __init__(self, root: str = "", texts: Mapping[str, bytes] | None = None) -> None:
        self._root = root or _script_folder()
        self._texts = texts or {}
        self._infos: dict[str, SourceInfo | None] = {}

    def info(self, filename: str) -> SourceInfo | None:
        """The file, or None if it has no text or is not the user's."""
        if filename not in self._infos:
            data = self._texts.get(filename) or _read(filename)
            self._infos[filename] = None if data is None else SourceInfo(self._shown(filename), data)
        return self._infos[filename]

    def _shown(self, filename: str) -> str:
        return filename.removeprefix(self._root + "/") if self._root else filename


def _script_folder() -> str:
    script = getattr(sys.modules.get("__main__"), "__file__", None) or ""
    return script.rpartition("/")[0]


def _read(filename: str) -> bytes | None:
    installed = (
        filename.startswith((_PACKAGE, sys.prefix + "/lib", sys.base_prefix + "/lib")) or "/site-packages/" in filename
    )
    if installed or filename.startswith("<"):
        return None
    try:
        with open(filename, "rb") as file:
            return file.read()
    except OSError:
        return None  # code without a file at hand (an archive, a deleted script) has no lines to show


class SiteReader:
    """Works out sites, each once, and each code object's table of positions once."""

    def __init__(self, files: SourceFiles) -> None:
        self._files = files
        self._recent: dict[int, tuple[Site, tuple[Location, ...]]] = {}
        self._spans: dict[tuple[int, int], Span] = {}
        self._tables: dict[int, list[tuple[int | None, int | None, int | None, int | None]]] = {}

    def read(self, site: Site) -> tuple[Location, ...]:
        """The locations of a site, the innermost caller's first; what has been worked out already stays.

        A loop makes many vertices at few sites: the last site of each offset is remembered. Hashing code objects would cost more
        than all the rest, and comparing them does not look at their file, so the innermost has to be the same object.
        """
        if not site or isinstance(site[0], Location):
            return site
        recent = self._recent.get(site[1])
        if recent is not None and recent[0][0] is site[0] and recent[0] == site:
            return recent[1]
        located = self._locate(site)
        self._recent[site[1]] = (site, located)
        return located

    def _locate(self, site: Site) -> tuple[Location, ...]:
        located: list[Location] = []
        for code, offset in zip(site[::2], site[1::2], strict=True):
            if code.co_filename == _LOADER:
                break
            info = self._files.info(code.co_filename)
            if info is None:
                continue
            location = Location(info, (self._span(code, offset),))
            if not located or (location.info, location.line) != (located[-1].info, located[-1].line):
                located.append(location)
        return tuple(located)

    def _span(self, code: CodeType, offset: int) -> Span:
        known = self._spans.get((id(code), offset))
        if known is None:
            known = self._spans[id(code), offset] = self._work_out(code, offset)
        return known

    def _work_out(self, code: CodeType, offset: int) -> Span:
        number = offset // 2
        if (
            id(code) not in self._tables
        ):  # most code has one or two sites: read up to it; a table pays from the second on
            self._tables[id(code)] = []
            position = next(islice(code.co_positions(), number, None))
        else:
            table = self._tables[id(code)] or list(code.co_positions())
            self._tables[id(code)] = table
            position = table[number]
        line, end_line, column, end_column = position
        start = line or code.co_firstlineno
        return (start, column or 0), (end_line or start, end_column or 0)


class SourceTable:
    """The `pb.Source` of a definition: its files, and the locations of each digest."""

    __slots__ = ("infos", "locations")

    def __init__(self, infos: tuple[SourceInfo, ...], locations: Mapping[str, tuple[Location, ...]]) -> None:
        self.infos = infos
        self.locations = locations

    @classmethod
    def collect(cls, locations: Mapping[str, tuple[Location, ...]]) -> SourceTable:
        """From the locations of each digest: files of equal content are one, in the order of their first use."""
        infos: dict[SourceInfo, None] = {}
        for group in {id(group): group for group in locations.values()}.values():
            infos.update((location.info, None) for location in group)
        return cls(tuple(infos), locations)

    def to_bytes(self) -> bytes:
        index = {info: number for number, info in enumerate(self.infos)}
        encoded: dict[int, bytes] = {}
        for group in self.locations.values():
            if id(group) not in encoded:
                encoded[id(group)] = pb.Locations.locations.write([_location(index, location) for location in group])
        groups = digest_map(_LOCATIONS, [(digest, encoded[id(group)]) for digest, group in self.locations.items()])
        return groups + pb.Source.infos.write([info.to_bytes() for info in self.infos])

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> SourceTable:
        """From a decoded message. Raises GraphError for an index without a file, which would end a daemon."""
        listed: list[Mapping[str, Any]] = fields.get("infos", [])
        infos = tuple([_info(info) for info in listed])
        locations = {
            digest: tuple([_read_location(infos, location) for location in group.get("locations", ())])
            for digest, group in fields.get("locations", {}).items()
        }
        return cls(infos, locations)


def _location(index: Mapping[SourceInfo, int], location: Location) -> bytes:
    ranges = [
        pb.Range.start.write(_position(start)) + pb.Range.end.write(_position(end)) for start, end in location.ranges
    ]
    return pb.Location.sourceIndex.write(index[location.info]) + pb.Location.ranges.write(ranges)


def _position(place: tuple[int, int]) -> bytes:
    return pb.Position.line.write(place[0]) + pb.Position.character.write(place[1])


def _info(fields: Mapping[str, Any]) -> SourceInfo:
    get = fields.get
    return SourceInfo(get("filename", ""), get("data", b""), get("language", ""), get("definition"))


def _read_location(infos: tuple[SourceInfo, ...], fields: Mapping[str, Any]) -> Location:
    number: int = fields.get("sourceIndex", 0)
    if not 0 <= number < len(infos):
        raise GraphError(
            f"a location points at source {number}, and the definition has {len(infos)}; daemons end on it"
        )
    return Location(infos[number], tuple([(_place(r, "start"), _place(r, "end")) for r in fields.get("ranges", ())]))


def _place(fields: Mapping[str, Any], which: str) -> tuple[int, int]:
    if which not in fields:
        raise GraphError(f"a location has a range without {which}, which buildctl and buildx cannot show")
    return fields[which].get("line", 0), fields[which].get("character", 0)
