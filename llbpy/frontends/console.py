"""What a build file prints, as its user sees it: no call of the protocol carries text, so each line is the name of a small step."""

from __future__ import annotations

import os
import sys

from llbpy.gateway import bridge as calls
from llbpy.graph.marshal import Marshaller, marshal
from llbpy.graph.platforms import default
from llbpy.graph.sourcemap import SourceFiles
from llbpy.graph.tokens import masked
from llbpy.identity import new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbpy.gateway.bridge import Request

_MOST = 100
"""Lines of one build that are shown."""
_CHUNK = 1 << 16


class Console:
    """The lines in a file that are not shown yet; `name` is what they come from."""

    def __init__(self, output: int, name: str) -> None:
        self._output = output
        self._read = 0
        self._shown = 0
        self._rest = b""
        self.name = name

    def requests(self, *, last: bool = False) -> list[Request]:
        """The call that shows what has been printed since; none, if nothing has. A line without an end waits for the `last`."""
        lines = self._lines(last)
        if not lines or self._shown >= _MOST:
            return []
        left = _MOST - self._shown
        self._shown += len(lines)
        if len(lines) > left:
            lines = [*lines[:left], f"… and more lines than the {_MOST} that are shown"]
        return [self.request(lines)]

    def request(self, lines: Sequence[str]) -> Request:
        """The call that shows lines."""
        from llbpy.dsl.sources import scratch

        shown = scratch()
        for number, line in enumerate(lines):
            shown = shown.write(f"/{number}", new_id(), name=f"[{self.name}] {masked(line)}")
        definition = marshal(shown.vertex, Marshaller(default(), "", None, {}, SourceFiles()))
        return calls.solve(definition.to_bytes(), evaluate=True)

    def _lines(self, last: bool) -> list[str]:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        data = self._rest
        while chunk := os.pread(self._output, _CHUNK, self._read):
            data += chunk
            self._read += len(chunk)
        whole, newline, self._rest = data.rpartition(b"\n")
        if last:
            whole, self._rest = whole + newline + self._rest, b""
        return [line.rstrip() for line in whole.decode(errors="replace").splitlines() if line.strip()]
