"""Fifty small expressions of Go's client, written with our API: the same ops, capabilities and descriptions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import llbpy
from llbpy import Definition, Platform, State, files, image, local, scratch, source

VECTORS = Path(__file__).with_name("data") / "llb-vectors.jsonl"
CAPS = {  # of the daemon, where a vector asks one
    "run-withcaps": ("exec.meta.base", "exec.meta.setsdefaultpath"),
    "run-withcaps-none": (),
}


def plain(ref: str, **options: Any) -> State:
    """`llb.Image`: nothing of the image's config."""
    return image(ref, inherit=False, **options)


def alpine() -> State:
    return plain("alpine")


def a() -> State:
    return plain("a")


def b() -> State:
    return plain("b")


def many_mounts() -> llbpy.ExecState:
    context = local("ctx", session="sess")
    mounts = [
        llbpy.bind(context["/sub"], "/src"),
        llbpy.bind(alpine(), "/a", writable=True, content_cache=False),
        llbpy.output("/out"),
        llbpy.cache("/cache", id="cid", sharing="locked"),
        llbpy.tmpfs("/tmp", size=1024),
        llbpy.bind(scratch(), "/noout", writable=True, no_output=True),
        llbpy.secret("s1", target="/run/secrets/s1", owner=(1, 2), mode=0o440),
        llbpy.secret("e1", env="MYENV", optional=True),
        llbpy.ssh(),
        llbpy.ssh("k2", target="/s.sock", optional=True),
        llbpy.device("vendor.com/gpu=0", optional=True),
    ]
    return alpine().run(["make"], mounts=mounts)


def copied_twice() -> State:
    second = files.copy(
        b(),
        "z",
        ".",
        mode="u+x",
        include=["i"],
        exclude=["e"],
        required_paths=["r"],
        follow_symlinks=True,
        contents_only=True,
        attempt_unpack=True,
        create_dest_path=True,
        allow_wildcard=True,
        allow_empty_wildcard=True,
        always_replace=True,
    )
    return alpine().file(files.copy(a(), "/x/", "/y/"), second)


def copied_onto_itself() -> State:
    state = alpine()
    return state.file(files.copy(state, "/x", "/y"))


def merged_with_itself() -> State:
    state = a()
    return llbpy.merge(state, state)


def what_a_run_changed() -> State:
    state = a()
    return llbpy.diff(state, state.run(["x"]))


