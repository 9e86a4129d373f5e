"""`State.copy` in file actions: what a Dockerfile's COPY means by its arguments."""

from __future__ import annotations

from llbpy.dsl import checks
from llbpy.dsl.paths import Glob, StatePath
from llbpy.errors import GraphError, PathError
from llbpy.graph.fileactions import Copy, CopyOptions
from llbpy.graph.paths import clean, join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias

    from llbpy.dsl.state import State

    Source: TypeAlias = "State | StatePath | Glob"
    """What can be copied: a whole filesystem, a path in one, or files that match a pattern."""

_PATTERN_CHARACTERS = str.maketrans({char: "\\" + char for char in "\\*?["})


def copies(
    source: Source | Sequence[Source], dest: str, keep_parents: bool, options: Mapping[str, Any]
) -> tuple[Copy, ...]:
    """One action a source. Raises PathError for what is no place in a filesystem, GraphError for what cannot work."""
    sources: list[Any] = [*source] if isinstance(source, (list, tuple)) else [source]
    if not sources:
        raise GraphError(f"copy() to {dest!r} has no sources; the list is empty")
    if not dest:
        raise GraphError("copy() needs a destination; '.' is the state's dir")
    if len(sources) > 1 and not dest.endswith(("/", "/.", "..")) and dest != ".":
        raise GraphError(f"copy() of {len(sources)} sources to {dest!r}: several need a folder; write {dest + '/'!r}")
    if keep_parents and options["include"]:
        raise GraphError("copy(keep_parents=True) takes what its path names; leave include out, or copy the folder")
    return tuple([_copy(each, dest, keep_parents, options) for each in sources])


def _copy(source: Source, dest: str, keep_parents: bool, options: Mapping[str, Any]) -> Copy:
    state, path, matching = _place(source)
    how: dict[str, Any] = {**options, **matching}
    required: Sequence[str] = options["required_paths"]
    if keep_parents:
        path, below = _parents(path)
        how["include"] = (below if matching else below.translate(_PATTERN_CHARACTERS),)
        required = required if matching else (*required, below)
    if required:
        how["required_paths"] = [_from_root(state, path, each) for each in required]
        how["include"] = how["include"] or (() if matching else ("*",))  # without a filter BuildKit does not look
    return Copy(state.vertex, state.facts, path, dest, CopyOptions(**how))


def _from_root(state: State, path: str, below: str) -> str:
    """A path below a source as BuildKit looks for it: from the root of the filesystem. Raises PathError if that is unknown."""
    folder = path if path.startswith("/") else join(state.facts.dir, path)
    if not folder.startswith("/"):
        raise PathError(
            f"copy() of {path!r} requires {below!r}: the image's dir is not known yet; write the path with a leading /"
        )
    return join(folder, below)


def _place(source: Source) -> tuple[State, str, dict[str, Any]]:
    """The state, the path in it, and the options that let the path be a pattern."""
    if isinstance(source, StatePath):
        return source.state, source.path, {}
    if isinstance(source, Glob):
        return source.state, source.pattern, {"allow_wildcard": True, "allow_empty_wildcard": source.missing_ok}
    if hasattr(source, "vertex"):
        return source, "/", {}
    raise checks.not_a_path("copy", source)


def _parents(path: str) -> tuple[str, str]:
    """As COPY --parents: a folder to copy, and what of it is let through; `/./` ends what is left out."""
    root, pivot, below = path.partition("/./")
    if not pivot:
        root, below = "/" if path.startswith("/") else ".", path
    below = clean(below).lstrip("/")
    if below in ("", "."):
        raise GraphError(f"copy(keep_parents=True) of {path!r} has no parents to keep; name something below")
    return root or "/", below
