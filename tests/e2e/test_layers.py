"""Merge and diff: filesystems without copies, and images of the layers that were asked for."""

from __future__ import annotations

import pytest

from llbpy import State, diff, merge, scratch, target
from tests.e2e.bed import Bed, busybox

pytestmark = pytest.mark.e2e


@target
def merged(salt: str) -> State:
    """Three layers; both `clash` files stand at one place."""
    first = scratch().write("/etc/first", salt).write("/clash", "first")
    second = scratch().write("/etc/second", salt).write("/clash", "second")
    return merge(first, second, scratch().write("/third", salt), name="all three")


def test_a_merge_has_the_files_of_all_and_the_later_one_wins(bed: Bed) -> None:
    built = bed.build(merged)
    assert built.names == ["clash", "etc/first", "etc/second", "third"]
    assert built.text("clash") == "second"
    assert " all three\n" in built.progress


def test_the_image_of_a_merge_has_the_layers_of_its_parts(bed: Bed) -> None:
    layers = bed.image(merged).layers
    assert [layer.files for layer in layers] == [["etc/first"], ["clash"], ["etc/second"], ["clash"], ["third"]]


@target
def changed(salt: str) -> State:
    """What a command added, changed and removed, without the image that it ran on."""
    base = busybox(salt).write("/data/changed", "before").write("/data/removed", "")
    after = base.run("echo after > /data/changed; rm /data/removed; echo $SALT > /data/added")
    return diff(base, after)


def test_a_diff_is_what_was_added_and_changed_alone(bed: Bed) -> None:
    built = bed.build(changed)
    assert [name for name in built.names if name.startswith("data/")] == ["data/added", "data/changed"]
    assert built.text("data/changed") == "after"
    assert not any(name.startswith("bin/") for name in built.names)


def test_the_layer_of_a_diff_marks_what_was_removed(bed: Bed) -> None:
    (layer,) = bed.image(changed).layers
    assert [name for name in layer.files if name.startswith("data/")] == [
        "data/.wh.removed",
        "data/added",
        "data/changed",
    ]


@target
def moved(salt: str) -> State:
    """A diff put onto another base, where it removes a file too."""
    lower = scratch().write("/removed", "").write("/kept", "")
    other = scratch().write("/removed", "here as well").write("/base", salt)
    return merge(other, diff(lower, lower.remove("/removed").write("/new", salt)))


def test_a_diff_on_another_base_adds_and_removes_there(bed: Bed) -> None:
    assert bed.build(moved).names == ["base", "new"]
