"""What SOURCE_DATE_EPOCH means."""

from __future__ import annotations

import re
from typing import Literal

import pytest

from llbpy import State, git, http, merge, scratch
from llbpy.errors import DaemonError, OptionError
from llbpy.gateway.bridge import Bridge
from llbpy.gateway.entry import read_entry
from llbpy.gateway.epoch import source_date_epoch
from llbpy.transport.status import Status
from tests.gateway.daemon import Answer, Daemon
from tests.gateway.opened import TEXT, client, data_of, named, options
from tests.gateway.trees import archive_of

REPOSITORY = "git://h.example/a"
DOWNLOAD = "https://h.example/a.tar"
COMMIT = b"""tree 1
parent 2
author A <a@h.example> 1111111111 +0100
committer B C <b@h.example> 1222222222 -0700
gpgsig -----BEGIN PGP SIGNATURE-----
 committer no
 -----END PGP SIGNATURE-----

committer in the message <x> 1333333333 +0000
"""


def epoch(daemon: Daemon, value: str | None, *texts: str) -> int | None:
    """What it is in a build with these options, whose build file is read before."""
    given = [*texts, *([] if value is None else [f"build-arg:SOURCE_DATE_EPOCH={value}"])]
    bridge = Bridge(daemon)
    entry = read_entry(bridge, options(*given))
    daemon.rounds.clear()
    return source_date_epoch(options(*given), entry, named(daemon, *given), bridge)


def at_hand(commit: bytes = COMMIT) -> Daemon:
    """A daemon with a repository and a download, and a client with a folder."""
    daemon = client({"build.py": TEXT})
    daemon.files[REPOSITORY] = {"build.py": TEXT, "sub/build.py": TEXT}
    daemon.files[DOWNLOAD] = {"a.tar": archive_of({"build.py": TEXT, "sub/build.py": TEXT})}
    daemon.known[REPOSITORY] = Answer(checksum="1" * 40, commit=commit)
    daemon.known[f"{REPOSITORY}#{'1' * 40}"] = Answer(checksum="1" * 40, commit=commit)
    daemon.known[DOWNLOAD] = Answer(modified=1444444444)
    return daemon


@pytest.mark.parametrize(
    ("value", "seconds"), [(None, None), ("", None), ("0", 0), ("1700000000", 1700000000), ("-1", -1), ("007", 7)]
)
def test_a_number_is_itself(value: str | None, seconds: int | None) -> None:
    daemon = at_hand()
    assert epoch(daemon, value) == seconds
    assert daemon.rounds == []


def test_a_repository_is_as_old_as_its_commit() -> None:
    daemon = at_hand()
    assert epoch(daemon, "context", f"context={REPOSITORY}") == 1222222222
    assert daemon.shape == ["ResolveSourceMeta"]
    (request,) = daemon.requests("ResolveSourceMeta")
    assert request.Git.ReturnObject
    assert request.Source.identifier == f"{REPOSITORY}#{'1' * 40}"
    assert request.Source.attrs["git.mtime"] == "commit"
    assert request.LogName == "[internal] resolve the age of the context"


def test_a_commit_stands_in_for_a_tag() -> None:
    daemon = at_hand()
    tag = f"{REPOSITORY}#refs/tags/v1:sub"
    daemon.files[tag], daemon.known[tag] = daemon.files[REPOSITORY], daemon.known[REPOSITORY]
    daemon.known[f"{REPOSITORY}#{'1' * 40}:sub"] = Answer(commit=COMMIT)
    assert epoch(daemon, "context", f"context={REPOSITORY}?tag=v1&subdir=sub&checksum=abcdef0") == 1222222222
    (request,) = daemon.requests("ResolveSourceMeta")
    assert request.Source.attrs["git.checksum"] == ""


def test_a_policy_may_want_to_see_the_branch() -> None:
    daemon = at_hand()
    daemon.refused[f"{REPOSITORY}#{'1' * 40}"] = Status(2, "denied by policy")
    assert epoch(daemon, "context", f"context={REPOSITORY}") == 1222222222
    assert daemon.shape == ["ResolveSourceMeta", "ResolveSourceMeta"]


def test_a_download_is_as_old_as_its_server_says() -> None:
    daemon = at_hand()
    assert epoch(daemon, "context", f"context={DOWNLOAD}") == 1444444444
    (request,) = daemon.requests("ResolveSourceMeta")
    assert dict(request.Source.attrs) == {"http.filename": "context"}
    assert not request.HasField("Git")


