"""Exec: a command with its mounts."""

from __future__ import annotations

from llbpy.errors import MountError
from llbpy.graph import messages as pb
from llbpy.graph.facts import encode_env
from llbpy.graph.mounts import Bind, Mount, Ssh
from llbpy.graph.ops.op import Op
from llbpy.graph.paths import clean
from llbpy.graph.values import Value, set_field
from llbpy.graph.wire import delimited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from llbpy.graph.constraints import Constraints
    from llbpy.graph.facts import Facts, View
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.ops.op import Output
    from llbpy.graph.platforms import Platform
    from llbpy.graph.sourcemap import Site

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""BuildKit's default PATH, which a daemon gives a command that has none."""

_NETWORK = {"sandbox": b"", "host": b"\x18\x01", "none": b"\x18\x02"}
_SECURITY = {"sandbox": b"", "insecure": b"\x20\x01"}
_NONE = -1
_POSIX_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"))
_args = pb.Meta.args.write
_SETS_PATH = "exec.meta.setsdefaultpath"


class Proxy(Value):
    """Proxies for a command, set in its environment in both cases and no part of the cache key."""

    __slots__ = ("http", "https", "ftp", "no", "all")  # noqa: RUF023 - the order of the constructor

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


class Command(Value):
    """What to run: an `argv`, or `text` for the state's shell (argv None); a `script` stops at its first failing line."""

    __slots__ = ("argv", "text", "script")  # noqa: RUF023

    argv: tuple[str, ...] | None
    text: str
    script: bool

    def __init__(self, argv: tuple[str, ...] | None, text: str = "", script: bool = False) -> None:
        set_field(self, "argv", argv)
        set_field(self, "text", text)
        set_field(self, "script", script)

    def args(self, view: View) -> tuple[str, ...]:
        if self.argv is not None:
            return self.argv
        stops = self.script and view.shell[0].rpartition("/")[2] in _POSIX_SHELLS
        return (*view.shell, "set -e\n" + self.text if stops else self.text)

    def __str__(self) -> str:
        return (self.text.strip() if self.argv is None else " ".join(self.argv)).partition("\n")[0]


