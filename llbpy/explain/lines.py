"""Text that fits a line, and lines that fit a width."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def one_line(text: str) -> str:
    """The text with `↵` for line ends, and escapes for what no terminal should be sent.

    >>> one_line("sh -c make\\n\\x1b[2J")
    'sh -c make↵ \\\\x1b[2J'
    """
    return printable(text.strip("\n").replace("\n", "↵ ").replace("\t", " "))


def printable(text: str) -> str:
    """The text with escapes for control characters and the like; line ends are theirs too."""
    return text if text.isprintable() else "".join([each if each.isprintable() else _escaped(each) for each in text])


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def clip(text: str, width: int | None) -> str:
    """The text, its end replaced by `…` if it has more than `width` characters (None: any number).

    >>> clip("golang:1.26", 8)
    'golang:…'
    """
    if width is None or len(text) <= width:
        return text
    return text[: max(width - 1, 0)] + "…"


def clip_start(text: str, width: int | None) -> str:
    """The text, its start replaced by `…` if it has more than `width` characters: the end of a place says most.

    >>> clip_start("recipes/build.py:12", 12)
    '…build.py:12'
    """
    if width is None or len(text) <= width:
        return text
    return "…" + text[len(text) - max(width - 1, 0) :]


def wrapped(text: str, width: int, most: int) -> list[str]:
    """The text in lines of up to `width` characters, at most `most`; broken at spaces, else after what parts names.

    >>> wrapped("docker-image://docker.io/library/golang:1.26", 34, 6)
    ['docker-image://docker.io/library/', 'golang:1.26']
    """
    given = [printable(line.replace("\t", " ")) for line in text.strip("\n").split("\n")]
    lines = [piece for line in given for piece in _pieces(line, width)]
    return lines if len(lines) <= most else [*lines[: most - 1], clip(lines[most - 1], width - 2) + " …"]


def _pieces(line: str, width: int) -> Iterator[str]:
    while len(line) > width:
        at = _break(line, width)
        yield line[:at].rstrip()
        line = line[at:].lstrip()
    yield line


def _break(line: str, width: int) -> int:
    """Where the rest of a line that is too long starts."""
    space = line.rfind(" ", width // 3, width + 1)
    if space > 0:
        return space
    return next((at for mark in "/:," if (at := line.rfind(mark, width // 3, width) + 1)), width)
