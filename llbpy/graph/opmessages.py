"""The messages of LLB (BuildKit's `pb` package) that are vertices of a kind, and their parts; all others are in `messages`."""

from __future__ import annotations

from llbpy.graph import messages as pb
from llbpy.graph.wire import (
    Message,
    boolean,
    integer,
    integers,
    mapping,
    message,
    messages,
    octets,
    string,
    strings,
)


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


class BuildOp(Message):
    builder = integer(1)
    inputs = mapping(2, message(2, lambda: BuildInput))
    definition = message(3, lambda: pb.Definition)
    attrs = mapping(4, string(2))


class BuildInput(Message):
    input = integer(1)


class ProxyEnv(Message):
    http_proxy = string(1)
    https_proxy = string(2)
    ftp_proxy = string(3)
    no_proxy = string(4)
    all_proxy = string(5)


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
