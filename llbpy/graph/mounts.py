"""What a command finds mounted. A new kind of mount is a new class here with its constructor; `ExecOp` encodes them all alike."""

from __future__ import annotations

from llbpy.errors import MountError, PathError
from llbpy.graph import opmessages as op_pb
from llbpy.graph.caps import caps
from llbpy.graph.constraints import UNCONSTRAINED
from llbpy.graph.expand import check_variable
from llbpy.graph.facts import NOTHING
from llbpy.graph.fileactions import Mkdir, named
from llbpy.graph.modes import check_mode, check_permissions
from llbpy.graph.ops.file import FileOp
from llbpy.graph.paths import clean
from llbpy.graph.recent import Recent
from llbpy.graph.sourcemap import here
from llbpy.graph.tokens import refuse_token
from llbpy.graph.wire import delimited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, Protocol, TypeAlias

    from llbpy.graph.facts import Facts
    from llbpy.graph.fileactions import Owner
    from llbpy.graph.ops.op import Output

    class Filesystem(Protocol):
        """A state, or a path in one."""

        @property
        def vertex(self) -> Output | None: ...
        @property
        def facts(self) -> Facts: ...
        @property
        def path(self) -> str: ...


NumericOwner: TypeAlias = tuple[int, int]
"""`(uid, gid)`, where nothing can look a name up."""

_TYPE_SECRET, _TYPE_SSH, _TYPE_CACHE, _TYPE_TMPFS = range(1, 5)
_NO_INPUT = op_pb.Mount.input.write(-1)
_READONLY = op_pb.Mount.readonly.write(True)
_ENTRY = b"\x12"  # op_pb.ExecOp.mounts
_SELECTOR = caps("exec.mount.selector")
_BIND = caps("exec.mount.bind")
_CONTENT = caps("exec.mount.cache.content")
_CACHE = caps("exec.mount.cache", "exec.mount.cache.sharing")
_TMPFS = caps("exec.mount.tmpfs")
_TMPFS_SIZE = _TMPFS | caps("exec.mount.tmpfs.size")
_SECRET = caps("exec.mount.secret")
_SECRET_ENV = _SECRET | caps("exec.secretenv")

_dest = op_pb.Mount.dest.write
_input = op_pb.Mount.input.write
_output = op_pb.Mount.output.write

_values = Recent(1000)
_binds = Recent(64)  # few, as each keeps the vertices below what it mounts
"""Mounts that say the same are one object."""


class Mount:
    """A mount of any kind: `target` in the command's filesystem (None: it is no file), and `source` (None: scratch).

    `keeps` is whether what the command leaves there can be read back from the vertex.
    """

    __slots__ = ()

    keeps: bool = False
    in_tree: bool = True
    """Whether it is a part of the file tree. Those are ordered by target; secrets, sockets and devices follow as given."""
    noun: str
    """What messages call it."""
    caps: int = 0
    target: str | None
    place: str
    """The target, cleaned, to be compared; empty if it is no file."""
    source: Output | None

    def mount(self, input: int, output: int) -> bytes:
        """Its entry of `op_pb.ExecOp.mounts` for an input (-1: scratch) and an output number (-1: none); empty if it has none."""
        return b""

    def secret_env(self) -> bytes | None:
        """Its `op_pb.SecretEnv`, if it has one."""
        return None

    def device(self) -> bytes | None:
        """Its `op_pb.CDIDevice`, if it has one."""
        return None

    def repeats(self, other: Mount | None) -> bool:
        """Whether it may stand at the target of another because it says the same again, as two recipes may."""
        return False


class _TreeMount(Mount):
    """A mount of files: what stands between and after the numbers of its wire form is written once."""

    __slots__ = ("_after", "_before", "caps", "keeps", "place", "readonly", "source", "target")

    def __init__(
        self, source: Output | None, selector: str, target: str, readonly: bool, keeps: bool, caps: int, tail: bytes
    ) -> None:
        self.source = source
        self.target = target
        self.place = clean(target)
        self.readonly = readonly
        self.keeps = keeps
        if selector:
            self.caps = caps | _SELECTOR
            self._before = op_pb.Mount.selector.write(selector) + _dest(target)
        else:
            self.caps = caps
            self._before = _dest(target)
        self._after = _READONLY + tail if readonly else tail

    def mount(self, input: int, output: int) -> bytes:
        return delimited(_ENTRY, _input(input) + self._before + _output(output) + self._after)


