"""Text in columns, as Go's text/tabwriter aligns it when all it is told is a padding of spaces."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SEPARATORS = str.maketrans({"\v": "\t"})


def table(rows: Iterable[Sequence[str]], padding: int) -> str:
    """Rows as lines, `padding` spaces between columns; see `aligned`.

    >>> table([("TARGET", "DESCRIPTION"), ("app (default)", "The app.")], 1).splitlines()
    ['TARGET        DESCRIPTION', 'app (default) The app.']
    """
    return aligned("".join(["\t".join(row) + "\n" for row in rows]), padding)


def aligned(text: str, padding: int) -> str:
    """Text whose cells end in tabs, and whose lines all end. What follows the last tab of a line is in no column.

    A column goes on as long as lines that follow each other have a cell in it; a form feed ends all columns and the line.
    """
    return "\n".join([_aligned(part, padding) for part in text.translate(_SEPARATORS).split("\f")])


def _aligned(text: str, padding: int) -> str:
    lines = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[] for _ in lines]
    for column in range(max(map(len, lines)) - 1):
        for block in _blocks(lines, column):
            width = padding + max([len(lines[number][column]) for number in block])
            for number in block:
                widths[number].append(width)
    return "\n".join([_line(line, known) for line, known in zip(lines, widths, strict=True)])


def _blocks(lines: Sequence[Sequence[str]], column: int) -> Iterable[list[int]]:
    """The numbers of lines that follow each other and have a cell in a column."""
    block: list[int] = []
    for number, line in enumerate(lines):
        if column < len(line) - 1:
            block.append(number)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join([cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]) + cells[-1]
