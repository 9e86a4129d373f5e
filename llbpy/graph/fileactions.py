"""What a file vertex can do: make folders, files and links, copy, remove. A new action is a new class here.

The actions take what BuildKit's Go client takes, with its defaults; `State.copy` and its like are the friendlier face.
"""

from __future__ import annotations

from llbpy.errors import GraphError
from llbpy.graph import opmessages as op_pb
from llbpy.graph.caps import caps
from llbpy.graph.paths import clean, join, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import ClassVar, TypeAlias

    from llbpy.graph.facts import Facts
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.ops.op import Output

    Time: TypeAlias = int | float | datetime
    """Seconds since 1970 UTC, or a datetime with a time zone."""

Owner: TypeAlias = str | tuple[int, int]
"""`"user"` or `"user:group"`, names or numbers, or `(uid, gid)`."""

_NO_TIME = -1


class FileAction:
    """One action. `source` is what a copy copies from: an output, None for scratch, or the chain of actions that makes it."""

    __slots__ = ()

    KEY: ClassVar[bytes]
    """The key of its field in `op_pb.FileAction`."""
    source: Output | ActionChain | None

    @property
    def needs(self) -> int:
        """Capabilities that a daemon needs for it. Go's client does not write them down, and older daemons leave out what they do
        not know, so whoever has a daemon at hand looks."""
        return 0

    def write(self, marshaller: Marshaller, facts: Facts, base: int) -> bytes:
        """What its field of `op_pb.FileAction` holds.

        `facts` belong to the state it acts on: their dir is where relative paths start. `base` is the input in which owners'
        names are looked up.
        """
        raise NotImplementedError


class Mkdir(FileAction):
    KEY = b"\x32"  # op_pb.FileAction.mkdir
    source = None
    __slots__ = ("_created", "_mode", "_owner", "_parents", "path")

    def __init__(self, path: str, mode: int, parents: bool, owner: Owner | None, created: Time | None) -> None:
        self.path = path
        self._mode = mode & 0o777
        self._parents = parents
        self._owner = owner
        self._created = nanoseconds(created)

    def write(self, marshaller: Marshaller, facts: Facts, base: int) -> bytes:
        message = op_pb.FileActionMkDir
        return b"".join(
            (
                message.path.write(place(self.path, marshaller, facts)),
                message.mode.write(self._mode),
                message.makeParents.write(self._parents),
                message.owner.write(chown(self._owner, base)),
                message.timestamp.write(self._created),
            )
        )


class Mkfile(FileAction):
    KEY = b"\x2a"  # op_pb.FileAction.mkfile
    source = None
    __slots__ = ("_created", "_data", "_mode", "_owner", "path")

    def __init__(self, path: str, mode: int, data: bytes, owner: Owner | None, created: Time | None) -> None:
        self.path = path
        self._mode = mode & 0o777
        self._data = data
        self._owner = owner
        self._created = nanoseconds(created)

    def write(self, marshaller: Marshaller, facts: Facts, base: int) -> bytes:
        message = op_pb.FileActionMkFile
        return b"".join(
            (
                message.path.write(place(self.path, marshaller, facts)),
                message.mode.write(self._mode),
                message.data.write(self._data),
                message.owner.write(chown(self._owner, base)),
                message.timestamp.write(self._created),
            )
        )


_SYMLINK = caps("file.symlink.create")


class Symlink(FileAction):
    """The target stays as it is written. So does the path, as in Go, unless it is `joined` with the state's dir."""

    KEY = b"\x42"  # op_pb.FileAction.symlink
    source = None
    __slots__ = ("_created", "_joined", "_owner", "path", "target")

    def __init__(
        self, target: str, path: str, owner: Owner | None, created: Time | None, *, joined: bool = False
    ) -> None:
        self.target = target
        self.path = path
        self._joined = joined
        self._owner = owner
        self._created = nanoseconds(created)

    @property
    def needs(self) -> int:
        return _SYMLINK

    def write(self, marshaller: Marshaller, facts: Facts, base: int) -> bytes:
        message = op_pb.FileActionSymlink
        return b"".join(
            (
                message.oldpath.write(self.target),
                message.newpath.write(place(self.path, marshaller, facts) if self._joined else self.path),
                message.owner.write(chown(self._owner, base)),
                message.timestamp.write(self._created),
            )
        )


class Rm(FileAction):
    KEY = b"\x3a"  # op_pb.FileAction.rm
    source = None
    __slots__ = ("_missing_ok", "_wildcard", "path")

    def __init__(self, path: str, missing_ok: bool, wildcard: bool) -> None:
        self.path = path
        self._missing_ok = missing_ok
        self._wildcard = wildcard

    def write(self, marshaller: Marshaller, facts: Facts, base: int) -> bytes:
        message = op_pb.FileActionRm
        path = message.path.write(place(self.path, marshaller, facts))
        flags = message.allowNotFound.write(self._missing_ok) + message.allowWildcard.write(self._wildcard)
        return path + flags


_MODE_STRING = caps("file.copy.modestring")
_REQUIRED = caps("file.copy.requiredpaths")
_REPLACE = caps("file.copy.alwaysreplaceexistingdestpaths")


