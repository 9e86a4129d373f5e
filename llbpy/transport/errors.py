"""What goes wrong between two ends of a byte stream."""

from __future__ import annotations

from llbpy.errors import LLBError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.transport.status import Status


class TransportError(LLBError):
    """The other end cannot be talked to, or not like this."""


class ConnectError(TransportError):
    """Nobody answers at `address`."""

    def __init__(self, message: str, address: str) -> None:
        self.address = address
        super().__init__(message)


class ConnectionLost(TransportError):
    """The other end has gone, or says that it is about to."""


class ProtocolError(TransportError):
    """The other end broke the rules of HTTP/2; `code` is what it is told: an error code of HTTP/2, an int."""

    def __init__(self, message: str, code: int = 1) -> None:
        self.code = code
        super().__init__(message)


class CallOver(TransportError):
    """A message for a call that has ended, or that this side has ended itself."""


class RpcError(LLBError):
    """The other end refused a call: `path` is the method, `status` what it said."""

    def __init__(self, path: str, status: Status) -> None:
        self.path = path
        self.status = status
        super().__init__(f"{path}: {status}")
