"""The messages of LLB (BuildKit's `pb` package): field names and numbers as `solver/pb/ops.proto` has them.

A test holds this table against the descriptors of `llbpy/proto`.
"""

from __future__ import annotations

from llbpy.graph.wire import (
    Message,
    blobs,
    boolean,
    encoded,
    integer,
    integers,
    mapping,
    message,
    messages,
    octets,
    string,
    strings,
)


class Op(Message):
    inputs = messages(1, lambda: Input)
    exec = message(2, lambda: ExecOp)
    source = message(3, lambda: SourceOp)
    file = message(4, lambda: FileOp)
    build = message(5, lambda: BuildOp)
    merge = message(6, lambda: MergeOp)
    diff = message(7, lambda: DiffOp)
    passthrough = message(8, lambda: PassthroughOp)
    platform = message(10, lambda: Platform)
    constraints = message(11, lambda: WorkerConstraints)


class Platform(Message):
    Architecture = string(1)
    OS = string(2)
    Variant = string(3)
    OSVersion = string(4)
    OSFeatures = strings(5)


class Input(Message):
    digest = string(1)
    index = integer(2)


class ExecOp(Message):
    meta = message(1, lambda: Meta)
    mounts = messages(2, lambda: Mount)
    network = integer(3, "int32")
    security = integer(4, "int32")
    secretenv = messages(5, lambda: SecretEnv)
    cdiDevices = messages(6, lambda: CDIDevice)


class Meta(Message):
    args = strings(1)
    env = strings(2)
    cwd = string(3)
    user = string(4)
    proxy_env = message(5, lambda: ProxyEnv)
    extraHosts = messages(6, lambda: HostIP)
    hostname = string(7)
    ulimit = messages(9, lambda: Ulimit)
    cgroupParent = string(10)
    removeMountStubsRecursive = boolean(11)
    validExitCodes = integers(12, "int32")


class HostIP(Message):
    Host = string(1)
    IP = string(2)


class Ulimit(Message):
    Name = string(1)
    Soft = integer(2)
    Hard = integer(3)


class SecretEnv(Message):
    ID = string(1)
    name = string(2)
    optional = boolean(3)


class CDIDevice(Message):
    name = string(1)
    optional = boolean(2)


class Mount(Message):
    input = integer(1)
    selector = string(2)
    dest = string(3)
    output = integer(4)
    readonly = boolean(5)
    mountType = integer(6, "int32")
    TmpfsOpt = message(19, lambda: TmpfsOpt)
    cacheOpt = message(20, lambda: CacheOpt)
    secretOpt = message(21, lambda: SecretOpt)
    SSHOpt = message(22, lambda: SSHOpt)
    resultID = string(23)
    contentCache = integer(24, "int32")


class TmpfsOpt(Message):
    size = integer(1)


class CacheOpt(Message):
    ID = string(1)
    sharing = integer(2, "int32")


class SecretOpt(Message):
    ID = string(1)
    uid = integer(2, "uint32")
    gid = integer(3, "uint32")
    mode = integer(4, "uint32")
    optional = boolean(5)


class SSHOpt(Message):
    ID = string(1)
    uid = integer(2, "uint32")
    gid = integer(3, "uint32")
    mode = integer(4, "uint32")
    optional = boolean(5)


class SourceOp(Message):
    identifier = string(1)
    attrs = mapping(2, string(2))


class BuildOp(Message):
    builder = integer(1)
    inputs = mapping(2, message(2, lambda: BuildInput))
    definition = message(3, lambda: Definition)
    attrs = mapping(4, string(2))


class BuildInput(Message):
    input = integer(1)


class OpMetadata(Message):
    ignore_cache = boolean(1)
    description = mapping(2, string(2))
    export_cache = message(4, lambda: ExportCache)
    caps = mapping(5, boolean(2))
    progress_group = message(6, lambda: ProgressGroup)
    linux_resources = message(7, lambda: LinuxResources)


class Source(Message):
    locations = mapping(1, message(2, lambda: Locations))
    infos = messages(2, lambda: SourceInfo)


