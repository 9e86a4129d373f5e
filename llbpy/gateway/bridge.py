"""Calls of BuildKit's LLBBridge service: requests as values, asked as many at once as there are.

`Bridge` works over anything that has `call_all`: the pipe of a frontend's container, or a client's connection.
"""

from __future__ import annotations

from llbpy.errors import DaemonError
from llbpy.gateway import messages as gw
from llbpy.graph import messages as pb
from llbpy.graph.marshal import encode_platform
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Protocol

    from llbpy.graph.platforms import Platform
    from llbpy.graph.wire import Message

    class Channel(Protocol):
        """Whatever carries calls."""

        def call_all(self, requests: Sequence[tuple[str, bytes]]) -> Sequence[bytes | Status]:
            """The replies in the order of the requests; all are under way at once. Raises TransportError."""
            ...


_SERVICE = "/moby.buildkit.v1.frontend.LLBBridge/"

PIECE = 8 << 20
"""Bytes that are read at once of a large file; a reply has room for 16 MiB."""


class Request:
    """One call: its path, its message, and how to read the reply."""

    __slots__ = ("data", "path", "reply")

    def __init__(self, method: str, data: bytes, reply: type[Message]) -> None:
        self.path = _SERVICE + method
        self.data = data
        self.reply = reply


class Bridge:
    """The service, over a channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def ask_each(self, requests: Sequence[Request]) -> list[dict[str, Any] | Status]:
        """Each reply as its fields, or the status of the call that failed; all calls are under way at once.

        Raises TransportError if the daemon is gone.
        """
        calls = [(request.path, request.data) for request in requests]
        replies = self._channel.call_all(calls) if calls else ()
        return [_decoded(request, reply) for request, reply in zip(requests, replies, strict=True)]

    def ask(self, *requests: Request) -> list[dict[str, Any]]:
        """The fields of each reply. Raises DaemonError for the first call that failed, with all that the daemon said."""
        fields: list[dict[str, Any]] = []
        for reply in self.ask_each(requests):
            if not isinstance(reply, dict):
                raise DaemonError(reply)
            fields.append(reply)
        return fields


def _decoded(request: Request, reply: bytes | Status) -> dict[str, Any] | Status:
    return request.reply.decode(reply) if isinstance(reply, bytes) else reply


def if_there(reply: Mapping[str, Any] | Status) -> Mapping[str, Any] | None:
    """The reply of a call about a file; None if there is no such file. Raises DaemonError for any other failure."""
    if not isinstance(reply, Status):
        return reply
    if "no such file or directory" in reply.message or "not a directory" in reply.message:
        return None
    raise DaemonError(reply)


def solve(definition: bytes, *, evaluate: bool = False, cache_imports: Sequence[bytes] = ()) -> Request:
    """Builds a definition when its result is first read, or at once with `evaluate`. The reply has `result.ref`."""
    message = gw.SolveRequest
    data = b"".join(
        (
            message.Definition.write(definition),
            message.allowResultReturn.write(True),
            message.allowResultArrayRef.write(True),
            message.CacheImports.write(cache_imports),
            message.Evaluate.write(evaluate),
        )
    )
    return Request("Solve", data, gw.SolveResponse)


def solve_frontend(
    name: str, opts: Mapping[str, str], inputs: Mapping[str, bytes], *, cache_imports: Sequence[bytes] = ()
) -> Request:
    """Runs another frontend, now. The reply has `result.ref` with `def`, the definition that it made, and `result.metadata`."""
    message = gw.SolveRequest
    data = b"".join(
        (
            message.Frontend.write(name),
            message.FrontendOpt.write(opts),
            message.allowResultReturn.write(True),
            message.allowResultArrayRef.write(True),
            message.CacheImports.write(cache_imports),
            message.FrontendInputs.write(inputs),
        )
    )
    return Request("Solve", data, gw.SolveResponse)


def read_file(ref: str, path: str, *, offset: int = 0, length: int = 0) -> Request:
    """The bytes of a file of a ref; `length` 0 is all of it. The reply has `Data`, at most 16 MiB."""
    message = gw.ReadFileRequest
    part = gw.FileRange.Offset.write(offset) + gw.FileRange.Length.write(length) if length else None
    data = message.Ref.write(ref) + message.FilePath.write(path) + message.Range.write(part)
    return Request("ReadFile", data, gw.ReadFileResponse)


def read_dir(ref: str, path: str, pattern: str = "") -> Request:
    """The names in a folder of a ref. The reply has `entries`."""
    message = gw.ReadDirRequest
    data = message.Ref.write(ref) + message.DirPath.write(path) + message.IncludePattern.write(pattern)
    return Request("ReadDir", data, gw.ReadDirResponse)


def stat_file(ref: str, path: str) -> Request:
    """What a file of a ref is. The reply has `stat`."""
    message = gw.StatFileRequest
    return Request("StatFile", message.Ref.write(ref) + message.Path.write(path), gw.StatFileResponse)


def evaluate(ref: str) -> Request:
    """Builds a ref now."""
    return Request("Evaluate", gw.EvaluateRequest.Ref.write(ref), gw.Empty)


def inputs() -> Request:
    """The definitions that came with the build, as bake's `target:` contexts do. The reply has `Definitions`."""
    return Request("Inputs", b"", gw.InputsResponse)


def ping() -> Request:
    """What the daemon is capable of. The reply has `LLBCaps`."""
    return Request("Ping", b"", gw.PongResponse)


def resolve_source(
    identifier: str,
    attrs: Mapping[str, str],
    platform: Platform | None = None,
    *,
    mode: str = "",
    log_name: str = "",
    git_objects: bool = False,
) -> Request:
    """What the daemon knows of a source before it is fetched: an image's digest and config, a git commit, when a file changed.

    The reply has `Source`, which policies may have changed, and one of `Image`, `Git`, `HTTP`. `git_objects` adds the commit.
    """
    source = pb.SourceOp.identifier.write(identifier) + pb.SourceOp.attrs.write(attrs)
    message = gw.ResolveSourceMetaRequest
    data = b"".join(
        (
            message.Source.write(source),
            message.Platform.write(None if platform is None else encode_platform(platform)),
            message.LogName.write(log_name),
            message.ResolveMode.write(mode),
            message.Git.write(gw.ResolveSourceGitRequest.ReturnObject.write(True) if git_objects else None),
        )
    )
    return Request("ResolveSourceMeta", data, gw.ResolveSourceMetaResponse)


def warn(
    digest: str,
    short: str,
    *,
    detail: Sequence[str] = (),
    url: str = "",
    info: bytes = b"",
    ranges: Sequence[bytes] = (),
) -> Request:
    """A warning at a vertex, with lines of a source file."""
    message = gw.WarnRequest
    data = b"".join(
        (
            message.digest.write(digest),
            message.level.write(1),
            message.short.write(short.encode()),
            message.detail.write([line.encode() for line in detail]),
            message.url.write(url),
            message.info.write(info or None),
            message.ranges.write(ranges),
        )
    )
    return Request("Warn", data, gw.Empty)


def give_back(*, result: bytes | None = None, error: bytes | None = None) -> Request:
    """Ends the build with a pb.Result or a google.rpc.Status, exactly one of them."""
    message = gw.ReturnRequest
    return Request("Return", message.result.write(result) + message.error.write(error), gw.Empty)
