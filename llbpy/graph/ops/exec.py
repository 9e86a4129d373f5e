"""Exec: a command with its mounts."""

from __future__ import annotations

from llbpy.errors import MountError
from llbpy.graph import messages as pb
from llbpy.graph.caps import caps
from llbpy.graph.facts import encode_env
from llbpy.graph.mounts import Bind, Cache, Mount, Ssh, tmpfs
from llbpy.graph.ops.op import Op
from llbpy.graph.paths import clean
from llbpy.graph.values import Value, set_field
from llbpy.graph.wire import delimited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from llbpy.graph.constraints import Constraints
    from llbpy.graph.defaults import Defaults
    from llbpy.graph.facts import Facts, View
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.ops.op import Output
    from llbpy.graph.sourcemap import Site

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""BuildKit's default PATH, which a daemon gives a command that has none."""

_NETWORK = {"sandbox": b"", "host": b"\x18\x01", "none": b"\x18\x02"}
_SECURITY = {"sandbox": b"", "insecure": b"\x20\x01"}
_NONE = -1
_SHM = "/dev/shm"
_META = b"\x0a"  # pb.ExecOp.meta
_EXEC = b"\x12"  # pb.Op.exec
_POSIX_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"))
_args = pb.Meta.args.write
_SETS_PATH = "exec.meta.setsdefaultpath"


class Proxy(Value):
    """Proxies for a command, set in its environment in both cases and no part of the cache key."""

    __slots__ = ("http", "https", "ftp", "no", "all")

    http: str
    https: str
    ftp: str
    no: str
    all: str

    def __init__(self, http: str = "", https: str = "", ftp: str = "", no: str = "", all: str = "") -> None:
        set_field(self, "http", http)
        set_field(self, "https", https)
        set_field(self, "ftp", ftp)
        set_field(self, "no", no)
        set_field(self, "all", all)

    def to_bytes(self) -> bytes:
        message = pb.ProxyEnv
        return b"".join(
            (
                message.http_proxy.write(self.http),
                message.https_proxy.write(self.https),
                message.ftp_proxy.write(self.ftp),
                message.no_proxy.write(self.no),
                message.all_proxy.write(self.all),
            )
        )


class ShellText(Value):
    """Text for the state's shell; a `script` stops at its first failing line."""

    __slots__ = ("text", "script")

    text: str
    script: bool

    def __init__(self, text: str, script: bool = False) -> None:
        set_field(self, "text", text)
        set_field(self, "script", script)

    def argv(self, shell: tuple[str, ...]) -> tuple[str, ...]:
        stops = self.script and shell[0].rpartition("/")[2] in _POSIX_SHELLS
        return (*shell, "set -e\n" + self.text if stops else self.text)


