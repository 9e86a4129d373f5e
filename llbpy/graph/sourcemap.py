"""Which lines of the user's files made a vertex: captured cheaply when it is made, worked out when it is marshalled.

A *site* is what is kept on a vertex: code objects and instruction offsets of the user's innermost frame and of two callers.
Lines, columns and the files' texts are looked up for the sites that a definition really has.
"""

from __future__ import annotations

import sys
from io import BytesIO
from itertools import islice

from llbpy.errors import GraphError
from llbpy.graph import messages as pb
from llbpy.graph.values import Value, set_field
from llbpy.graph.wire import delimited, digest_map, varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import CodeType
    from typing import Any, TypeAlias

    Site: TypeAlias = tuple[Any, ...]
    """(code, offset, code, offset, …), the innermost caller first, and only that is known to be the user's; or Locations."""
    Span: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
    """Start and end, each (line from 1, column from 0)."""

_LOCATION = b"\x0a"  # pb.Locations.locations
_LOCATIONS = b"\x0a"  # pb.Source.locations
_START, _END = b"\x0a", b"\x12"  # pb.Range's fields
_LINE, _CHARACTER = b"\x08", b"\x10"  # pb.Position's fields
_getframe = sys._getframe  # pyright: ignore[reportPrivateUsage] - CPython's own way, and `inspect` is too heavy to import
_PACKAGE = _getframe().f_code.co_filename.rpartition("/graph/")[0] + "/"
_LOADER = _PACKAGE + "buildfile.py"
_ours: dict[str, bool] = {}
_recent: dict[int, Site] = {}
"""The last site of each offset: a loop makes many vertices at few sites, and they share theirs."""


def here() -> Site:
    """The site of the call into llbpy that is being served: the user's innermost frame and the two that called it."""
    try:
        frame = _getframe(2)
    except ValueError:  # called by the interpreter itself, as a thread's function may be
        return ()
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
    site = code, frame.f_lasti, second.f_code, second.f_lasti, third.f_code, third.f_lasti
    known = _recent.get(site[1])
    # The same code objects, which need not be compared; equal ones may be those of another file with the same text.
    if known and known[0] is code and known[2] is site[2] and known[4] is site[4] and known == site:
        return known
    _recent[site[1]] = site
    return site


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


class Location:
    """A place in a file: ranges of lines (from 1) and columns (from 0), start and end. Equal if file and ranges are."""

    __slots__ = ("info", "ranges")

    def __init__(self, info: SourceInfo, ranges: tuple[Span, ...]) -> None:
        self.info = info
        self.ranges = ranges

    @property
    def line(self) -> int:
        """The first line, 0 where there is no range."""
        return self.ranges[0][0][0] if self.ranges else 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Location) and (self.ranges, self.info) == (other.ranges, other.info)

    def __hash__(self) -> int:
        return hash(self.ranges)

    def __str__(self) -> str:
        return f"{self.info.filename}:{self.line}"


class SourceFiles:
    """The files that sites may point into, by the name that their code objects bear.

    `texts` has those already read; others are read when first needed, and files of Python itself or of installed packages are
    nobody's build file. Names are shown relative to `root` (default: the folder of the script that runs). `definition` has the
    bytes of the pb.Definition that the files came from, if they came from one.
    """

    def __init__(
        self, root: str = "", texts: Mapping[str, bytes] | None = None, definition: bytes | None = None
    ) -> None:
        self._root = root
        self._texts = texts or {}
        self._definition = definition
        self._infos: dict[str, SourceInfo | None] = {}
        self._codes: dict[int, CodeType] = {}
        self._places: dict[tuple[int, int], Location] = {}
        """What has been worked out, by a code object's id and an offset; `_codes` keeps the ids taken."""

    def locate(self, site: Site) -> tuple[Location, ...]:
        """The locations of a site, the innermost caller's first."""
        return self.locate_all([site])[0]

    def locate_all(self, sites: Sequence[Site]) -> list[tuple[Location, ...]]:
        """The locations of each site; one site's are one tuple."""
        unique = {id(site): site for site in sites}
        self._look_up(unique.values())
        located = {number: _locations(site, self._places) for number, site in unique.items()}
        return [located[id(site)] for site in sites]

    def _look_up(self, sites: Iterable[Site]) -> None:
        """Fills `_places` for all sites together: a code object's positions can only be read in a row."""
        wanted: dict[int, tuple[CodeType, set[int]]] = {}
        for site in sites:
            if site and not isinstance(site[0], Location):
                for at in range(0, len(site), 2):
                    code, offset = site[at], site[at + 1]
                    if (id(code), offset) not in self._places and code.co_filename != _LOADER:
                        wanted.setdefault(id(code), (code, set()))[1].add(offset)
        for number, (code, offsets) in wanted.items():
            info = self.info(code.co_filename)
            if info is not None:
                self._codes[number] = code
                for offset, span in _spans(code, sorted(offsets)):
                    self._places[number, offset] = Location(info, (span,))

    def info(self, filename: str) -> SourceInfo | None:
        """The file, or None if it has no text or is not the user's."""
        if filename not in self._infos:
            data = self._texts.get(filename) or _read(filename)
            self._infos[filename] = None if data is None else self._made(filename, data)
        return self._infos[filename]

    def _made(self, filename: str, data: bytes) -> SourceInfo:
        return SourceInfo(self._shown(filename), data, definition=self._definition)

    def _shown(self, filename: str) -> str:
        root = self._root or _script_folder()
        return filename.removeprefix(root + "/") if root else filename


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


