"""BuildKit's own file actions with the defaults of its Go client, for exactness: everything is off unless it is asked for.

`State.file(*actions)` puts several in one vertex. `State.copy`, `.mkdir`, `.write`, `.symlink` and `.remove` are friendlier.
"""

from __future__ import annotations

from llbpy.errors import GraphError, near
from llbpy.graph.fileactions import ActionChain, Copy, CopyOptions, FileAction, Mkdir, Mkfile, Rm, Symlink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict, Unpack

    from llbpy.dsl.state import State
    from llbpy.graph.fileactions import Owner, Time

    class CopySettings(TypedDict, total=False):
        """What `copy` takes besides its paths."""

        mode: int | str
        owner: Owner
        created_time: Time
        follow_symlinks: bool
        contents_only: bool
        include: Sequence[str]
        exclude: Sequence[str]
        required_paths: Sequence[str]
        attempt_unpack: bool
        create_dest_path: bool
        allow_wildcard: bool
        allow_empty_wildcard: bool
        always_replace: bool


_DEFAULTS = CopyOptions()


def mkdir(
    path: str, mode: int = 0o755, *, parents: bool = False, owner: Owner | None = None, created_time: Time | None = None
) -> FileAction:
    """Makes a folder; `parents` makes missing ancestors too. Only permission bits of `mode` count."""
    return Mkdir(path, mode, parents, owner, created_time)


def mkfile(
    path: str, mode: int, data: bytes | str, *, owner: Owner | None = None, created_time: Time | None = None
) -> FileAction:
    """Writes a file in a folder that exists."""
    return Mkfile(path, mode, data.encode() if isinstance(data, str) else data, owner, created_time)


def symlink(target: str, path: str, *, owner: Owner | None = None, created_time: Time | None = None) -> FileAction:
    """Makes a symbolic link; both paths stay as they are written."""
    return Symlink(target, path, owner, created_time)


def rm(path: str, *, allow_not_found: bool = False, allow_wildcard: bool = False) -> FileAction:
    """Removes a file or folder."""
    return Rm(path, allow_not_found, allow_wildcard)


def copy(source: State | ActionChain, src: str, dest: str, **options: Unpack[CopySettings]) -> FileAction:
    """Copies `src` of a state, or of what `files.on()` makes, to `dest`.

    Options: `mode` (int, or symbolic such as `"u+rwx,go-w"`), `owner`, `created_time` (seconds since 1970),
    `follow_symlinks`, `contents_only` (of a folder), `include`, `exclude` and `required_paths` (patterns), `attempt_unpack`,
    `create_dest_path`, `allow_wildcard` (in `src`), `allow_empty_wildcard`, `always_replace`.
    Raises GraphError for an option it does not have.
    """
    how = _options(options) if options else _DEFAULTS
    if isinstance(source, ActionChain):
        return Copy(source, source.facts, src, dest, how)
    return Copy(source.vertex, source.facts, src, dest, how)


def _options(options: CopySettings) -> CopyOptions:
    try:
        return CopyOptions(**options)
    except TypeError:
        known = CopyOptions.__init__.__kwdefaults__ or {}
        unknown = [f"{name!r}{near(name, known)}" for name in options if name not in known]
        if not unknown:
            raise
        raise GraphError(f"copy() has no option {', '.join(unknown)}") from None


def on(state: State, *actions: FileAction) -> ActionChain:
    """Actions on another state, inside the vertex that copies from it: `files.copy(files.on(state, …), "/a", "/b")`.

    Raises GraphError if there are no actions.
    """
    if not actions:
        raise GraphError(
            "files.on() needs at least one action; to copy from a state as it is, give files.copy() the state"
        )
    return ActionChain(state.vertex, state.facts, actions)
