"""One graph written twice, for BuildKit's Go client and for llbpy: to the daemon they are one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from llbpy import Definition, State, bind, cache, diff, files, image, merge, output, scratch, target, tmpfs, words
from tests.e2e.bed import Bed
from tests.golang import build

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(400),
]  # where nothing is cached, Go fetches and compiles its modules first

MODULE = Path(__file__).parent / "golang"
STEPS = {"compile", "change", "ship", "difference", "together"}
"""All but the sources of commands, which nobody looks at where the commands come from the cache."""


@target
def graph(salt: str) -> State:
    """What golang/main.go makes, line by line."""
    base = image("busybox", inherit=False).env(SALT=salt).dir("/srv")
    compiled = base.run(
        words("/bin/sh -c 'echo $SALT > /out/made; cat /src/file >> /out/made'"),
        mounts=[
            bind(scratch().write("/file", f"source {salt}", mode=0o600, name="source"), "/src"),
            cache("/cache", id="llbpy-e2e-golang", sharing="locked"),
            tmpfs("/tmp"),
            output("/out"),
        ],
        name="compile",
    )
    changed = base.run(["/bin/sh", "-c", "echo changed > /etc/changed"], name="change")
    shipped = scratch().file(
        files.mkdir("/app", 0o711, parents=True, owner=(7, 8)),
        files.copy(compiled.output("/out"), "/made", "/app/", follow_symlinks=True, create_dest_path=True),
        name="ship",
    )
    return merge(shipped, diff(base, changed, name="difference"), name="together")


@pytest.fixture(scope="session")
def from_go(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """The definition that the Go program makes for a salt."""
    program = build(MODULE, tmp_path_factory.mktemp("golang") / "llb-go")

    def definition(salt: str) -> bytes:
        return subprocess.run([program, salt], check=True, capture_output=True).stdout

    return definition


def test_both_make_the_same_vertices(bed: Bed, from_go: Callable[[str], bytes]) -> None:
    go, ours = (
        Definition.from_bytes(from_go(bed.salt)),
        Definition.from_bytes(bed.dump(graph, platform="linux/amd64")),
    )
    assert ours.ops == go.ops
    assert described(ours) == described(go)


def described(definition: Definition) -> dict[str, bytes]:
    return {digest: metadata.to_bytes() for digest, metadata in definition.metadata.items()}


def test_what_go_built_is_cached_for_llbpy(bed: Bed, from_go: Callable[[str], bytes]) -> None:
    first = bed.build(from_go(bed.salt))
    second = bed.build(graph)
    assert not first.cached & STEPS
    assert second.cached >= STEPS
    assert second.text("app/made") == first.text("app/made") == f"{bed.salt}\nsource {bed.salt}"


def test_what_llbpy_built_is_cached_for_go(bed: Bed, from_go: Callable[[str], bytes]) -> None:
    first = bed.build(graph)
    second = bed.build(from_go(bed.salt))
    assert not first.cached & STEPS
    assert second.cached >= STEPS
    assert second.text("app/made") == first.text("app/made")
