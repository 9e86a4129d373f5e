"""File operations on the real daemon: what a copy takes, and what it makes of it."""

from __future__ import annotations

import stat
import tarfile
from pathlib import Path

import pytest

from llbpy import State, files, local, scratch, target
from tests.e2e.bed import Bed, busybox

pytestmark = pytest.mark.e2e

TREE = {
    "app/[slug]/page.txt": "dynamic",
    "app/s/page.txt": "static",
    "app/about/page.txt": "about",
    "dist/one.whl": "1",
    "dist/two.whl": "2",
    "dist/notes.md": "notes",
    "run.sh": "#!/bin/sh",
}


@pytest.fixture
def tree(bed: Bed) -> str:
    return bed.local("tree", TREE)


@target
def literal(salt: str) -> State:
    """A folder whose name would be a pattern elsewhere; `s` would match it."""
    return scratch().copy(local("tree")["/app/[slug]"], "/out")


def test_a_path_is_literal_so_brackets_name_one_folder(bed: Bed, tree: str) -> None:
    built = bed.build(literal, tree)
    assert (built.names, built.text("out/page.txt")) == (["out/page.txt"], "dynamic")


@target
def wheels(salt: str, pattern: str = "/dist/*.whl", missing_ok: bool = False) -> State:
    return scratch().copy(local("tree").glob(pattern, missing_ok=missing_ok), "/wheels/")


def test_a_glob_takes_what_matches(bed: Bed, tree: str) -> None:
    assert bed.build(wheels, tree).names == ["wheels/one.whl", "wheels/two.whl"]


def test_a_glob_without_a_match_fails_unless_that_is_fine(bed: Bed, tree: str) -> None:
    progress = bed.failure(wheels, tree, pattern="/dist/*.egg")
    assert "*.egg" in progress.rpartition("error: ")[2]
    assert bed.build(wheels, tree, pattern="/dist/*.egg", missing_ok="true").names == []


@target
def with_parents(salt: str) -> State:
    tree = local("tree")
    return scratch().copy([tree["/app/[slug]/page.txt"], tree["/app/./about/page.txt"]], "/out/", keep_parents=True)


def test_parents_are_kept_up_to_the_pivot(bed: Bed, tree: str) -> None:
    assert bed.build(with_parents, tree).names == ["out/about/page.txt", "out/app/[slug]/page.txt"]


@target
def filtered(salt: str) -> State:
    return scratch().copy(local("tree"), "/out", include=["app/**/*.txt", "dist"], exclude=["**/about", "*/*.md"])


def test_include_and_exclude_are_patterns_below_the_source(bed: Bed, tree: str) -> None:
    names = bed.build(filtered, tree).names
    assert names == ["out/app/[slug]/page.txt", "out/app/s/page.txt", "out/dist/one.whl", "out/dist/two.whl"]


@target
def demanding(salt: str, path: str) -> State:
    return scratch().copy(local("tree"), "/", include=["*.sh", "dist/*"], required=[path])


def test_a_required_path_must_be_among_what_is_copied(bed: Bed, tree: str) -> None:
    assert "run.sh" in bed.build(demanding, tree, path="/run.sh").names
    progress = bed.failure(demanding, tree, path="/missing.sh")
    assert progress.endswith('"/missing.sh": not found\n')
    assert ">>>     return scratch().copy(local(" in progress


@target
def demanding_of_all(salt: str) -> State:
    return scratch().copy(local("tree")["/dist"], "/", required=["missing.whl"])


def test_a_required_path_is_below_the_source_whatever_else_is_asked(bed: Bed, tree: str) -> None:
    assert "missing.whl" in bed.failure(demanding_of_all, tree)


@target
def missing_with_parents(salt: str) -> State:
    return scratch().copy(local("tree")["/app/missing.txt"], "/", keep_parents=True)


def test_a_literal_path_that_is_missing_fails_with_its_parents_too(bed: Bed, tree: str) -> None:
    assert "missing.txt" in bed.failure(missing_with_parents, tree)


@target
def owned(salt: str) -> State:
    """Owners by name, by number and with a group; modes as numbers and in symbols; times."""
    tree = local("tree")
    return (
        busybox(salt)
        .copy(tree["/run.sh"], "/named", owner="nobody")
        .copy(tree["/run.sh"], "/numbered", owner=(1000, 1001), mode=0o750)
        .copy(tree["/run.sh"], "/symbolic", owner="1000:nobody", mode="u+x,go=r,o-r")
        .copy(tree["/app"], "/dated", created=1_000_000_000)
        .mkdir("/made/deep", mode=0o700, owner=(7, 8), created=1_000_000_000)
        .write("/written/file", salt, mode=0o600, owner="nobody:root", created=1_000_000_000)
        .symlink("../target", "/written/link", owner=(5, 6))
    )


def test_owner_mode_and_time_are_as_asked(bed: Bed, tree: str) -> None:
    entries = {name: entry for layer in bed.image(owned, tree).layers for name, entry in layer.entries.items()}
    seen = {name: (entry.uid, entry.gid, stat.filemode(entry.mode)[1:]) for name, entry in entries.items()}
    assert seen["named"] == (65534, 65534, "rw-r--r--")
    assert seen["numbered"] == (1000, 1001, "rwxr-x---")
    assert seen["symbolic"] == (1000, 65534, "rwxr-----")
    assert seen["made/deep"] == (7, 8, "rwx------")
    assert seen["written/file"] == (65534, 0, "rw-------")
    assert (entries["written/link"].linkname, seen["written/link"][:2]) == ("../target", (5, 6))
    dated = ("dated/about/page.txt", "made/deep", "written/file")
    assert {entries[name].mtime for name in dated} == {1_000_000_000}