class Bind(_TreeMount):
    """Files of another filesystem, or an empty one to write to."""

    __slots__ = ()
    noun = "bind"


class Cache(_TreeMount):
    """A folder that outlives the build, shared by all builds that name its id."""

    __slots__ = ("_selector", "_sharing", "id")
    noun = "cache"

    def __init__(
        self, id: str, sharing: str, target: str, readonly: bool, source: Output | None, selector: str
    ) -> None:
        tail = _CACHE_TYPE + op_pb.Mount.cacheOpt.write(op_pb.CacheOpt.ID.write(id) + _SHARING[sharing])
        super().__init__(source, selector, target, readonly, False, _CACHE, tail)
        self.id = id
        self._sharing = sharing
        self._selector = selector

    def within(self, namespace: str) -> Cache:
        """The same with an id that is apart from those of other namespaces."""
        id = f"{namespace}/{self.id}"
        return Cache(id, self._sharing, self.target or "", self.readonly, self.source, self._selector)


class Tmpfs(_TreeMount):
    """Memory, gone after the command."""

    __slots__ = ()
    noun = "tmpfs"


class Secret(Mount):
    """A secret of the client as a file, a variable, or both."""

    __slots__ = ("_encoded", "_env", "caps", "id", "place", "target")

    noun = "secret"
    in_tree = False
    source = None

    def __init__(
        self, id: str, target: str | None, env: str | None, owner: NumericOwner, mode: int, optional: bool
    ) -> None:
        self.id = id
        self.target = target
        self.place = "" if target is None else clean(target)
        self.caps = _SECRET if env is None else _SECRET_ENV
        options = _options(op_pb.SecretOpt, id, owner, mode, optional)
        kind = op_pb.Mount.mountType.write(_TYPE_SECRET) + op_pb.Mount.secretOpt.write(options)
        self._encoded = (
            delimited(_ENTRY, _NO_INPUT + op_pb.Mount.dest.write(target) + kind) if target is not None else b""
        )
        fields = op_pb.SecretEnv
        named = fields.ID.write(id) + fields.name.write(env) + fields.optional.write(optional)
        self._env = None if env is None else named

    def mount(self, input: int, output: int) -> bytes:
        return self._encoded

    def secret_env(self) -> bytes | None:
        return self._env

    def repeats(self, other: Mount | None) -> bool:
        return isinstance(other, Secret) and other._encoded == self._encoded


class Ssh(Mount):
    """The client's ssh agent as a socket; without a target, at a place that its number among the command's sockets gives."""

    __slots__ = ("_options", "id", "place", "target")

    noun = "ssh socket"
    in_tree = False
    source = None
    caps = caps("exec.mount.ssh")

    def __init__(self, id: str, target: str | None, options: bytes) -> None:
        self.id = id
        self.target = target
        self.place = "" if target is None else clean(target)
        self._options = options

    def placed(self, number: int) -> Ssh:
        return Ssh(self.id, self.target or f"/run/buildkit/ssh_agent.{number}", self._options)

    def mount(self, input: int, output: int) -> bytes:
        kind = op_pb.Mount.mountType.write(_TYPE_SSH) + op_pb.Mount.SSHOpt.write(self._options)
        return delimited(_ENTRY, _NO_INPUT + op_pb.Mount.dest.write(self.target) + kind)


class Device(Mount):
    """A CDI device of the daemon's machine."""

    __slots__ = ("name", "optional")

    noun = "device"
    in_tree = False
    source = None
    target = None
    place = ""
    caps = caps("exec.meta.cdi")

    def __init__(self, name: str, optional: bool) -> None:
        self.name = name
        self.optional = optional

    def device(self) -> bytes | None:
        return op_pb.CDIDevice.name.write(self.name) + op_pb.CDIDevice.optional.write(self.optional)


