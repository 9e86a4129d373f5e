"""Platforms, `os[(version+feature…)]/architecture[/variant]`, read and written as containerd does."""

from __future__ import annotations

import sys

from llbpy.errors import PlatformError, near
from llbpy.graph.paths import join
from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_SYSTEM_NAMES = (
    "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos"
)
_ARCHITECTURE_NAMES = (
    "386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 "
    "ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm wasm32"
)
OPERATING_SYSTEMS = tuple(_SYSTEM_NAMES.split())
ARCHITECTURES = tuple(_ARCHITECTURE_NAMES.split())
_NO_MACHINES = ("wasi", "wasip1")  # systems that never stand alone: they run inside another

_OS_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_CHARS = _OS_CHARS | {"."}
_OPTION_CHARS = _CHARS | {"%"}
_OPTION_ESCAPES = {ord(char): f"%{ord(char):02X}" for char in "%+()/"}


class Platform(Value):
    """What an image or a step runs on.

    >>> str(Platform("linux", "arm", "v7"))
    'linux/arm/v7'
    """

    __slots__ = ("os", "architecture", "variant", "os_version", "os_features")

    os: str
    architecture: str
    variant: str
    os_version: str
    os_features: tuple[str, ...]

    def __init__(
        self, os: str, architecture: str, variant: str = "", os_version: str = "", os_features: Iterable[str] = ()
    ) -> None:
        set_field(self, "os", os)
        set_field(self, "architecture", architecture)
        set_field(self, "variant", variant)
        set_field(self, "os_version", os_version)
        set_field(self, "os_features", tuple(os_features))

    @classmethod
    def parse(cls, text: str) -> Platform:
        """A platform from text such as `"linux/arm64"`; see `platforms.parse`."""
        return parse(text)

    def __str__(self) -> str:
        return format_all(self)

    def __hash__(self) -> int:  # asked for every vertex
        return hash((self.os, self.architecture, self.variant))


def as_platform(platform: Platform | str) -> Platform:
    """The platform as it is, or the normalised one that a text names. Raises PlatformError."""
    if isinstance(platform, Platform):
        return platform
    if not isinstance(platform, str):
        kind = type(platform).__name__
        raise PlatformError(f"platform {platform!r} is {kind}; give text such as 'linux/arm64', or a Platform")
    if platform not in _named:
        _named[platform] = normalize(parse(platform))
    return _named[platform]


_named: dict[str, Platform] = {}


def parse(text: str) -> Platform:
    """Read `os/architecture[/variant]`; `os` or `architecture` alone takes the other from this host.

    Aliases (`macos`, `x86_64`, `aarch64`, …) become their usual names, but a variant that says nothing new is kept; see
    `normalize`. Raises PlatformError for anything that is no platform, and for a system or architecture nobody knows.
    """
    first, *rest = text.split("/")
    if len(rest) > 2 or not all(part and _CHARS.issuperset(part) for part in rest):
        raise _malformed(text)
    os, version, features = _parse_os(text, first)
    if not rest:
        return _parse_alone(text, os, version, features)
    architecture, variant = _normalize_architecture(rest[0], rest[1] if len(rest) == 2 else "")
    if len(rest) == 1 and (architecture, variant) == ("arm", "v7"):
        variant = ""
    if len(rest) == 2 and (architecture, variant) == ("arm64", ""):
        variant = "v8"
    if os not in OPERATING_SYSTEMS and os not in _NO_MACHINES:
        raise _unknown(text, "system", os, OPERATING_SYSTEMS)
    if architecture not in ARCHITECTURES:
        raise _unknown(text, "architecture", architecture, ARCHITECTURES)
    return Platform(os, architecture, variant, version, features)


def _parse_alone(text: str, os: str, version: str, features: list[str]) -> Platform:
    host = default()
    if os in OPERATING_SYSTEMS:
        variant = host.variant if (host.architecture, host.variant) != ("arm", "v7") else ""
        return Platform(os, host.architecture, variant, version, features)
    architecture, variant = _normalize_architecture(text, "")
    if architecture not in ARCHITECTURES:
        raise _unknown(text, "system or architecture", text, OPERATING_SYSTEMS + ARCHITECTURES)
    return Platform(host.os, architecture, "" if variant == "v7" else variant)


