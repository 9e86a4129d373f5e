"""What commands find mounted, and what is left of it afterwards."""

from __future__ import annotations

import pytest

from llbpy import State, bind, cache, device, output, scratch, target, tmpfs
from tests.e2e.bed import Bed, busybox

pytestmark = pytest.mark.e2e


@target
def on_tmpfs(salt: str) -> State:
    """A file in memory, a file that does not fit there, and a file on disk."""
    return busybox(salt).run(
        """
        grep ' /memory ' /proc/mounts > /mounts
        echo gone > /memory/file
        head -c 2000000 /dev/zero > /memory/large || echo full > /refused
        """,
        mounts=[tmpfs("/memory", size=1 << 20)],
    )


def test_a_tmpfs_is_memory_of_its_size_and_not_in_the_result(bed: Bed) -> None:
    built = bed.build(on_tmpfs)
    device, _, kind, settings, *_ = built.text("mounts").split()
    assert (device, kind) == ("tmpfs", "tmpfs")
    assert "size=1024k" in settings.split(",")
    assert built.text("refused") == "full"
    assert not any(name.startswith("memory/") for name in built.names)


@target
def bound(salt: str) -> State:
    """One folder mounted in four ways, and what each left."""
    files = scratch().write("/deep/folder/file", salt)
    ran = busybox(salt).run(
        """
        cat /whole/deep/folder/file /part/file
        touch /whole/new 2> /out/refused || true
        echo changed > /changed/deep/folder/file
        echo thrown away > /thrown/deep/folder/file
        """,
        mounts=[
            bind(files, "/whole"),
            bind(files["/deep/folder"], "/part"),
            bind(files, "/changed", writable=True),
            bind(files, "/thrown", writable=True, no_output=True),
            output("/out"),
        ],
    )
    left = scratch().copy(ran.output("/whole")["/deep/folder/file"], "/whole")
    return left.copy(ran.output("/changed")["/deep/folder/file"], "/changed").copy(
        ran.output("/out")["/refused"], "/refused"
    )


def test_a_bind_is_readonly_unless_writable_and_what_was_written_can_be_read_back(bed: Bed) -> None:
    built = bed.build(bound)
    assert built.text("whole") == bed.salt
    assert built.text("changed") == "changed"
    assert "Read-only file system" in built.text("refused")


@target
def seeded(salt: str) -> State:
    """Caches that start with a source, or with an owner and a mode; one of them cannot be written."""
    seed = scratch().write("/seed/file", salt)
    return (
        busybox(salt)
        .run(
            """
            cat /seeded/file > /out/file
            stat -c '%u:%g %a' /owned > /out/owned
            touch /fixed/file 2> /out/refused || true
            """,
            mounts=[
                cache("/seeded", id=f"seeded-{salt}", source=seed["/seed"]),
                cache("/owned", id=f"owned-{salt}", owner=(1000, 1001), mode=0o700),
                cache("/fixed", id=f"fixed-{salt}", writable=False),
                output("/out"),
            ],
        )
        .output("/out")
    )


def test_a_cache_starts_as_its_seed_and_may_be_readonly(bed: Bed) -> None:
    built = bed.build(seeded)
    assert built.text("file") == bed.salt
    assert built.text("owned") == "1000:1001 700"
    assert "Read-only file system" in built.text("refused")


@target
def private(salt: str) -> State:
    """Two commands at one time, each with a cache of its own for as long as both run."""
    kept = cache("/cache", id=f"private-{salt}", sharing="private")
    script = "echo $NUMBER >> /cache/log; sleep 0.5; cp /cache/log /out/log"
    first, second = [
        busybox(salt).run(script, mounts=[kept, output("/out")], env={"NUMBER": number}).output("/out")
        for number in "12"
    ]
    return scratch().copy(first, "/1/").copy(second, "/2/")


def test_a_private_cache_is_not_shared_at_one_time(bed: Bed) -> None:
    built = bed.build(private)
    assert (built.text("1/log"), built.text("2/log")) == ("1", "2")


@target
def without_device(salt: str, optional: bool) -> State:
    mounts = [device("llbpy.example/none=0", optional=optional), output("/out")]
    return busybox(salt).run("echo went on > /out/log", mounts=mounts).output("/out")


def test_a_missing_device_fails_unless_it_is_optional(bed: Bed) -> None:
    assert "llbpy.example/none=0" in bed.failure(without_device, "--allow=device", optional="false")
    assert bed.build(without_device, "--allow=device", optional="true").text("log") == "went on"
