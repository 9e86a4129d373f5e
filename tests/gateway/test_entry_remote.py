"""Build files out of repositories and downloads, the contexts that CI sends."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import Build, State, scratch
from llbpy.errors import GraphError
from llbpy.gateway.contexts import is_archive
from llbpy.graph.giturl import shown
from tests.gateway.daemon import Answer, Daemon
from tests.gateway.opened import TEXT, client, data_of, entry
from tests.gateway.trees import Files, archive_of
from tests.graph.decoding import marshal, ops

OTHER = b"other = 1\n"

# Git -------------------------------------------------------------------------------------------------------------------------

REPOSITORY = "https://h.example/app.git"
COMMIT = "1" * 40


def repository(files: Files, identifier: str = "git://h.example/app.git") -> Daemon:
    daemon = Daemon({identifier: files})
    daemon.known[identifier] = Answer(checksum=COMMIT)
    return daemon


CONTEXTS: list[tuple[str, str, dict[str, str]]] = [
    (REPOSITORY, "git://h.example/app.git", {"git.fullurl": REPOSITORY}),
    (f"{REPOSITORY}#main", "git://h.example/app.git#main", {}),
    (f"{REPOSITORY}#main:sub/dir", "git://h.example/app.git#main:sub/dir", {}),
    (f"{REPOSITORY}#:sub", "git://h.example/app.git#:sub", {}),
    (f"{REPOSITORY}?branch=dev&subdir=sub", "git://h.example/app.git#refs/heads/dev:sub", {}),
    (f"{REPOSITORY}?tag=v1&keep-git-dir=1", "git://h.example/app.git#refs/tags/v1", {"git.keepgitdir": "true"}),
    (f"{REPOSITORY}?ref=v1&submodules=0", "git://h.example/app.git#v1", {"git.skipsubmodules": "true"}),
    (f"{REPOSITORY}?checksum={COMMIT}", "git://h.example/app.git", {"git.checksum": COMMIT}),
    (f"{REPOSITORY}?mtime=commit", "git://h.example/app.git", {"git.mtime": "commit"}),
    (f"{REPOSITORY}?fetch-by-commit", "git://h.example/app.git", {"git.fetchbycommit": "true"}),
    ("git://h.example/app.git", "git://h.example/app.git", {"git.fullurl": "git://h.example/app.git"}),
    ("git@h.example:app.git", "git://h.example/app.git", {"git.mountsshsock": "default"}),
    ("ssh://git@h.example:22/app", "git://h.example:22/app", {"git.fullurl": "ssh://git@h.example:22/app"}),
    ("github.com/moby/app", "git://github.com/moby/app", {"git.fullurl": "https://github.com/moby/app"}),
]


@pytest.mark.parametrize(("url", "identifier", "said"), CONTEXTS)
def test_a_repository_is_context_and_brings_the_build_file(url: str, identifier: str, said: dict[str, str]) -> None:
    daemon = repository({"build.py": TEXT}, identifier)
    found = entry(daemon, f"context={url}")
    assert (found.text, found.is_local, found.revision) == (TEXT, False, COMMIT)
    assert daemon.shape == ["Solve Inputs ResolveSourceMeta", "ReadFile ReadFile"]
    source = daemon.source(f"[internal] load git source {shown(url)}")
    assert source.identifier == identifier
    assert said.items() <= source.attrs.items()
    (asked,) = daemon.requests("ResolveSourceMeta")
    assert (asked.Source, asked.HasField("Git")) == (source, False)


def context_of(state: State | None) -> Any:
    assert state is not None
    return ops(state)[0]["source"]


def test_the_token_of_ci_is_used_by_default() -> None:
    found = context_of(entry(repository({"build.py": TEXT}), f"context={REPOSITORY}").context)
    assert found["attrs"]["git.authtokensecret"] == "GIT_AUTH_TOKEN"


def test_the_git_folder_is_kept_by_argument_too() -> None:
    daemon = repository({"build.py": TEXT})
    found = context_of(entry(daemon, f"context={REPOSITORY}", "build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR=1").context)
    assert found["attrs"]["git.keepgitdir"] == "true"


@pytest.mark.parametrize(
    ("url", "epoch", "times"),
    [
        (REPOSITORY, "0", "commit"),
        (REPOSITORY, "", None),
        (f"{REPOSITORY}?mtime=checkout", "context", "checkout"),
    ],
)
def test_with_an_epoch_files_are_as_old_as_the_commit(url: str, epoch: str, times: str | None) -> None:
    found = entry(repository({"build.py": TEXT}), f"context={url}", f"build-arg:SOURCE_DATE_EPOCH={epoch}")
    assert context_of(found.context)["attrs"].get("git.mtime") == times


def test_a_password_is_not_shown() -> None:
    daemon = repository({"build.py": TEXT})
    found = entry(daemon, "context=https://me:secret@h.example/app.git")
    assert found.context is not None
    (name,) = [
        meta.description["llb.customname"] for meta in marshal(found.context).metadata.values() if meta.description
    ]
    assert name == "[internal] load git source https://***@h.example/app.git"


def test_a_repository_is_whole_whatever_its_ignore_file_says() -> None:
    files = {"build.py": TEXT, ".dockerignore": b"a", "build.py.dockerignore": b"b"}
    found = entry(repository(files), f"context={REPOSITORY}")
    state = Build(context=found.context, ignored=found.ignored).context()
    assert [op["source"]["identifier"] for op in ops(state) if "source" in op] == ["git://h.example/app.git"]


def test_a_wrong_option_of_a_url_is_refused() -> None:
    daemon = Daemon()
    with pytest.raises(GraphError, match="unknown option 'brnch'; did you mean 'branch'"):
        entry(daemon, f"context={REPOSITORY}?brnch=main")
    assert daemon.rounds == []


def test_a_repository_with_a_build_file_of_the_client() -> None:
    daemon = repository({"build.py": OTHER})
    daemon.files["local://dockerfile"] = {"build.py": TEXT}
    found = entry(daemon, f"context={REPOSITORY}", "dockerfilekey=dockerfile")
    assert (found.text, found.is_local, found.revision) == (TEXT, True, COMMIT)
    assert daemon.shape == ["Solve Inputs ResolveSourceMeta", "ReadFile ReadFile"]


def test_the_context_is_in_the_option_that_is_named() -> None:
    assert entry(repository({"build.py": TEXT}), "contextkey=where", f"where={REPOSITORY}", "context=x").text == TEXT


def test_a_revision_is_what_the_client_says_unless_the_daemon_knows() -> None:
    assert entry(client({"build.py": TEXT}), "vcs:revision=abc").revision == "abc"
    daemon = repository({"build.py": TEXT})
    assert entry(daemon, f"context={REPOSITORY}", "vcs:revision=abc").revision == COMMIT
    daemon.known["git://h.example/app.git"] = Answer()
    assert entry(daemon, f"context={REPOSITORY}", "vcs:revision=abc").revision == "abc"


def test_inputs_do_not_replace_what_a_url_names() -> None:
    daemon = repository({"build.py": TEXT})
    daemon.inputs = {name: data_of(scratch().write("/build.py", OTHER)) for name in ("context", "dockerfile")}
    found = entry(daemon, f"context={REPOSITORY}")
    assert found.text == TEXT
    assert sorted(found.inputs) == ["context", "dockerfile"]
    assert context_of(found.context)["identifier"] == "git://h.example/app.git"


# Downloads -------------------------------------------------------------------------------------------------------------------

URL = "https://h.example/app.tar"
ARCHIVE = archive_of({"build.py": TEXT, "sub/app.py": OTHER, "sub/file": b"x"})


def test_an_archive_is_unpacked() -> None:
    daemon = Daemon({URL: {"app.tar": ARCHIVE}})
    found = entry(daemon, f"context={URL}")
    assert (found.text, found.is_local, found.revision) == (TEXT, False, None)
    assert daemon.shape == ["Solve", "ReadFile", "Solve Inputs", "ReadFile ReadFile"]
    (head, *_) = daemon.requests("ReadFile")
    assert (head.FilePath, head.Range.Offset, head.Range.Length) == ("context", 0, 1024)
    assert found.context is not None
    (copy,) = ops(found.context)[1]["file"]["actions"]
    assert (copy["copy"]["src"], copy["copy"]["attemptUnpackDockerCompatibility"]) == ("/context", True)


def test_a_plain_file_is_the_build_file() -> None:
    url = "http://h.example/build.py"
    daemon = Daemon({url: {"build.py": TEXT}})
    found = entry(daemon, f"context={url}")
    assert (found.filename, found.text, found.is_local) == ("context", TEXT, False)
    assert daemon.shape == ["Solve", "ReadFile", "Solve Inputs", "ReadFile ReadFile"]
    source = context_of(found.context)
    assert source == {"identifier": url, "attrs": {"http.filename": "context"}}


def test_a_url_that_ends_in_git_is_a_repository_and_another_a_download() -> None:
    daemon = Daemon({"https://h.example/a.git/": {"a.git": TEXT}})
    assert entry(daemon, "context=https://h.example/a.git/").text == TEXT


ZEROS = b"\0" * 1024
HEADS: list[tuple[bytes, bool]] = [
    (b"BZh91AY", True),
    (b"\x1f\x8b\x08\0", True),
    (b"\xfd7zXZ\0\0", True),
    (ARCHIVE[:1024], True),
    (ARCHIVE[:512], True),
    (ARCHIVE[:511], False),
    (b"x" + ARCHIVE[1:1024], False),
    (ZEROS, False),
    (TEXT, False),
    (TEXT * 100, False),
    (b"BZ", False),
    (b"", False),
]


@pytest.mark.parametrize(("head", "known"), HEADS)
def test_an_archive_is_known_by_its_beginning(head: bytes, known: bool) -> None:
    assert is_archive(head) is known


# Folders of contexts ---------------------------------------------------------------------------------------------------------


def test_a_folder_of_an_archive_is_the_context_and_the_build_file_is_still_at_its_root() -> None:
    daemon = Daemon({URL: {"app.tar": ARCHIVE}})
    found = entry(daemon, f"context={URL}", "contextsubdir=sub")
    assert found.text == TEXT
    assert found.context is not None
    (action,) = ops(found.context)[2]["file"]["actions"]
    assert (action["copy"]["src"], action["copy"]["dest"], action["copy"]["dirCopyContents"]) == ("/sub", "/", True)


def test_a_build_file_may_lie_in_a_folder_of_the_context() -> None:
    assert entry(Daemon({URL: {"app.tar": ARCHIVE}}), f"context={URL}", "filename=sub/app.py").text == OTHER


def test_a_folder_of_the_client_has_no_part_that_is_a_context_of_its_own() -> None:
    assert entry(client({"build.py": TEXT}), "contextsubdir=sub").context is None