def _parse_os(text: str, part: str) -> tuple[str, str, list[str]]:
    name, parenthesis, options = part.partition("(")
    version, *features = options.removesuffix(")").split("+")
    if (
        not (name and _OS_CHARS.issuperset(name))
        or (parenthesis and part[-1] != ")")
        or not _OPTION_CHARS.issuperset(version)
        or not all(feature and _OPTION_CHARS.issuperset(feature) for feature in features)
    ):
        raise _malformed(text)
    return _normalize_os(name), _decode(text, version), [_decode(text, feature) for feature in features]


def _decode(text: str, option: str) -> str:
    if "%" not in option:
        return option
    from llbpy.graph.gourl import unescape

    try:
        return unescape(option)
    except ValueError as error:
        raise PlatformError(f"platform {text!r}: {error}") from error


def normalize(platform: Platform) -> Platform:
    """The one spelling of a platform: usual names, the variant only where it says something, features sorted.

    `linux/arm` is `linux/arm/v7`; `linux/arm64/v8` is `linux/arm64`; an empty system is this host's.
    """
    architecture, variant = _normalize_architecture(platform.architecture, platform.variant)
    features = sorted(set(platform.os_features))
    return Platform(_normalize_os(platform.os), architecture, variant, platform.os_version, features)


def _normalize_os(name: str) -> str:
    name = name.lower()
    return "darwin" if name == "macos" else name or default().os


def _normalize_architecture(name: str, variant: str) -> tuple[str, str]:
    name, variant = name.lower(), variant.lower()
    if name in _FIXED:
        return _FIXED[name]
    name = _ALIASES.get(name, name)
    return name, _VARIANTS.get((name, variant), variant)


_FIXED = {"i386": ("386", ""), "armhf": ("arm", "v7"), "armel": ("arm", "v6")}
_ALIASES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}
_VARIANTS = {
    ("amd64", "v1"): "",
    ("arm64", "8"): "",
    ("arm64", "v8"): "",
    ("arm64", "v8.0"): "",
    ("arm64", "9"): "v9",
    ("arm64", "9.0"): "v9",
    ("arm64", "v9.0"): "v9",
    ("arm", ""): "v7",
    ("arm", "5"): "v5",
    ("arm", "6"): "v6",
    ("arm", "7"): "v7",
    ("arm", "8"): "v8",
}


def format(platform: Platform) -> str:
    """`os/architecture[/variant]`; `unknown` without a system."""
    return join(platform.os, platform.architecture, platform.variant) if platform.os else "unknown"


def format_all(platform: Platform) -> str:
    """As `format`, with version and features: `os(version+feature…)/architecture[/variant]`."""
    options = [platform.os_version, *sorted(set(platform.os_features) - {""})]
    if not platform.os or options == [""]:
        return format(platform)
    details = "+".join([option.translate(_OPTION_ESCAPES) for option in options])
    return join(f"{platform.os}({details})", platform.architecture, platform.variant)


def default() -> Platform:
    """The platform of this host, normalised."""
    if sys.platform == "win32":
        import os

        version = ".".join(map(str, sys.getwindowsversion()[:3]))
        return _host("windows", os.environ.get("PROCESSOR_ARCHITECTURE", ""), version)
    import posix  # a frontend asks this before it has loaded `os`

    return _host(sys.platform, posix.uname().machine)


def _host(system: str, machine: str, version: str = "") -> Platform:
    system, machine, variant = system.rstrip("0123456789."), machine.lower(), ""
    if machine[:4] == "armv":
        machine, variant = "arm", machine[4:5]
    return normalize(Platform(_SYSTEMS.get(system, system), _MACHINES.get(machine, machine), variant, version))


_SYSTEMS = {"sunos": "solaris", "cygwin": "windows"}
_MACHINES = {"i486": "386", "i586": "386", "i686": "386", "x86": "386", "loongarch64": "loong64", "i86pc": "amd64"}


def _malformed(text: str) -> PlatformError:
    return PlatformError(f"platform {text!r}: not of the form os[(version+feature…)]/architecture[/variant]")


def _unknown(text: str, what: str, name: str, known: Iterable[str]) -> PlatformError:
    advice = near(name, known) or "; write os/architecture, e.g. linux/arm64"
    return PlatformError(f"platform {text!r}: unknown {what} {name!r}{advice}")
