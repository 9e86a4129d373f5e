"""The image config: what a state says about the image that would be exported with it, and the OCI JSON it comes to."""

from __future__ import annotations

from llbpy.errors import GraphError
from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from llbpy.graph.facts import Facts, View
    from llbpy.graph.platforms import Platform

_SECOND = 1_000_000_000
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Healthcheck(Value):
    """How a container's health is probed: a command (a list, or text for the shell), and times in seconds.

    0 leaves a time or `retries` to the engine's default. `Healthcheck([])` turns an inherited one off.
    """

    __slots__ = ("test", "interval", "timeout", "start_period", "start_interval", "retries")

    test: tuple[str, ...] | str
    interval: float
    timeout: float
    start_period: float
    start_interval: float
    retries: int

    def __init__(
        self,
        test: Sequence[str] | str,
        *,
        interval: float = 0,
        timeout: float = 0,
        start_period: float = 0,
        start_interval: float = 0,
        retries: int = 0,
    ) -> None:
        set_field(self, "test", test if isinstance(test, str) else tuple(test))
        set_field(self, "interval", interval)
        set_field(self, "timeout", timeout)
        set_field(self, "start_period", start_period)
        set_field(self, "start_interval", start_interval)
        set_field(self, "retries", retries)

    def __reduce__(self) -> tuple[object, ...]:
        test, *rest = self._fields()
        return _rebuild, (test, dict(zip(self.__slots__[1:], rest, strict=True)))

    def to_json(self) -> dict[str, Any]:
        test = (
            ["CMD-SHELL", self.test] if isinstance(self.test, str) else ["CMD", *self.test] if self.test else ["NONE"]
        )
        times = ("Interval", self.interval), ("Timeout", self.timeout), ("StartPeriod", self.start_period)
        found: dict[str, Any] = {"Test": test}
        found.update(
            {name: round(value * _SECOND) for name, value in (*times, ("StartInterval", self.start_interval)) if value}
        )
        return found | ({"Retries": self.retries} if self.retries else {})


def _rebuild(test: Sequence[str] | str, rest: Mapping[str, Any]) -> Healthcheck:
    return Healthcheck(test, **rest)


class ConfigDelta:
    """What a state changes of the config: `replaced` values (None: unset), and keys added to sets (None: taken out)."""

    __slots__ = ("added", "cleared", "replaced")

    def __init__(
        self, replaced: Mapping[str, Any], added: Mapping[str, Mapping[str, Any]], cleared: frozenset[str]
    ) -> None:
        self.replaced = replaced
        self.added = added
        self.cleared = cleared

    def having(self, changes: Mapping[str, Any]) -> ConfigDelta:
        """With changes on top, named as `State.config` names them."""
        replaced, added, cleared = dict(self.replaced), dict(self.added), set(self.cleared)
        for name, value in changes.items():
            if name not in _SETS:
                replaced[name] = value
            elif value is None:
                cleared.add(name)
                added[name] = {}
            else:
                added[name] = {**added.get(name, {}), **_SETS[name](value)}
        return ConfigDelta(replaced, added, frozenset(cleared))


NO_DELTA = ConfigDelta({}, {}, frozenset())


def image_config(facts: Facts, view: View, inherited: Mapping[str, Any] | None, platform: Platform) -> dict[str, Any]:
    """The OCI image config of a state, as parsed JSON: `inherited` is the base image's, `platform` the one exported."""
    base: dict[str, Any] = dict(inherited or {})
    inner: dict[str, Any] = dict(base.get("config") or {})
    delta = facts.config or NO_DELTA
    inner["Env"] = _env(view)
    inner["WorkingDir"] = view.dir
    inner["User"] = view.user
    if facts.shell is not None:
        inner["Shell"] = list(facts.shell)
    if delta.replaced.get("entrypoint") is not None and "cmd" not in delta.replaced:
        inner.pop("Cmd", None)
    for name, value in delta.replaced.items():
        if name != "author":
            inner[_KEYS[name]] = _shown(value, view)
    for name, changes in delta.added.items():
        kept = {} if name in delta.cleared else dict(inner.get(_KEYS[name]) or {})
        inner[_KEYS[name]] = {key: value for key, value in {**kept, **changes}.items() if value is not None}
    base.update(_platform(platform))
    if "author" in delta.replaced:
        base["author"] = delta.replaced["author"]
    base["config"] = {key: value for key, value in inner.items() if value not in (None, "", [], {})}
    base.setdefault("rootfs", {"type": "layers", "diff_ids": []})
    return {key: value for key, value in base.items() if value not in (None, "")}


_KEYS = {
    "entrypoint": "Entrypoint",
    "cmd": "Cmd",
    "labels": "Labels",
    "expose": "ExposedPorts",
    "volumes": "Volumes",
    "stop_signal": "StopSignal",
    "healthcheck": "Healthcheck",
    "onbuild": "OnBuild",
}


def _env(view: View) -> list[str]:
    """The variables, with the PATH that every image has."""
    listed = [f"{name}={value}" for name, value in view.env.items()]
    windows = view.platform is not None and view.platform.os == "windows"
    return listed if "PATH" in view.env or windows else [_PATH, *listed]


def _shown(value: tuple[str, ...] | str | Healthcheck | _Shell | None, view: View) -> Any:
    if isinstance(value, Healthcheck):
        return value.to_json()
    if isinstance(value, _Shell):
        return [*view.shell, value.text]
    return list(value) if isinstance(value, tuple) else value


def _platform(platform: Platform) -> dict[str, Any]:
    return {
        "architecture": platform.architecture,
        "os": platform.os,
        "variant": platform.variant,
        "os.version": platform.os_version,
        "os.features": list(platform.os_features) or None,
    }


class _Shell:
    """A command as text: it runs in the shell that the image has."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def command(value: Sequence[str] | str | None) -> tuple[str, ...] | _Shell | None:
    """An entrypoint or cmd as `State.config` takes it."""
    return value if value is None else _Shell(value) if isinstance(value, str) else tuple(value)


def _ports(ports: Iterable[int | str]) -> dict[str, Any]:
    return {_port(port): {} for port in ports}


def _port(port: int | str) -> str:
    number, _, protocol = str(port).partition("/")
    if not (number.isascii() and number.isdigit() and 0 < int(number) < 65536) or protocol not in (
        "",
        "tcp",
        "udp",
        "sctp",
    ):
        raise GraphError(f"config() expose={port!r} is no port; write 8080, '8080/tcp' or '53/udp'")
    return f"{number}/{protocol or 'tcp'}"


_SETS: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "labels": dict,
    "expose": _ports,
    "volumes": lambda paths: {path: {} for path in paths},
}
