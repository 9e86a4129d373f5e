"""`State.copy` in file actions: what a Dockerfile's COPY means by its arguments."""

from __future__ import annotations

from llbpy.dsl import checks
from llbpy.dsl.paths import Glob, StatePath
from llbpy.errors import GraphError
from llbpy.graph.fileactions import Copy, CopyOptions
from llbpy.graph.paths import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from llbpy.dsl.state import State

    Source: TypeAlias = "State | StatePath | Glob"
    """What can be copied: a whole filesystem, a path in one, or files that match a pattern."""

_PATTERN_CHARACTERS = str.maketrans({char: "\\" + char for char in "\\*?["})


def copies(source: Source | Sequence[Source], dest: str, keep_parents: bool, options: dict[str, Any]) -> tuple[Copy, ...]:
    """One action a source. Raises PathError for what is no place in a filesystem, GraphError for a wrong destination."""
    sources = list(source) if isinstance(source, (list, tuple)) else [source]
    if not sources:
        raise GraphError(f"copy() to {dest!r} has no sources; the list is empty")
    if not dest:
        raise GraphError("copy() needs a destination; '.' is the state's dir")
    if len(sources) > 1 and not dest.endswith(("/", "/.", "..")) and dest != ".":
        raise GraphError(f"copy() of {len(sources)} sources to {dest!r}: several need a folder; write {dest + '/'!r}")
    whole: dict[frozenset[tuple[str, bool]], CopyOptions] = {}
    if not keep_parents:
        return tuple([_copy(each, dest, options, whole) for each in sources])
    return tuple([_with_parents(each, dest, options) for each in sources])


def _copy(source: Source, dest: str, options: dict[str, Any], known: dict[frozenset[tuple[str, bool]], CopyOptions]) -> Copy:
    state, path, flags = _place(source)
    key = frozenset(flags.items())
    if key not in known:
        known[key] = CopyOptions(**options, **flags)
    return Copy(state.vertex, state.facts, path, dest, known[key])


def _place(source: Source) -> tuple[State, str, dict[str, bool]]:
    if isinstance(source, StatePath):
        return source.state, source.path, {}
    if isinstance(source, Glob):
        return source.state, source.pattern, {"allow_wildcard": True, "allow_empty_wildcard": source.missing_ok}
    if hasattr(source, "vertex"):
        return source, "/", {}
    raise checks.not_a_path("copy", source)


def _with_parents(source: Source, dest: str, options: dict[str, Any]) -> Copy:
    """As COPY --parents: the whole is copied, and only the path itself let through; `/./` ends what is left out of it."""
    state, path, flags = _place(source)
    root, _, below = path.rpartition("/./")
    below = clean(below if root else path)
    if not root:
        root = "/" if path.startswith("/") else "."
    pattern = below.lstrip("/")
    if not flags:
        pattern = pattern.translate(_PATTERN_CHARACTERS)
    if pattern in ("", "."):
        raise GraphError(f"copy(keep_parents=True) of {path!r} has no parents to keep; name something below")
    include = (*options.get("include", ()), pattern)
    return Copy(state.vertex, state.facts, root, dest, CopyOptions(**{**options, "include": include}))