def test_the_first_second_of_all_is_one() -> None:
    daemon = at_hand()
    daemon.known[DOWNLOAD] = Answer(modified=0)
    assert epoch(daemon, "context", f"context={DOWNLOAD}") == 0


def told_nothing(content: bytes) -> Daemon:
    """A daemon with a download of which its server does not say how old it is."""
    daemon = at_hand()
    daemon.files[DOWNLOAD] = {"a.tar": content}
    daemon.known[DOWNLOAD] = Answer()
    return daemon


FILES = {"build.py": TEXT, "large": bytes(20 << 20), "sub/old": b""}
TIMES = {"build.py": 1555555555, "large": 1666666666, "sub/old": 1777}


@pytest.mark.parametrize("mode", ["w:", "w:gz"])
def test_if_a_server_does_not_say_an_archive_is_as_old_as_its_newest_file(mode: Literal["w:", "w:gz"]) -> None:
    daemon = told_nothing(archive_of(FILES, TIMES, mode))
    assert epoch(daemon, "context", f"context={DOWNLOAD}") == 1666666666
    assert epoch(daemon, "base", f"context:base={DOWNLOAD}") == 1666666666
    assert all(request.Range.Length <= 8 << 20 for request in daemon.requests("ReadFile"))


@pytest.mark.parametrize(
    "content",
    [TEXT, b"", archive_of({}), archive_of({"a": b"1"}, mode="w:gz")[:20]],
    ids=["text", "empty", "without files", "cut off"],  # in its head, what is compressed tells when that was
)
def test_a_download_without_files_has_no_age_then(content: bytes) -> None:
    assert epoch(told_nothing(content), "base", f"context:base={DOWNLOAD}") is None


@pytest.mark.parametrize(("url", "seconds"), [(REPOSITORY, 1222222222), (DOWNLOAD, 1444444444)])
def test_a_folder_of_a_context_is_as_old_as_the_whole(url: str, seconds: int) -> None:
    assert epoch(at_hand(), "context", f"context={url}", "contextsubdir=sub") == seconds


def test_a_folder_of_the_client_has_no_age() -> None:
    daemon = at_hand()
    assert epoch(daemon, "context") is None
    assert daemon.rounds == []


@pytest.mark.parametrize(
    ("spec", "seconds"),
    [
        (REPOSITORY, 1222222222),
        (DOWNLOAD, 1444444444),
        ("docker-image://alpine", None),
        ("docker-image://scratch", None),
        ("local:dockerfile", None),
    ],
)
def test_a_named_context_s_age(spec: str, seconds: int | None) -> None:
    assert epoch(at_hand(), "base", f"context:base={spec}") == seconds


GRAPHS: list[tuple[State, int | None]] = [
    (git(REPOSITORY).mkdir("/x"), 1222222222),
    (scratch().copy(http(DOWNLOAD)["/a.tar"], "/"), 1444444444),
    (merge(git(REPOSITORY), http(DOWNLOAD)), None),
    (scratch().write("/a", ""), None),
]


@pytest.mark.parametrize(("state", "seconds"), GRAPHS)
def test_a_graph_is_as_old_as_its_one_source(state: State, seconds: int | None) -> None:
    daemon = at_hand()
    daemon.inputs = {"context": data_of(state), "base": data_of(state)}
    assert epoch(daemon, "context") == seconds
    assert epoch(daemon, "base", "context:base=input:base") == seconds


@pytest.mark.parametrize(
    "commit",
    [b"", b"tree 1\n\ncommitter x <x> 5 +0000", b"committer\n", b"committer x\n", b"committer x <x> y +0000\n"],
)
def test_a_commit_without_a_time_has_no_age(commit: bytes) -> None:
    assert epoch(at_hand(commit), "context", f"context={REPOSITORY}") is None


@pytest.mark.parametrize("value", ["tomorrow", "--1", "1.5", "²", "other", "+1"])
def test_anything_else_is_refused_with_what_there_is(value: str) -> None:
    message = f"SOURCE_DATE_EPOCH={value!r} is neither a number of seconds nor a context (there are context, base)"
    with pytest.raises(OptionError, match=f"^{re.escape(message)}$") as caught:
        epoch(at_hand(), value, "context:base=docker-image://scratch")
    assert caught.value.option == "SOURCE_DATE_EPOCH"


def test_a_daemon_that_cannot_tell_is_quoted() -> None:
    daemon = at_hand()
    del daemon.known[DOWNLOAD]
    with pytest.raises(DaemonError, match="not found"):
        epoch(daemon, "context", f"context={DOWNLOAD}")
