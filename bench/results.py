"""bench/RESULTS.md: a part for each program that measures, under a title of its own."""

from __future__ import annotations

import re

from bench.processes import ROOT, say

RESULTS = ROOT / "bench" / "RESULTS.md"


def put(part: str) -> None:
    """Writes a part, which begins with its title (`# …`), in place of the one of that title, or after the others."""
    written = RESULTS.read_text() if RESULTS.exists() else ""
    parts = {_title(old): old.strip("\n") for old in re.split(r"^(?=# )", written, flags=re.MULTILINE) if old.strip()}
    parts[_title(part)] = part.strip("\n")
    RESULTS.write_text("\n\n".join(parts.values()) + "\n")
    say(f"written to {RESULTS.relative_to(ROOT)}")


def _title(part: str) -> str:
    return part.split("\n", 1)[0]
