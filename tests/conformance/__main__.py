"""`python -m tests.conformance FILE.jsonl`: reads cases and prints for each, in order, what llbpy makes of it as one JSON line.

A line has `name`, and either `error` (true) or `digests` and `metadata_sha256`.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from typing import Any

import llbpy
from llbpy import Definition
from tests.conformance.interpreter import Case, marshal


def verdict(case: Case) -> dict[str, Any]:
    """The line of a case."""
    try:
        definition = marshal(case)
    except llbpy.LLBError as error:
        print(f"{case['name']}: {error}", file=sys.stderr)
        return {"name": case["name"], "error": True}
    return {"name": case["name"], "digests": list(definition.digests), "metadata_sha256": metadata_sha256(definition)}


def metadata(definition: Definition) -> dict[str, Any]:
    """The metadata of each digest that has some, as proto-JSON."""
    return {digest: meta.to_json() for digest, meta in definition.metadata.items()}


def metadata_sha256(definition: Definition) -> str:
    """Over the lines `DIGEST JSON` in the order of the digests."""
    shown = metadata(definition)
    lines = [
        f"{digest} {json.dumps(shown[digest], sort_keys=True, separators=(',', ':'), ensure_ascii=False)}\n"
        for digest in definition.digests
        if digest in shown
    ]
    return sha256("".join(lines).encode()).hexdigest()


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file:
            print(json.dumps(verdict(json.loads(line))))


if __name__ == "__main__":
    main()
