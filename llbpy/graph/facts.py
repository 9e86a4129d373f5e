"""What the next command of a state sees, and how much of it is known while the graph is built.

A state on an inheriting image knows only what it set itself: its `Facts` are a delta on a config that is asked for at marshal
time. `Facts.seen(config)` works out the whole, a `View`, once for each config; a state without such an image has one view.
"""

from __future__ import annotations

from llbpy.graph import opmessages as op_pb
from llbpy.graph.expand import Expand, unset
from llbpy.graph.paths import join
from llbpy.graph.platforms import Platform, normalize
from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Protocol

    from llbpy.graph.config import ConfigDelta
    from llbpy.graph.constraints import Constraints
    from llbpy.graph.questions import ImageQuestion
    from llbpy.graph.sourcemap import Site

    class Inherited(Protocol):
        """What passes on an image config: an image, or files that came with one."""

        site: Site
        constraints: Constraints

        def question(self, platform: Platform) -> ImageQuestion:
            """What to ask for the config, when `platform` is being built."""
            ...


SHELL = ("/bin/sh", "-c")
WINDOWS_SHELL = ("cmd", "/S", "/C")


class Ulimit(Value):
    """A resource limit of a command: its name (`nofile`, `nproc`, …), soft and hard value; -1 is unlimited."""

    __slots__ = ("name", "soft", "hard")

    name: str
    soft: int
    hard: int

    def __init__(self, name: str, soft: int, hard: int) -> None:
        set_field(self, "name", name)
        set_field(self, "soft", soft)
        set_field(self, "hard", hard)


class Facts(Value):
    """What a state was told about its next command. What is None, or not in `env`, comes from the image if one is inherited.

    `env` maps names to values (None: unset, an `Expand`: reads the image's); `dir` is absolute, or relative to the dir of the
    image that `inherits` names; `user`, `shell` and `platform` are None until set.
    """

    __slots__ = (
        "inherits",
        "env",
        "dir",
        "user",
        "shell",
        "platform",
        "network",
        "security",
        "hostname",
        "extra_hosts",
        "ulimits",
        "cgroup_parent",
        "config",
        "view",
    )

    inherits: Inherited | None
    env: Mapping[str, str | Expand | None]
    dir: str
    user: str | None
    shell: tuple[str, ...] | None
    platform: Platform | None
    network: str
    security: str
    hostname: str
    extra_hosts: tuple[tuple[str, str], ...]
    ulimits: tuple[Ulimit, ...]
    cgroup_parent: str
    config: ConfigDelta | None
    view: View | None
    """All of it together, once it is known; that of an inheriting state never is."""

    def having(self, **changes: object) -> Facts:
        """These facts with some replaced."""
        new = object.__new__(Facts)
        for name in _COPIED:
            set_field(new, name, changes[name] if name in changes else getattr(self, name))
        set_field(new, "view", None)
        return new

    def _fields(self) -> tuple[object, ...]:
        return (*[getattr(self, name) for name in _COPIED if name != "env"], tuple(self.env.items()))

    def within(self, path: str) -> Facts:
        """With `path` as dir: taken as it is if absolute, else joined to the one before."""
        return self.having(dir=path if path.startswith("/") else join(self.dir, path))

    def setting(self, values: Mapping[str, str | Expand | None]) -> Facts:
        """With variables set (None: unset), each placed last, as its latest assignment is what orders them.

        Raises GraphError if an `expand()` reads a variable that is set nowhere and cannot come from an image.
        """
        env = dict(self.env)
        for name, value in values.items():
            filled = self._filled(value, env) if isinstance(value, Expand) else value
            env.pop(name, None)
            if filled is not None or self.inherits is not None:
                env[name] = filled
        return self.having(env=env)

    def _filled(self, template: Expand, env: Mapping[str, str | Expand | None]) -> str | Expand:
        lost = [name for name in template.names if (env[name] is None if name in env else self.inherits is None)]
        if lost:
            raise unset(lost, [name for name, value in env.items() if value is not None])
        return template.fill(env.get)

    def on(self, platform: Platform) -> Facts:
        return self.having(platform=normalize(platform))

    def seen(self, config: Mapping[str, Any] | None) -> View:
        """The whole, over the inherited image's config; without one, always the same value. Raises GraphError (expand)."""
        if config is not None:
            return View(self, config)
        view = self.view
        if view is None:
            view = View(self, {})
            set_field(self, "view", view)
        return view