EXPRESSIONS: dict[str, Callable[[], State]] = {
    "image": alpine,
    "image-platform": lambda: plain("alpine", platform="linux/arm64"),
    "image-armhf": lambda: plain("alpine", platform="linux/arm/v7"),
    "image-opts": lambda: plain(
        "busybox:1.36", resolve="pull", internal=True, layer_limit=3, checksum="sha256:" + "a" * 64
    ),
    "image-preferlocal": lambda: plain("busybox", resolve="local"),
    "image-osfeatures": lambda: plain(
        "busybox", platform=Platform("windows", "amd64", os_version="10.0.17763", os_features=["win32k"])
    ),
    "run-shlex": lambda: alpine().run(llbpy.words("sh -c 'echo a b'")),
    "run-env-dir-user": lambda: (
        alpine().env(B="1").env(A="2").env(B="3").dir("/w").dir("sub").user("u:g").hostname("h").run(["ls", "-l"])
    ),
    "run-extrahosts-ulimit-net": lambda: alpine().run(
        ["true"],
        extra_hosts=[("foo", "1.2.3.4"), ("bar", "::1")],
        ulimits=[llbpy.Ulimit("nofile", 10, 20)],
        network="host",
        security="insecure",
        cgroup_parent="cg",
        exit_codes=[0, 1, 300],
    ),
    "run-net-none-proxy": lambda: alpine().run(
        ["true"], network="none", proxy=llbpy.Proxy(http="h", https="s", ftp="f", no="n", all="a")
    ),
    "run-mounts-root": many_mounts,
    "run-mounts-out": lambda: many_mounts().output("/out"),
    "run-readonly-root": lambda: (
        alpine().run(["true"], readonly_root=True, mounts=[llbpy.output("/out")]).output("/out")
    ),
    "run-scratch": lambda: scratch().run(["/bin/x"]),
    "run-two": lambda: alpine().run(["a"]).run(["b"]),
    "run-meta": lambda: alpine().run(
        ["a"],
        ignore_cache=True,
        export_cache=True,
        name="nm",
        progress_group=llbpy.ProgressGroup("group"),
        resources=llbpy.Resources(memory=1),
    ),
    "run-withcaps": lambda: alpine().run(["a"]),
    "run-withcaps-none": lambda: alpine().run(["a"]),
    # Go has these filters for the whole marshal; ours are each vertex's own.
    "require": lambda: plain("alpine", worker_filters=["label.x==y", "z"]),
    "local": lambda: local("context"),
    "local-opts": lambda: local(
        "context",
        session="s",
        include=["a", "<b>"],
        exclude=["c&d"],
        follow=["f"],
        shared_key="hint",
        differ="none",
        differ_required=True,
        metadata_only=["x"],
    ),
    "http": lambda: llbpy.http(
        "https://e.com/x",
        checksum="sha256:" + "b" * 64,
        filename="f",
        mode=0o755,
        uid=1,
        gid=2,
        auth_header_secret="sec",
        accept="a/b",
        user_agent="ua",
    ),
    "http-plain": lambda: llbpy.http("https://e.com/x"),
    "git": lambda: llbpy.git("https://github.com/moby/buildkit.git", "v0.1", subdir="sub", keep_git_dir=True),
    "git-noscheme": lambda: llbpy.git("github.com/moby/buildkit.git", "main"),
    # Go's client drops the query and the fragment, which git() reads.
    "git-fragment-in-url": lambda: source(
        "git://github.com/moby/buildkit.git",
        {
            "git.authheadersecret": "GIT_AUTH_HEADER",
            "git.authtokensecret": "GIT_AUTH_TOKEN",
            "git.fullurl": "https://u:p@github.com/moby/buildkit.git",
        },
        caps=["source.git", "source.git.fullurl"],
    ),
    "git-ssh": lambda: llbpy.git(
        "git@github.com:moby/buildkit.git",
        known_hosts="k\nk2",
        ssh="id",
        auth_token_secret="t",
        checksum="abc",
        submodules=False,
        mtime="commit",
        fetch_by_commit=True,
    ),
    "ocilayout": lambda: llbpy.oci_layout("ex.com/x@sha256:" + "c" * 64, session="s", store="st", layer_limit=2),
    "imageblob": lambda: source(
        "docker-image+blob://docker.io/library/alpine@sha256:" + "d" * 64,
        {"http.filename": "x"},
        caps=["source.imageblob"],
    ),
    "mkdir": lambda: scratch().file(files.mkdir("/foo")),
    "mkdir-chain": lambda: (
        alpine()
        .dir("/d")
        .file(
            files.mkdir("foo", 0o700, parents=True),
            files.mkfile("foo/x", 0o644, "hi", owner="bob:0"),
            files.rm("y*", allow_wildcard=True, allow_not_found=True),
            files.symlink("a", "b"),
        )
    ),
    "mkfile-time": lambda: scratch().file(files.mkfile("/x", 0o600, b"", owner=(0, 1000), created_time=1.000000005)),
    "copy-two": copied_twice,
    "copy-mode": lambda: scratch().file(files.copy(a(), "/x", "/y", mode=0o640)),
    "copy-from-action": lambda: scratch().file(
        files.mkdir("/o"), files.copy(files.on(a(), files.mkdir("/inner")), "/inner", "/dst")
    ),
    "copy-self": copied_onto_itself,
    "merge": lambda: llbpy.merge(a(), scratch(), b()),
    "merge-dup": merged_with_itself,
    "diff": what_a_run_changed,
    "diff-upper-scratch": lambda: llbpy.diff(a(), scratch()),
    "requires": lambda: a().requires(b(), id="id"),
    "llbbuild": lambda: a().build("f"),
    "sourcemap": lambda: alpine().run(["a"]),
    "scratch": scratch,
    "shlex-bad": lambda: alpine().run(llbpy.words("a 'b", strict=False)),
    "shlex-comment": lambda: alpine().run(llbpy.words("echo a#b #c d")),
    # In Go a cache mount with an empty id is none; cache() refuses to be misunderstood, and this is what Go makes of it.
    "emptycacheid": lambda: alpine().run(["a"], mounts=[llbpy.output("/c")]),
    "dup-vertex": lambda: plain("x").file(files.copy(plain("y"), "/a", "/b"), files.copy(plain("y"), "/c", "/d")),
    "same-state-mounted-twice": lambda: alpine().run(
        ["a"], mounts=[llbpy.bind(a(), "/m1", writable=True), llbpy.bind(a(), "/m2", writable=True)]
    ),
}


def read() -> dict[str, dict[str, Any]]:
    with open(VECTORS, encoding="utf-8") as lines:
        return {vector["name"]: vector for vector in map(json.loads, lines)}


GO = read()
VALID = [name for name, vector in GO.items() if "error" not in vector]


def ours(name: str) -> Definition:
    return EXPRESSIONS[name]().marshal(platform="linux/amd64", unique_id="uniq", caps=CAPS.get(name))


def test_every_valid_vector_is_expressed_and_nothing_else() -> None:
    assert len(GO) == 50
    assert list(EXPRESSIONS) == VALID


@pytest.mark.parametrize("name", VALID)
def test_the_ops_of_a_vector_are_those_of_go(name: str) -> None:
    definition = ours(name)
    assert [op.hex() for op in definition.ops] == (GO[name]["ops"] or [])
    assert list(definition.digests) == (GO[name]["digests"] or [])


@pytest.mark.parametrize("name", VALID)
def test_the_capabilities_of_a_vector_are_those_of_go(name: str) -> None:
    definition = ours(name)
    needed = {str(number): sorted(definition.metadata[digest].caps) for number, digest in enumerate(definition.digests)}
    assert needed == GO[name]["caps"]


@pytest.mark.parametrize("name", VALID)
def test_the_descriptions_of_a_vector_are_those_of_go(name: str) -> None:
    definition = ours(name)
    described = {
        str(number): definition.metadata[digest].description for number, digest in enumerate(definition.digests)
    }
    assert {number: text for number, text in described.items() if text} == GO[name].get("description", {})


@pytest.mark.parametrize("name", VALID)
def test_every_vertex_points_into_this_file_and_the_terminal_nowhere(name: str) -> None:
    """Go's vectors have places only where one was given by hand; ours come from the lines above."""
    definition = ours(name)
    places = definition.source.locations
    assert [str(definition.digests.index(digest)) for digest in places] == list(GO[name]["locations"])
    for group in places.values():
        assert group
        assert {place.info.filename for place in group} == {__file__}


def test_the_image_that_go_refuses_is_refused() -> None:
    assert "must be lowercase" in GO["invalid-image"]["error"]
    with pytest.raises(llbpy.GraphError, match=r"image reference 'Bad Ref'.* must be lowercase"):
        image("Bad Ref")
