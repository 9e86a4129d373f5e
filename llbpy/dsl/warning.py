"""What a build file tells its user without failing."""

from __future__ import annotations

import sys

from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class Note(Value):
    """A warning: its text, where more is to be read (empty: nowhere), and `file:line` of the call."""

    __slots__ = ("text", "url", "where")

    text: str
    url: str
    where: str

    def __init__(self, text: str, url: str, where: str) -> None:
        set_field(self, "text", text)
        set_field(self, "url", url)
        set_field(self, "where", where)


class Collecting:
    """Takes the warnings of the code inside, each once, whoever calls it how often."""

    _innermost: Collecting | None = None

    def __init__(self) -> None:
        self.notes: dict[Note, None] = {}
        self._outer: Collecting | None = None

    def __enter__(self) -> None:
        self._outer, Collecting._innermost = Collecting._innermost, self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        Collecting._innermost = self._outer

    @staticmethod
    def innermost() -> Collecting | None:
        return Collecting._innermost


def warn(text: str, *, url: str = "") -> None:
    """Shows a warning with the line of this call, once a build: builders list it beside those of their own rules.

    Outside of a build it is Python's own `UserWarning`.

    >>> from llbpy import warn
    >>> warn("version 1 is out of support", url="https://example.com/support")  # doctest: +SKIP
    """
    collecting = Collecting.innermost()
    if collecting is None:
        import warnings

        warnings.warn(text, stacklevel=2)
        return
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    collecting.notes[Note(text, url, f"{frame.f_code.co_filename}:{frame.f_lineno}")] = None
