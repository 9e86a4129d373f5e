"""What targets ask while they run: images, files, folders."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import Build, Platform, ResolvedImage, git, image, scratch
from llbpy.errors import DaemonError, GraphError
from llbpy.gateway.inquiry import file_facts
from tests.gateway.daemon import Daemon
from tests.gateway.opened import AMD64, ARM64, CONFIG, DIGEST, identifier, images, inquiry
from tests.gateway.trees import FOLDER, LINK


def build(daemon: Daemon, platform: Platform = AMD64) -> Build:
    return Build(target_platform=platform, asker=inquiry(daemon))


def test_an_image_is_resolved_once() -> None:
    daemon = images("a")
    asking = build(daemon)
    for _ in range(2):
        assert asking.resolve("a") == ResolvedImage(DIGEST, CONFIG)
    assert asking.resolve("a", platform="linux/arm64") == ResolvedImage(DIGEST, CONFIG)
    assert daemon.shape == ["ResolveSourceMeta"] * 2


def test_an_image_that_is_not_there_is_said_without_a_place() -> None:
    with pytest.raises(DaemonError) as caught:
        build(Daemon()).resolve("a")
    assert (caught.value.message, caught.value.where) == (f"{identifier('a')}: not found", "")


TREE = scratch().write("/a", "text").write("/sub/b", "more").write("/sub/c", "")


def test_a_file_is_solved_and_read() -> None:
    daemon = Daemon()
    assert build(daemon).read(TREE["/sub/b"]) == b"more"
    assert daemon.shape == ["Solve", "ReadFile"]
    (request,) = daemon.requests("ReadFile")
    assert (request.FilePath, request.Range.Offset, request.Range.Length) == ("/sub/b", 0, 8 << 20)


def test_a_state_is_solved_once_for_a_platform() -> None:
    daemon = Daemon()
    asking = build(daemon)
    assert asking.read(TREE["/a"]) == b"text"
    assert asking.list(TREE["/sub"]) == ["b", "c"]
    assert asking.stat(TREE["/a"])["size"] == 4
    assert asking.on(ARM64).read(TREE["/a"]) == b"text"
    assert daemon.shape == ["Solve", "ReadFile", "ReadDir", "StatFile", "Solve", "ReadFile"]


@pytest.mark.parametrize("size", [0, 1, (8 << 20) - 1, 8 << 20, (20 << 20) + 3])
def test_a_large_file_is_read_in_pieces(size: int) -> None:
    pattern = bytes(range(251)) * (size // 251 + 1)
    daemon = Daemon({"git://h.example/a": {"file": pattern[:size]}})
    assert build(daemon).read(git("h.example/a")["/file"]) == pattern[:size]
    ranges = [(request.Range.Offset, request.Range.Length) for request in daemon.requests("ReadFile")]
    assert ranges == [(number << 23, 8 << 20) for number in range(size // (8 << 20) + 1)]


def test_the_root_of_a_state_can_be_listed() -> None:
    assert build(Daemon()).list(TREE["/"]) == ["a", "sub"]


def test_a_relative_path_is_below_the_dir_of_the_state() -> None:
    daemon = Daemon()
    state = TREE.dir("/sub")
    asking = build(daemon)
    assert asking.read(state["b"]) == b"more"
    assert asking.read(state["../a"]) == b"text"
    assert daemon.shape == ["Solve", "ReadFile", "ReadFile"]


def test_a_relative_path_in_an_image_asks_for_its_dir() -> None:
    daemon = images("a")
    daemon.files[f"{identifier('a')}@{DIGEST}"] = {"srv/file": b"x", "file": b"root"}
    asking = build(daemon)
    assert asking.read(image("a")["file"]) == b"x"
    assert daemon.shape == ["ResolveSourceMeta", "Solve", "ReadFile"]
    daemon.files[identifier("a")] = daemon.files[f"{identifier('a')}@{DIGEST}"]
    assert build(daemon).read(image("a")["/file"]) == b"root"
    assert daemon.shape[3:] == ["Solve", "ReadFile"]


def test_what_is_not_there_is_said_with_the_path_and_the_state() -> None:
    asking = build(Daemon())
    for look in (asking.read, asking.list, asking.stat):
        with pytest.raises(DaemonError, match=r"^'/c' of <State file>: .*: no such file or directory$") as caught:
            look(TREE["/c"])
        assert caught.value.code == 2


def test_scratch_has_no_files() -> None:
    with pytest.raises(GraphError, match=r"^'/a' is in scratch\(\), which has no files$"):
        build(Daemon()).read(scratch()["/a"])


FACTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"type": "file", "mode": 0, "uid": 0, "gid": 0, "size": 0, "mtime": 0.0, "target": ""}),
    ({"mode": 0o644, "size": 5, "modTime": 1_500_000_000}, {"type": "file", "mode": 0o644, "size": 5, "mtime": 1.5}),
    ({"mode": 0o755, "uid": 7, "gid": 8}, {"mode": 0o755, "uid": 7, "gid": 8}),
    ({"mode": FOLDER | 0o755}, {"type": "folder", "mode": 0o755}),
    ({"mode": FOLDER | 1 << 20 | 0o777}, {"type": "folder", "mode": 0o1777}),
    ({"mode": LINK | 0o777, "linkname": "a"}, {"type": "symlink", "mode": 0o777, "target": "a"}),
    ({"mode": 1 << 26 | 1 << 21 | 0o600}, {"type": "device", "mode": 0o600}),
    ({"mode": 1 << 25 | 0o600}, {"type": "pipe"}),
    ({"mode": 1 << 24 | 0o600}, {"type": "socket"}),
    ({"mode": 1 << 23 | 0o755}, {"type": "file", "mode": 0o4755}),
    ({"mode": 1 << 22 | 0o755}, {"type": "file", "mode": 0o2755}),
    ({"mode": 1 << 23 | 1 << 22 | 1 << 20}, {"mode": 0o7000}),
]


@pytest.mark.parametrize(("stat", "facts"), FACTS)
def test_a_file_s_facts(stat: dict[str, Any], facts: dict[str, Any]) -> None:
    assert facts.items() <= file_facts(stat).items()
