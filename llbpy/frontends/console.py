"""What a build file prints, as its user sees it: no call of the protocol carries text, so each line is the name of a small step."""

from __future__ import annotations

import posix

from llbpy.gateway import bridge as calls
from llbpy.graph.marshal import Marshaller, marshal
from llbpy.graph.platforms import default
from llbpy.graph.sourcemap import SourceFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbpy.gateway.bridge import Request

_MOST = 100
"""Lines of one build that are shown."""
_LONGEST = 2000
"""Characters of a line that are shown."""
_CHUNK = 1 << 16


class Console:
    """The lines in a file that are not shown yet; `name` is what they come from."""

    def __init__(self, output: int, name: str) -> None:
        self._output = output
        self._read = 0
        self._left = _MOST
        self._rest = b""
        self._shown: Sequence[str] = ()
        self._as_files = False
        self.name = name

    def requests(self, *, last: bool = False) -> list[Request]:
        """The call that shows what has been printed since; none, if nothing has. A line without an end waits for the `last`."""
        lines = self._lines(last) if self._left >= 0 else []
        if not lines:
            return []
        shown = lines[: self._left]
        self._left -= len(lines)
        if self._left < 0:
            shown.append(f"… and more lines than the {_MOST} that are shown")
        return [self.request(shown)]

    def request(self, lines: Sequence[str]) -> Request:
        """The call that shows lines: one file, compared with itself for each further line, which costs the daemon no snapshot."""
        from llbpy.dsl.combine import diff
        from llbpy.dsl.sources import scratch
        from llbpy.identity import new_id

        self._shown = lines
        shown = scratch()
        for number, line in enumerate(lines):
            name = f"[{self.name}] {_fit(line)}"
            if self._as_files or not number:
                shown = shown.write(f"/{number}", new_id(), name=name)
            else:
                shown = diff(shown, shown, name=name)
        definition = marshal(shown.vertex, Marshaller(default(), "", None, {}, SourceFiles()))
        return calls.solve(definition.to_bytes(), evaluate=True)

    def again(self) -> Request:
        """The call that shows the same lines to a daemon that compares no filesystems: each is a file, from now on."""
        self._as_files = True
        return self.request(self._shown)

    def _lines(self, last: bool) -> list[str]:
        """New lines; not all, if there are more than can be shown."""
        lines: list[str] = []
        while len(lines) <= _MOST and (data := posix.pread(self._output, _CHUNK, self._read)):
            self._read += len(data)
            lines += self._complete(data)
        return lines + self._complete(b"\n") if last else lines

    def _complete(self, data: bytes) -> list[str]:
        """The lines that are complete with `data`. What is not is kept as far as it can be shown."""
        whole, _, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest[: 4 * _LONGEST]
        return [line.rstrip() for line in whole.decode(errors="replace").splitlines() if line.strip()]


def _fit(line: str) -> str:
    """A line without credentials, and not too long."""
    from llbpy.graph.tokens import masked

    line = masked(line)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
