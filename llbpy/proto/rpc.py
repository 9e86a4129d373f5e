"""All RPCs of all services that llbpy calls or answers, in one table.

Imports nothing: the frontend reads it before anything heavy is loaded, and a server needs it to name what it offers.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Rpc:
    """One method of a gRPC service.

    service, method: names as they stand on the wire, such as `moby.buildkit.v1.Control` and `Solve`.
    request, reply: full names of our message types, such as `llbpy.moby.buildkit.v1.SolveRequest`.
    client_streaming, server_streaming: whether that side sends any number of messages rather than exactly one.
    """

    __slots__ = ("client_streaming", "method", "reply", "request", "server_streaming", "service")

    def __init__(
        self, service: str, method: str, request: str, reply: str, client_streaming: bool, server_streaming: bool
    ) -> None:
        self.service = service
        self.method = method
        self.request = request
        self.reply = reply
        self.client_streaming = client_streaming
        self.server_streaming = server_streaming

    @property
    def path(self) -> str:
        """What HTTP/2 carries in `:path`: `/service/method`."""
        return f"/{self.service}/{self.method}"

    def __repr__(self) -> str:
        return f"<Rpc {self.path}>"


# Service -> (method, request, reply), in the words of a .proto file: `stream` marks a side that sends many messages,
# and a message without a dot is of the service's own package.
_SERVICES = {
    "moby.buildkit.v1.Control": (
        ("DiskUsage", "DiskUsageRequest", "DiskUsageResponse"),
        ("Prune", "PruneRequest", "stream UsageRecord"),
        ("Solve", "SolveRequest", "SolveResponse"),
        ("Status", "StatusRequest", "stream StatusResponse"),
        ("Session", "stream BytesMessage", "stream BytesMessage"),
        ("ListWorkers", "ListWorkersRequest", "ListWorkersResponse"),
        ("Info", "InfoRequest", "InfoResponse"),
        ("ListenBuildHistory", "BuildHistoryRequest", "stream BuildHistoryEvent"),
        ("UpdateBuildHistory", "UpdateBuildHistoryRequest", "UpdateBuildHistoryResponse"),
    ),
    "moby.buildkit.v1.frontend.LLBBridge": (
        ("ResolveImageConfig", "ResolveImageConfigRequest", "ResolveImageConfigResponse"),
        ("ResolveSourceMeta", "ResolveSourceMetaRequest", "ResolveSourceMetaResponse"),
        ("Solve", "SolveRequest", "SolveResponse"),
        ("ReadFile", "ReadFileRequest", "ReadFileResponse"),
        ("ReadDir", "ReadDirRequest", "ReadDirResponse"),
        ("StatFile", "StatFileRequest", "StatFileResponse"),
        ("Evaluate", "EvaluateRequest", "EvaluateResponse"),
        ("Ping", "PingRequest", "PongResponse"),
        ("Return", "ReturnRequest", "ReturnResponse"),
        ("Inputs", "InputsRequest", "InputsResponse"),
        ("NewContainer", "NewContainerRequest", "NewContainerResponse"),
        ("ReleaseContainer", "ReleaseContainerRequest", "ReleaseContainerResponse"),
        ("ExecProcess", "stream ExecMessage", "stream ExecMessage"),
        ("ReadFileContainer", "ReadFileRequest", "ReadFileResponse"),
        ("ReadDirContainer", "ReadDirRequest", "ReadDirResponse"),
        ("StatFileContainer", "StatFileRequest", "StatFileResponse"),
        ("Warn", "WarnRequest", "WarnResponse"),
    ),
    "moby.filesync.v1.Auth": (
        ("Credentials", "CredentialsRequest", "CredentialsResponse"),
        ("FetchToken", "FetchTokenRequest", "FetchTokenResponse"),
        ("GetTokenAuthority", "GetTokenAuthorityRequest", "GetTokenAuthorityResponse"),
        ("VerifyTokenAuthority", "VerifyTokenAuthorityRequest", "VerifyTokenAuthorityResponse"),
    ),
    "moby.filesync.v1.FileSync": (
        ("DiffCopy", "stream llbpy.fsutil.types.Packet", "stream llbpy.fsutil.types.Packet"),
        ("TarStream", "stream llbpy.fsutil.types.Packet", "stream llbpy.fsutil.types.Packet"),
    ),
    "moby.filesync.v1.FileSend": (("DiffCopy", "stream BytesMessage", "stream BytesMessage"),),
    "moby.upload.v1.Upload": (("Pull", "stream BytesMessage", "stream BytesMessage"),),
    "moby.buildkit.secrets.v1.Secrets": (("GetSecret", "GetSecretRequest", "GetSecretResponse"),),
    "moby.sshforward.v1.SSH": (
        ("CheckAgent", "CheckAgentRequest", "CheckAgentResponse"),
        ("ForwardAgent", "stream BytesMessage", "stream BytesMessage"),
    ),
    "moby.exporter.v1.Exporter": (
        ("FindExporters", "FindExportersRequest", "FindExportersResponse"),
        ("FinalizeExport", "FinalizeExportRequest", "FinalizeExportResponse"),
    ),
    "moby.buildkit.v1.sourcepolicy.policysession.PolicyVerifier": (
        ("CheckPolicy", "CheckPolicyRequest", "CheckPolicyResponse"),
    ),
    "containerd.services.content.v1.Content": (
        ("Info", "InfoRequest", "InfoResponse"),
        ("Update", "UpdateRequest", "UpdateResponse"),
        ("List", "ListContentRequest", "stream ListContentResponse"),
        ("Delete", "DeleteContentRequest", "google.protobuf.Empty"),
        ("Read", "ReadContentRequest", "stream ReadContentResponse"),
        ("Status", "StatusRequest", "StatusResponse"),
        ("ListStatuses", "ListStatusesRequest", "ListStatusesResponse"),
        ("Write", "stream WriteContentRequest", "stream WriteContentResponse"),
        ("Abort", "AbortRequest", "google.protobuf.Empty"),
    ),
}


def _side(service: str, side: str) -> tuple[str, bool]:
    """The full message name of one side of a row, and whether it streams."""
    name = side.removeprefix("stream ")
    if "." not in name:
        name = f"llbpy.{service.rpartition('.')[0]}.{name}"
    return name, side.startswith("stream ")


def _rpcs() -> Iterator[Rpc]:
    for service, rows in _SERVICES.items():
        for method, request, reply in rows:
            request_name, client_streaming = _side(service, request)
            reply_name, server_streaming = _side(service, reply)
            yield Rpc(service, method, request_name, reply_name, client_streaming, server_streaming)


RPCS: Mapping[str, Rpc] = {rpc.path: rpc for rpc in _rpcs()}
"""Every RPC by its path: `RPCS["/moby.buildkit.v1.Control/Solve"]`; KeyError if there is none."""