_COPIED = tuple(name for name in Facts.__slots__ if name != "view")


def _new(dir: str) -> Facts:
    empty: dict[str, Any] = {
        "env": {},
        "network": "sandbox",
        "security": "sandbox",
        "hostname": "",
        "cgroup_parent": "",
    }
    facts = object.__new__(Facts)
    for name in Facts.__slots__:
        set_field(facts, name, {"extra_hosts": (), "ulimits": (), "dir": dir, **empty}.get(name))
    return facts


NOTHING = _new("/")
"""The facts of a new filesystem: dir `/` and nothing else."""
_INHERITING = _new("")


def inherited(image: Inherited) -> Facts:
    """The facts of an image that passes on its config."""
    platform = image.constraints.platform
    return _INHERITING.having(inherits=image, platform=None if platform is None else normalize(platform))


class View:
    """All facts of a state, known: what a command on it sees, and how `op_pb.Meta` says it."""

    __slots__ = ("dir", "env", "limit_bytes", "meta_bytes", "place_bytes", "platform", "shell", "user")

    def __init__(self, facts: Facts, config: Mapping[str, Any]) -> None:
        inner: Mapping[str, Any] = config.get("config") or {}
        self.env = _environment(facts, inner)
        self.dir = facts.dir if facts.dir[:1] == "/" else join(inner.get("WorkingDir") or "/", facts.dir)
        self.user = (inner.get("User") or "") if facts.user is None else facts.user
        self.platform = facts.platform or _platform(config)
        self.shell = facts.shell or tuple(inner.get("Shell") or ()) or self._default_shell()
        self.place_bytes = op_pb.Meta.cwd.write(self.dir) + op_pb.Meta.user.write(self.user)
        self.limit_bytes = _limits(facts)
        self.meta_bytes = encode_env(self.env) + self.place_bytes + self.limit_bytes

    def _default_shell(self) -> tuple[str, ...]:
        return WINDOWS_SHELL if self.platform is not None and self.platform.os == "windows" else SHELL


def _limits(facts: Facts) -> bytes:
    """The fields of `op_pb.Meta` after the proxy that belong to the state."""
    hosts = [op_pb.HostIP.Host.write(host) + op_pb.HostIP.IP.write(ip) for host, ip in facts.extra_hosts]
    limits = [
        op_pb.Ulimit.Name.write(limit.name) + op_pb.Ulimit.Soft.write(limit.soft) + op_pb.Ulimit.Hard.write(limit.hard)
        for limit in facts.ulimits
    ]
    return b"".join(
        (
            op_pb.Meta.extraHosts.write(hosts),
            op_pb.Meta.hostname.write(facts.hostname),
            op_pb.Meta.ulimit.write(limits),
            op_pb.Meta.cgroupParent.write(facts.cgroup_parent),
            op_pb.Meta.removeMountStubsRecursive.write(True),
        )
    )


def encode_env(env: Mapping[str, str]) -> bytes:
    return op_pb.Meta.env.write([f"{name}={value}" for name, value in env.items()])


def _environment(facts: Facts, inner: Mapping[str, Any]) -> dict[str, str]:
    base: dict[str, str] = {}
    for entry in inner.get("Env") or ():
        name, _, value = entry.partition("=")
        if name:
            base.pop(name, None)
            base[name] = value
    env = dict(base)
    for name, value in facts.env.items():
        env.pop(name, None)
        filled = value.fill(base.get) if isinstance(value, Expand) else value
        if isinstance(filled, Expand):
            raise unset(filled.names, base)
        if filled is not None:
            env[name] = filled
    return env


def _platform(config: Mapping[str, Any]) -> Platform | None:
    system, architecture = config.get("os"), config.get("architecture")
    if not (system and architecture):
        return None
    features = tuple(config.get("os.features") or ())
    return normalize(
        Platform(system, architecture, config.get("variant") or "", config.get("os.version") or "", features)
    )
