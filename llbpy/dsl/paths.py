"""Places in a filesystem that may not exist yet: `state["/path"]` and `state.glob("dist/*.whl")`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from llbpy.dsl.state import State
    from llbpy.graph.facts import Facts
    from llbpy.graph.ops.op import Output


class StatePath:
    """A file or folder of a state, by a literal path: `[slug]` is a folder of that name. It keeps its text as written.

    >>> from llbpy import image
    >>> image("busybox", inherit=False)["/etc"]["passwd"].path
    '/etc/passwd'
    """

    __slots__ = ("path", "state")

    def __init__(self, state: State, path: str) -> None:
        self.state = state
        self.path = path

    @property
    def vertex(self) -> Output | None:
        return self.state.vertex

    @property
    def facts(self) -> Facts:
        return self.state.facts

    def __getitem__(self, path: str) -> StatePath:
        """A path below this one; an absolute one starts from the root of the state again."""
        return StatePath(self.state, path if path.startswith("/") else f"{self.path.rstrip('/')}/{path}")

    def __truediv__(self, path: str) -> StatePath:
        return self[path]

    def __iter__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be listed while the graph is built; build.list() of a target can")

    def __repr__(self) -> str:
        return f"{self.state!r}[{self.path!r}]"


class Glob:
    """Files of a state that match a pattern: `*` and `?` within a name, `[…]` classes; none at all is an error by default."""

    __slots__ = ("missing_ok", "pattern", "state")

    def __init__(self, state: State, pattern: str, missing_ok: bool) -> None:
        self.state = state
        self.pattern = pattern
        self.missing_ok = missing_ok

    def __repr__(self) -> str:
        return f"{self.state!r}.glob({self.pattern!r})"
