"""How a call ended: a code, a message, and details that nobody on the way needs to understand.

The details are those of `google.rpc.Status`: each a type URL and bytes. BuildKit's are JSON, whatever protobuf's `Any` says.
"""

from __future__ import annotations

from llbpy.graph.wire import Message, integer, messages, octets, string
from llbpy.transport.codes import grpc_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Detail: TypeAlias = tuple[str, bytes]


class _Any(Message):
    type_url = string(1)
    value = octets(2)


class _Status(Message):
    code = integer(1)
    message = string(2)
    details = messages(3, lambda: _Any)


class Status:
    """A gRPC status: `code` (0 is OK), `message`, and `details`, pairs of a type URL and bytes."""

    __slots__ = ("code", "details", "message")

    def __init__(self, code: int, message: str = "", details: Iterable[Detail] = ()) -> None:
        self.code = code
        self.message = message
        self.details = tuple(details)

    def __str__(self) -> str:
        """
        >>> str(Status(5, "no such ref"))
        'NOT_FOUND: no such ref'
        """
        return f"{grpc_name(self.code)}: {self.message}" if self.message else grpc_name(self.code)

    def __repr__(self) -> str:
        details = f" and {len(self.details)} details" if self.details else ""
        return f"<Status {self}{details}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Status) and self._facts == other._facts

    def __hash__(self) -> int:
        return hash(self._facts)

    @property
    def _facts(self) -> tuple[int, str, tuple[Detail, ...]]:
        return self.code, self.message, self.details

    def to_bytes(self) -> bytes:
        """As a `google.rpc.Status` message.

        >>> Status(5, "no").to_bytes()
        b'\\x08\\x05\\x12\\x02no'
        """
        details = [_Any.type_url.write(type_url) + _Any.value.write(value) for type_url, value in self.details]
        message = self.message.encode(errors="replace").decode()  # names of files may hold what is no text
        return _Status.code.write(self.code) + _Status.message.write(message) + _Status.details.write(details)

    @classmethod
    def from_bytes(cls, data: bytes) -> Status:
        """Reads a `google.rpc.Status` message. Raises GraphError if the bytes are none."""
        fields = _Status.decode(data)
        details = [(detail.get("type_url", ""), detail.get("value", b"")) for detail in fields.get("details", ())]
        return cls(fields.get("code", 0), fields.get("message", ""), details)


OK = Status(0)
