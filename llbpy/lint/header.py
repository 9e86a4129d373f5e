"""The directives at the head of a build file, `# syntax=…` and `# check=…`, as BuildKit finds them.

A byte order mark and one line that starts with `#!` are passed over. Then each line must be a directive that is known, its `#` in
the first column; the first line that is not, a blank one or a coding comment too, ends the header. So does a directive that comes
a second time.
"""

from __future__ import annotations

from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("syntax", "check", "escape")
_BOM = b"\xef\xbb\xbf"
_INNER = "\t\n\f\r "
_OUTER = _INNER + "\v\x85\xa0"


class Directive(Value):
    """`# name=value`: the name in lower case, the whole value, and the line it stands on."""

    __slots__ = ("name", "value", "line")

    name: str
    value: str
    line: int

    def __init__(self, name: str, value: str, line: int) -> None:
        set_field(self, "name", name)
        set_field(self, "value", value)
        set_field(self, "line", line)


class Header:
    """The directives of a file, in order; `end` is the line after them, and counts from 1."""

    __slots__ = ("_named", "end")

    def __init__(self, directives: list[Directive], end: int) -> None:
        self._named = {each.name: each for each in directives}
        self.end = end

    def __iter__(self) -> Iterator[Directive]:
        return iter(self._named.values())

    def find(self, name: str) -> Directive | None:
        return self._named.get(name)


def read(text: bytes) -> Header:
    """The header of a file.

    >>> [(each.name, each.value, each.line) for each in read(b"#!/usr/bin/env llbpy\\n# syntax = foo/bar\\n\\n# check=x")]
    [('syntax', 'foo/bar', 2)]
    """
    found: dict[str, Directive] = {}
    lines = text.removeprefix(_BOM).split(b"\n")
    first = 2 if lines[0].startswith(b"#!") else 1
    for number, line in enumerate(lines[first - 1 :], first):
        directive = read_line(line.decode("utf-8", "replace").removesuffix("\r"), number)
        if directive is None or directive.name in found:
            return Header([*found.values()], number)
        found[directive.name] = directive
    return Header([*found.values()], len(lines) + 1)


def read_line(line: str, number: int) -> Directive | None:
    """The directive that a line would be in the header, None if it would be none."""
    name, equals, value = line.removeprefix("#").lstrip(_OUTER).partition("=")
    name, value = name.rstrip(_INNER).lower(), value.strip(_INNER)
    if not line.startswith("#") or not equals or not value or name not in NAMES:
        return None
    return Directive(name, value, number)
