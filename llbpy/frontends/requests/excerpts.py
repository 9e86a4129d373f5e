"""Lines of a file around what is meant, as buildctl and buildx print them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbpy.graph.sourcemap import Location, Span

_RULE = "--------------------\n"
_PAD_ONE, _PAD_SEVERAL = 4, 2


def excerpt(location: Location) -> str:
    """The lines of a location, marked, with some around; empty where it has no lines of its file."""
    lines = location.info.data.decode("utf-8", "replace").split("\n")
    ranges = [_lines(span) for span in location.ranges]
    start = min([first for first, _ in ranges], default=0)
    end = min(max([last for _, last in ranges], default=0), len(lines))
    if not 1 <= start <= len(lines):
        return ""
    shown = [
        f" {number:3d} | {'>>>' if any(first <= number <= last for first, last in ranges) else '   '} {lines[number - 1]}\n"
        for number in _widened(start, end, len(lines))
    ]
    return f"{location.info.filename}:{start}\n{_RULE}{''.join(shown)}{_RULE}"


def _lines(span: Span) -> tuple[int, int]:
    (start, _), (end, _) = span
    return start, max(start, end)


def _widened(start: int, end: int, last: int) -> Sequence[int]:
    """Lines before and after in turn, more of them around a single line."""
    pad = _PAD_ONE if start == end else _PAD_SEVERAL
    done = 0
    while done < pad:
        if start > 1:
            start -= 1
            done += 1
        if end != last:
            end += 1
            done += 1
        done += 1
    return range(start, end + 1)
