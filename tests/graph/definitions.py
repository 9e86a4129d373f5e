"""Definitions that tests read: Go's own, from the corpus, and hand-made ones."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from llbpy.graph import messages as pb

FEATURES = Path(__file__).parents[1] / "conformance" / "data" / "features.expected.jsonl"


def go_definitions() -> dict[str, bytes]:
    """What Go's client marshalled for each case of the corpus; scratch left out."""
    with open(FEATURES, encoding="utf-8") as lines:
        found: dict[str, str] = {case["name"]: case.get("definition", "") for case in map(json.loads, lines)}
    return {name: b64decode(text) for name, text in found.items() if text}


def digest_of(op: bytes) -> str:
    return f"sha256:{sha256(op).hexdigest()}"


def op_of(identifier: str, inputs: Iterable[bytes] = (), index: int = 0) -> bytes:
    """A source by name, with the inputs that no real one has."""
    payload = pb.Op.source.write(pb.SourceOp.identifier.write(identifier))
    return inputs_of(inputs, index) + payload


def inputs_of(ops: Iterable[bytes], index: int = 0) -> bytes:
    """The inputs of an op, and all that a terminal has."""
    edges = [pb.Input.digest.write(digest_of(op)) + pb.Input.index.write(index) for op in ops]
    return pb.Op.inputs.write(edges)


def definition_of(*ops: bytes, source: bytes | None = None, metadata: Mapping[str, Any] | None = None) -> bytes:
    message = pb.Definition
    return message.ops.write(ops) + message.metadata.write(metadata or {}) + message.Source.write(source)


def location(index: int, *ranges: bytes) -> bytes:
    return pb.Location.sourceIndex.write(index) + pb.Location.ranges.write(ranges)


def source_of(digest: str, *locations: bytes, files: int = 1) -> bytes:
    """A source map with that many files, and locations for one digest."""
    infos = [pb.SourceInfo.filename.write(f"file{number}") for number in range(files)]
    return pb.Source.locations.write({digest: pb.Locations.locations.write(locations)}) + pb.Source.infos.write(infos)
