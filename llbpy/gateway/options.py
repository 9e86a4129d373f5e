"""What a user passed to a frontend: the options that buildctl, buildx and bake send, read and checked.

The names are dockerui's (`frontend/dockerui/config.go`), so that what works for a Dockerfile works for a build file.
"""

from __future__ import annotations

from llbpy.errors import GraphError, OptionError, PlatformError, near
from llbpy.gateway import messages as gw
from llbpy.graph import platforms
from llbpy.graph.constraints import Resources
from llbpy.graph.gobool import read_bool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from llbpy.graph.defaults import Defaults
    from llbpy.graph.facts import Ulimit
    from llbpy.graph.ops.op import Op
    from llbpy.graph.platforms import Platform

_RESOLVE_MODES = ("default", "pull", "local")
_NETWORKS = ("sandbox", "host", "none")
_ATTESTATIONS = ("sbom", "provenance")
_ULIMITS = (
    *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc"),
    *("rss", "rtprio", "rttime", "sigpending", "stack"),
)
_LAST_CPU = 8192
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")


def parse_bool(option: str, text: str) -> bool:
    """As Go reads a bool. Raises OptionError for other texts."""
    value = read_bool(text)
    if value is None:
        raise OptionError(f"{option}={text!r} is neither true nor false", option)
    return value


def csv(option: str, text: str) -> list[str]:
    """The fields of one CSV line; a field in quotes may have commas. Raises OptionError for a quote that stays open."""
    fields: list[str] = []
    at = 0
    while at <= len(text):
        if text[at : at + 1] == '"':
            field, at = _quoted(option, text, at + 1)
        else:
            end = text.find(",", at)
            end = len(text) if end < 0 else end
            field, at = text[at:end], end
        if at < len(text) and text[at] != ",":
            raise OptionError(f"{option}={text!r} has {text[at:]!r} after a closed quote", option)
        fields.append(field)
        at += 1
    return fields


def _quoted(option: str, text: str, at: int) -> tuple[str, int]:
    field = ""
    while True:
        end = text.find('"', at)
        if end < 0:
            raise OptionError(f"{option}={text!r} has a quote that is never closed", option)
        field += text[at:end]
        if text[end + 1 : end + 2] != '"':
            return field, end + 1
        field, at = field + '"', end + 2


