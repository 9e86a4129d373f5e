"""A marshalled graph: what goes over the wire, and back from it."""

from __future__ import annotations

from io import BytesIO

from llbpy.graph import messages as pb
from llbpy.graph.digests import hasher
from llbpy.graph.metadata import OpMetadata
from llbpy.graph.ops.op import Op
from llbpy.graph.sourcemap import SourceTable
from llbpy.graph.wire import digest_map, varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _line(digest: str, op: bytes) -> str:
    fields = pb.Op.decode(op)
    kind = next((name for name in Op.kinds if name in fields), None)
    inputs = [str(edge.get("digest", ""))[7:19] for edge in fields.get("inputs", ())]
    shown = f"{kind}: {Op.kinds[kind].describe(fields[kind], inputs)}" if kind else "the output that is meant"
    return f"{digest} {shown}"


_OP, _METADATA = b"\x0a", b"\x12"  # pb.Definition's fields


class Definition:
    """A graph as BuildKit takes it: the bytes of each op, inputs before users, the last naming the output that is meant.

    `digests` are the sha256 of each op in the same order; `metadata` and `source.locations` are keyed by them. The definition of
    scratch is empty.
    """

    __slots__ = ("digests", "metadata", "ops", "source")

    def __init__(
        self,
        ops: Sequence[bytes],
        digests: Sequence[str],
        metadata: Mapping[str, OpMetadata],
        source: SourceTable,
    ) -> None:
        self.ops = tuple(ops)
        self.digests = tuple(digests)
        self.metadata = metadata
        self.source = source

    @property
    def head(self) -> str:
        """The digest of the vertex whose output is meant; empty for scratch."""
        if not self.ops:
            return ""
        inputs = pb.Op.decode(self.ops[-1]).get("inputs", ())
        return str(inputs[0].get("digest", "")) if inputs else ""

    def to_bytes(self) -> bytes:
        """The pb.Definition, as `buildctl build` reads it from stdin."""
        if not self.ops:
            return b""
        out = BytesIO()
        for op in self.ops:
            out.write(_OP + varint(len(op)))
            out.write(op)
        out.writelines(digest_map(_METADATA, ((digest, meta.to_bytes()) for digest, meta in self.metadata.items())))
        out.write(pb.Definition.Source.write(self.source.to_bytes()))
        return out.getvalue()

    def to_json(self) -> str:
        """As JSON for people and programs: each op with its digest and metadata, in proto-JSON with proto field names."""
        import json

        from llbpy.graph.protojson import to_json

        rows = [
            {"digest": digest, "op": to_json(pb.Op, pb.Op.decode(op))}
            | ({"metadata": self.metadata[digest].to_json()} if digest in self.metadata else {})
            for digest, op in zip(self.digests, self.ops, strict=True)
        ]
        return json.dumps(rows, indent=2, ensure_ascii=False)

    def __str__(self) -> str:
        """A line an op: its digest, its kind, and what the daemon calls it."""
        return "\n".join([_line(digest, op) for digest, op in zip(self.digests, self.ops, strict=True)])

    @classmethod
    def from_bytes(cls, data: bytes) -> Definition:
        """Any pb.Definition, Go's included; writing it again gives the same ops.

        Raises GraphError if the bytes are none, or if its locations point at files it does not have.
        """
        fields = pb.Definition.decode(data)
        ops = fields.get("ops", ())
        details = {digest: OpMetadata.from_fields(meta) for digest, meta in fields.get("metadata", {}).items()}
        sha256 = hasher(len(ops))
        digests = ["sha256:" + sha256(op).hexdigest() for op in ops]
        return cls(ops, digests, details, SourceTable.from_fields(fields.get("Source", {})))
