"""`# llbpy: skip=Rule,Rule` in a comment: on a line that a finding is about, or alone on the line above it."""

from __future__ import annotations

from llbpy.lint.selection import ALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbpy.lint.finding import Finding

_MARK = "llbpy:"
_OPTION = "skip="


def skips(finding: Finding) -> bool:
    """Whether a comment in its file says that it is meant."""
    if finding.location is None or not finding.location.ranges:
        return False
    lines = finding.location.info.data.decode("utf-8", "replace").splitlines()
    first = min([start for (start, _), _ in finding.location.ranges])
    last = max([end for _, (end, _) in finding.location.ranges])
    said = [name for line in lines[max(first - 1, 0) : max(last, first)] for name in named(line)]
    if 1 < first <= len(lines) and lines[first - 2].lstrip().startswith("#"):
        said += named(lines[first - 2])
    return finding.rule in said or ALL in said


def named(line: str) -> list[str]:
    """The rules that a line's comment skips; words after the last name are a reason.

    >>> named('base = image("alpine")  # llbpy: skip=LatestTag, UnpinnedImage as a test wants the newest')
    ['LatestTag', 'UnpinnedImage']
    """
    for comment in line.split("#")[1:]:
        mark, found, rest = comment.partition(_OPTION)
        if found and mark.strip() == _MARK:
            return [*_names(rest)]
    return []


def _names(text: str) -> Iterator[str]:
    for part in text.split(","):
        words = part.split()
        yield from words[:1]
        if len(words) != 1:
            return