class Options:
    """All options of one build. Raises OptionError at the first that is wrong."""

    def __init__(self, given: Mapping[str, str], session: str = "") -> None:
        self.given = given = dict(sorted(given.items()))  # they come in any order, and a build must not depend on it
        self.session = session
        get = given.get
        self.filename = get("filename") or ("Dockerfile" if "cmdline" in given else "build.py")
        self.target = get("target") or None
        self.request = get("requestid", "")
        self.context_key = get("contextkey") or "context"
        self.file_key = get("dockerfilekey") or "dockerfile"
        self.file_is_local = bool(get("dockerfilekey"))
        self.context = get(self.context_key, "")
        self.context_subdir = get("contextsubdir", "")
        self.args = self._prefixed("build-arg:")
        self.labels = self._prefixed("label:")
        self.contexts = self._prefixed("context:")
        self.platforms = _platforms(get("platform", ""))
        self.multi_platform = self._multi_platform()
        self.no_cache = None if "no-cache" not in given else _names(given["no-cache"])
        self.resolve = _choice("image-resolve-mode", get("image-resolve-mode") or "default", _RESOLVE_MODES)
        self.network = _choice("force-network-mode", get("force-network-mode") or "sandbox", _NETWORKS)
        self.extra_hosts = _hosts(get("add-hosts", ""))
        self.ulimits = _ulimits(get("ulimit", ""))
        self.cgroup_parent = get("cgroup-parent", "")
        self.hostname = self.args.get("BUILDKIT_SANDBOX_HOSTNAME") or get("hostname", "")
        self.shm_size = _number("shm-size", get("shm-size", ""))
        self.resources = _resources(given)
        self.cache_namespace = self.args.get("BUILDKIT_CACHE_MOUNT_NS", "")
        self.keep_git_dir = parse_bool(
            "BUILDKIT_CONTEXT_KEEP_GIT_DIR", self.args.get("BUILDKIT_CONTEXT_KEEP_GIT_DIR") or "0"
        )
        self.check = self.args.get("BUILDKIT_DOCKERFILE_CHECK")
        self.cache_imports = _cache_imports(get("cache-imports", ""), get("cache-from", ""))

    def _prefixed(self, prefix: str) -> dict[str, str]:
        return {name[len(prefix) :]: value for name, value in self.given.items() if name.startswith(prefix)}

    def _multi_platform(self) -> bool:
        text = self.args.get("BUILDKIT_MULTI_PLATFORM") or self.given.get("multi-platform", "")
        wanted = parse_bool("multi-platform", text) if text else len(self.platforms) > 1
        if len(self.platforms) > 1 and not wanted:
            raise OptionError(
                f"multi-platform=false, and {len(self.platforms)} platforms are asked for", "multi-platform"
            )
        return wanted

    def local_session(self, name: str) -> str:
        """The session that has a local folder."""
        return self.given.get(f"local-sessionid:{name}") or self.session

    def defaults(self, uncached: Callable[[Op], bool] | None) -> Defaults:
        """What the options say of every vertex; `uncached` are those that are built anew."""
        from llbpy.graph.defaults import Defaults
        from llbpy.graph.ops.exec import Proxy

        proxies = {name.partition("_")[0].lower(): value for name, value in self.proxies.items()}
        return Defaults(
            network=self.network,
            hostname=self.hostname,
            extra_hosts=self.extra_hosts,
            ulimits=self.ulimits,
            cgroup_parent=self.cgroup_parent,
            shm_size=self.shm_size,
            proxy=Proxy(**proxies) if proxies else None,
            resources=self.resources,
            cache_namespace=self.cache_namespace,
            resolve=self.resolve,
            session=self.session,
            sessions=self._prefixed("local-sessionid:"),
            uncached=uncached,
        )

    @property
    def attestations(self) -> dict[str, dict[str, str]]:
        """What is to be attested, with the parameters of each: `sbom`, `provenance`."""
        found: dict[str, dict[str, str]] = {}
        options = [(name.lower(), text) for name, text in self._prefixed("attest:").items()]
        for kind, text in (*options, *self._attest_args()):
            if kind not in _ATTESTATIONS:
                advice = near(kind, _ATTESTATIONS) or f"; there are {', '.join(_ATTESTATIONS)}"
                raise OptionError(f"attest:{kind} is unknown{advice}", f"attest:{kind}")
            fields = [field.partition("=") for field in csv(f"attest:{kind}", text) if field]
            found[kind] = {name: value for name, _, value in fields}
        return found

    def _attest_args(self) -> list[tuple[str, str]]:
        prefix = "BUILDKIT_ATTEST_"
        return [(name[len(prefix) :].lower(), text) for name, text in self.args.items() if name.startswith(prefix)]

    @property
    def proxies(self) -> dict[str, str]:
        """The proxies that commands get, by their upper-case names; they come as build args in any case."""
        upper = {name.upper(): value for name, value in self.args.items()}
        return {name: upper[name] for name in PROXIES if upper.get(name)}


def _cache_imports(entries: str, refs: str) -> list[bytes]:
    """The caches to import, each a CacheOptionsEntry: as JSON, and as a list of images, which is the older form."""
    message = gw.CacheOptionsEntry
    images = [("registry", {"ref": ref}) for ref in refs.split(",") if ref]
    try:
        caches = [*_listed_caches(entries), *images]
        return [message.Type.write(kind) + message.Attrs.write(attrs) for kind, attrs in caches]
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise OptionError(f"cache-imports is no JSON of types and attributes: {error}", "cache-imports") from error


