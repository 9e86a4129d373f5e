"""Values that are made again and again of the same parts, as loops and modules full of steps do."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")


class Recent:
    """What was made lately, to be used again. It forgets all when it has `most` values: a program may never repeat itself."""

    __slots__ = ("_most", "_values")

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[object, Any] = {}

    def made(self, make: Callable[..., T], *parts: object) -> T:
        """`make(*parts)`, or what it gave for equal parts before. Parts that cannot be compared so are for `make` to refuse."""
        key = make, parts
        try:
            known: T | None = self._values.get(key)
        except TypeError:
            return make(*parts)
        if known is None:
            known = make(*parts)
            if len(self._values) >= self._most:
                self._values.clear()
            self._values[key] = known
        return known
