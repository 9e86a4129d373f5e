"""The image config: what a state says about the image that would be exported with it, and the OCI JSON it comes to."""

from __future__ import annotations

from llbpy.errors import GraphError
from llbpy.graph.platforms import Platform, normalize
from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from llbpy.graph.facts import Facts, View

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


def image_config(
    facts: Facts,
    view: View,
    inherited: Mapping[str, Any] | None,
    platform: Platform,
    *,
    labels: Mapping[str, str] | None = None,
    epoch: int | None = None,
) -> dict[str, Any]:
    """The OCI image config of a state, as parsed JSON and without a history.

    `inherited` is the config of its base image, `platform` the one exported. `labels` come from outside and win. `epoch` is the
    time of creation, in seconds since 1970; without one there is none, and exporters take that of the newest layer. Of the base
    image's own what an image config has goes on, but for its ONBUILD triggers, which are for the first image made on it.
    """
    given: Mapping[str, Any] = inherited or {}
    base = {key: given[key] for key in _PASSED_ON if key in given}
    delta = facts.config or NO_DELTA
    base.update(_platform(platform, given))
    if "author" in delta.replaced:
        base["author"] = delta.replaced["author"]
    if epoch is not None:
        base["created"] = rfc3339(epoch)
    windows = (view.platform or platform).os == "windows"
    inner = _inner(given.get("config") or {}, facts, view, windows)
    if labels:
        inner["Labels"] = {**(inner.get("Labels") or {}), **labels}
    base["config"] = {key: value for key, value in inner.items() if value not in (None, "", [], {})}
    base.setdefault("rootfs", {"type": "layers", "diff_ids": []})
    return {key: value for key, value in base.items() if value not in (None, "")}


_PASSED_ON = ("author", "rootfs")
_OF_CONTAINERS = (
    "User ExposedPorts Env Entrypoint Cmd Volumes WorkingDir Labels StopSignal StopTimeout ArgsEscaped Healthcheck Shell"
).split()
"""What of a base image's `config` goes on; what the engines of old wrote besides was about containers that built it."""


def _inner(given: Mapping[str, Any], facts: Facts, view: View, windows: bool) -> dict[str, Any]:
    """What a config says of containers, with empty values where something is unset."""
    delta = facts.config or NO_DELTA
    inner: dict[str, Any] = {key: given[key] for key in _OF_CONTAINERS if key in given}
    inner["Env"] = _env(view, windows)
    inner["WorkingDir"] = view.dir
    inner["User"] = view.user
    if facts.shell is not None:
        inner["Shell"] = list(facts.shell)
    commands = [delta.replaced[name] for name in ("entrypoint", "cmd") if name in delta.replaced]
    if commands:
        inner["ArgsEscaped"] = _escaped(commands, windows) or None
    if delta.replaced.get("entrypoint") is not None and "cmd" not in delta.replaced:
        inner.pop("Cmd", None)
    for name, value in delta.replaced.items():
        if name != "author":
            inner[_KEYS[name]] = _shown(value, view)
    for name, changes in delta.added.items():
        kept = {} if name in delta.cleared else dict(inner.get(_KEYS[name]) or {})
        inner[_KEYS[name]] = {key: value for key, value in {**kept, **changes}.items() if value is not None}
    return inner


def _escaped(commands: Sequence[object], windows: bool) -> bool:
    """Whether a command's words must be taken as they are: on Windows, text for the shell is a command line already."""
    return windows and any(isinstance(each, _Shell) for each in commands)


def rfc3339(epoch: int) -> str:
    """Seconds since 1970 as Go writes a time in UTC. Raises GraphError for what is in no year from 1 to 9999."""
    from datetime import datetime, timedelta

    try:
        return f"{(datetime(1970, 1, 1) + timedelta(seconds=epoch)).isoformat()}Z"
    except OverflowError:
        raise GraphError(f"epoch {epoch} is no time that an image can bear; give seconds since 1970") from None


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


def _env(view: View, windows: bool) -> list[str]:
    """The variables, with the PATH that every image has but Windows's."""
    listed = [f"{name}={value}" for name, value in view.env.items()]
    return listed if "PATH" in view.env or windows else [_PATH, *listed]


def _shown(value: tuple[str, ...] | str | Healthcheck | _Shell | None, view: View) -> Any:
    if isinstance(value, Healthcheck):
        return value.to_json()
    if isinstance(value, _Shell):
        return [*view.shell, value.text]
    return list(value) if isinstance(value, tuple) else value


def _platform(platform: Platform, base: Mapping[str, Any]) -> dict[str, Any]:
    """The platform that is exported; what it does not say is that of a base for the same system and architecture."""
    same = (base.get("os"), base.get("architecture")) == (platform.os, platform.architecture)
    kept: Mapping[str, Any] = base if same else {}
    whole = normalize(
        Platform(
            platform.os,
            platform.architecture,
            platform.variant or kept.get("variant") or "",
            platform.os_version or kept.get("os.version") or "",
            platform.os_features or kept.get("os.features") or (),
        )
    )
    return {
        "architecture": whole.architecture,
        "os": whole.os,
        "variant": whole.variant,
        "os.version": whole.os_version,
        "os.features": list(whole.os_features) or None,
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