class Locations(Message):
    locations = messages(1, lambda: Location)


class SourceInfo(Message):
    filename = string(1)
    data = octets(2)
    definition = encoded(3, lambda: Definition)
    language = string(4)


class Location(Message):
    sourceIndex = integer(1, "int32")
    ranges = messages(2, lambda: Range)


class Range(Message):
    start = message(1, lambda: Position)
    end = message(2, lambda: Position)


class Position(Message):
    line = integer(1, "int32")
    character = integer(2, "int32")


class ExportCache(Message):
    Value = boolean(1)


class ProgressGroup(Message):
    id = string(1)
    name = string(2)
    weak = boolean(3)


class LinuxResources(Message):
    memory = integer(1)
    memorySwap = integer(2)
    cpuShares = integer(3, "uint64")
    cpuPeriod = integer(4, "uint64")
    cpuQuota = integer(5)
    cpusetCpus = string(6)
    cpusetMems = string(7)


class ProxyEnv(Message):
    http_proxy = string(1)
    https_proxy = string(2)
    ftp_proxy = string(3)
    no_proxy = string(4)
    all_proxy = string(5)


class WorkerConstraints(Message):
    filter = strings(1)


class Definition(Message):
    ops = blobs(1)
    metadata = mapping(2, message(2, lambda: OpMetadata))
    Source = message(3, lambda: Source)


class FileOp(Message):
    actions = messages(2, lambda: FileAction)


class FileAction(Message):
    input = integer(1)
    secondaryInput = integer(2)
    output = integer(3)
    copy = message(4, lambda: FileActionCopy)
    mkfile = message(5, lambda: FileActionMkFile)
    mkdir = message(6, lambda: FileActionMkDir)
    rm = message(7, lambda: FileActionRm)
    symlink = message(8, lambda: FileActionSymlink)


class FileActionCopy(Message):
    src = string(1)
    dest = string(2)
    owner = message(3, lambda: ChownOpt)
    mode = integer(4, "int32")
    followSymlink = boolean(5)
    dirCopyContents = boolean(6)
    attemptUnpackDockerCompatibility = boolean(7)
    createDestPath = boolean(8)
    allowWildcard = boolean(9)
    allowEmptyWildcard = boolean(10)
    timestamp = integer(11)
    include_patterns = strings(12)
    exclude_patterns = strings(13)
    alwaysReplaceExistingDestPaths = boolean(14)
    modeStr = string(15)
    required_paths = strings(16)


class FileActionMkFile(Message):
    path = string(1)
    mode = integer(2, "int32")
    data = octets(3)
    owner = message(4, lambda: ChownOpt)
    timestamp = integer(5)


class FileActionSymlink(Message):
    oldpath = string(1)
    newpath = string(2)
    owner = message(3, lambda: ChownOpt)
    timestamp = integer(4)


class FileActionMkDir(Message):
    path = string(1)
    mode = integer(2, "int32")
    makeParents = boolean(3)
    owner = message(4, lambda: ChownOpt)
    timestamp = integer(5)


class FileActionRm(Message):
    path = string(1)
    allowNotFound = boolean(2)
    allowWildcard = boolean(3)


class ChownOpt(Message):
    user = message(1, lambda: UserOpt)
    group = message(2, lambda: UserOpt)


class UserOpt(Message):
    byName = message(1, lambda: NamedUserOpt)
    byID = integer(2, "uint32", always=True)


class NamedUserOpt(Message):
    name = string(1)
    input = integer(2)


class MergeInput(Message):
    input = integer(1)


class MergeOp(Message):
    inputs = messages(1, lambda: MergeInput)


class LowerDiffInput(Message):
    input = integer(1)


class UpperDiffInput(Message):
    input = integer(1)


class DiffOp(Message):
    lower = message(1, lambda: LowerDiffInput)
    upper = message(2, lambda: UpperDiffInput)


class PassthroughOp(Message):
    id = string(1)
    outputs = integers(2)
