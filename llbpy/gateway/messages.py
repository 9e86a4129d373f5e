"""The messages of BuildKit's LLBBridge service (`frontend/gateway/pb/gateway.proto`) that a build needs.

A test holds this table against the descriptors of `llbpy/proto`.
"""

from __future__ import annotations

from llbpy.graph import messages as pb
from llbpy.graph.wire import (
    Message,
    blobs,
    boolean,
    encoded,
    integer,
    mapping,
    message,
    messages,
    octets,
    string,
)


class Empty(Message):
    """A reply that only says that the call is done."""


class Ref(Message):
    id = string(1)
    definition = encoded(2, lambda: pb.Definition)


class RefMap(Message):
    refs = mapping(1, message(2, lambda: Ref))


class Attestation(Message):
    kind = integer(1, "int32")
    metadata = mapping(2, octets(2))
    ref = message(3, lambda: Ref)
    path = string(4)
    inTotoPredicateType = string(5)


class Attestations(Message):
    attestation = messages(1, lambda: Attestation)


class Result(Message):
    ref = message(3, lambda: Ref)
    refs = message(4, lambda: RefMap)
    metadata = mapping(10, octets(2))
    attestations = mapping(12, message(2, lambda: Attestations))


class ReturnRequest(Message):
    result = message(1, lambda: Result)
    error = encoded(2, lambda: Empty)


class InputsResponse(Message):
    Definitions = mapping(1, encoded(2, lambda: pb.Definition))


class ResolveSourceGitRequest(Message):
    ReturnObject = boolean(1)


class ResolveSourceMetaRequest(Message):
    Source = message(1, lambda: pb.SourceOp)
    Platform = message(2, lambda: pb.Platform)
    LogName = string(3)
    ResolveMode = string(4)
    Git = message(5, lambda: ResolveSourceGitRequest)


class ResolveSourceImageResponse(Message):
    Digest = string(1)
    Config = octets(2)


class ResolveSourceGitResponse(Message):
    Checksum = string(1)
    Ref = string(2)
    CommitChecksum = string(3)
    CommitObject = octets(4)
    TagObject = octets(5)


class Timestamp(Message):
    seconds = integer(1)


class ResolveSourceHTTPResponse(Message):
    Checksum = string(1)
    Filename = string(2)
    LastModified = message(3, lambda: Timestamp)


class ResolveSourceMetaResponse(Message):
    Source = message(1, lambda: pb.SourceOp)
    Image = message(2, lambda: ResolveSourceImageResponse)
    Git = message(3, lambda: ResolveSourceGitResponse)
    HTTP = message(4, lambda: ResolveSourceHTTPResponse)


class CacheOptionsEntry(Message):
    Type = string(1)
    Attrs = mapping(2, string(2))


class SolveRequest(Message):
    Definition = message(1, lambda: pb.Definition)
    Frontend = string(2)
    FrontendOpt = mapping(3, string(2))
    allowResultReturn = boolean(5)
    allowResultArrayRef = boolean(6)
    CacheImports = messages(12, lambda: CacheOptionsEntry)
    FrontendInputs = mapping(13, message(2, lambda: pb.Definition))
    Evaluate = boolean(14)


class SolveResponse(Message):
    ref = string(1)
    result = message(3, lambda: Result)


class FileRange(Message):
    Offset = integer(1)
    Length = integer(2)


class ReadFileRequest(Message):
    Ref = string(1)
    FilePath = string(2)
    Range = message(3, lambda: FileRange)


class ReadFileResponse(Message):
    Data = octets(1)


class ReadDirRequest(Message):
    Ref = string(1)
    DirPath = string(2)
    IncludePattern = string(3)


class Stat(Message):
    path = string(1)
    mode = integer(2, "uint32")
    uid = integer(3, "uint32")
    gid = integer(4, "uint32")
    size = integer(5)
    modTime = integer(6)
    linkname = string(7)


class ReadDirResponse(Message):
    entries = messages(1, lambda: Stat)


class StatFileRequest(Message):
    Ref = string(1)
    Path = string(2)


class StatFileResponse(Message):
    stat = message(1, lambda: Stat)


class EvaluateRequest(Message):
    Ref = string(1)


class APICap(Message):
    ID = string(1)
    Enabled = boolean(2)


class PongResponse(Message):
    FrontendAPICaps = messages(1, lambda: APICap)
    LLBCaps = messages(2, lambda: APICap)


class WarnRequest(Message):
    digest = string(1)
    level = integer(2)
    short = octets(3)
    detail = blobs(4)
    url = string(5)
    info = message(6, lambda: pb.SourceInfo)
    ranges = messages(7, lambda: pb.Range)
