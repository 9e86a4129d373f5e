"""What a whole build says of its vertices, where they do not say it themselves: the options that builders pass beside a file."""

from __future__ import annotations

from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llbpy.graph.constraints import Resources
    from llbpy.graph.facts import Facts, Ulimit
    from llbpy.graph.ops.exec import Proxy
    from llbpy.graph.ops.op import Op


class Defaults:
    """Defaults for one marshal; each vertex takes what concerns its kind (`Op.under`).

    `network`, `hostname`, `cgroup_parent` and `resources` yield to a command's own; `extra_hosts` and `ulimits` come on top of
    them. `shm_size` is the size of /dev/shm in bytes (0: the daemon's own). `cache_namespace` is put before the ids of cache
    mounts. `resolve` is the mode of images that do not name one. `sessions` has the session of each local folder, `session`
    that of all others; empty leaves them to any client's. `uncached` says which vertices are built anew.
    """

    def __init__(
        self,
        *,
        network: str = "sandbox",
        hostname: str = "",
        extra_hosts: tuple[tuple[str, str], ...] = (),
        ulimits: tuple[Ulimit, ...] = (),
        cgroup_parent: str = "",
        shm_size: int = 0,
        proxy: Proxy | None = None,
        resources: Resources | None = None,
        cache_namespace: str = "",
        resolve: str = "default",
        session: str = "",
        sessions: Mapping[str, str] | None = None,
        uncached: Callable[[Op], bool] | None = None,
    ) -> None:
        self.shm_size = shm_size
        self.proxy = proxy
        self.resources = resources
        self.cache_namespace = cache_namespace
        self.resolve = resolve
        self.session = session
        self.sessions = sessions or {}
        self.uncached = uncached
        self._facts = _FactDefaults(network, hostname, cgroup_parent, extra_hosts, ulimits)
        self._known: dict[int, tuple[Facts, Facts]] = {}
        self.changes_commands = bool(
            shm_size or proxy or resources or cache_namespace or uncached or self._facts != _FactDefaults()
        )
        """Whether there is anything in it for a command."""

    def facts(self, facts: Facts) -> Facts:
        """The facts of a command's state, completed."""
        if self._facts == _NOTHING:
            return facts
        known = self._known.get(id(facts))
        if known is None:
            known = self._known[id(facts)] = (facts, self._facts.complete(facts))
        return known[1]

    def is_uncached(self, op: Op) -> bool:
        return self.uncached is not None and self.uncached(op)


class _FactDefaults(Value):
    __slots__ = ("network", "hostname", "cgroup_parent", "extra_hosts", "ulimits")

    network: str
    hostname: str
    cgroup_parent: str
    extra_hosts: tuple[tuple[str, str], ...]
    ulimits: tuple[Ulimit, ...]

    def __init__(
        self,
        network: str = "sandbox",
        hostname: str = "",
        cgroup_parent: str = "",
        extra_hosts: tuple[tuple[str, str], ...] = (),
        ulimits: tuple[Ulimit, ...] = (),
    ) -> None:
        set_field(self, "network", network)
        set_field(self, "hostname", hostname)
        set_field(self, "cgroup_parent", cgroup_parent)
        set_field(self, "extra_hosts", extra_hosts)
        set_field(self, "ulimits", ulimits)

    def complete(self, facts: Facts) -> Facts:
        return facts.having(
            network=facts.network if facts.network != "sandbox" else self.network,
            hostname=facts.hostname or self.hostname,
            cgroup_parent=facts.cgroup_parent or self.cgroup_parent,
            extra_hosts=(*facts.extra_hosts, *self.extra_hosts),
            ulimits=(*facts.ulimits, *self.ulimits),
        )


_NOTHING = _FactDefaults()
