"""Where files come from."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import (
    Definition,
    GraphError,
    State,
    definition,
    git,
    http,
    image,
    local,
    oci_layout,
    scratch,
)
from llbpy import source as any_source
from llbpy.graph.questions import HostKeysQuestion
from tests.dsl.decoded import BASE, FOLDER, caps, meta, op, source, titles
from tests.dsl.decoded import definition as marshalled

SHA = "sha256:" + "a" * 64
REPO = "https://github.com/moby/buildkit.git"


def attrs(state: State) -> Any:
    return source(state)[1]


def test_scratch_is_the_empty_definition() -> None:
    assert scratch().marshal().to_bytes() == b""
    assert scratch().vertex is None


# image


@pytest.mark.parametrize(
    ("ref", "full"),
    [
        ("alpine", "docker.io/library/alpine:latest"),
        ("ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        (f"alpine@{SHA}", f"docker.io/library/alpine@{SHA}"),
    ],
)
def test_an_image_is_named_in_full(ref: str, full: str) -> None:
    assert source(image(ref, inherit=False)) == (f"docker-image://{full}", {})


@pytest.mark.parametrize(
    ("option", "expected", "cap"),
    [
        ({"resolve": "default"}, {}, "source.image"),
        ({"resolve": "pull"}, {"image.resolvemode": "pull"}, "source.image.resolvemode"),
        ({"resolve": "local"}, {"image.resolvemode": "local"}, "source.image"),
        ({"layer_limit": 0}, {"image.layerlimit": "0"}, "source.image.layerlimit"),
        ({"checksum": SHA}, {"image.checksum": SHA}, "source.image.checksum"),
        ({"internal": True}, {"image.recordtype": "internal"}, "source.image"),
    ],
)
def test_an_image_says_how_it_is_taken(option: Any, expected: Any, cap: str) -> None:
    state = image("alpine", inherit=False, **option)
    assert attrs(state) == expected
    assert cap in caps(state)


def test_an_image_is_for_a_platform_and_so_are_commands_on_it() -> None:
    state = image("alpine", inherit=False, platform="linux/arm64")
    for each in (state, state.run(["x"])):
        assert op(each)["platform"] == {"Architecture": "arm64", "OS": "linux"}


def test_an_image_without_a_platform_is_for_the_one_that_is_built() -> None:
    assert op(image("alpine", inherit=False), platform="linux/s390x")["platform"]["Architecture"] == "s390x"


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"ref": "Alpine"}, "must be lowercase; did you mean 'alpine'"),
        ({"ref": "alpine:"}, "is no tag"),
        ({"ref": "alpine", "layer_limit": -1}, "layer_limit=-1; give a number of layers"),
        (
            {"ref": "alpine", "resolve": "always"},
            "resolve 'always' is unknown; it is one of 'default', 'pull', 'local'",
        ),
    ],
)
def test_a_wrong_image_is_refused(wrong: Any, problem: str) -> None:
    with pytest.raises(GraphError, match=problem):
        image(**wrong)


# local


def test_a_local_is_a_folder_by_name_marked_as_this_clients() -> None:
    assert source(local("context")) == ("local://context", {"local.unique": "test"})


def test_each_marshal_has_an_id_of_its_own_unless_one_is_given() -> None:
    ids = [source(FOLDER, unique_id=None)[1]["local.unique"] for _ in range(2)]
    assert ids[0] != ids[1]
    assert {len(each) for each in ids} == {25}


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        ({"include": ["*.go", "go.mod"]}, "local.includepattern", '["*.go","go.mod"]'),
        ({"exclude": [".git"]}, "local.excludepatterns", '[".git"]'),
        ({"follow": ["build.py"]}, "local.followpaths", '["build.py"]'),
        ({"shared_key": "src"}, "local.sharedkeyhint", "src"),
        ({"session": "abc"}, "local.session", "abc"),
        ({"differ": "none"}, "local.differ", "none"),
        ({"differ": "metadata"}, "local.differ", "metadata"),
        ({"metadata_only": True}, "local.metadatatransfer", "true"),
        ({"metadata_only": ["*.mod"]}, "local.metadatatransferexclude", '["*.mod"]'),
        ({"unique_id": "mine"}, "local.unique", "mine"),
    ],
)
def test_a_local_says_what_is_sent_and_how(option: Any, name: str, value: str) -> None:
    assert attrs(local("context", **option))[name] == value


def test_a_local_of_one_session_needs_no_id() -> None:
    assert attrs(local("context", session="abc")) == {"local.session": "abc"}


def test_a_required_differ_needs_the_capability() -> None:
    assert "source.local.differ" not in caps(local("c", differ="none"))
    assert "source.local.differ" in caps(local("c", differ="none", differ_required=True))
    with pytest.raises(GraphError, match="differ 'rsync' is unknown"):
        local("c", differ="rsync")  # type: ignore[arg-type]


def test_a_pattern_outside_a_list_is_refused() -> None:
    with pytest.raises(GraphError, match="include"):
        local("context", include="*.py")


# git


def test_a_git_url_names_the_repository_and_the_usual_secrets() -> None:
    identifier, found = source(git(REPO, "v0.32.2"))
    assert identifier == "git://github.com/moby/buildkit.git#v0.32.2"
    secrets = {"git.authtokensecret": "GIT_AUTH_TOKEN", "git.authheadersecret": "GIT_AUTH_HEADER"}
    assert found == {"git.fullurl": REPO, **secrets}


def test_ref_and_subdir_may_stand_in_the_url() -> None:
    assert source(git(f"{REPO}#main:docs")) == source(git(REPO, "main", subdir="docs"))
    assert source(git(f"{REPO}?branch=main&subdir=docs")) == source(git(REPO, "refs/heads/main", subdir="docs"))


def test_a_url_and_an_argument_that_disagree_are_refused() -> None:
    with pytest.raises(GraphError, match="ref"):
        git(f"{REPO}#main", "v1")


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        ({"keep_git_dir": True}, "git.keepgitdir", "true"),
        ({"checksum": "a" * 40}, "git.checksum", "a" * 40),
        ({"submodules": False}, "git.skipsubmodules", "true"),
        ({"auth_token_secret": "deploy"}, "git.authtokensecret", "deploy"),
        ({"auth_token_secret": None}, "git.authtokensecret", None),
        ({"auth_header_secret": "header"}, "git.authheadersecret", "header"),
        ({"mtime": "commit"}, "git.mtime", "commit"),
        ({"fetch_by_commit": True}, "git.fetchbycommit", "true"),
    ],
)
def test_git_says_what_is_fetched_and_how(option: Any, name: str, value: str | None) -> None:
    assert attrs(git(REPO, **option)).get(name) == value


def test_an_ssh_remote_has_an_agent_and_known_hosts() -> None:
    found = attrs(git("git@github.com:moby/buildkit.git", known_hosts="github.com ssh-ed25519 AAAA", ssh="deploy"))
    assert (found["git.knownsshhosts"], found["git.mountsshsock"]) == ("github.com ssh-ed25519 AAAA\n", "deploy")


def test_an_ssh_remote_without_known_hosts_takes_those_that_the_shell_answers() -> None:
    remote = git("git@github.com:moby/buildkit.git")
    assert "git.knownsshhosts" not in attrs(remote)
    _, found = source(remote, answers={HostKeysQuestion("github.com"): "github.com ssh-ed25519 AAAA\n"})
    assert found["git.knownsshhosts"] == "github.com ssh-ed25519 AAAA\n"


def test_empty_known_hosts_turn_the_check_off() -> None:
    remote = git("git@github.com:moby/buildkit.git", known_hosts="")
    _, found = source(remote, answers={HostKeysQuestion("github.com"): "keys"})
    assert "git.knownsshhosts" not in found


def test_an_unknown_mtime_is_refused() -> None:
    with pytest.raises(GraphError, match="mtime 'now' is unknown; it is one of 'checkout', 'commit'"):
        git(REPO, mtime="now")  # type: ignore[arg-type]


# http


def test_http_is_the_url_itself() -> None:
    assert source(http("https://example.com/a.tar")) == ("https://example.com/a.tar", {})


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        ({"checksum": SHA}, "http.checksum", SHA),
        ({"filename": "b.tar"}, "http.filename", "b.tar"),
        ({"mode": 0o755}, "http.perm", "0755"),
        ({"uid": 1000}, "http.uid", "1000"),
        ({"gid": 1001}, "http.gid", "1001"),
        ({"auth_header_secret": "token"}, "http.authheadersecret", "token"),
        ({"accept": "text/plain"}, "http.header.accept", "text/plain"),
        ({"user_agent": "llbpy"}, "http.header.user-agent", "llbpy"),
    ],
)
def test_http_says_what_is_fetched_and_how(option: Any, name: str, value: str) -> None:
    assert attrs(http("https://example.com/a.tar", **option)) == {name: value}


def test_http_refuses_other_schemes_and_decimal_modes() -> None:
    with pytest.raises(GraphError, match=r"'ftp://x/y'\) is no http:// or https:// URL"):
        http("ftp://x/y")
    with pytest.raises(GraphError, match="did you mean 0o755"):
        http("https://example.com/a", mode=755)


# The others


def test_an_oci_layout_is_read_by_digest() -> None:
    identifier, found = source(oci_layout(f"a/b@{SHA}", store="s", session="id", layer_limit=2))
    assert identifier == f"oci-layout://a/b@{SHA}"
    assert found == {"oci.store": "s", "oci.session": "id", "oci.layerlimit": "2"}
    with pytest.raises(GraphError, match="a layout is read by digest"):
        oci_layout("a/b:latest")


def test_any_source_goes_as_it_stands() -> None:
    state = any_source("docker-image+blob://x", {"a": "1"}, caps=["source.blob"])
    assert source(state) == ("docker-image+blob://x", {"a": "1"})
    assert "source.blob" in caps(state)
    with pytest.raises(GraphError, match="an identifier is scheme://…"):
        any_source("x", {})


def test_any_source_keeps_the_attributes_it_was_given() -> None:
    given = {"a": "1"}
    state = any_source("x://y", given)
    given["a"] = "2"
    assert source(state)[1] == {"a": "1"}


def test_a_definition_is_a_state_whose_vertices_keep_their_digests() -> None:
    made = marshalled(BASE.run(["make"], name="compile"))
    for given in (made, made.to_bytes()):
        state = definition(given)
        assert marshalled(state).digests == made.digests
        assert titles(state.run(["more"]))[-2:] == ["compile", "more"]
    assert isinstance(made, Definition)


def test_the_definition_of_scratch_is_scratch() -> None:
    assert definition(b"").vertex is None


def test_bytes_that_are_no_definition_are_refused() -> None:
    with pytest.raises(GraphError):
        definition(b"no definition")


@pytest.mark.parametrize("made", [local("c"), git(REPO), http("https://a/b"), BASE, definition(b"")])
def test_a_source_starts_with_nothing_set(made: State) -> None:
    assert (made.facts.dir, dict(made.facts.env), made.facts.user) == ("/", {}, None)
    assert meta(made.run(["x"]))["cwd"] == "/"