class ExecOp(Op):
    """A command on a root filesystem (None: scratch) with mounts, seeing `facts`."""

    __slots__ = ("command", "exit_codes", "extras", "facts", "proxy", "readonly_root", "root", "tree")

    KIND = "exec"

    def __init__(
        self,
        root: Output | None,
        facts: Facts,
        command: Command,
        mounts: Sequence[Mount],
        constraints: Constraints,
        site: Site,
        *,
        readonly_root: bool = False,
        exit_codes: tuple[int, ...] = (),
        proxy: Proxy | None = None,
    ) -> None:
        """Raises MountError for two mounts on one target, GraphError for a command without words."""
        self.root = root
        self.facts = facts
        self.command = command
        self.tree = sorted([mount for mount in mounts if mount.in_tree], key=_by_target) if mounts else ()
        self.extras = _extras(mounts) if len(self.tree) < len(mounts) else ()
        self.readonly_root = readonly_root
        self.exit_codes = exit_codes
        self.proxy = proxy
        self.constraints = constraints
        self.site = site
        if mounts:
            self._check_targets(mounts)

    def _check_targets(self, mounts: Sequence[Mount]) -> None:
        taken: dict[str, Mount | None] = {"/": None}
        for mount in mounts:
            if mount.target is None:
                continue
            place = clean(mount.target)
            if place in taken and not mount.repeats(taken[place]):
                what = "the root filesystem" if place == "/" else "another mount"
                raise MountError(f"{self._named()} mounts {mount.target!r} over {what}; one mount a target")
            taken[place] = mount

    def inputs(self) -> list[Op]:
        found = [mount.source[0] for mount in self.tree if mount.source is not None]
        if self.root is not None:
            found.insert(0, self.root[0])
        return found

    def output(self, target: str) -> Output | None:
        """What the command leaves in the mount at a target; of a read-only bind, what was mounted.

        Raises MountError if there is no such mount or it keeps nothing; it names those that do.
        """
        place, number = clean(target), 0 if self.readonly_root else 1
        for mount in self.tree:
            if clean(mount.target or "") == place:
                if not mount.keeps and not (isinstance(mount, Bind) and mount.readonly):
                    raise MountError(f"{self._named()}: the {mount.noun} at {target!r} keeps nothing to read back; {self._kept()}")
                return (self, number) if mount.keeps else mount.source
            number += mount.keeps
        for mount in self.extras:
            if mount.target == target:
                raise MountError(f"{self._named()}: the {mount.noun} at {target!r} is no folder of files; {self._kept()}")
        raise MountError(f"{self._named()} has no mount at {target!r} ({self._kept()}); add output({target!r}) to mounts=")

    def _named(self) -> str:
        return f"run {str(self.command)!r}"

    def _kept(self) -> str:
        kept = [repr(mount.target) for mount in self.tree if mount.keeps]
        if kept:
            return f"those that keep files: {', '.join(kept)}"
        return "none of its mounts keeps files" if self.tree else "it has none"

    def encode(self, marshaller: Marshaller) -> bytes:
        inputs: dict[bytes, int] = {}
        number, entries = 0, []
        first = _NONE if self.root is None else inputs.setdefault(marshaller.input(self.root), 0)
        if self.readonly_root:
            entries.append(_READONLY_ROOT.mount(first, _NONE))
        else:
            entries.append(_WRITABLE_ROOT.mount(first, 0))
            number = 1
        for mount in self.tree:
            source = mount.source
            input = _NONE if source is None else inputs.setdefault(marshaller.input(source), len(inputs))
            entries.append(mount.mount(input, number if mount.keeps else _NONE))
            number += mount.keeps
        view = marshaller.view(self.facts)
        meta = self._meta(marshaller, view)
        payload = delimited(b"\x0a", meta) + b"".join(entries) + (self._rest() if self._unusual() else b"")
        constraints = self.constraints
        platform = constraints.platform or view.platform or marshaller.platform
        around = marshaller.surroundings(platform, constraints.worker_filters)
        return b"".join(inputs) + around + delimited(b"\x12", payload)

    def _unusual(self) -> bool:
        return bool(self.extras) or self.facts.network != "sandbox" or self.facts.security != "sandbox"

    def _rest(self) -> bytes:
        """What follows the mounts of the tree in `pb.ExecOp`."""
        extras = [mount.mount(_NONE, 0) for mount in self.extras]
        secrets = [entry for mount in self.extras if (entry := mount.secret_env()) is not None]
        devices = [entry for mount in self.extras if (entry := mount.device()) is not None]
        modes = _NETWORK[self.facts.network] + _SECURITY[self.facts.security]
        return b"".join(extras) + modes + pb.ExecOp.secretenv.write(secrets) + pb.ExecOp.cdiDevices.write(devices)

    def _meta(self, marshaller: Marshaller, view: View) -> bytes:
        env, place, limits = view.meta
        added = self._added_env(marshaller, view)
        if added:
            env = encode_env({**view.env, **added})
        proxy = b"" if self.proxy is None else pb.Meta.proxy_env.write(self.proxy.to_bytes())
        codes = pb.Meta.validExitCodes.write(self.exit_codes) if self.exit_codes else b""
        return _args(self.command.args(view)) + env + place + proxy + limits + codes

    def _added_env(self, marshaller: Marshaller, view: View) -> dict[str, str]:
        """Variables that Go's client adds: the ssh socket, and PATH for daemons that are known not to."""
        added: dict[str, str] = {}
        socket = next((mount.target for mount in self.extras if isinstance(mount, Ssh)), None)
        if socket is not None and "SSH_AUTH_SOCK" not in view.env:
            added["SSH_AUTH_SOCK"] = socket
        caps = marshaller.daemon_caps
        if caps is not None and _SETS_PATH not in caps and "PATH" not in view.env:
            system = marshaller.platform.os
            if system != "windows":
                added["PATH"] = PATH
        return added

    def caps(self, marshaller: Marshaller) -> frozenset[str]:
        parts = [mount.caps for mount in self.tree]
        parts += [mount.caps for mount in self.extras]
        facts = self.facts
        flags = (
            self.root is not None,
            facts.network != "sandbox",
            facts.security != "sandbox",
            bool(facts.ulimits),
            bool(self.exit_codes),
            self.proxy is not None,
            self.constraints.resources is not None,
            marshaller.daemon_caps is not None and _SETS_PATH in marshaller.daemon_caps,
        )
        key = (flags, *parts)
        known = _unions.get(key)
        if known is None:
            own = [cap for cap, needed in zip(_OWN_CAPS, flags, strict=True) if needed]
            known = _unions[key] = frozenset(("exec.meta.base", *own)).union(*parts)
        return known

    @staticmethod
    def describe(fields: Mapping[str, Any]) -> str:
        return " ".join(fields.get("meta", {}).get("args", ()))


_OWN_CAPS = (
    "exec.mount.bind",
    "exec.meta.network",
    "exec.meta.security",
    "exec.meta.ulimit",
    "exec.validexitcode",
    "exec.meta.proxyenv",
    "exec.meta.linux.resources",
    _SETS_PATH,
)
_unions: dict[tuple[object, ...], frozenset[str]] = {}
_WRITABLE_ROOT = Bind(None, "", "/", readonly=False, keeps=True, caps=frozenset(), tail=b"")
_READONLY_ROOT = Bind(None, "", "/", readonly=True, keeps=False, caps=frozenset(), tail=b"")


def _by_target(mount: Mount) -> str:
    return mount.target or ""


def _extras(mounts: Sequence[Mount]) -> tuple[Mount, ...]:
    """Secrets, then ssh sockets, each placed by its number, then devices: as Go writes them."""
    sockets = [mount for mount in mounts if isinstance(mount, Ssh)]
    placed = [socket.placed(number) for number, socket in enumerate(sockets)]
    others = [mount for mount in mounts if not mount.in_tree and not isinstance(mount, Ssh)]
    return (*others, *placed)
