"""Permissions as people write them, and what they get wrong about them."""

from __future__ import annotations

from llbpy.errors import GraphError

# Modes that people write, read as decimal by mistake. Those of them that are real modes as they stand (0o620) nobody uses.
_DECIMAL_MODES = frozenset(
    (
        *(400, 440, 444, 500, 544, 550, 555, 600, 640, 644, 660, 664, 666, 700, 710, 711, 740, 744, 750, 751, 754, 755),
        *(760, 764, 770, 771, 774, 775, 776, 777, 1777, 2755, 2775, 4711, 4755, 6755),
    )
)


def check_mode(mode: int | str | None) -> None:
    """Raises GraphError for a mode that was meant as octal, or is out of range."""
    if isinstance(mode, int):
        if mode in _DECIMAL_MODES:
            raise GraphError(f"mode={mode} is decimal ({mode:#o}); did you mean 0o{mode}?")
        if not 0 <= mode <= 0o7777:
            raise GraphError(f"mode={mode:#o} is out of range; permissions go from 0 to 0o7777")


def check_permissions(verb: str, mode: int) -> None:
    """As `check_mode`, for what keeps permission bits only: BuildKit would drop the others without a word."""
    check_mode(mode)
    if mode > 0o777:
        advice = f"add them with run(['chmod', '{mode:o}', …])"
        raise GraphError(f"{verb}() mode={mode:#o} has bits besides permissions, which BuildKit drops; {advice}")