def _locations(site: Site, places: Mapping[tuple[int, int], Location]) -> tuple[Location, ...]:
    """The places of a site's frames down to the loader of build files; one line that called itself counts once."""
    if not site or isinstance(site[0], Location):
        return site
    located: list[Location] = []
    for at in range(0, len(site), 2):
        if site[at].co_filename == _LOADER:
            break
        place = places.get((id(site[at]), site[at + 1]))
        if place is not None and not (located and _same_line(place, located[-1])):
            located.append(place)
    return tuple(located)


def _same_line(one: Location, other: Location) -> bool:
    return one.info is other.info and one.ranges[0][0][0] == other.ranges[0][0][0]


def _spans(code: CodeType, offsets: list[int]) -> Iterator[tuple[int, Span]]:
    """Each offset, in order, with the start and end of its instruction."""
    positions, at = code.co_positions(), 0
    for offset in offsets:
        line, end_line, column, end_column = next(islice(positions, offset // 2 - at, None))
        at = offset // 2 + 1
        start = line or code.co_firstlineno
        yield offset, ((start, column or 0), (end_line or start, end_column or 0))


class SourceTable:
    """The `pb.Source` of a definition: its files, and the locations of each digest."""

    __slots__ = ("infos", "locations")

    def __init__(self, infos: Iterable[SourceInfo], locations: Mapping[str, tuple[Location, ...]]) -> None:
        self.infos = tuple(infos)
        self.locations = locations

    @classmethod
    def collect(cls, locations: Mapping[str, tuple[Location, ...]]) -> SourceTable:
        """From the locations of each digest: files in the order of their first use, those of equal content as one."""
        infos: dict[int, SourceInfo] = {}
        for group in {id(group): group for group in locations.values()}.values():
            for location in group:
                infos[id(location.info)] = location.info
        return cls(dict.fromkeys(infos.values()), locations)

    def to_bytes(self) -> bytes:
        index = {info: number for number, info in enumerate(self.infos)}
        numbers: dict[int, int] = {}
        places: dict[int, bytes] = {}
        groups: dict[int, bytes] = {}
        for group in self.locations.values():
            if id(group) in groups:
                continue
            for location in group:
                if id(location) not in places:
                    info = location.info
                    if id(info) not in numbers:
                        numbers[id(info)] = index[info]
                    places[id(location)] = delimited(_LOCATION, _location(numbers[id(info)], location))
            groups[id(group)] = b"".join([places[id(location)] for location in group])
        out = BytesIO()
        out.writelines(
            digest_map(_LOCATIONS, ((digest, groups[id(group)]) for digest, group in self.locations.items()))
        )
        out.write(pb.Source.infos.write([info.to_bytes() for info in self.infos]))
        return out.getvalue()

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


def _location(number: int, location: Location) -> bytes:
    ranges = [encode_span(span) for span in location.ranges]
    return pb.Location.sourceIndex.write(number) + pb.Location.ranges.write(ranges)


def encode_span(span: Span) -> bytes:
    """The pb.Range of a start and an end."""
    return delimited(_START, _position(*span[0])) + delimited(_END, _position(*span[1]))


def _position(line: int, character: int) -> bytes:
    before = _LINE + varint(line) if line else b""
    return before + _CHARACTER + varint(character) if character else before


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
