"""Capabilities that vertices need of a daemon, as sets in one integer: uniting them is all that a marshal does with them.

Names are BuildKit's (`solver/pb/caps.go`); any other may be added, as sources of a newer daemon need it.
"""

from __future__ import annotations

from itertools import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SETS_PATH = "exec.meta.setsdefaultpath"
"""A daemon with this one gives a command its default PATH; for others the client does."""

_bits: dict[str, int] = {}
_next = count()


def caps(*names: str) -> int:
    """The set of these capabilities; `|` unites two sets."""
    return caps_of(names)


def caps_of(names: Iterable[str]) -> int:
    united = 0
    for name in names:
        united |= _bits.get(name) or _bits.setdefault(name, 1 << next(_next))
    return united


def names_of(united: int) -> frozenset[str]:
    """The names in a set."""
    return frozenset([name for name, bit in list(_bits.items()) if united & bit])
