"""Where files come from: git, http, folders of the client, layouts, images; each from a server on this machine."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llbpy import State, bind, git, http, image, local, oci_layout, output, scratch, source, target
from tests.e2e import servers
from tests.e2e.bed import Bed, busybox

pytestmark = pytest.mark.e2e


# git ----------------------------------------------------------------------------------------------------------------------


class Remote:
    """A repository of two commits; the first one has the tag v1."""

    def __init__(self, bed: Bed, url: str) -> None:
        repository = servers.Repository(bed.folder / "git" / bed.salt)
        self.first = repository.commit({"file": "first", "sub/inner": bed.salt})
        repository.git("tag", "v1")
        self.second = repository.commit({"file": "second"})
        self.url = f"{url}/{bed.salt}"


@pytest.fixture
def remote(bed: Bed) -> Iterator[Remote]:
    for url in servers.repositories(bed.folder / "git"):
        yield Remote(bed, url)


@target
def cloned(
    salt: str, url: str, ref: str | None = None, checksum: str | None = None, subdir: str | None = None
) -> State:
    return git(url, ref, checksum=checksum, subdir=subdir)


def test_git_gives_the_head_a_tag_or_a_commit_without_its_git_folder(bed: Bed, remote: Remote) -> None:
    head = bed.build(cloned, url=remote.url)
    assert (head.names, head.text("file")) == (["file", "sub/inner"], "second")
    assert bed.build(cloned, url=remote.url, ref="v1").text("file") == "first"
    assert bed.build(cloned, url=remote.url, ref=remote.first).text("file") == "first"


def test_git_gives_a_folder_of_the_repository(bed: Bed, remote: Remote) -> None:
    assert bed.build(cloned, url=remote.url, subdir="sub").names == ["inner"]
    assert bed.build(cloned, url=f"{remote.url}#v1:sub").names == ["inner"]


def test_git_checks_the_commit(bed: Bed, remote: Remote) -> None:
    assert bed.build(cloned, url=remote.url, ref="v1", checksum=remote.first).text("file") == "first"
    message = bed.failure(cloned, url=remote.url, ref="v1", checksum=remote.second)
    assert f"expected checksum to match {remote.second}, got {remote.first}" in message


def test_git_says_which_ref_is_missing(bed: Bed, remote: Remote) -> None:
    assert "no-such-branch" in bed.failure(cloned, url=remote.url, ref="no-such-branch").rpartition("error: ")[2]


@target
def with_history(salt: str, url: str) -> State:
    return git(url, "main", keep_git_dir=True)


def test_git_keeps_the_git_folder_if_asked(bed: Bed, remote: Remote) -> None:
    assert ".git/HEAD" in bed.build(with_history, url=remote.url).names


# http ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def web(bed: Bed) -> Iterator[str]:
    root = bed.folder / "web"
    (root / "private").mkdir(parents=True)
    (root / "file.txt").write_text(bed.salt)
    (root / "private" / "file.txt").write_text(f"private {bed.salt}")
    yield from servers.files(root)


@target
def fetched(salt: str, url: str, checksum: str | None = None) -> State:
    return http(url, checksum=checksum, filename="renamed", mode=0o640, uid=1000, gid=1001)


def test_http_gives_one_file_with_name_mode_and_owner(bed: Bed, web: str) -> None:
    (layer,) = bed.image(fetched, url=f"{web}/file.txt").layers
    entry = layer.entries["renamed"]
    assert layer.text("renamed") == bed.salt
    assert (entry.uid, entry.gid, stat.filemode(entry.mode)) == (1000, 1001, "?rw-r-----")


def test_http_checks_the_digest(bed: Bed, web: str) -> None:
    right, wrong = [f"sha256:{hashlib.sha256(data.encode()).hexdigest()}" for data in (bed.salt, "other")]
    assert bed.build(fetched, url=f"{web}/file.txt", checksum=right).text("renamed") == bed.salt
    message = bed.failure(fetched, url=f"{web}/file.txt", checksum=wrong)
    assert f"digest mismatch {right}: {wrong}" in message
    assert ">>>     return http(url, checksum=checksum" in message


def test_http_says_what_the_server_said(bed: Bed, web: str) -> None:
    assert "404" in bed.failure(fetched, url=f"{web}/missing").rpartition("error: ")[2]


@target
def guarded(salt: str, url: str) -> State:
    return http(url, auth_header_secret="WEB_AUTH")


def test_http_sends_a_secret_as_authorization(bed: Bed, web: str) -> None:
    url, right, wrong = f"{web}/private/file.txt", bed.folder / "right", bed.folder / "wrong"
    right.write_text("Bearer open")
    wrong.write_text("Bearer closed")
    assert "401" in bed.failure(guarded, f"--secret=id=WEB_AUTH,src={wrong}", url=url).rpartition("error: ")[2]
    built = bed.build(guarded, f"--secret=id=WEB_AUTH,src={right}", url=url)
    assert built.text("file.txt") == f"private {bed.salt}"


@target
def by_identifier(salt: str, url: str) -> State:
    return source(url, {"http.filename": "raw"}, caps=["source.http"])


def test_any_source_can_be_named_as_it_is_on_the_wire(bed: Bed, web: str) -> None:
    assert bed.build(by_identifier, url=f"{web}/file.txt").text("raw") == bed.salt


# Folders of the client ----------------------------------------------------------------------------------------------------


@target
def some(salt: str) -> State:
    """Part of a folder: what patterns let through, and where a link leads."""
    picked = local("tree", include=["src"], exclude=["**/*.log"])
    return scratch().copy(picked, "/picked").copy(local("tree", follow=["link"]), "/followed")


def test_a_folder_is_sent_as_far_as_patterns_and_links_say(bed: Bed) -> None:
    option = bed.local("tree", {"src/code": "1", "src/debug.log": "2", "other/file": "3", "real/file": "4"})
    (bed.folder / "locals/tree/link").symlink_to("real")
    names = bed.build(some, option).names
    assert names == ["followed/link", "followed/real/file", "picked/src/code"]


@target
def listed(salt: str) -> State:
    """What a folder has, and the content of some files only."""
    return local("tree", metadata_only=["small"])


def test_a_folder_can_be_sent_as_a_list_but_for_some_files(bed: Bed) -> None:
    built = bed.build(listed, bed.local("tree", {"large": bed.salt, "small": "sent"}))
    assert (built.names, built.text("small")) == ([".fsutil-metadata", "small"], "sent")
    listing = (built.folder / ".fsutil-metadata").read_bytes()
    assert b"large" in listing
    assert bed.salt.encode() not in listing


@target
def slow(salt: str) -> State:
    """Long enough for two builds to be at it at one time."""
    script = "sleep 1; cp /tree/file /out/file"
    return busybox(salt).run(script, mounts=[bind(local("tree"), "/tree"), output("/out")]).output("/out")


def test_two_builds_at_one_time_get_their_own_folders(bed: Bed) -> None:
    folders = [bed.folder / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        (folder / "file").write_text(folder.name)

    def built(folder: Path) -> str:
        return bed.build(slow, f"--local=tree={folder}").text("file")

    with ThreadPoolExecutor() as pool:
        builds = pool.map(built, folders)
    assert list(builds) == ["one", "two"]


# Images -------------------------------------------------------------------------------------------------------------------


@target
def small(salt: str) -> State:
    return scratch().write("/first", salt).write("/second", salt)


@target
def from_layout(salt: str, digest: str) -> State:
    return oci_layout(f"e2e/layout@{digest}", store="kept")


def test_an_image_comes_from_a_layout_of_the_client(bed: Bed) -> None:
    layout = bed.layout(small)
    built = bed.build(from_layout, f"--oci-layout=kept={layout.folder}", digest=layout.digest)
    assert (built.names, built.text("first")) == (["first", "second"], bed.salt)


@target
def own_image(salt: str, ref: str, layers: int | None = None, checksum: str | None = None) -> State:
    return image(ref, inherit=False, layer_limit=layers, checksum=checksum)


def test_of_an_image_the_first_layers_can_be_taken(bed: Bed) -> None:
    bed.pushed(small)
    ref = f"{bed.registry}/e2e/{bed.salt}"
    assert bed.build(own_image, ref=ref).names == ["first", "second"]
    assert bed.build(own_image, ref=ref, layers="1").names == ["first"]


def test_the_digest_of_an_image_is_checked(bed: Bed) -> None:
    wrong = f"sha256:{'0' * 64}"
    assert wrong in bed.failure(own_image, ref="busybox", checksum=wrong).rpartition("error: ")[2]
