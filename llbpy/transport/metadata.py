"""gRPC's headers, the frame around the messages of a call: written as header blocks, read from header lists."""

from __future__ import annotations

from llbpy.errors import GraphError, TransportError
from llbpy.transport.codes import UNKNOWN, of_http
from llbpy.transport.hpack import encode, size
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from llbpy.transport.hpack import Header
    from llbpy.transport.status import Detail

    Value: TypeAlias = str | bytes
    Metadata: TypeAlias = Sequence[tuple[str, Value]]
    """Names in lower case with their values; names may recur. A value is bytes if its name ends with `-bin`, else printable
    ASCII."""

_REQUEST = encode([(":method", "POST"), (":scheme", "http"), (":authority", "localhost")])
_FIELDS = encode([("content-type", "application/grpc"), ("te", "trailers")])
_RESPONSE = encode([(":status", "200"), ("content-type", "application/grpc")])
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-.")
_CONNECTION = frozenset(("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"))
_DETAILS = "grpc-status-details-bin"


class Malformed(Exception):
    """Headers that no peer may send; their call cannot go on."""


def request(path: str, metadata: Metadata) -> bytes:
    """The block that begins a call. Raises TransportError for a path or for metadata that HTTP/2 cannot carry."""
    if not (path.startswith("/") and path.isascii() and path.isprintable()):
        raise TransportError(f"no method has the path {path!r}; one looks like /package.Service/Method")
    return _REQUEST + encode([(":path", path)]) + _FIELDS + encode(_written(metadata))


def response(metadata: Metadata) -> bytes:
    """The block that begins an answer. Raises TransportError for metadata that HTTP/2 cannot carry."""
    return _RESPONSE + encode(_written(metadata))


def refusal(http_status: str) -> bytes:
    """The block that answers a request which is none of gRPC's."""
    return encode([(":status", http_status)])