class CopyOptions:
    """How a copy treats what it copies; each as in `files.copy`."""

    __slots__ = ("_owner", "_rest", "fixed", "needs")

    def __init__(
        self,
        *,
        mode: int | str | None = None,
        owner: Owner | None = None,
        created_time: Time | None = None,
        follow_symlinks: bool = False,
        contents_only: bool = False,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        required_paths: Sequence[str] = (),
        attempt_unpack: bool = False,
        create_dest_path: bool = False,
        allow_wildcard: bool = False,
        allow_empty_wildcard: bool = False,
        always_replace: bool = False,
    ) -> None:
        message = op_pb.FileActionCopy
        bits, symbolic = (0, mode) if isinstance(mode, str) else (-1 if mode is None else mode, "")
        self._owner = owner
        self.needs = (
            (_MODE_STRING if symbolic else 0)
            | (_REQUIRED if required_paths else 0)
            | (_REPLACE if always_replace else 0)
        )
        self._rest = b"".join(
            (
                message.mode.write(bits),
                message.followSymlink.write(follow_symlinks),
                message.dirCopyContents.write(contents_only),
                message.attemptUnpackDockerCompatibility.write(attempt_unpack),
                message.createDestPath.write(create_dest_path),
                message.allowWildcard.write(allow_wildcard),
                message.allowEmptyWildcard.write(allow_empty_wildcard),
                message.timestamp.write(nanoseconds(created_time)),
                message.include_patterns.write(include),
                message.exclude_patterns.write(exclude),
                message.alwaysReplaceExistingDestPaths.write(always_replace),
                message.modeStr.write(symbolic),
                message.required_paths.write(required_paths),
            )
        )

        self.fixed = None if named(owner) else self.write(0)
        """What `write` gives for every base, if it does."""

    def write(self, base: int) -> bytes:
        """The fields of `op_pb.FileActionCopy` after its paths."""
        return op_pb.FileActionCopy.owner.write(chown(self._owner, base)) + self._rest


_src = op_pb.FileActionCopy.src.write
_dest = op_pb.FileActionCopy.dest.write


class Copy(FileAction):
    """A copy of `src` in `source`: an output (None is scratch), or a chain of actions that makes the filesystem first."""

    __slots__ = ("dest", "facts", "options", "source", "src")

    KEY = b"\x22"  # op_pb.FileAction.copy

    def __init__(
        self, source: Output | ActionChain | None, facts: Facts, src: str, dest: str, options: CopyOptions
    ) -> None:
        self.source = source
        self.facts = facts
        self.src = src
        self.dest = dest
        self.options = options

    @property
    def needs(self) -> int:
        return self.options.needs

    def write(self, marshaller: Marshaller, facts: Facts, base: int) -> bytes:
        src, dest = self.src, self.dest
        if src[:1] != "/" or "/." in src or "//" in src or src[-1] == "/":
            src = self._absolute(clean(src), marshaller)
        if dest[:1] != "/" or "/." in dest or "//" in dest:
            dest = normalize("" if dest[:1] == "/" else marshaller.view(facts).dir, dest, True)
        rest = self.options.fixed or self.options.write(base)
        return _src(src) + _dest(dest) + rest

    def _absolute(self, path: str, marshaller: Marshaller) -> str:
        return path if path[0] == "/" else join("/", marshaller.view(self.facts).dir, path)


class ActionChain:
    """Actions in turn on one filesystem, inside the vertex that copies from it."""

    __slots__ = ("actions", "facts", "output")

    def __init__(self, output: Output | None, facts: Facts, actions: tuple[FileAction, ...]) -> None:
        self.output = output
        self.facts = facts
        self.actions = actions


def place(path: str, marshaller: Marshaller, facts: Facts) -> str:
    """Where a path of an action really is."""
    return normalize("" if path[:1] == "/" else marshaller.view(facts).dir, path)


def nanoseconds(time: Time | None) -> int:
    """A creation time as the wire has it: nanoseconds since 1970, -1 for none. Raises GraphError for what is no instant."""
    if time is None:
        return _NO_TIME
    if isinstance(time, int):
        return time * 1_000_000_000
    if isinstance(time, float) and time - time == 0:  # neither infinite nor nan
        return round(time * 1_000_000_000)
    if isinstance(time, float) or not hasattr(time, "tzinfo"):
        raise GraphError(f"created={time!r} is no instant; give seconds since 1970, or a datetime with a time zone")
    if time.tzinfo is None:
        raise GraphError(f"created={time!r} has no time zone, so it means another instant on each machine; use UTC")
    whole = time.replace(microsecond=0)
    return round(whole.timestamp()) * 1_000_000_000 + time.microsecond * 1000


def chown(owner: Owner | None, base: int) -> bytes | None:
    """`op_pb.ChownOpt` of an owner; names are looked up in input `base`."""
    if owner is None:
        return None
    if isinstance(owner, tuple):
        if len(owner) != 2:
            raise GraphError(f"owner={owner!r} is no (uid, gid)")
        user, group = owner
        return op_pb.ChownOpt.user.write(_by_id(user)) + op_pb.ChownOpt.group.write(_by_id(group))
    name, colon, group_name = owner.partition(":")
    chosen = op_pb.ChownOpt.user.write(_by_name(name, base))
    return chosen + op_pb.ChownOpt.group.write(_by_name(group_name, base)) if colon else chosen


def named(owner: Owner | None) -> bool:
    """Whether an owner has a name that must be looked up in the filesystem's own files."""
    return isinstance(owner, str) and any(
        part not in ("", "root") and _number(part) is None for part in owner.split(":", 1)
    )


def _by_id(number: int) -> bytes:
    """Negative ids wrap around as in Go, where -1 leaves an owner as it is."""
    return op_pb.UserOpt.byID.write(number & 0xFFFFFFFF if -(1 << 31) <= number < 0 else number)


def _by_name(name: str, base: int) -> bytes:
    number = 0 if name in ("", "root") else _number(name)
    if number is not None:
        return _by_id(number)
    return op_pb.UserOpt.byName.write(op_pb.NamedUserOpt.name.write(name) + op_pb.NamedUserOpt.input.write(base))


def _number(text: str) -> int | None:
    digits = text[1:] if text[:1] in "+-" else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    number = int(text)
    return number if -(1 << 31) <= number < 1 << 31 else None
