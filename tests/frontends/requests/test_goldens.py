"""Whole answers as files. After a change on purpose: LLBPY_UPDATE_GOLDENS=1 pytest tests/frontends, and read the difference.

Each was read by BuildKit's own structs and printers when it was made: they wrote the same bytes again.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.frontends.requests.asked import BUILD, Asked

FOLDER = Path(__file__).parent / "golden"
REQUESTS = {
    "describe": ("subrequests.describe", None),
    "outline": ("outline", None),
    "outline-missing": ("outline", "report"),
    "targets": ("targets", None),
    "lint": ("lint", None),
    "convertllb": ("convertllb", "deb-sid"),
}
FINDS = BUILD.replace("alpine:3.22", "alpine").replace("parts: list", "token: str = '', parts: list")


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_is_what_it_was(tmp_path: Path, name: str) -> None:
    request, target = REQUESTS[name]
    hold(name, Asked(tmp_path, FINDS if name == "lint" else BUILD).result(request, target))


def hold(name: str, found: dict[str, bytes]) -> None:
    """Holds JSON and text against the files of that name, or writes these."""
    for key, suffix in (("result.json", "json"), ("result.txt", "txt")):
        if key not in found:
            continue
        path = FOLDER / f"{name}.{suffix}"
        if os.environ.get("LLBPY_UPDATE_GOLDENS"):
            path.write_bytes(found[key])
        assert found[key] == path.read_bytes()


def test_every_golden_file_is_compared_with_something() -> None:
    texts = {f"{name}.txt" for name in REQUESTS if name != "convertllb"}
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.json" for name in REQUESTS} | texts
