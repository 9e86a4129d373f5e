"""URLs as Go's `net/url` takes them apart, decodes and writes them back: no more of it than remotes need."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Pairs: TypeAlias = tuple[tuple[str, str], ...]

_HEX = frozenset("0123456789abcdefABCDEF")
ALPHANUMERIC = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_UNRESERVED = ALPHANUMERIC | frozenset("-_.~")
# What is written as it is, by part of the URL; `_READ`: what may stand there.
_USER = _UNRESERVED | frozenset("$&+,;=")
_USER_READ = _USER | frozenset(":@%!'()*")
_PATH = _UNRESERVED | frozenset("$&+,/:;=@")
_PATH_READ = _PATH | frozenset("%!'()*[]")
_HOST = _UNRESERVED | frozenset("!$&'()*+,;=:[]<>\"")


def split(url: str) -> tuple[str, str, str, str | None, str | None, Pairs, str, str]:
    """`scheme://[user[:password]@]host[:port][/path][?query][#fragment]` in decoded parts.

    They are: scheme, host with port, path, user, password (both None where absent), the pairs of the query, fragment,
    and the URL written again without query and fragment. Raises ValueError for what is no such URL.
    """
    url, _, fragment = url.partition("#")
    if any(char < " " or char == "\x7f" for char in url):
        raise ValueError("it has a control character")
    base, mark, query = url.partition("?")
    scheme, _, rest = base.partition("://")
    authority, slash, path = rest.partition("/")
    path = slash + path
    scheme = scheme.lower()
    user, password, host = _authority(scheme, authority)
    decoded = unescape(path)
    written = f"{scheme}:" + ("//" if authority or path else "") + _write_user(user, password) + _escape(host, _HOST)
    written += path if _PATH_READ.issuperset(path) else _escape(decoded, _PATH)
    if mark and not query:  # Go keeps a lone question mark
        written += mark
    return scheme, host, decoded, user, password, pairs(query)[0], unescape(fragment), written


def unescape(text: str) -> str:
    """Decode `%XX`. Raises ValueError for a bad escape, and for what is not UTF-8 then."""
    if "%" not in text:
        return text
    head, *parts = text.split("%")
    data = bytearray(head.encode())
    for part in parts:
        if len(part) < 2 or not _HEX.issuperset(part[:2]):
            raise ValueError(f"'%{part[:2]}' is no escape; two hex digits must follow, and a plain % is %25")
        data.append(int(part[:2], 16))
        data += part[2:].encode()
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError("what its % escapes stand for is not UTF-8") from error


def pairs(query: str) -> tuple[Pairs, bool]:
    """The decoded pairs of a query, and whether that was all: as in Go, one that makes no sense is left out."""
    texts = [text for text in query.split("&") if text]
    found = [pair for pair in map(_pair, texts) if pair]
    return tuple(found), len(found) == len(texts)


def _pair(text: str) -> tuple[str, str] | None:
    key, _, value = text.replace("+", " ").partition("=")
    try:
        return (unescape(key), unescape(value)) if ";" not in text else None
    except ValueError:
        return None


def _authority(scheme: str, text: str) -> tuple[str | None, str | None, str]:
    user, at, host = text.rpartition("@")
    host = _read_host(scheme, host)
    if not at:
        return None, None, host
    if not _USER_READ.issuperset(user):
        raise ValueError("the user or password has a character that must be escaped with %")
    user, colon, password = user.partition(":")
    return unescape(user), unescape(password) if colon else None, host


def _write_user(user: str | None, password: str | None) -> str:
    if user is None:
        return ""
    return _escape(user, _USER) + ("" if password is None else ":" + _escape(password, _USER)) + "@"


def _read_host(scheme: str, text: str) -> str:
    if "[" in text:
        return _read_ipv6(text)
    _, colon, port = text.partition(":") if scheme in ("http", "https") else text.rpartition(":")
    if colon:
        _check_port(port)
    return _unescape_host(text)


def _read_ipv6(text: str) -> str:
    inner, bracket, port = text[1:].rpartition("]")
    if text[0] != "[" or not bracket or (port and port[0] != ":"):
        raise ValueError("an IPv6 address stands in brackets, e.g. [::1]:9418")
    _check_port(port[1:])
    address, zone_mark, zone = inner.partition("%25")
    host = _unescape_host(address) + _unescape_host(zone_mark + zone, in_zone=True)
    if not _is_ipv6(host):
        raise ValueError(f"{host!r} is no IPv6 address")
    return f"[{host}]{port}"


def _check_port(port: str) -> None:
    if not (port.isascii() and port.isdigit()) and port:
        raise ValueError(f"{port!r} is no port")


def _unescape_host(text: str, *, in_zone: bool = False) -> str:
    decoded = unescape(text)
    head, *parts = text.split("%")
    plain = head + "".join([part[2:] for part in parts])
    codes = [int(part[:2], 16) for part in parts]
    bad = [char for char in plain if char.isascii() and char not in _HOST]
    bad += [chr(code) for code in codes if code != 0x25 and not _may_be_escaped(code, in_zone=in_zone)]
    if bad:
        raise ValueError(f"a host cannot have {bad[0]!r}")
    return decoded


def _may_be_escaped(code: int, *, in_zone: bool) -> bool:
    return (chr(code) in _HOST or code == 0x20) if in_zone else code >= 0x80


def _is_ipv6(text: str) -> bool:
    address, percent, zone = text.partition("%")
    head, gap, tail = address.partition("::")
    groups = [*(head.split(":") if head else ()), *(tail.split(":") if tail else ())]
    if percent and not zone:
        return False
    if groups and (tail or not gap) and _is_ipv4(groups[-1]):
        groups[-1:] = ["0", "0"]  # it takes the place of two
    size_fits = len(groups) < 8 if gap else len(groups) == 8
    return size_fits and all(0 < len(group) <= 4 and _HEX.issuperset(group) for group in groups)


def _is_ipv4(text: str) -> bool:
    fields = text.split(".")
    return len(fields) == 4 and all(field in map(str, range(256)) for field in fields)


def _escape(text: str, keep: frozenset[str]) -> str:
    if keep.issuperset(text):
        return text
    return "".join([char if char in keep else "".join([f"%{byte:02X}" for byte in char.encode()]) for char in text])
