"""Named contexts, in every form in which builders send them."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import Build, State
from llbpy.errors import DaemonError, OptionError
from llbpy.graph.gojson import string_array
from tests.gateway.daemon import Answer, Daemon
from tests.gateway.opened import AMD64, ARM64, CONFIG, DIGEST, SESSION, built, identifier, images, named
from tests.graph.decoding import marshal, ops


def source(state: State) -> dict[str, Any]:
    """The one source of a context that asks nothing."""
    first: dict[str, Any] = ops(state)[0]["source"]
    return first


def name_of(state: State) -> str | None:
    definition = marshal(state)
    description = definition.metadata[definition.head].description or {}
    return description.get("llb.customname")


def context(spec: str, daemon: Daemon | None = None, key: str = "x") -> State:
    return named(daemon or Daemon(), f"context:{key}={spec}")[key]


# Images ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ["docker-image://alpine:3.20", "docker-image:alpine:3.20"])
def test_an_image(spec: str) -> None:
    daemon = Daemon()
    state = context(spec, daemon)
    assert source(state) == {"identifier": "docker-image://docker.io/library/alpine:3.20"}
    assert name_of(state) == "[context x] alpine:3.20"
    assert daemon.rounds == []


def test_an_image_passes_its_config_on() -> None:
    contexts = named(images("alpine"), "context:base=docker-image://alpine")
    image, run, _ = built(contexts, contexts["base"].run(["make"]))
    assert image["source"]["identifier"] == f"{identifier('alpine')}@{DIGEST}"
    meta = run["exec"]["meta"]
    assert (meta["env"], meta["cwd"], meta["user"]) == (["PATH=/bin"], "/srv", "app")


def test_an_image_is_looked_up_for_each_platform() -> None:
    daemon = images("alpine")
    contexts = named(daemon, "context:base=docker-image://alpine")
    state = contexts["base"].run(["make"])
    contexts.inquiry.marshal([(state, AMD64), (state, ARM64)])
    assert daemon.shape == ["ResolveSourceMeta ResolveSourceMeta"]
    assert [request.Platform.Architecture for request in daemon.requests("ResolveSourceMeta")] == ["amd64", "arm64"]


def test_scratch_is_no_image() -> None:
    assert context("docker-image://scratch").vertex is None


# Layouts ---------------------------------------------------------------------------------------------------------------------

LAYOUTS: list[tuple[str, str, str, str]] = [
    ("base", f"oci-layout://store@{DIGEST}", f"docker.io/library/base@{DIGEST}", "store"),
    ("base", f"oci-layout:store:tag@{DIGEST}", f"docker.io/library/base@{DIGEST}", "store"),
    ("h.example/a/b:1", f"oci-layout://h:5000/a@{DIGEST}", f"h.example/a/b:1@{DIGEST}", "h:5000/a"),
    ("base::linux/arm64", f"oci-layout://store@{DIGEST}", f"docker.io/library/base@{DIGEST}", "store"),
]


@pytest.mark.parametrize(("key", "spec", "ref", "store"), LAYOUTS)
def test_a_layout_of_the_client(key: str, spec: str, ref: str, store: str) -> None:
    state = context(spec, key=key)
    assert source(state) == {
        "identifier": f"oci-layout://{ref}",
        "attrs": {"oci.session": SESSION, "oci.store": store},
    }
    assert name_of(state) == f"[context {key}] OCI load from client"
    assert marshal(state).metadata[marshal(state).head].caps == {"source.ocilayout"}


def test_a_layout_passes_its_config_on() -> None:
    daemon = Daemon()
    identifier = f"oci-layout://docker.io/library/base@{DIGEST}"
    daemon.known[identifier] = Answer(DIGEST, CONFIG)
    contexts = named(daemon, f"context:base=oci-layout://store@{DIGEST}")
    layout, run, _ = built(contexts, contexts["base"].run(["make"]))
    assert layout["source"]["identifier"] == identifier
    assert layout["platform"] == {"Architecture": "amd64", "OS": "linux"}
    assert run["exec"]["meta"]["user"] == "app"
    (asked,) = daemon.requests("ResolveSourceMeta")
    assert dict(asked.Source.attrs) == {"oci.session": SESSION, "oci.store": "store"}
    assert (asked.Source.identifier, asked.Platform.Architecture) == (identifier, "amd64")


# Repositories and downloads --------------------------------------------------------------------------------------------------

REPOSITORIES = [
    ("git://h.example/a#main:sub", "git://h.example/a#main:sub"),
    ("git@h.example:a.git", "git://h.example/a.git"),
    ("ssh://git@h.example/a", "git://h.example/a"),
    ("https://h.example/a.git?branch=dev", "git://h.example/a.git#refs/heads/dev"),
    ("http://h.example/a.git", "git://h.example/a.git"),
]


@pytest.mark.parametrize(("spec", "identifier"), REPOSITORIES)
def test_a_repository(spec: str, identifier: str) -> None:
    daemon = Daemon()
    assert source(context(spec, daemon))["identifier"] == identifier
    assert daemon.rounds == []


@pytest.mark.parametrize("spec", ["https://h.example/a.tar?x=1", "http://h.example/a.git/"])
def test_a_download(spec: str) -> None:
    state = context(spec)
    assert source(state) == {"identifier": spec, "attrs": {"http.filename": "context"}}
    assert name_of(state) == f"[context x] {spec}"


def test_a_password_is_not_shown() -> None:
    assert name_of(context("https://me:secret@h.example/a.tar")) == "[context x] https://***@h.example/a.tar"


# Folders ---------------------------------------------------------------------------------------------------------------------


def test_a_folder_of_the_client_with_what_its_ignore_file_leaves() -> None:
    daemon = Daemon({"local://dir": {".dockerignore": b"# no\n/a\n!b\n", "file": b""}})
    state = context("local:dir", daemon)
    assert source(state) == {
        "identifier": "local://dir",
        "attrs": {
            "local.session": SESSION,
            "local.sharedkeyhint": "context:x-",
            "local.excludepatterns": string_array(["a", "!b"]),
        },
    }
    assert name_of(state) == "[context x] load from client"
    assert daemon.shape == ["Solve", "ReadFile"]
    assert dict(daemon.source("[context x] load .dockerignore").attrs) == {
        "local.session": SESSION,
        "local.sharedkeyhint": "context:x-.dockerignore",
        "local.followpaths": string_array([".dockerignore"]),
        "local.differ": "none",
    }


def test_a_folder_without_an_ignore_file() -> None:
    found = source(context("local:dir", Daemon({"local://dir": {"file": b""}})))["attrs"]
    assert found == {"local.session": SESSION, "local.sharedkeyhint": "context:x-"}


def test_a_folder_may_have_a_key_and_a_session_of_its_own() -> None:
    daemon = Daemon({"local://dir": {}})
    texts = ["context:x=local:dir", "sharedkey:localdir:x=abc", "local-sessionid:dir=other"]
    found = source(named(daemon, *texts)["x"])["attrs"]
    assert found == {"local.session": "other", "local.sharedkeyhint": "context:x-abc"}
    assert daemon.source("[context x] load .dockerignore").attrs["local.session"] == "other"


def test_a_folder_that_the_client_does_not_have() -> None:
    with pytest.raises(DaemonError, match=r"^local://dir: not found$"):
        context("local:dir")


def test_a_folder_is_asked_for_once() -> None:
    daemon = Daemon({"local://dir": {}})
    contexts = named(daemon, "context:x=local:dir")
    assert contexts["x"] is contexts["x"]
    assert len(daemon.rounds) == 2


# Which one -------------------------------------------------------------------------------------------------------------------


def test_names_are_known_in_their_short_form() -> None:
    contexts = named(Daemon(), "context:alpine=docker-image://scratch", "context:App_1=docker-image://scratch")
    for name in ("alpine", "alpine:latest", "docker.io/library/alpine", "App_1"):
        assert name in contexts
        assert contexts[name].vertex is None
    for name in ("alpine:3", "h.example/alpine", "app_1", "context"):
        assert name not in contexts
        with pytest.raises(KeyError):
            contexts[name]
    assert list(contexts) == ["App_1", "alpine"]


def test_one_for_the_platform_comes_before_one_for_all() -> None:
    texts = [
        "context:x=git://h.example/all",
        "context:x::linux/arm64=git://h.example/arm",
        "context:x::linux/arm/v7=git://h/v7",
    ]
    build = Build(contexts=named(Daemon(), *texts))
    found = [
        source(build.on(platform).named_context("x"))["identifier"]
        for platform in ("linux/amd64", "linux/arm64/v8", "linux/arm")
    ]
    assert found == ["git://h.example/all", "git://h.example/arm", "git://h/v7"]


def test_names_in_progress_have_the_platform_that_matched() -> None:
    texts = ["context:alpine::linux/arm64=docker-image://alpine:3"]
    assert name_of(named(Daemon(), *texts)["alpine:latest::linux/arm64"]) == "[context alpine::linux/arm64] alpine:3"


def test_those_of_a_target_yield_to_the_given_ones() -> None:
    usual = {"docker.io/library/a": "git://h.example/usual", "b": "docker-image://scratch"}
    contexts = named(Daemon(), "context:a=git://h.example/given", usual=usual)
    assert sorted(contexts) == ["a", "b"]
    assert source(contexts["a"])["identifier"] == "git://h.example/given"
    assert contexts["b"].vertex is None


# What is wrong ---------------------------------------------------------------------------------------------------------------

WRONG: list[tuple[str, str]] = [
    ("alpine", "'alpine' begins with none of docker-image, git, http, https, ssh, oci-layout, local, input"),
    ("docker-imag://alpine", "'docker-imag://alpine' begins with none of"),
    ("target:app", "'target:app' begins with none of"),
    ("docker-image://Alpine", "image reference 'Alpine': repository name must be lowercase; did you mean 'alpine'?"),
    ("git:h.example/a", "'git:h.example/a' is no git repository"),
    ("git@h.example", "'git@h.example' is no git repository"),
    ("git://h.example/a?brnch=x", "unknown option 'brnch'; did you mean 'branch'?"),
    ("oci-layout://store", "'store' has no digest; a layout is read by NAME@sha256:…"),
    ("oci-layout://store@sha256:12", "a sha256 digest is 64 lower-case hex digits, not '12' (2)"),
    (f"oci-layout://@{DIGEST}", "the name is empty"),
    ("input:other", "input 'other' did not come with the build"),
    ("input:broken", "not a protobuf message"),
]


@pytest.mark.parametrize(("spec", "message"), WRONG)
def test_what_cannot_be_a_context_is_said(spec: str, message: str) -> None:
    daemon = Daemon()
    daemon.inputs = {"broken": b"\xff"}
    with pytest.raises(OptionError, match=r"^context 'x': ") as caught:
        context(spec, daemon)
    assert caught.value.option == "context:x"
    assert message in str(caught.value)


def test_a_near_miss_of_a_scheme_is_offered() -> None:
    with pytest.raises(OptionError, match=r"did you mean 'docker-image'\?$"):
        context("docker-imag://alpine")
