"""Image references, `[domain/]path[:tag][@digest]`, with the defaults and the grammar of the registries' Go library."""

from __future__ import annotations

from llbpy.errors import GraphError, near
from llbpy.graph.values import Value, set_field

_HUB = "docker.io"
_OLD_HUB = "index.docker.io"
_OFFICIAL = "library/"
_OFFICIAL_PREFIX = "docker.io/library/"
_LONGEST_PATH = 255
_LONGEST_TAG = 128
_HEX_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}

_DIGITS = frozenset("0123456789")
_HEX = _DIGITS | frozenset("abcdef")
_LOWER = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyz")
_LETTERS = _LOWER | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_TAG = _LETTERS | frozenset("_.-")
_HOST = _LETTERS | {"-"}
_PATH = _LOWER | {"-"}
_IPV6 = _HEX | frozenset("ABCDEF:")


class Reference(Value):
    """An image by name: where it is, and which one. `tag` and `digest` are empty where none is given.

    >>> reference = parse("alpine:3.22")
    >>> str(reference), reference.familiar
    ('docker.io/library/alpine:3.22', 'alpine:3.22')
    """

    __slots__ = ("domain", "path", "tag", "digest")

    domain: str
    path: str
    tag: str
    digest: str

    def __init__(self, domain: str, path: str, tag: str = "", digest: str = "") -> None:
        set_field(self, "domain", domain)
        set_field(self, "path", path)
        set_field(self, "tag", tag)
        set_field(self, "digest", digest)

    @property
    def name(self) -> str:
        """Without tag and digest."""
        return f"{self.domain}/{self.path}" if self.domain else self.path

    @property
    def familiar(self) -> str:
        """As people write it: without `docker.io/` and `library/`."""
        name = self.name
        if self.domain == _HUB:
            official = self.path.removeprefix(_OFFICIAL)
            name = self.path if "/" in official else official
        return self._complete(name)

    def __str__(self) -> str:
        return self._complete(self.name)

    def _complete(self, name: str) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{name}{tag}@{self.digest}" if self.digest else name + tag


def normalize(text: str) -> str:
    """The full form of a reference, `latest` if it has neither tag nor digest. Raises GraphError.

    >>> normalize("alpine")
    'docker.io/library/alpine:latest'
    """
    return _plain_official(text) or _normalize(text)


def _plain_official(text: str) -> str:
    """The full form of what is nearly every reference: an official image, its name and tag of plain words; else empty."""
    name, colon, tag = text.removeprefix(_OFFICIAL_PREFIX).partition(":")
    if not (name.isalnum() and name.islower() and text.isascii() and len(text) < _LONGEST_TAG):
        return ""
    if not colon:
        return "" if len(text) == _HEX_LENGTHS["sha256"] else f"{_OFFICIAL_PREFIX}{name}:latest"
    if not tag.isalnum() and (tag[:1] in ".-" or not tag.replace(".", "").replace("-", "").isalnum()):
        return ""
    return text if len(text) > len(name) + 1 + len(tag) else f"{_OFFICIAL_PREFIX}{text}"


def _normalize(text: str) -> str:
    domain, path, tag, digest = _read(text)
    name = f"{domain}/{path}" if domain else path
    if digest:
        return f"{name}:{tag}@{digest}" if tag else f"{name}@{digest}"
    return f"{name}:{tag or 'latest'}"


def parse(text: str) -> Reference:
    """Read a reference; a name without a registry is one of Docker Hub. Raises GraphError.

    The first part is a registry if it is `localhost`, or has a `.`, a `:` or a capital letter.
    """
    return Reference(*_read(text))


