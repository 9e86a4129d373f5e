"""How an error looks on a terminal: one clear line, the lines of the build file around it, and the user's own traceback."""

from __future__ import annotations

import os
import sys

from llbpy.errors import ArgumentError
from llbpy.graph.tokens import masked
from llbpy.mistakes import raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.dsl.warning import Note
    from llbpy.errors import LLBError

_AROUND = 1
"""How many lines are shown before and after the failing one."""


def show(error: LLBError) -> None:
    """Writes an error to stderr."""
    problems = error.problems if isinstance(error, ArgumentError) else (error.message,)
    place = f"{_short(error.where)}: " if error.where else ""
    lines = [f"llbpy: {place}{problem}" for problem in problems]
    cause = error.__cause__
    if cause is not None and error.message.startswith(raw(cause)):
        lines += _traceback(cause)
    else:
        lines += _excerpt(error.where)
    print(masked("\n".join(lines)), file=sys.stderr)


def show_warning(note: Note) -> None:
    """Writes what a build file warned of to stderr."""
    more = f" ({note.url})" if note.url else ""
    print(masked(f"llbpy: warning: {_short(note.where)}: {note.text}{more}"), file=sys.stderr)


def _short(where: str) -> str:
    """A path as seen from the current folder."""
    path, colon, line = where.rpartition(":") if where.rpartition(":")[2].isdigit() else (where, "", "")
    relative = os.path.relpath(path)
    return (path if relative.startswith("..") else relative) + colon + line


def _excerpt(where: str) -> list[str]:
    path, _, line = where.rpartition(":")
    if not line.isdigit():
        return []
    number = int(line)
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read().splitlines()
    except OSError:
        return []  # the line itself stands in the message; there is nothing more to show
    shown = range(max(1, number - _AROUND), min(len(text), number + _AROUND) + 1)
    return [f"{'>>>' if each == number else '   '} {each:4} | {text[each - 1]}" for each in shown]


def _traceback(cause: BaseException) -> list[str]:
    """The traceback of what user code raised, without our frames and what called us."""
    from traceback import extract_tb, format_list

    package = os.path.dirname(os.path.dirname(__file__)) + "/"
    frames = [frame for frame in extract_tb(cause.__traceback__) if not frame.filename.startswith(package)]
    return "".join(format_list(frames)).rstrip("\n").splitlines()
