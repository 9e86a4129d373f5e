"""Exec: a command with its mounts."""

from __future__ import annotations

from llbpy.errors import MountError
from llbpy.graph import opmessages as op_pb
from llbpy.graph.caps import SETS_PATH, caps
from llbpy.graph.facts import encode_env
from llbpy.graph.mounts import Bind, Cache, tmpfs
from llbpy.graph.mountset import NO_MOUNTS, mount_set
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
    from llbpy.graph.mounts import Mount
    from llbpy.graph.ops.op import Output
    from llbpy.graph.sourcemap import Site

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""BuildKit's default PATH, which a daemon gives a command that has none."""

_NETWORK = {"sandbox": b"", "host": b"\x18\x01", "none": b"\x18\x02"}
_SECURITY = {"sandbox": b"", "insecure": b"\x20\x01"}
_SCRATCH = -1
_SHM = "/dev/shm"
_META = b"\x0a"  # op_pb.ExecOp.meta
_EXEC = b"\x12"  # pb.Op.exec
_POSIX_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"))
_args = op_pb.Meta.args.write


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
        message = op_pb.ProxyEnv
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

    __slots__ = ("command", "exit_codes", "facts", "mounts", "proxy", "readonly_root", "root")

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
        try:
            self.mounts = mount_set(mounts) if mounts else NO_MOUNTS
        except MountError as error:
            raise MountError(f"{self._named()}: {error.message}") from None

    def inputs(self) -> Sequence[Op]:
        return self.mounts.ops if self.root is None else (self.root[0], *self.mounts.ops)

    def output(self, target: str) -> Output | None:
        """What the command leaves in the mount at a target; of a read-only bind, what was mounted.

        Raises MountError if there is no such mount or it keeps nothing; it names those that do.
        """
        place, number = clean(target), 0 if self.readonly_root else 1
        for mount in self.mounts.tree:
            if mount.place == place:
                if not mount.keeps and not (isinstance(mount, Bind) and mount.readonly):
                    raise MountError(
                        f"{self._named()}: the {mount.noun} at {target!r} keeps nothing to read back; {self._kept()}"
                    )
                return (self, number) if mount.keeps else mount.source
            number += mount.keeps
        for mount in self.mounts.extras:
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
        kept = [repr(mount.target) for mount in self.mounts.tree if mount.keeps]
        if kept:
            return f"those that keep files: {', '.join(kept)}"
        return "none of its mounts keeps files" if self.mounts.tree else "it has none"

    def under(self, defaults: Defaults) -> Op:
        if not defaults.changes_commands:
            return self
        constraints, space = self.constraints, defaults.cache_namespace
        if defaults.is_uncached(self):
            constraints = constraints.having(ignore_cache=True)
        if defaults.resources is not None and constraints.resources is None:
            constraints = constraints.having(resources=defaults.resources)
        mounts = [each.within(space) if isinstance(each, Cache) and space else each for each in self.mounts.tree]
        if defaults.shm_size and all(mount.place != _SHM for mount in mounts):
            mounts.append(tmpfs(_SHM, size=defaults.shm_size))
        return ExecOp(
            self.root,
            defaults.facts(self.facts),
            self.command,
            (*mounts, *self.mounts.extras),
            self.readonly_root,
            self.exit_codes,
            self.proxy or defaults.proxy,
            constraints,
            self.site,
        )

    def encode(self, marshaller: Marshaller) -> bytes:
        facts, constraints, mounts = self.facts, self.constraints, self.mounts
        view = facts.view or marshaller.view(facts)
        if self.root is not None and not mounts.sources:
            inputs, entries = marshaller.input(self.root), mounts.entries(0, self.readonly_root, ())
        else:
            inputs, entries = self._mounted(marshaller)
        payload = delimited(_META, self._meta(marshaller, view)) + entries
        if facts.network != "sandbox" or facts.security != "sandbox":
            payload += _NETWORK[facts.network] + _SECURITY[facts.security]
        platform = constraints.platform or view.platform or marshaller.platform
        surroundings = marshaller.surroundings(platform, constraints.worker_filters)
        return inputs + surroundings + delimited(_EXEC, payload + mounts.tail)

    def _mounted(self, marshaller: Marshaller) -> tuple[bytes, bytes]:
        """The inputs, each once, and the entries of the mounts that name them by number."""
        inputs: dict[bytes, int] = {}
        root = _SCRATCH if self.root is None else inputs.setdefault(marshaller.input(self.root), 0)
        taken = [inputs.setdefault(marshaller.input(source), len(inputs)) for source in self.mounts.sources]
        return b"".join(inputs), self.mounts.entries(root, self.readonly_root, tuple(taken))

    def _meta(self, marshaller: Marshaller, view: View) -> bytes:
        command = self.command
        args = _args(command if isinstance(command, tuple) else command.argv(view.shell))
        if self.proxy is None and self.mounts.socket is None and not self.exit_codes and not marshaller.gives_path:
            return args + view.meta_bytes
        meta = args + encode_env(self._env(marshaller, view)) + view.place_bytes
        if self.proxy is not None:
            meta += op_pb.Meta.proxy_env.write(self.proxy.to_bytes())
        return meta + view.limit_bytes + op_pb.Meta.validExitCodes.write(self.exit_codes)

    def _env(self, marshaller: Marshaller, view: View) -> Mapping[str, str]:
        """With the variables that Go's client adds: the ssh socket, and PATH for daemons that are known not to."""
        env = dict(view.env)
        if self.mounts.socket is not None:
            env.setdefault("SSH_AUTH_SOCK", self.mounts.socket)
        if marshaller.gives_path:
            env.setdefault("PATH", PATH)
        return env

    def caps(self, marshaller: Marshaller) -> int:
        facts = self.facts
        needed = self.mounts.caps | (_BASE if self.root is None else _BASE_WITH_ROOT)
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
        if marshaller.daemon_caps is not None and SETS_PATH in marshaller.daemon_caps:
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
_PATH_CAP = caps(SETS_PATH)


def shown(command: tuple[str, ...] | ShellText) -> str:
    """A command as messages call it: its first line."""
    text = " ".join(command) if isinstance(command, tuple) else command.text.strip()
    return text.partition("\n")[0]
