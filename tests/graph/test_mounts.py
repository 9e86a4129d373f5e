"""Mounts on the wire: what each kind is, in which order they stand, and which outputs they have."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import bind, cache, device, output, scratch, secret, ssh, tmpfs
from llbpy.graph.mounts import Mount
from tests.graph.decoding import Fields, caps_of, exec_of, marshal, meta_of, op, ops, plain

NONE = -1


def mounts_of(*mounts: Mount, readonly_root: bool = False) -> list[Fields]:
    """The wire form of the mounts of a command, the root first."""
    state = plain().run(["make"], mounts=mounts, readonly_root=readonly_root, ignore_cache=True)
    run = state if not readonly_root else state.output(mounts[0])
    found: list[Fields] = exec_of(run)["mounts"]
    return found


def mounted(mount: Mount) -> Fields:
    """The wire form of one mount."""
    _, found = mounts_of(mount)
    return found


other = plain("other")
WIRE: list[tuple[str, Mount, Fields]] = [
    ("bind", bind(other, "/m"), {"input": 1, "dest": "/m", "output": NONE, "readonly": True}),
    ("bind, writable", bind(other, "/m", writable=True), {"input": 1, "dest": "/m", "output": 1}),
    (
        "bind, thrown away",
        bind(other, "/m", writable=True, no_output=True),
        {"input": 1, "dest": "/m", "output": NONE},
    ),
    (
        "bind of a path",
        bind(other["/p"], "/m"),
        {"input": 1, "selector": "/p", "dest": "/m", "output": NONE, "readonly": True},
    ),
    (
        "bind of a relative path",
        bind(other["p/./q"], "/m"),
        {"input": 1, "selector": "p/./q", "dest": "/m", "output": NONE, "readonly": True},
    ),
    ("bind of the root", bind(plain(), "/m"), {"dest": "/m", "output": NONE, "readonly": True}),
    ("bind of scratch", bind(scratch(), "/m"), {"input": NONE, "dest": "/m", "output": NONE, "readonly": True}),
    (
        "bind by content",
        bind(other, "/m", content_cache=True),
        {"input": 1, "dest": "/m", "output": NONE, "readonly": True, "contentCache": 1},
    ),
    (
        "bind not by content",
        bind(other, "/m", writable=True, content_cache=False),
        {"input": 1, "dest": "/m", "output": 1, "contentCache": 2},
    ),
    ("output", output("/m/./x/"), {"input": NONE, "dest": "/m/./x/", "output": 1}),
    ("cache", cache("/m"), {"input": NONE, "dest": "/m", "output": NONE, "mountType": 3, "cacheOpt": {"ID": "/m"}}),
    (
        "cache, private",
        cache("/m", id="i", sharing="private"),
        {"input": NONE, "dest": "/m", "output": NONE, "mountType": 3, "cacheOpt": {"ID": "i", "sharing": 1}},
    ),
    (
        "cache, locked and read-only",
        cache("/m", id="i", sharing="locked", writable=False),
        {
            "input": NONE,
            "dest": "/m",
            "output": NONE,
            "readonly": True,
            "mountType": 3,
            "cacheOpt": {"ID": "i", "sharing": 2},
        },
    ),
    (
        "cache, seeded",
        cache("/m", source=other["/p"]),
        {
            "input": 1,
            "selector": "/p",
            "dest": "/m",
            "output": NONE,
            "mountType": 3,
            "cacheOpt": {"ID": "/m"},
        },
    ),
    (
        "cache, owned",
        cache("/m", owner=(1, 2)),
        {
            "input": 1,
            "selector": "/cache",
            "dest": "/m",
            "output": NONE,
            "mountType": 3,
            "cacheOpt": {"ID": "/m"},
        },
    ),
    ("tmpfs", tmpfs("/m"), {"input": NONE, "dest": "/m", "output": NONE, "mountType": 4, "TmpfsOpt": {}}),
    (
        "tmpfs, limited",
        tmpfs("/m", size=1),
        {"input": NONE, "dest": "/m", "output": NONE, "mountType": 4, "TmpfsOpt": {"size": 1}},
    ),
    (
        "secret",
        secret("s"),
        {"input": NONE, "dest": "/run/secrets/s", "mountType": 1, "secretOpt": {"ID": "s", "mode": 0o400}},
    ),
    (
        "secret, placed",
        secret("s", target="/s", owner=(1, 2), mode=0o440, optional=True),
        {
            "input": NONE,
            "dest": "/s",
            "mountType": 1,
            "secretOpt": {"ID": "s", "uid": 1, "gid": 2, "mode": 0o440, "optional": True},
        },
    ),
    (
        "ssh",
        ssh(),
        {
            "input": NONE,
            "dest": "/run/buildkit/ssh_agent.0",
            "mountType": 2,
            "SSHOpt": {"ID": "default", "mode": 0o600},
        },
    ),
    (
        "ssh, placed",
        ssh("", target="/s", owner=(1, 2), mode=0, optional=True),
        {"input": NONE, "dest": "/s", "mountType": 2, "SSHOpt": {"uid": 1, "gid": 2, "optional": True}},
    ),
]


@pytest.mark.parametrize(("mount", "expected"), [row[1:] for row in WIRE], ids=[row[0] for row in WIRE])
def test_each_kind_of_mount_has_its_wire_form(mount: Mount, expected: Fields) -> None:
    assert mounted(mount) == expected


CAPS: list[tuple[Mount, set[str]]] = [
    (bind(other, "/m"), {"exec.mount.bind"}),
    (bind(other["/p"], "/m"), {"exec.mount.bind", "exec.mount.selector"}),
    (bind(other, "/m", content_cache=True), {"exec.mount.bind", "exec.mount.cache.content"}),
    (output("/m"), set()),
    (cache("/m"), {"exec.mount.cache", "exec.mount.cache.sharing"}),
    (cache("/m", source=other["/p"]), {"exec.mount.cache", "exec.mount.cache.sharing", "exec.mount.selector"}),
    (tmpfs("/m"), {"exec.mount.tmpfs"}),
    (tmpfs("/m", size=1), {"exec.mount.tmpfs", "exec.mount.tmpfs.size"}),
    (secret("s"), {"exec.mount.secret"}),
    (secret("s", env="S"), {"exec.mount.secret", "exec.secretenv"}),
    (ssh(), {"exec.mount.ssh"}),
    (device("v.com/c=n"), {"exec.meta.cdi"}),
]


@pytest.mark.parametrize(("mount", "expected"), CAPS)
def test_each_kind_of_mount_needs_its_capabilities(mount: Mount, expected: set[str]) -> None:
    assert caps_of(scratch().run(["make"], mounts=[mount])) == {"exec.meta.base", *expected}


def test_mounts_of_files_stand_by_target_and_the_others_as_given() -> None:
    mounts = [ssh("b"), secret("z"), output("/b"), secret("a"), output("/B"), ssh("a", target="/a"), output("/b/a")]
    assert [mount["dest"] for mount in mounts_of(*mounts)] == [
        "/",
        "/B",
        "/b",
        "/b/a",
        "/run/secrets/z",
        "/run/secrets/a",
        "/run/buildkit/ssh_agent.0",
        "/a",
    ]


def test_outputs_are_numbered_over_the_mounts_that_keep_something() -> None:
    mounts = [output("/d"), cache("/b"), output("/a"), tmpfs("/c"), bind(other, "/e"), bind(other, "/f", writable=True)]
    numbers = {mount["dest"]: mount.get("output", 0) for mount in mounts_of(*mounts)}
    assert numbers == {"/": 0, "/a": 1, "/b": NONE, "/c": NONE, "/d": 2, "/e": NONE, "/f": 3}


def test_a_read_only_root_has_no_output_and_the_first_mount_takes_its_number() -> None:
    root, first = mounts_of(output("/out"), readonly_root=True)
    assert root == {"dest": "/", "output": NONE, "readonly": True}
    assert first == {"input": NONE, "dest": "/out"}


def test_an_output_is_the_number_of_its_mount() -> None:
    run = plain().run(["make"], mounts=[output("/b"), output("/a"), cache("/aa")])
    assert [ops(run.output(target))[-1]["inputs"][0].get("index", 0) for target in ("/a", "/b")] == [1, 2]


def test_equal_sources_are_one_input() -> None:
    mounts = [bind(plain("other"), "/a"), bind(plain("other")["/p"], "/b"), bind(plain(), "/c")]
    state = plain().run(["make"], mounts=mounts)
    assert len(op(state)["inputs"]) == 2
    assert [mount.get("input", 0) for mount in exec_of(state)["mounts"]] == [0, 1, 1, 0]


def test_two_outputs_of_a_command_are_two_inputs() -> None:
    run = plain().run(["make"], mounts=[output("/a"), output("/b")])
    state = plain().run(["test"], mounts=[bind(run.output("/a"), "/a"), bind(run.output("/b"), "/b")])
    assert [edge.get("index", 0) for edge in op(state)["inputs"]] == [0, 1, 2]


def test_a_cache_that_is_owned_is_seeded_from_a_folder_of_that_owner() -> None:
    state = plain().run(["make"], mounts=[cache("/m", owner=(1, 2)), cache("/n", mode=0o700)])
    folders = [fields["file"]["actions"][0]["mkdir"] for fields in ops(state) if "file" in fields]
    assert [(folder["path"], folder["mode"], folder.get("owner")) for folder in folders] == [
        ("/cache", 0o755, {"user": {"byID": 1}, "group": {"byID": 2}}),
        ("/cache", 0o700, None),
    ]


# Variables and devices


def test_a_secret_in_a_variable_is_no_mount() -> None:
    fields = exec_of(plain().run(["make"], mounts=[secret("s", env="TOKEN", optional=True)]))
    assert fields["secretenv"] == [{"ID": "s", "name": "TOKEN", "optional": True}]
    assert len(fields["mounts"]) == 1


def test_a_secret_may_be_a_variable_and_a_file() -> None:
    fields = exec_of(plain().run(["make"], mounts=[secret("s", env="TOKEN", target="/s")]))
    assert [mount["dest"] for mount in fields["mounts"]] == ["/", "/s"]
    assert fields["secretenv"] == [{"ID": "s", "name": "TOKEN"}]


def test_devices_stand_after_the_secrets_as_given() -> None:
    mounts = [device("v.com/c=2", optional=True), secret("s", env="S"), device("v.com/c=1")]
    fields = exec_of(plain().run(["make"], mounts=mounts))
    assert fields["cdiDevices"] == [{"name": "v.com/c=2", "optional": True}, {"name": "v.com/c=1"}]


SOCKETS: list[tuple[list[Mount], list[str], list[str]]] = [
    ([ssh()], [], ["SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0"]),
    ([ssh(target="/s"), ssh("b")], [], ["SSH_AUTH_SOCK=/s"]),
    ([secret("s"), ssh("a"), ssh("b")], ["A"], ["A=1", "SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0"]),
    ([ssh()], ["SSH_AUTH_SOCK", "A"], ["SSH_AUTH_SOCK=1", "A=1"]),
    ([secret("s")], [], []),
]


@pytest.mark.parametrize(("mounts", "names", "expected"), SOCKETS)
def test_the_first_socket_is_where_the_variable_points_unless_it_is_set(
    mounts: list[Mount], names: list[str], expected: list[str]
) -> None:
    assert meta_of(plain().env(dict.fromkeys(names, "1")).run(["make"], mounts=mounts)).get("env", []) == expected


def test_a_socket_without_a_target_is_placed_by_its_number() -> None:
    placed = [mount["dest"] for mount in mounts_of(ssh("a"), ssh("b", target="/s"), ssh("c"))[1:]]
    assert placed == ["/run/buildkit/ssh_agent.0", "/s", "/run/buildkit/ssh_agent.2"]


def test_a_command_on_scratch_has_a_root_to_write_to() -> None:
    assert exec_of(scratch().run(["make"]))["mounts"] == [{"input": NONE, "dest": "/"}]


# Values


@pytest.mark.parametrize(
    "make", [lambda: output("/o"), lambda: cache("/c"), lambda: cache("/c", id="i"), lambda: tmpfs("/t", size=2)]
)
def test_mounts_that_say_the_same_marshal_the_same_wherever_they_are_used(make: Any) -> None:
    one = plain("a").run(["make"], mounts=[make(), output("/b")])
    two = plain("b").run(["make"], mounts=[output("/0"), make()])
    assert marshal(one).ops == marshal(plain("a").run(["make"], mounts=[make(), output("/b")])).ops
    assert marshal(two).ops == marshal(plain("b").run(["make"], mounts=[output("/0"), make()])).ops


def test_a_program_may_make_up_targets_without_end() -> None:
    mounts = [output(f"/made-up/{number}") for number in range(2500)]
    assert mounts[0].target == "/made-up/0"
    assert output("/made-up/0").target == "/made-up/0"
    assert len({id(output("/made-up/again")) for _ in range(3)}) == 1