def _listed_caches(entries: str) -> list[tuple[str, dict[str, str]]]:
    if not entries:
        return []
    from llbpy.graph.jsontext import loads

    parsed: list[dict[str, Any]] = loads(entries.encode())
    listed = [{name.lower(): value for name, value in entry.items()} for entry in parsed]
    return [(entry["type"], entry.get("attrs") or {}) for entry in listed]


def _platforms(text: str) -> tuple[Platform, ...]:
    try:
        found = [platforms.normalize(platforms.parse(part.strip())) for part in text.split(",") if part.strip()]
        return tuple(dict.fromkeys(found))
    except PlatformError as error:
        raise OptionError(error.message, "platform") from error


def _names(text: str) -> frozenset[str]:
    return frozenset([name.strip().lower() for name in text.split(",") if name.strip()])


def _choice(option: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise OptionError(
            f"{option}={value!r} is unknown{near(value, choices)}; there are {', '.join(choices)}", option
        )
    return value


def _hosts(text: str) -> tuple[tuple[str, str], ...]:
    if not text:
        return ()
    from llbpy.dsl import checks

    hosts: list[tuple[str, str]] = []
    for field in csv("add-hosts", text):
        host, equals, ip = field.lower().partition("=")
        if not equals or not host:
            raise OptionError(f"add-hosts: {field!r} is no HOST=IP", "add-hosts")
        try:
            hosts.append(checks.address(host, ip))
        except GraphError as error:
            raise OptionError(f"add-hosts: {error.message}", "add-hosts") from error
    return tuple(hosts)


def _ulimits(text: str) -> tuple[Ulimit, ...]:
    return tuple([_ulimit(field) for field in csv("ulimit", text)]) if text else ()


def _ulimit(field: str) -> Ulimit:
    from llbpy.graph.facts import Ulimit

    name, _, values = field.partition("=")
    soft, colon, hard = values.partition(":")
    try:
        limit = Ulimit(name, int(soft), int(hard) if colon else int(soft))
    except ValueError:
        raise OptionError(f"ulimit: {field!r} is no NAME=SOFT[:HARD]", "ulimit") from None
    if name not in _ULIMITS:
        raise OptionError(
            f"ulimit {name!r} is unknown{near(name, _ULIMITS)}; there are {', '.join(_ULIMITS)}", "ulimit"
        )
    if limit.hard != -1 and not -1 < limit.soft <= limit.hard:
        raise OptionError(f"ulimit: {field!r} has a soft limit above the hard one (-1 is unlimited)", "ulimit")
    return limit


def _number(option: str, text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text) < 1 << 63):
        raise OptionError(f"{option}={text!r} is no whole number from 0 to {(1 << 63) - 1}", option)
    return int(text)


def _resources(given: Mapping[str, str]) -> Resources | None:
    limits = Resources(
        memory=_limit(given, "memory"),
        memory_swap=-1 if given.get("memswap") == "-1" else _limit(given, "memswap"),
        cpu_shares=_limit(given, "cpushares"),
        cpu_period=_limit(given, "cpuperiod"),
        cpu_quota=_limit(given, "cpuquota"),
        cpuset_cpus=_cpus(given, "cpusetcpus"),
        cpuset_mems=_cpus(given, "cpusetmems"),
    )
    return None if limits == Resources() else limits


def _limit(given: Mapping[str, str], option: str) -> int:
    text = given.get(option, "")
    limit = _number(option, text)
    if text and not limit:
        unlimited = ", or -1 for no limit" if option == "memswap" else ""
        raise OptionError(f"{option}={text!r} leaves nothing; give a number from 1{unlimited}", option)
    return limit


def _cpus(given: Mapping[str, str], option: str) -> str:
    """A list of CPUs, or of memory nodes."""
    text = given.get(option, "")
    for part in text.split(","):
        first, dash, last = part.partition("-")
        bounds = [bound.strip() for bound in ((first, last) if dash else (first,))]
        if part.strip() and not (all(map(str.isdecimal, bounds)) and int(bounds[0]) <= int(bounds[-1]) <= _LAST_CPU):
            raise OptionError(f"{option}={text!r} has {part!r}; give numbers and ranges such as 0-3,5", option)
    return text