class ExecOp(Op):
    """A command on a root filesystem (None: scratch) with mounts, seeing `facts`."""

    __slots__ = ("_caps", "command", "exit_codes", "extras", "facts", "proxy", "readonly_root", "root", "tree")

    KIND = "exec"

    def __init__(
        self,
        root: Output | None,
        facts: Facts,
        command: tuple[str, ...] | ShellText,
        mounts: Sequence[Mount],
        readonly_root: bool,
        exit_codes: tuple[int, ...],
        proxy: Proxy | None,
        constraints: Constraints,
        site: Site,
    ) -> None:
        """Raises MountError for two mounts on one target."""
        self.root = root
        self.facts = facts
        self.command = command
        self.readonly_root = readonly_root
        self.exit_codes = exit_codes
        self.proxy = proxy
        self.constraints = constraints
        self.site = site
        needed = _BASE if root is None else _BASE_WITH_ROOT
        self.tree: Sequence[Mount] = ()
        self.extras: Sequence[Mount] = ()
        if mounts:
            if isinstance(mounts, Mount):
                raise MountError(f"mounts= is one {mounts.noun}; give a list: mounts=[…]")
            mounts = tuple(mounts)
            try:
                places = {mount.place for mount in mounts}
            except AttributeError:
                raise _no_mount(mounts) from None
            if len(places) < len(mounts) or "/" in places:
                self._check_places(mounts)
            tree = [mount for mount in mounts if mount.in_tree]
            tree.sort(key=_by_target)
            self.tree = tree
            if len(tree) < len(mounts):
                self.extras = _extras(mounts)
            for mount in mounts:
                needed |= mount.caps
        self._caps = needed

    def _check_places(self, mounts: Sequence[Mount]) -> None:
        taken: dict[str, Mount | None] = {"/": None}
        for mount in mounts:
            if mount.place in taken and not mount.repeats(taken[mount.place]):
                what = "the root filesystem" if mount.place == "/" else "another mount"
                raise MountError(f"{self._named()} mounts {mount.target!r} over {what}; one mount a target")
            if mount.place:
                taken[mount.place] = mount

    def inputs(self) -> Sequence[Op]:
        root = () if self.root is None else (self.root[0],)
        return (*root, *[mount.source[0] for mount in self.tree if mount.source is not None]) if self.tree else root

    def output(self, target: str) -> Output | None:
        """What the command leaves in the mount at a target; of a read-only bind, what was mounted.

        Raises MountError if there is no such mount or it keeps nothing; it names those that do.
        """
        place, number = clean(target), 0 if self.readonly_root else 1
        for mount in self.tree:
            if mount.place == place:
                if not mount.keeps and not (isinstance(mount, Bind) and mount.readonly):
                    raise MountError(
                        f"{self._named()}: the {mount.noun} at {target!r} keeps nothing to read back; {self._kept()}"
                    )
                return (self, number) if mount.keeps else mount.source
            number += mount.keeps
        for mount in self.extras:
            if mount.place == place:
                raise MountError(
                    f"{self._named()}: the {mount.noun} at {target!r} is no folder of files; {self._kept()}"
                )
        raise MountError(
            f"{self._named()} has no mount at {target!r} ({self._kept()}); add output({target!r}) to mounts="
        )

    def _named(self) -> str:
        return f"run {shown(self.command)!r}"

    def _kept(self) -> str:
        kept = [repr(mount.target) for mount in self.tree if mount.keeps]
        if kept:
            return f"those that keep files: {', '.join(kept)}"
        return "none of its mounts keeps files" if self.tree else "it has none"

    def under(self, defaults: Defaults) -> Op:
        if not defaults.changes_commands:
            return self
        constraints, space = self.constraints, defaults.cache_namespace
        if defaults.is_uncached(self):
            constraints = constraints.having(ignore_cache=True)
        if defaults.resources is not None and constraints.resources is None:
            constraints = constraints.having(resources=defaults.resources)
        mounts = [each.within(space) if isinstance(each, Cache) and space else each for each in self.tree]
        if defaults.shm_size and all(mount.place != _SHM for mount in mounts):
            mounts.append(tmpfs(_SHM, size=defaults.shm_size))
        return ExecOp(
            self.root,
            defaults.facts(self.facts),
            self.command,
            (*mounts, *self.extras),
            self.readonly_root,
            self.exit_codes,
            self.proxy or defaults.proxy,
            constraints,
            self.site,
        )

    def encode(self, marshaller: Marshaller) -> bytes:
        facts, constraints = self.facts, self.constraints
        view = facts.view or marshaller.view(facts)
        if self.root is None or self.tree or self.readonly_root:
            inputs, entries = self._entries(marshaller)
        else:
            inputs, entries = marshaller.input(self.root), _ONLY_ROOT
        payload = delimited(_META, self._meta(marshaller, view)) + entries
        if self.extras or facts.network != "sandbox" or facts.security != "sandbox":
            payload += self._rest()
        platform = constraints.platform or view.platform or marshaller.platform
        return inputs + marshaller.surroundings(platform, constraints.worker_filters) + delimited(_EXEC, payload)

    def _entries(self, marshaller: Marshaller) -> tuple[bytes, bytes]:
        """The inputs, and the mounts of the tree: those that keep something number the outputs."""
        inputs: dict[bytes, int] = {}
        number, first = 1, _NONE
        if self.root is not None:
            inputs[marshaller.input(self.root)] = first = 0
        if self.readonly_root:
            entries, number = _READONLY_ROOT.mount(first, _NONE), 0
        else:
            entries = _WRITABLE_ROOT.mount(first, 0)
        for mount in self.tree:
            source = mount.source
            input = _NONE if source is None else inputs.setdefault(marshaller.input(source), len(inputs))
            if mount.keeps:
                entries += mount.mount(input, number)
                number += 1
            else:
                entries += mount.mount(input, _NONE)
        return b"".join(inputs), entries

    def _rest(self) -> bytes:
        """What follows the mounts of the tree in `pb.ExecOp`."""
        extras = [mount.mount(_NONE, 0) for mount in self.extras]
        secrets = [entry for mount in self.extras if (entry := mount.secret_env()) is not None]
        devices = [entry for mount in self.extras if (entry := mount.device()) is not None]
        modes = _NETWORK[self.facts.network] + _SECURITY[self.facts.security]
        return b"".join(extras) + modes + pb.ExecOp.secretenv.write(secrets) + pb.ExecOp.cdiDevices.write(devices)

    def _meta(self, marshaller: Marshaller, view: View) -> bytes:
        command = self.command
        args = _args(command if isinstance(command, tuple) else command.argv(view.shell))
        env = view.env_bytes
        if self.extras or marshaller.daemon_caps is not None:
            env = encode_env(self._env(marshaller, view))
        meta = args + env + view.place_bytes
        if self.proxy is not None:
            meta += pb.Meta.proxy_env.write(self.proxy.to_bytes())
        meta += view.limit_bytes
        return meta + pb.Meta.validExitCodes.write(self.exit_codes) if self.exit_codes else meta

    def _env(self, marshaller: Marshaller, view: View) -> Mapping[str, str]:
        """With the variables that Go's client adds: the ssh socket, and PATH for daemons that are known not to."""
        env = dict(view.env)
        socket = next((mount.target for mount in self.extras if isinstance(mount, Ssh)), None)
        if socket is not None:
            env.setdefault("SSH_AUTH_SOCK", socket)
        caps = marshaller.daemon_caps
        if caps is not None and _SETS_PATH not in caps and marshaller.platform.os != "windows":
            env.setdefault("PATH", PATH)
        return env

    def caps(self, marshaller: Marshaller) -> int:
        facts, needed = self.facts, self._caps
        if facts.network != "sandbox":
            needed |= _NETWORK_CAP
        if facts.security != "sandbox":
            needed |= _SECURITY_CAP
        if facts.ulimits:
            needed |= _ULIMIT_CAP
        if self.exit_codes:
            needed |= _EXIT_CODE_CAP
        if self.proxy is not None:
            needed |= _PROXY_CAP
        if self.constraints.resources is not None:
            needed |= _RESOURCES_CAP
        if marshaller.daemon_caps is not None and _SETS_PATH in marshaller.daemon_caps:
            needed |= _PATH_CAP
        return needed

    @staticmethod
    def describe(fields: Mapping[str, Any], inputs: Sequence[str]) -> str:
        return " ".join(fields.get("meta", {}).get("args", ()))


