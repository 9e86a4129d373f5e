"""Mounts that cannot be: each refusal says what, and what would be right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llbpy import ExecState, State, bind, cache, device, output, scratch, secret, ssh, tmpfs
from llbpy.errors import GraphError, MountError, PathError
from tests.graph.decoding import marshal, plain

other = plain("other")
TOKEN = "ghp_" + "0123456789ab" * 3
wrong: Any = "node"
sharing: Any = "sharde"
path: Any = "/src"
number: Any = 5

REFUSED: dict[str, tuple[Callable[[], object], type[GraphError], str]] = {
    "relative bind": (
        lambda: bind(other, "m"),
        MountError,
        "bind() target 'm' is relative; a mount needs an absolute one: '/m'",
    ),
    "relative output": (
        lambda: output("m/n"),
        MountError,
        "output() target 'm/n' is relative; a mount needs an absolute one: '/m/n'",
    ),
    "relative cache": (
        lambda: cache("m"),
        MountError,
        "cache() target 'm' is relative; a mount needs an absolute one: '/m'",
    ),
    "relative tmpfs": (
        lambda: tmpfs("m"),
        MountError,
        "tmpfs() target 'm' is relative; a mount needs an absolute one: '/m'",
    ),
    "relative secret": (
        lambda: secret("s", target="m"),
        MountError,
        "secret() target 'm' is relative; a mount needs an absolute one: '/m'",
    ),
    "relative ssh": (
        lambda: ssh(target="m"),
        MountError,
        "ssh() target 'm' is relative; a mount needs an absolute one: '/m'",
    ),
    "empty target": (
        lambda: output(""),
        MountError,
        "output() target '' is relative; a mount needs an absolute one: '/'",
    ),
    "relative source": (
        lambda: bind(other.dir("/d")["p"], "/m"),
        PathError,
        "bind() source path 'p' is relative; mounts take it from the root: write it with a leading /",
    ),
    "relative seed": (
        lambda: cache("/m", source=other.dir("/d")["p"]),
        PathError,
        "cache() source path 'p' is relative; mounts take it from the root: write it with a leading /",
    ),
    "text as source": (
        lambda: bind(path, "/m"),
        PathError,
        "bind() source '/src' is a str; a path needs its filesystem: build.context()['/src'], or state['/src']",
    ),
    "a number as source": (
        lambda: bind(number, "/m"),
        PathError,
        "bind() source 5 is int; give a State, or a path in one: state['/path']",
    ),
    "empty id": (
        lambda: cache("/m", id=""),
        MountError,
        "cache('/m') has an empty id, which is no cache to BuildKit; leave it out to use the target",
    ),
    "unknown sharing": (
        lambda: cache("/m", sharing=sharing),
        MountError,
        "cache('/m') sharing='sharde'; it is one of shared, private, locked",
    ),
    "two seeds": (
        lambda: cache("/m", source=other, owner=(1, 2)),
        MountError,
        "cache('/m') takes a source, or owner and mode of a new folder, not both",
    ),
    "a source and a mode": (
        lambda: cache("/m", source=other, mode=0o700),
        MountError,
        "cache('/m') takes a source, or owner and mode of a new folder, not both",
    ),
    "no memory": (
        lambda: tmpfs("/m", size=0),
        MountError,
        "tmpfs('/m') size=0; give bytes above 0, or leave it out for no limit",
    ),
    "less than no memory": (
        lambda: tmpfs("/m", size=-1),
        MountError,
        "tmpfs('/m') size=-1; give bytes above 0, or leave it out for no limit",
    ),
    "nameless secret": (
        lambda: secret(""),
        MountError,
        "secret() needs an id: the name that --secret id=… gives it",
    ),
    "secret of a named owner": (
        lambda: secret("npm", owner=wrong),
        MountError,
        "secret 'npm' owner='node': names are not looked up for secrets; use numbers, e.g. (1000, 1000)",
    ),
    "socket of a named owner": (
        lambda: ssh(owner=wrong),
        MountError,
        "ssh 'default' owner='node': names are not looked up for ssh sockets; use numbers, e.g. (1000, 1000)",
    ),
    "a token as secret": (
        lambda: secret(TOKEN),
        GraphError,
        "secret()'s first argument is a secret's id, and this looks like a token (ghp_…, hidden); pass it with --secret id=NAME",
    ),
    "a token as socket": (
        lambda: ssh(TOKEN),
        GraphError,
        "ssh()'s first argument is a secret's id, and this looks like a token (ghp_…, hidden); pass it with --secret id=NAME",
    ),
}


@pytest.mark.parametrize(("make", "kind", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_mount_that_cannot_be_is_refused_where_it_is_made(
    make: Callable[[], object], kind: type[GraphError], problem: str
) -> None:
    with pytest.raises(GraphError) as caught:
        make()
    assert (type(caught.value), str(caught.value)) == (kind, problem)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("source", ["/src", 5])
def test_a_seed_that_is_no_place_in_a_filesystem_is_refused(source: Any) -> None:
    with pytest.raises(PathError, match=r"cache\(\) source .* is "):
        cache("/m", source=source)


@pytest.mark.parametrize("owner", [(1,), (1, 2, 3), ("1", "2"), 1000, (1, None)])
def test_an_owner_of_a_secret_is_two_numbers(owner: Any) -> None:
    with pytest.raises(MountError, match="names are not looked up for secrets"):
        secret("s", owner=owner)


CLASHES: dict[str, tuple[list[Any], str]] = {
    "twice": ([output("/m"), cache("/m")], "run 'make it': mounts '/m' over another mount; one mount a target"),
    "twice the same": (
        [output("/m"), output("/m")],
        "run 'make it': mounts '/m' over another mount; one mount a target",
    ),
    "in other words": (
        [output("/m"), tmpfs("/a/../m/")],
        "run 'make it': mounts '/a/../m/' over another mount; one mount a target",
    ),
    "over the root": ([output("/.")], "run 'make it': mounts '/.' over the root filesystem; one mount a target"),
    "a secret over a mount": (
        [output("/m"), secret("s", target="/m")],
        "run 'make it': mounts '/m' over another mount; one mount a target",
    ),
    "two secrets": (
        [secret("a", target="/m"), secret("b", target="/m")],
        "run 'make it': mounts '/m' over another mount; one mount a target",
    ),
    "two sockets": (
        [ssh(target="/m"), ssh("b", target="/m")],
        "run 'make it': mounts '/m' over another mount; one mount a target",
    ),
}


@pytest.mark.parametrize(("mounts", "problem"), CLASHES.values(), ids=CLASHES)
def test_two_mounts_on_one_target_are_refused(mounts: list[Any], problem: str) -> None:
    with pytest.raises(MountError) as caught:
        plain().run(["make", "it"], mounts=mounts)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    "mounts",
    [
        [secret("s"), secret("s")],
        [secret("s", target="/m"), secret("s", target="/n")],
        [secret("a", env="A"), secret("b", env="B")],
        [ssh("a"), ssh("b")],
        [device("a"), device("b"), secret("s", env="S"), ssh()],
        [output("/m"), output("/m/n"), output("/mm")],
    ],
)
def test_mounts_that_do_not_clash_stand_beside_each_other(mounts: list[Any]) -> None:
    assert marshal(plain().run(["make"], mounts=mounts)).head


def test_one_mount_instead_of_a_list_is_refused() -> None:
    one: Any = output("/m")
    with pytest.raises(MountError) as caught:
        plain().run(["make"], mounts=one)
    assert str(caught.value) == "run 'make': mounts= is one bind; give a list: mounts=[…]"


RUN: ExecState = plain().run(
    "make\ninstall",
    mounts=[
        output("/out"),
        bind(other, "/work", writable=True),
        bind(other, "/src"),
        bind(other, "/copy", writable=True, no_output=True),
        cache("/cache"),
        tmpfs("/tmp"),
        secret("s"),
        ssh(target="/sock"),
    ],
)
KEPT = "those that keep files: '/out', '/work'"
UNREADABLE = {
    "/cache": f"run 'make': the cache at '/cache' keeps nothing to read back; {KEPT}",
    "/tmp": f"run 'make': the tmpfs at '/tmp' keeps nothing to read back; {KEPT}",
    "/copy": f"run 'make': the bind at '/copy' keeps nothing to read back; {KEPT}",
    "/run/secrets/s": f"run 'make': the secret at '/run/secrets/s' is no folder of files; {KEPT}",
    "/sock": f"run 'make': the ssh socket at '/sock' is no folder of files; {KEPT}",
    "/nowhere": f"run 'make' has no mount at '/nowhere' ({KEPT}); add output('/nowhere') to mounts=",
    "/": f"run 'make' has no mount at '/' ({KEPT}); add output('/') to mounts=",
}


@pytest.mark.parametrize(("target", "problem"), UNREADABLE.items(), ids=UNREADABLE)
def test_what_cannot_be_read_back_is_refused_with_what_can(target: str, problem: str) -> None:
    with pytest.raises(MountError) as caught:
        RUN.output(target)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("mounts", "offer"),
    [([], "it has none"), ([cache("/c")], "none of its mounts keeps files"), ([secret("s")], "it has none")],
)
def test_a_command_that_keeps_nothing_says_so(mounts: list[Any], offer: str) -> None:
    with pytest.raises(MountError) as caught:
        plain().run(["make"], mounts=mounts).output("/out")
    assert str(caught.value) == f"run 'make' has no mount at '/out' ({offer}); add output('/out') to mounts="


def test_an_output_is_found_by_its_target_in_other_words() -> None:
    assert RUN.output("/out/.").vertex == RUN.output("/out").vertex
    assert RUN.output("//work").vertex == RUN.output("/work").vertex


def test_the_output_of_a_read_only_bind_is_what_was_mounted() -> None:
    assert RUN.output("/src").vertex == other.vertex
    assert plain().run(["make"], mounts=[bind(scratch(), "/e")]).output("/e").vertex is None


def test_a_device_is_no_mount_to_read_back() -> None:
    gpu = device("v.com/c=n")
    with pytest.raises(MountError, match="has no mount at ''"):
        plain().run(["make"], mounts=[gpu]).output(gpu)


@pytest.mark.parametrize("target", ["C:\\out", "c:/out"])
def test_a_target_of_windows_is_absolute(target: str) -> None:
    run = plain().platform("windows/amd64").run("dir", mounts=[output(target)])
    assert isinstance(run.output(target), State)


def test_secrets_are_in_no_op_but_by_id() -> None:
    run = plain().run(["make"], mounts=[secret("my-id", env="A", target="/a"), secret("other-id")])
    data = b"".join(marshal(run).ops)
    assert data.count(b"my-id") == 2
    assert data.count(b"/run/secrets/other-id") == 1


@pytest.mark.parametrize("id", ["npm_token", "hf_token", "sk-openai", "token", "GIT_AUTH_TOKEN", "aws", "Basic auth"])
def test_an_id_that_only_sounds_like_a_token_is_taken(id: str) -> None:
    assert secret(id).id == id


@pytest.mark.parametrize("make", [cache, tmpfs, output])
def test_a_target_that_is_no_text_is_refused(make: Callable[[Any], object]) -> None:
    with pytest.raises(MountError, match=r"target \['/m'\] is list; give a str$"):
        make(["/m"])
