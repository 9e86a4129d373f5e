"""`frontend.convertllb`: a target's graph as JSON."""

from __future__ import annotations

from llbpy.frontends.requests.messages import proto, struct
from llbpy.frontends.requests.request import Request
from llbpy.frontends.requests.results import result
from llbpy.graph import messages as pb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.frontends.requests.available import Available
    from llbpy.graph.definition import Definition


class ConvertLLB(Request):
    NAME = "frontend.convertllb"
    VERSION = "0.1.0"
    DESCRIPTION = "Convert a target to LLB"
    METADATA = ("result.json",)
    LISTED = False

    @classmethod
    def answer(cls, available: Available) -> dict[str, bytes]:
        subject = available.subject(available.file().find(available.target))
        assert subject.definition is not None, "the subject of a target that was called has its graph"
        return convert(subject.definition)


def convert(definition: Definition) -> dict[str, bytes]:
    """The result for a graph: ops and metadata by digest, and the source map."""
    ops = dict(zip(definition.digests, definition.ops, strict=True))
    details = {digest: pb.OpMetadata.decode(meta.to_bytes()) for digest, meta in definition.metadata.items()}
    value = {
        "def": {digest: proto(pb.Op, pb.Op.decode(ops[digest])) for digest in sorted(ops)},
        "metadata": {digest: struct(pb.OpMetadata, details[digest]) for digest in sorted(details)},
        "source": proto(pb.Source, pb.Source.decode(definition.source.to_bytes())) if ops else {},
    }
    return result(ConvertLLB.VERSION, value)