def bind(
    source: Filesystem,
    target: str,
    *,
    writable: bool = False,
    no_output: bool = False,
    content_cache: bool | None = None,
) -> Bind:
    """A state, or a path in one, mounted at `target`; read-only unless `writable`.

    What is written can be read back with `.output(target)`, unless `no_output`, which makes it a copy to throw away.
    `content_cache` turns looking at the files' content for the cache key on or off; default: BuildKit's choice.
    Raises PathError or MountError for a relative path or target.
    """
    path = _selector(source, "bind")
    return _binds.made(_bind, source.vertex, path, target, writable, writable and not no_output, content_cache)


def _bind(
    vertex: Output | None, path: str, target: str, writable: bool, keeps: bool, content_cache: bool | None
) -> Bind:
    needed, tail = 0 if vertex is None else _BIND, b""
    if content_cache is not None:
        needed |= _CONTENT
        tail = op_pb.Mount.contentCache.write(1 if content_cache else 2)
    return Bind(vertex, path, _target(target, "bind"), not writable, keeps, needed, tail)


def output(target: str) -> Bind:
    """An empty writable folder at `target`; `.output(target)` of the command is what was left in it.

    Raises MountError for a relative target.
    """
    return _values.made(_output_mount, target)


def _output_mount(target: str) -> Bind:
    return Bind(None, "", _target(target, "output"), False, True, 0, b"")


def cache(
    target: str,
    *,
    id: str | None = None,
    sharing: Literal["shared", "private", "locked"] = "shared",
    source: Filesystem | None = None,
    writable: bool = True,
    owner: Owner | None = None,
    mode: int | None = None,
) -> Cache:
    """A folder at `target` that outlives the build. Its `id` defaults to the target.

    `sharing`: writers at once (`shared`), each its own (`private`), or one after the other (`locked`, as apt needs it).
    A new cache is filled from `source`, or is a folder of `owner` and `mode` (default 0o755), but not both.
    Raises MountError for a relative target, an empty id, an unknown sharing or both kinds of seed.
    """
    if source is None and owner is None and mode is None:
        return _values.made(_cache, target, id, sharing, writable, None, "")
    if source is None:
        mode = 0o755 if mode is None else mode
        check_permissions("cache", mode)
        if named(owner):
            raise _named_owner(f"cache({target!r})", "caches", owner)
        folder = Mkdir("/cache", mode, False, owner, None)
        seed = FileOp(None, NOTHING, (folder,), UNCONSTRAINED, here())
        return _cache(target, id, sharing, writable, (seed, 0), "/cache")
    if owner is not None or mode is not None:
        raise MountError(f"cache({target!r}) takes a source, or owner and mode of a new folder, not both")
    selector = _selector(source, "cache")
    return _cache(target, id, sharing, writable, source.vertex, selector)


def _cache(target: str, id: str | None, sharing: str, writable: bool, vertex: Output | None, selector: str) -> Cache:
    place = _target(target, "cache")
    if id == "":
        advice = "leave it out to use the target"
        raise MountError(f"cache({target!r}) has an empty id, which is no cache to BuildKit; {advice}")
    if sharing not in _SHARING:
        raise MountError(f"cache({target!r}) sharing={sharing!r}; it is one of {', '.join(_SHARING)}")
    return Cache(id or target, sharing, place, not writable, vertex, selector)


_CACHE_TYPE = op_pb.Mount.mountType.write(_TYPE_CACHE)
_SHARING = {name: op_pb.CacheOpt.sharing.write(number) for number, name in enumerate(("shared", "private", "locked"))}


def tmpfs(target: str, *, size: int | None = None) -> Tmpfs:
    """Memory mounted at `target`, at most `size` bytes (default: no limit). Raises MountError for a relative target."""
    return _values.made(_tmpfs, target, size)


def _tmpfs(target: str, size: int | None) -> Tmpfs:
    if size is not None and size <= 0:
        raise MountError(f"tmpfs({target!r}) size={size}; give bytes above 0, or leave it out for no limit")
    needed = _TMPFS if size is None else _TMPFS_SIZE
    tail = _TMPFS_TYPE + op_pb.Mount.TmpfsOpt.write(op_pb.TmpfsOpt.size.write(size or 0))
    return Tmpfs(None, "", _target(target, "tmpfs"), False, False, needed, tail)


