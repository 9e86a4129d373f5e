"""Values that cannot be meant: refused with GraphError, at the call or at the line of the vertex."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import llbpy
from llbpy import ProgressGroup, Resources, State, cache, files, scratch, secret, source, tmpfs
from llbpy.errors import GraphError
from tests.graph.decoding import marshal, plain

text: Any = "text"
number: Any = 5
decimal = 400


def whole(state: State) -> bytes:
    return marshal(state).to_bytes()


REFUSED: dict[str, Callable[[], object]] = {
    "a filter": lambda: whole(plain(worker_filters=[number])),
    "an owner": lambda: whole(scratch().mkdir("/a", owner=number)),
    "an owner of text": lambda: whole(scratch().mkdir("/a", owner=(text, text))),
    "a proxy": lambda: whole(plain().run(["a"], proxy=text)),
    "an attribute": lambda: whole(source("a://b", {"a": number})),
    "a path": lambda: whole(scratch().file(files.rm(number))),
    "a name": lambda: plain(name=number),
    "a word": lambda: plain().run([number]),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_a_value_of_the_wrong_type_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(GraphError):
        make()


IN_METADATA: dict[str, Callable[[], object]] = {
    "a description's value": lambda: whole(plain(description={"a": number})),
    "a description": lambda: whole(plain(description=text)),
    "a group": lambda: whole(plain(progress_group=text)),
    "a limit": lambda: whole(plain().run(["a"], resources=Resources(memory=text))),
    "a group's name": lambda: whole(plain(progress_group=ProgressGroup(number))),
    "a name without Unicode": lambda: whole(plain(name="\udcff")),
}


@pytest.mark.parametrize("make", IN_METADATA.values(), ids=IN_METADATA)
def test_a_wrong_value_in_the_metadata_is_refused_too(make: Callable[[], object]) -> None:
    with pytest.raises(GraphError):
        make()


IN_MOUNTS: dict[str, Callable[[], object]] = {
    "a decimal mode of a secret": lambda: secret("s", mode=decimal),
    "a decimal mode of a socket": lambda: llbpy.ssh(mode=decimal),
    "a decimal mode of a cache": lambda: cache("/c", mode=755),
    "a name that owns a cache": lambda: whole(plain().run(["a"], mounts=[cache("/c", owner="bob")])),
    "a variable without a name": lambda: secret("s", env=""),
    "a variable with =": lambda: secret("s", env="A=B"),
}


@pytest.mark.parametrize("make", IN_MOUNTS.values(), ids=IN_MOUNTS)
def test_a_mount_refuses_what_a_state_refuses(make: Callable[[], object]) -> None:
    with pytest.raises(GraphError):
        make()


TOO_LARGE: dict[str, Callable[[], object]] = {
    "bytes": lambda: whole(plain().run(["a"], mounts=[tmpfs("/t", size=1 << 64)])),
    "a limit": lambda: whole(plain().ulimit("nofile", 1 << 64, 1 << 64).run(["a"])),
    "an exit code": lambda: whole(plain().run(["a"], exit_codes=[1 << 32])),
}


@pytest.mark.parametrize("make", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_number_that_its_field_cannot_hold_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(GraphError):
        make()


none: Any = None
AT_THE_CALL: dict[str, tuple[Callable[[], object], str]] = {
    "no mount": (lambda: plain().run(["a"], mounts=[none]), "mounts= has None, which is no mount"),
    "a date as text": (lambda: scratch().mkdir("/a", created=text), "created='text' is no instant"),
    "no number at all": (lambda: scratch().mkdir("/a", created=float("nan")), "created=nan is no instant"),
    "three owners": (
        lambda: whole(scratch().mkdir("/a", owner=(*(1, 2), number))),
        r"owner=\(1, 2, 5\) is no \(uid, gid\)",
    ),
    "no action": (lambda: scratch().file(text), "file[(][)] was given 'text', which is no action"),
    "no platform": (lambda: plain(platform=number), "platform 5 is int"),
    "no target": (lambda: llbpy.output(number), "output[(][)] target 5 is int; give a str"),
    "no definition": (lambda: llbpy.definition(text), "definition[(][)] was given str"),
    "no identifier": (lambda: source(number, {}), "source[(][)] 5 is int"),
    "caps that are one": (lambda: source("a://b", {}, caps="abc"), "source[(][)] caps='abc' is a str; give a list"),
}


@pytest.mark.parametrize(("make", "message"), AT_THE_CALL.values(), ids=AT_THE_CALL)
def test_what_is_of_no_use_is_refused_with_what_would_be(make: Callable[[], object], message: str) -> None:
    with pytest.raises(GraphError, match=message):
        make()


def test_mounts_may_come_from_a_generator() -> None:
    mounts: Any = (cache(f"/{name}") for name in "ab")
    listed = plain().run(["a"], mounts=[cache("/a"), cache("/b")])
    assert marshal(plain().run(["a"], mounts=mounts)).ops == marshal(listed).ops
