"""What comes from the cache, what does not, and what cache mounts keep."""

from __future__ import annotations

import pytest

from llbpy import State, bind, cache, local, output, scratch, target
from tests.e2e.bed import Bed, busybox

pytestmark = pytest.mark.e2e


@target
def app(salt: str) -> State:
    """Two stages: a compiler that counts its runs in a cache mount, and what is shipped, which no other run has made."""
    compiled = busybox(salt).run(
        """
        echo run >> /cache/runs
        echo "$(cat /src/main) after $(wc -l < /cache/runs)" > /out/app
        echo $SALT >> /out/app
        """,
        mounts=[bind(local("source"), "/src"), cache("/cache", id=f"e2e-{salt}"), output("/out")],
        name="compile",
    )
    return scratch().copy(compiled.output("/out")["/app"], "/bin/app", name="ship")


def test_a_changed_source_runs_the_step_again_with_what_the_cache_mount_kept(bed: Bed) -> None:
    bed.build(app, bed.local("source", {"main": "one"}))
    again = bed.build(app, bed.local("source", {"main": "two"}))
    assert again.text("bin/app") == f"two after 2\n{bed.salt}"
    assert not again.cached & {"compile", "ship"}


def test_an_unchanged_source_comes_from_the_cache_whole(bed: Bed) -> None:
    source = bed.local("source", {"main": "one"})
    bed.build(app, source)
    again = bed.build(app, source)
    assert again.text("bin/app") == f"one after 1\n{bed.salt}"
    assert again.cached >= {"compile", "ship"}


@target
def stamped(salt: str) -> State:
    """A step that must not come from the cache."""
    script = "cat /proc/sys/kernel/random/uuid > /out/now"
    return busybox(salt).run(script, mounts=[output("/out")], ignore_cache=True).output("/out")


def test_a_step_that_ignores_the_cache_runs_each_time(bed: Bed) -> None:
    assert bed.build(stamped).text("now") != bed.build(stamped).text("now")


@target
def counted(salt: str) -> State:
    """Runs that may not be in the cache's folder at one time."""
    kept = cache("/cache", id=f"e2e-{salt}", sharing="locked")
    script = "echo in >> /cache/log; sleep 0.3; echo out >> /cache/log; cp /cache/log /out/log"
    first, second = [
        busybox(salt).run(script, mounts=[kept, output("/out")], env={"NUMBER": number}).output("/out")
        for number in "12"
    ]
    return scratch().copy(first, "/1/").copy(second, "/2/")


def test_a_locked_cache_mount_has_one_user_at_a_time(bed: Bed) -> None:
    built = bed.build(counted)
    logs = sorted((built.text(f"{number}/log").split() for number in "12"), key=len)
    assert logs == [["in", "out"], ["in", "out", "in", "out"]]
