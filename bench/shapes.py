"""The graphs of bench/go/shapes.go, made with the public API."""

from __future__ import annotations

from llbpy import State, bind, cache, files, image, merge, tmpfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ALPINE = "docker.io/library/alpine:3.20"
GOLANG = "docker.io/library/golang:1.22"


def chain(n: int) -> State:
    """`n` runs in a row, each with a cache, a tmpfs and a read-only mount, on a base with ten variables."""
    state = image(ALPINE, inherit=False)
    for i in range(10):
        state = state.env({f"KEY_{i}": f"value-{i}"})
    source = image(GOLANG, inherit=False)
    for i in range(n):
        state = state.run(
            ["sh", "-c", f"echo step {i}"],
            mounts=[cache("/cache", id="bench-cache"), tmpfs("/tmp"), bind(source, "/src")],
            name=f"step {i}",
        )
    return state


def wide(n: int) -> State:
    """`n` images with a run on each, all merged."""
    states: list[State] = []
    for i in range(n):
        base = image(f"docker.io/library/img{i}:latest", inherit=False)
        states.append(base.run(["true", str(i)]))
    return merge(*states)


def copies(n: int) -> State:
    """`n` copies in a row from one image into another."""
    source, state = image(GOLANG, inherit=False), image(ALPINE, inherit=False)
    for i in range(n):
        state = state.file(files.copy(source, f"/src/file{i}", f"/dst/file{i}"))
    return state


def diamond(n: int) -> State:
    """`n` levels of two runs on the level below, merged."""
    state = image(ALPINE, inherit=False)
    for i in range(n):
        left = state.run(["sh", "-c", f"left {i}"])
        right = state.run(["sh", "-c", f"right {i}"])
        state = merge(left, right)
    return state


SHAPES: dict[str, Callable[[int], State]] = {"chain": chain, "wide": wide, "copies": copies, "diamond": diamond}