_TMPFS_TYPE = op_pb.Mount.mountType.write(_TYPE_TMPFS)


def secret(
    id: str,
    *,
    target: str | None = None,
    env: str | None = None,
    owner: NumericOwner | None = None,
    mode: int = 0o400,
    optional: bool = False,
) -> Secret:
    """A secret that the client has under `id`: a file at `target`, the variable `env`, or both; default `/run/secrets/ID`.

    It is in no layer, no history and no cache key. Raises MountError for an owner by name, GraphError for an `id` that looks
    like the secret itself, a decimal mode, or an `env` that is no variable's name.
    """
    if not id:
        raise MountError("secret() needs an id: the name that --secret id=… gives it")
    refuse_token("secret()'s first argument", id, "NAME")
    if target is None and env is None:
        target = f"/run/secrets/{id}"
    if env is not None:
        check_variable(f"secret {id!r} env", env)
    check_mode(mode)
    place = None if target is None else _target(target, "secret")
    return Secret(id, place, env, _numbers(f"secret {id!r}", "secrets", owner), mode, optional)


def ssh(
    id: str = "default",
    *,
    target: str | None = None,
    owner: NumericOwner | None = None,
    mode: int = 0o600,
    optional: bool = False,
) -> Ssh:
    """The client's ssh agent (or key) of that `id` as a socket, and SSH_AUTH_SOCK points at the first one.

    `id=""` writes none, which the daemon takes as `default`. Raises MountError for an owner by name or a relative target.
    """
    refuse_token("ssh()'s first argument", id, "NAME")
    check_mode(mode)
    place = None if target is None else _target(target, "ssh")
    return Ssh(id, place, _options(op_pb.SSHOpt, id, _numbers(f"ssh {id!r}", "ssh sockets", owner), mode, optional))


def device(name: str, *, optional: bool = False) -> Device:
    """A CDI device of the daemon's machine by its full name, `vendor.com/class=name`; the build must be allowed to use it."""
    return Device(name, optional)


def _target(target: str, verb: str) -> str:
    if not isinstance(target, str):
        raise MountError(f"{verb}() target {target!r} is {type(target).__name__}; give a str")
    if target[:1] != "/" and target[1:3] not in (":\\", ":/"):
        raise MountError(f"{verb}() target {target!r} is relative; a mount needs an absolute one: {'/' + target!r}")
    return target


def _selector(source: Filesystem, verb: str) -> str:
    if not hasattr(source, "vertex"):
        raise not_a_path(verb, source)
    path = source.path
    if path and path[0] != "/" and source.facts.dir != "/":
        raise PathError(
            f"{verb}() source path {path!r} is relative; mounts take it from the root: write it with a leading /"
        )
    return path


def not_a_path(verb: str, value: object) -> PathError:
    """The error for a source that is no place in a filesystem."""
    if isinstance(value, str):
        advice = f"build.context()[{value!r}], or state[{value!r}]"
        return PathError(f"{verb}() source {value!r} is a str; a path needs its filesystem: {advice}")
    return PathError(
        f"{verb}() source {value!r} is {type(value).__name__}; give a State, or a path in one: state['/path']"
    )


def _numbers(what: str, plural: str, owner: object) -> NumericOwner:
    if owner is None:
        return 0, 0
    match owner:
        case (int(user), int(group)):
            return user, group
        case _:
            pass
    raise _named_owner(what, plural, owner)


def _named_owner(what: str, plural: str, owner: object) -> MountError:
    return MountError(f"{what} owner={owner!r}: names are not looked up for {plural}; use numbers, e.g. (1000, 1000)")


def _options(
    message: type[op_pb.SecretOpt | op_pb.SSHOpt], id: str, owner: NumericOwner, mode: int, optional: bool
) -> bytes:
    numbers = message.uid.write(owner[0]) + message.gid.write(owner[1]) + message.mode.write(mode)
    return message.ID.write(id) + numbers + message.optional.write(optional)
