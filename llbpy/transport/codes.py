"""The numbers of HTTP/2 (RFC 9113, section 7) and of gRPC, and what the one means in the other."""

from __future__ import annotations

NO_ERROR = 0
PROTOCOL_ERROR = 1
INTERNAL_ERROR = 2
FLOW_CONTROL_ERROR = 3
STREAM_CLOSED = 5
FRAME_SIZE_ERROR = 6
REFUSED_STREAM = 7
CANCEL = 8
COMPRESSION_ERROR = 9
ENHANCE_YOUR_CALM = 11

_HTTP2 = (
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
)

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16

_GRPC = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)

_OF_RESET = {
    REFUSED_STREAM: UNAVAILABLE,
    CANCEL: CANCELLED,
    ENHANCE_YOUR_CALM: RESOURCE_EXHAUSTED,
    12: PERMISSION_DENIED,
}
_OF_HTTP = {
    400: INTERNAL,
    401: UNAUTHENTICATED,
    403: PERMISSION_DENIED,
    404: UNIMPLEMENTED,
    429: UNAVAILABLE,
    502: UNAVAILABLE,
    503: UNAVAILABLE,
    504: UNAVAILABLE,
}


def http2_name(code: int) -> str:
    """An HTTP/2 error code in words.

    >>> http2_name(8), http2_name(99)
    ('CANCEL', 'error 99')
    """
    return _HTTP2[code] if 0 <= code < len(_HTTP2) else f"error {code}"


def grpc_name(code: int) -> str:
    """A gRPC status code in words.

    >>> grpc_name(5), grpc_name(99)
    ('NOT_FOUND', 'code 99')
    """
    return _GRPC[code] if 0 <= code < len(_GRPC) else f"code {code}"


def of_reset(code: int) -> int:
    """The gRPC code of a call that was reset with an HTTP/2 error code."""
    return _OF_RESET.get(code, INTERNAL)


def of_http(status: str) -> int:
    """The gRPC code of an HTTP answer that is none of gRPC's."""
    return _OF_HTTP.get(int(status), UNKNOWN) if len(status) == 3 and status.isdecimal() else UNKNOWN
