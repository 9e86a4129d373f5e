"""Which vertices are built anew: all, or those that the functions of certain targets make (`--no-cache-filter`)."""

from __future__ import annotations

import sys

from llbpy.dsl.arguments import unwrapped
from llbpy.graph.ops.exec import ExecOp
from llbpy.graph.ops.file import FileOp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType, TracebackType

    from llbpy.buildfile import BuildFile
    from llbpy.dsl.targets import Target
    from llbpy.gateway.options import Options
    from llbpy.graph.ops.op import Op

_MAKE = (ExecOp.__init__.__code__, FileOp.__init__.__code__)
"""What makes the vertices that can be built anew."""


class Uncached:
    """`with` it, targets run. A vertex keeps three frames of those that made it, and helpers may call each other more often.

    So a profiler looks on where targets are named, which costs nothing where none is. `named` has the ids of all targets' code
    objects, as those are equal that have the same text in two files.
    """

    def __init__(self, everything: bool, named: Mapping[int, bool]) -> None:
        self._everything = everything
        self._named = named
        self._looks_on = not everything and any(named.values())
        self._ops: set[Op] = set()

    def rule(self) -> Callable[[Op], bool] | None:
        """Whether a vertex is built anew; None if that is no question."""
        if self._everything:
            return lambda op: True
        return self._ops.__contains__ if self._looks_on else None

    def __enter__(self) -> None:
        if self._looks_on:
            sys.setprofile(self._note)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._looks_on:
            sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, result: object) -> None:
        """Keeps the vertices that a named target makes."""
        if event != "return" or frame.f_code not in _MAKE:
            return
        maker = frame.f_back
        while maker is not None and id(maker.f_code) not in self._named:
            maker = maker.f_back
        # Of targets that call each other, the innermost makes it.
        if maker is not None and self._named[id(maker.f_code)]:
            self._ops.add(frame.f_locals["self"])


def uncached(options: Options, build_file: BuildFile, target: Target) -> Uncached:
    """What the options and the target's own settings say."""
    setting = target.settings.get("no_cache") or ()
    if setting is True or options.no_cache == frozenset():
        return Uncached(True, {})
    names = {name.lower() for name in (*setting, *(options.no_cache or ()))}
    named: dict[int, bool] = {}
    for each in build_file.targets.values():
        code = id(unwrapped(each.function).__code__)
        named[code] = named.get(code, False) or each.name.lower() in names
    return Uncached(False, named)
