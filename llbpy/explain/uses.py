"""What a vertex does with its inputs, and which mounts it has besides."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, TypeAlias

    Fields: TypeAlias = Mapping[str, Any]
    Use: TypeAlias = tuple[int, str]
    """The number of an input, and what it is used for."""

ROOT = "root"
"""The use of the filesystem that a command runs on, or that file actions change."""

_MOUNTS = ("bind", "secret", "ssh", "cache", "tmpfs")

_FILLED = ("bind", "cache")
"""The kinds of mounts that an input can fill."""

_OPTIONS = {
    "secret": ("secretOpt", "/run/secrets/{}"),
    "ssh": ("SSHOpt", "/run/buildkit/ssh_agent.0"),
    "cache": ("cacheOpt", "{}"),
}
"""For mounts with an id: the field that has it, and the target that goes without saying."""


def uses(kind: str, payload: Fields) -> dict[int, tuple[str, ...]]:
    """For the number of each input that is used, what for: each use once, in the order of the payload."""
    found: dict[int, dict[str, None]] = {}
    reader = _READERS.get(kind)
    for number, use in () if reader is None else reader(payload):
        found.setdefault(number, {})[use] = None
    return {number: tuple(each) for number, each in found.items()}


def outputs(kind: str, payload: Fields) -> dict[int, str]:
    """Names for outputs: a command's are the targets of its mounts, and its root filesystem has none."""
    mounts = payload.get("mounts", ()) if kind == "exec" else ()
    kept = {mount.get("output", 0): mount.get("dest", "") for mount in mounts if mount.get("mountType", 0) == 0}
    return {number: "" if target == "/" else target for number, target in kept.items()}


def other_mounts(kind: str, payload: Fields) -> tuple[str, ...]:
    """The mounts of a command that no input fills, secret variables and devices included."""
    if kind != "exec":
        return ()
    mounts = [_mount(mount) for mount in payload.get("mounts", ()) if _is_other(mount)]
    secrets = payload.get("secretenv", ())
    variables = [f"secret {secret.get('ID', '')} as ${secret.get('name', '')}" for secret in secrets]
    devices = [f"device {device.get('name', '')}" for device in payload.get("cdiDevices", ())]
    return (*mounts, *variables, *devices)


def _is_other(mount: Fields) -> bool:
    return _kind(mount) not in _FILLED or (mount.get("input", 0) < 0 and mount.get("dest") != "/")


def _kind(mount: Fields) -> str:
    number: int = mount.get("mountType", 0)
    return _MOUNTS[number] if 0 <= number < len(_MOUNTS) else f"mount type {number}"


def _mount(mount: Fields) -> str:
    kind, target = _kind(mount), mount.get("dest", "")
    if kind == "bind":
        return f"{'empty' if mount.get('output', 0) < 0 else 'output'} {target}"
    if kind not in _OPTIONS:
        return f"{kind} {target}"
    option, usual = _OPTIONS[kind]
    id = str(mount.get(option, {}).get("ID", ""))
    named = f"{kind} {id}".rstrip()
    return named if target == usual.format(id) else f"{named} at {target}"


def _exec(payload: Fields) -> Iterator[Use]:
    for mount in payload.get("mounts", ()):
        if _kind(mount) in _FILLED:
            yield mount.get("input", 0), _place(mount)


def _place(mount: Fields) -> str:
    target, selector = mount.get("dest", ""), mount.get("selector", "")
    place = f"{selector} at {target}" if selector else target
    if place == "/":
        return ROOT
    return place if _kind(mount) == "bind" else f"{_kind(mount)} {place}"


def _file(payload: Fields) -> Iterator[Use]:
    """Names of owners are looked up in the filesystem that is changed, which goes without saying, or else in another."""
    actions = payload.get("actions", ())
    changed = {action.get("input", 0) for action in actions}
    for action in actions:
        yield action.get("input", 0), ROOT
        if "copy" in action:
            yield action.get("secondaryInput", 0), f"copy {action['copy'].get('src', '')}"
        yield from [use for use in _owner(action) if use[0] not in changed]


def _owner(action: Fields) -> Iterator[Use]:
    for verb in ("copy", "mkfile", "mkdir", "symlink"):
        for what, who in action.get(verb, {}).get("owner", {}).items():
            if "byName" in who:
                yield who["byName"].get("input", 0), f"{what} {who['byName'].get('name', '')}"


def _build(payload: Fields) -> Iterator[Use]:
    if payload.get("builder", 0) >= 0:
        yield payload.get("builder", 0), "builder"
    for name, each in payload.get("inputs", {}).items():
        yield each.get("input", 0), name


def _merge(payload: Fields) -> Iterator[Use]:
    for layer, each in enumerate(payload.get("inputs", ()), 1):
        yield each.get("input", 0), f"layer {layer}"


def _diff(payload: Fields) -> Iterator[Use]:
    for side in ("lower", "upper"):
        yield payload.get(side, {}).get("input", 0), side


def _passthrough(payload: Fields) -> Iterator[Use]:
    for number in payload.get("outputs", ()):
        yield number, "handed on"


_READERS: Mapping[str, Callable[[Fields], Iterator[Use]]] = {
    "exec": _exec,
    "file": _file,
    "build": _build,
    "merge": _merge,
    "diff": _diff,
    "passthrough": _passthrough,
}