_BASE = caps("exec.meta.base")
_BASE_WITH_ROOT = _BASE | caps("exec.mount.bind")
_NETWORK_CAP = caps("exec.meta.network")
_SECURITY_CAP = caps("exec.meta.security")
_ULIMIT_CAP = caps("exec.meta.ulimit")
_EXIT_CODE_CAP = caps("exec.validexitcode")
_PROXY_CAP = caps("exec.meta.proxyenv")
_RESOURCES_CAP = caps("exec.meta.linux.resources")
_PATH_CAP = caps(_SETS_PATH)
_WRITABLE_ROOT = Bind(None, "", "/", False, True, 0, b"")
_READONLY_ROOT = Bind(None, "", "/", True, False, 0, b"")
_ONLY_ROOT = _WRITABLE_ROOT.mount(0, 0)


def shown(command: tuple[str, ...] | ShellText) -> str:
    """A command as messages call it: its first line."""
    text = " ".join(command) if isinstance(command, tuple) else command.text.strip()
    return text.partition("\n")[0]


def _no_mount(given: Sequence[object]) -> MountError:
    stray = next(each for each in given if not isinstance(each, Mount))
    return MountError(f"mounts= has {stray!r}, which is no mount; make one with bind(), output(), cache(), …")


def _by_target(mount: Mount) -> str:
    return mount.target or ""


def _extras(mounts: Sequence[Mount]) -> tuple[Mount, ...]:
    """Secrets, then ssh sockets, each placed by its number, then devices: as Go writes them."""
    sockets = [mount for mount in mounts if isinstance(mount, Ssh)]
    placed = [socket.placed(number) for number, socket in enumerate(sockets)]
    others = [mount for mount in mounts if not mount.in_tree and not isinstance(mount, Ssh)]
    return (*others, *placed)