@target
def unpacked(salt: str) -> State:
    archives = local("archives")
    return scratch().copy(archives["/files.tar.gz"], "/opt/", unpack=True).copy(archives["/files.tar.gz"], "/kept/")


def test_an_archive_is_unpacked_where_that_is_asked(bed: Bed) -> None:
    option = bed.local("archives", {"inside/file": bed.salt})
    folder = Path(option.partition("=archives=")[2])
    with tarfile.open(folder / "files.tar.gz", "w:gz") as tar:
        tar.add(folder / "inside", "inside")
    built = bed.build(unpacked, option)
    assert built.text("opt/inside/file") == bed.salt
    assert built.names == ["kept/files.tar.gz", "opt/inside/file"]


@target
def linked(salt: str) -> State:
    """An independent layer on top of another; below, folders that the copy must not care about."""
    base = scratch().write("/etc/base", salt)
    return base.copy(local("tree")["/dist/one.whl"], "/etc/deep/one.whl", link=True, owner=(3, 4))


def test_a_linked_copy_is_a_layer_of_its_own(bed: Bed, tree: str) -> None:
    base, copied = bed.image(linked, tree).layers
    assert (base.files, copied.files) == (["etc/base"], ["etc/deep/one.whl"])
    assert copied.entries["etc/deep/one.whl"].uid == 3


def test_a_linked_copy_stays_cached_when_what_is_below_changes(bed: Bed, tree: str) -> None:
    bed.build(linked, tree)
    again = bed.build(linked, tree, salt="another base")
    assert again.text("etc/base") == "another base"
    assert any("copy" in name for name in again.cached)


@target
def whole_folder(salt: str) -> State:
    tree = local("tree")
    return scratch().copy(tree["/app"], "/contents").copy(tree["/app"], "/folder/", contents=False)


def test_of_a_folder_the_contents_are_copied_or_itself(bed: Bed, tree: str) -> None:
    names = bed.build(whole_folder, tree).names
    assert {"contents/s/page.txt", "folder/app/s/page.txt"} <= set(names)
    assert len(names) == 6


@target
def replaced(salt: str, replace: bool) -> State:
    """A file goes where a folder is."""
    return (
        scratch()
        .mkdir("/place/inside")
        .copy(local("tree")["/dist"], "/dist")
        .copy(scratch().write("/src/place", salt)["/src"], "/", replace=replace)
    )


def test_a_copy_replaces_what_stands_there_only_if_asked(bed: Bed, tree: str) -> None:
    assert bed.build(replaced, tree, replace="true").text("place") == bed.salt
    assert "place" in bed.failure(replaced, tree, replace="false").rpartition("error: ")[2]


@target
def followed(salt: str) -> State:
    linked = scratch().write("/real/file", salt).symlink("real", "/link")
    return scratch().copy(linked["/link"], "/followed").copy(linked["/link"], "/kept", follow_symlinks=False)


def test_links_are_followed_unless_not(bed: Bed) -> None:
    built = bed.build(followed)
    assert built.text("followed/file") == bed.salt
    assert (built.folder / "kept").is_symlink()


@target
def removed(salt: str) -> State:
    tree = scratch().copy(local("tree"), "/")
    return tree.remove("/app").remove("/dist/*.whl", wildcard=True).remove("/never/there", missing_ok=True)


def test_files_folders_and_patterns_are_removed(bed: Bed, tree: str) -> None:
    assert bed.build(removed, tree).names == ["dist/notes.md", "run.sh"]


@target
def removed_missing(salt: str) -> State:
    return scratch().write("/file", salt).remove("/never/there")


def test_what_is_missing_cannot_be_removed(bed: Bed) -> None:
    progress = bed.failure(removed_missing)
    assert "never/there" in progress.rpartition("error: ")[2]


@target
def exact(salt: str) -> State:
    """BuildKit's own actions, several in one vertex, and actions on another state inside of a copy."""
    made = files.on(scratch(), files.mkdir("/a"), files.mkfile("/a/inner", 0o600, salt))
    return scratch().file(
        files.mkdir("/deep/er", 0o711, parents=True),
        files.copy(made, "/a/inner", "/deep/er/copied", mode="a+r"),
        files.copy(local("tree"), "/dist/*.md", "/deep/", allow_wildcard=True),
        files.symlink("er/copied", "/deep/link"),
        files.rm("/never*", allow_not_found=True, allow_wildcard=True),
        name="all at once",
    )


def test_several_actions_are_one_vertex(bed: Bed, tree: str) -> None:
    built = bed.build(exact, tree)
    assert built.names == ["deep/er/copied", "deep/link", "deep/notes.md"]
    assert built.text("deep/link") == bed.salt
    assert stat.filemode((built.folder / "deep/er/copied").stat().st_mode) == "-rw-r--r--"
    assert built.progress.count(" all at once\n") == 1
    assert "mkdir" not in built.progress