def trailers(status: Status, metadata: Metadata, limit: int) -> bytes:
    """The block that ends an answer, in at most `limit` bytes: without the details and the message's end if it must be."""
    rest = _written(metadata)
    headers = [*_ending(status), *rest]
    if size(headers) > limit:
        headers = [*_ending(Status(status.code, status.message)), *rest]
    excess = size(headers) - limit
    if excess > 0:
        message = status.message.encode(errors="replace")[: max(0, (len(_quoted(status.message)) - excess) // 3)]
        headers = [*_ending(Status(status.code, message.decode(errors="ignore"))), *rest]
    return encode(headers)


def _ending(status: Status) -> list[Header]:
    headers = [("grpc-status", str(status.code))]
    if status.message:
        headers.append(("grpc-message", _quoted(status.message)))
    if status.details:
        headers.append((_DETAILS, _base64(status.to_bytes())))
    return headers


def _written(metadata: Metadata) -> list[Header]:
    return [(name, _value(name, value)) for name, value in metadata]


def _value(name: str, value: Value) -> str:
    if not name or not _NAME.issuperset(name) or name.startswith("grpc-") or name in _CONNECTION:
        raise TransportError(
            f"metadata cannot be called {name!r}: a-z, 0-9, _, - and . make a name, grpc-… is gRPC's own"
        )
    if name.endswith("-bin"):
        return _base64(value if isinstance(value, bytes) else value.encode())
    if isinstance(value, bytes) or not (value.isascii() and value.isprintable()) or value != value.strip():
        raise TransportError(f"metadata {name}={value!r} is no printable ASCII; a name that ends with -bin takes bytes")
    return value


# Read ----------------------------------------------------------------------------------------------------------------------


def split(headers: list[Header]) -> tuple[dict[str, str], list[Header]]:
    """The pseudo-headers and the others. Raises Malformed."""
    pseudo: dict[str, str] = {}
    fields: list[Header] = []
    for header in headers:
        name = header[0]
        if name[:1] != ":":
            if not name or name != name.lower() or name in _CONNECTION:
                raise Malformed(f"the header {name!r}")
            fields.append(header)
        elif fields or name in pseudo:
            raise Malformed(f"the header {name!r} where it must not be")
        else:
            pseudo[name] = header[1]
    return pseudo, fields


def refused(pseudo: dict[str, str], fields: list[Header]) -> str:
    """The HTTP status for a request that is none of gRPC's, or nothing. Raises Malformed."""
    if pseudo.keys() - {":authority"} != {":method", ":path", ":scheme"}:
        raise Malformed(f"the pseudo-headers {sorted(pseudo)}")
    if pseudo[":method"] != "POST":
        return "405"
    return "" if is_grpc(fields) else "415"


def is_grpc(fields: list[Header]) -> bool:
    """Whether the content is gRPC's, in protobuf as far as it says."""
    for name, value in fields:
        if name == "content-type":
            return value.partition(";")[0].strip() in ("application/grpc", "application/grpc+proto")
    return False


def custom(fields: list[Header]) -> list[tuple[str, Value]]:
    """What is not gRPC's own, with `-bin` values as bytes. Raises Malformed."""
    pairs: list[tuple[str, Value]] = []
    for name, value in fields:
        if name.startswith("grpc-") or name in ("content-type", "te"):
            continue
        if name.endswith("-bin"):
            pairs += [(name, _unbase64(name, part)) for part in value.split(",")]
        else:
            pairs.append((name, value))
    return pairs


def status(fields: list[Header]) -> Status:
    """What trailers say about a call's end. Raises Malformed."""
    found = dict(fields)
    code = found.get("grpc-status")
    if code is None:
        return Status(UNKNOWN, "the answer ended without a status")
    if len(code) > 9 or not (code.isascii() and code.isdecimal()):
        raise Malformed(f"the status {code!r}")
    message = _unquoted(found.get("grpc-message", ""))
    try:
        return Status(int(code), message, _details(found))
    except (GraphError, Malformed) as error:
        return Status(int(code), f"{message} (its details cannot be read: {error})")


def _details(found: dict[str, str]) -> tuple[Detail, ...]:
    return Status.from_bytes(_unbase64(_DETAILS, found[_DETAILS])).details if _DETAILS in found else ()


def http_status(pseudo: dict[str, str], fields: list[Header]) -> Status:
    """What an answer means that is none of gRPC's."""
    code = pseudo.get(":status", "")
    kind = dict(fields).get("content-type", "")
    return Status(
        of_http(code), f"the other end does not speak gRPC: it answered with HTTP status {code}, content type {kind!r}"
    )


def _base64(data: bytes) -> str:
    from binascii import b2a_base64

    return b2a_base64(data, newline=False).decode().rstrip("=")


def _unbase64(name: str, value: str) -> bytes:
    from binascii import Error, a2b_base64

    try:
        return a2b_base64(value + "=" * (-len(value) % 4), strict_mode=True)
    except (Error, ValueError) as error:
        raise Malformed(f"the header {name!r} that is no base64") from error


def _quoted(message: str) -> str:
    """With % and the number of each byte that is no printable ASCII.

    >>> _quoted("50% of é")
    '50%25 of %C3%A9'
    """
    if message.isascii() and message.isprintable() and "%" not in message:
        return message
    return "".join(
        [chr(byte) if 32 <= byte < 127 and byte != 37 else f"%{byte:02X}" for byte in message.encode(errors="replace")]
    )


def _unquoted(value: str) -> str:
    """
    >>> _unquoted("50%25 of %C3%A9 is 100%")
    '50% of é is 100%'
    """
    first, *parts = value.encode("latin-1").split(b"%")
    return (first + b"".join([_byte(part) for part in parts])).decode(errors="replace")


def _byte(part: bytes) -> bytes:
    digits = part[:2]
    return (
        bytes((int(digits, 16),)) + part[2:]
        if len(digits) == 2 and digits.isalnum() and _is_hex(digits)
        else b"%" + part
    )


def _is_hex(digits: bytes) -> bool:
    return not digits.strip(b"0123456789abcdefABCDEF")
