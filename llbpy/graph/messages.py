"""The messages of LLB (BuildKit's `pb` package) that all definitions have: names and numbers as `solver/pb/ops.proto` has them.

What is inside a vertex of a kind is in `opmessages`, which is loaded with the first of them: a frontend asks for its build file
before. A test holds both tables against the descriptors of `llbpy/proto`.
"""

from __future__ import annotations

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
    strings,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.graph.wire import Lazy


def _of_a_kind(name: str) -> Lazy:
    def load() -> type[Message]:
        from llbpy.graph import opmessages

        found: type[Message] = getattr(opmessages, name)
        return found

    return load


class Op(Message):
    inputs = messages(1, lambda: Input)
    exec = message(2, _of_a_kind("ExecOp"))
    source = message(3, lambda: SourceOp)
    file = message(4, _of_a_kind("FileOp"))
    build = message(5, _of_a_kind("BuildOp"))
    merge = message(6, _of_a_kind("MergeOp"))
    diff = message(7, _of_a_kind("DiffOp"))
    passthrough = message(8, _of_a_kind("PassthroughOp"))
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


class SourceOp(Message):
    identifier = string(1)
    attrs = mapping(2, string(2))


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


class WorkerConstraints(Message):
    filter = strings(1)


class Definition(Message):
    ops = blobs(1)
    metadata = mapping(2, message(2, lambda: OpMetadata))
    Source = message(3, lambda: Source)
