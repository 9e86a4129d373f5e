"""Whole views as files. After a change on purpose: LLBPY_UPDATE_GOLDENS=1 pytest tests/explain, and read the difference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from llbpy.explain import formats
from tests.explain.definitions import GO, GRAPHS

FOLDER = Path(__file__).parent / "golden"
SUFFIXES = {"text": "txt", "dot": "dot", "mermaid": "mmd", "json": "json"}
FEATURES = {
    "mounts": "run-mounts",
    "mount-output": "mount-output /b",
    "cache-from": "cache-from",
    "secret-file": "secret-opts",
    "secret-env": "secret-env",
    "ssh-two": "ssh-two",
    "devices": "devices",
    "exit-codes": "exit-codes",
    "proxy": "proxy",
    "wishes": "meta-all",
    "windows": "run-windows",
    "git": "git-all",
    "file-chain": "file-chain",
    "file-sub-actions": "file-sub-actions",
    "diff-scratch": "diff-scratch-upper",
    "merge-diff": "merge-diff",
    "same-input": "same-input-many-mounts",
}

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("format", SUFFIXES)
@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_looks_as_it_did(name: str, format: str, golden: Golden) -> None:
    golden(f"{name}.{SUFFIXES[format]}", formats.render(GRAPHS[name], format))


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_looks_as_it_did_on_a_narrow_terminal(name: str, golden: Golden) -> None:
    golden(f"{name}.80.txt", formats.render(GRAPHS[name], "text", 80))


@pytest.mark.parametrize("name", FEATURES)
def test_a_definition_from_go_looks_as_it_did(name: str, golden: Golden) -> None:
    golden(f"go-{name}.txt", formats.render(GO[FEATURES[name]]))


def test_every_golden_file_is_compared_with_something() -> None:
    ours = {f"{name}.{suffix}" for name in GRAPHS for suffix in (*SUFFIXES.values(), "80.txt")}
    assert {path.name for path in FOLDER.iterdir()} == ours | {f"go-{name}.txt" for name in FEATURES}