def _read(text: str) -> tuple[str, str, str, str]:
    """Domain, path, tag and digest of a reference."""
    if len(text) == 64 and _HEX.issuperset(text):
        raise _error(text, "64 hex digits are an image id, not a name; to pin a digest write name@sha256:…")
    domain, rest = _split_domain(text)
    rest, at, digest = rest.partition("@")
    path, colon, tag = rest.partition(":")
    if path != path.lower():
        name = path.removeprefix(_OFFICIAL)
        raise _error(text, f"repository name must be lowercase; did you mean {text.replace(name, name.lower())!r}?")
    if colon:
        _check_tag(text, tag)
    if at:
        _check_digest(text, digest)
    domain, path = _checked_name(text, domain, path)
    return domain, path, tag, digest


def _split_domain(text: str) -> tuple[str, str]:
    first, slash, rest = text.partition("/")
    domain = _HUB if first == _OLD_HUB else first
    if not slash or not (domain == "localhost" or "." in domain or ":" in domain or domain != domain.lower()):
        domain, rest = _HUB, text
    return domain, rest if domain != _HUB or "/" in rest else _OFFICIAL + rest


def _checked_name(text: str, domain: str, path: str) -> tuple[str, str]:
    if domain != _HUB and not _is_domain(domain):
        # "a_b.c" is no host, and yet a name: the grammar takes it as the first part of the path.
        domain, path = "", f"{domain}/{path}"
    for part in path.split("/"):
        if not _is_path_part(part):
            raise _error(text, _why_bad(part))
    if len(path) > _LONGEST_PATH:
        raise _error(text, f"the repository name has {len(path)} characters; {_LONGEST_PATH} are allowed")
    return domain, path


def _is_domain(domain: str) -> bool:
    """A host name, an IPv4 address or an IPv6 one in brackets, perhaps with a port."""
    if domain[:1] == "[":
        host, _, port = domain[1:].partition("]")
        return f"[{host}]{port}" == domain and host != "" and _IPV6.issuperset(host) and _is_optional_port(port)
    host, colon, port = domain.partition(":")
    return _is_optional_port(colon + port) and all(map(_is_host_part, host.split(".")))


def _is_optional_port(port: str) -> bool:
    return not port or (port[0] == ":" and len(port) > 1 and _DIGITS.issuperset(port[1:]))


def _is_host_part(part: str) -> bool:
    return part != "" and _HOST.issuperset(part) and part[0] != "-" and part[-1] != "-"


def _is_path_part(part: str) -> bool:
    """Lower-case letters and digits, with `.`, `_`, `__` or any number of `-` between them."""
    if part.isalnum():
        return (part.isascii() and part.islower()) or _DIGITS.issuperset(part)
    words = part.replace("__", ".").replace("_", ".").split(".")
    return all(word and word[0] != "-" and word[-1] != "-" and _PATH.issuperset(word) for word in words)


def _why_bad(part: str) -> str:
    if not part:
        return "the name is empty, or has an empty part"
    return f"{part!r} is no name: lower-case letters and digits, with '.', '_', '__' or '-' between them"


def _check_tag(text: str, tag: str) -> None:
    if not (0 < len(tag) <= _LONGEST_TAG and _TAG.issuperset(tag) and tag[0] not in ".-"):
        advice = f"up to {_LONGEST_TAG} letters, digits, '_', '.' and '-', the first none of the last two"
        raise _error(text, f"{tag!r} is no tag: {advice}")


def _check_digest(text: str, digest: str) -> None:
    algorithm, _, encoded = digest.partition(":")
    length = _HEX_LENGTHS.get(algorithm)
    if length is None:
        advice = near(algorithm, _HEX_LENGTHS) or f"; there are {', '.join(_HEX_LENGTHS)}"
        raise _error(text, f"unknown digest algorithm {algorithm!r}{advice}")
    if len(encoded) != length or not _HEX.issuperset(encoded):
        raise _error(text, f"a {algorithm} digest is {length} lower-case hex digits, not {encoded!r} ({len(encoded)})")


def _error(text: str, problem: str) -> GraphError:
    return GraphError(f"image reference {text!r}: {problem}")
