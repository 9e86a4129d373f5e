"""The other file verbs, and BuildKit's own actions."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import GraphError, files, scratch
from tests.dsl.decoded import BASE, FOLDER, actions, inputs, only, op, titles, vertex

HOME = BASE.dir("/home")


def test_mkdir_makes_ancestors() -> None:
    assert actions(BASE.mkdir("/a/b")) == [
        ("mkdir", {"path": "/a/b", "mode": 0o755, "makeParents": True, "timestamp": -1})
    ]


def test_mkdir_may_leave_ancestors_and_say_mode_owner_and_time() -> None:
    found = only(HOME.mkdir("a", mode=0o700, parents=False, owner="app:1", created=7), "mkdir")
    owner = {"user": {"byName": {"name": "app"}}, "group": {"byID": 1}}
    assert found == {"path": "/home/a", "mode": 0o700, "owner": owner, "timestamp": 7_000_000_000}


def test_write_makes_ancestors_and_a_file() -> None:
    assert actions(BASE.write("/etc/app/conf", "x = ü\n")) == [
        ("mkdir", {"path": "/etc/app", "mode": 0o755, "makeParents": True, "timestamp": -1}),
        ("mkfile", {"path": "/etc/app/conf", "mode": 0o644, "data": "x = ü\n".encode(), "timestamp": -1}),
    ]


def test_a_file_at_the_root_has_no_ancestors_to_make() -> None:
    assert [verb for verb, _ in actions(BASE.write("/f", b"\0"))] == ["mkfile"]


@pytest.mark.parametrize(
    ("path", "folder", "file"), [("f", "/home", "/home/f"), ("a/f", "/home/a", "/home/a/f"), ("../f", "/", "/f")]
)
def test_write_joins_a_relative_path_with_the_dir(path: str, folder: str, file: str) -> None:
    state = HOME.write(path, "")
    assert (only(state, "mkdir")["path"], only(state, "mkfile")["path"]) == (folder, file)


def test_write_says_mode_owner_and_time_of_the_file_alone() -> None:
    state = BASE.write("/a/f", "", mode=0o600, owner=(1, 2), created=1)
    found = only(state, "mkfile")
    assert (found["mode"], found["timestamp"]) == (0o600, 1_000_000_000)
    assert found["owner"] == {"user": {"byID": 1}, "group": {"byID": 2}}
    assert "owner" not in only(state, "mkdir")


@pytest.mark.parametrize("data", [b"bytes", bytearray(b"bytes"), memoryview(b"bytes")])
def test_write_takes_any_bytes(data: Any) -> None:
    assert only(BASE.write("/f", data), "mkfile")["data"] == b"bytes"


def test_symlink_makes_ancestors_and_keeps_its_target_as_written() -> None:
    assert actions(BASE.symlink("../lib/x", "/usr/bin/x", owner="app", created=1)) == [
        ("mkdir", {"path": "/usr/bin", "mode": 0o755, "makeParents": True, "timestamp": -1}),
        (
            "symlink",
            {
                "oldpath": "../lib/x",
                "newpath": "/usr/bin/x",
                "owner": {"user": {"byName": {"name": "app"}}},
                "timestamp": 1_000_000_000,
            },
        ),
    ]


def test_symlink_joins_a_relative_path_with_the_dir() -> None:
    state = HOME.symlink("/x", "bin/x")
    assert (only(state, "mkdir")["path"], only(state, "symlink")["newpath"]) == ("/home/bin", "/home/bin/x")


def test_remove_fails_on_what_is_missing_unless_told_otherwise() -> None:
    assert actions(HOME.remove("a")) == [("rm", {"path": "/home/a"})]
    found = only(BASE.remove("/tmp/*", missing_ok=True, wildcard=True), "rm")
    assert found == {"path": "/tmp/*", "allowNotFound": True, "allowWildcard": True}


@pytest.mark.parametrize("verb", ["mkdir", "write"])
def test_a_decimal_mode_is_refused(verb: str) -> None:
    given = ("/a",) if verb == "mkdir" else ("/a", "")
    with pytest.raises(GraphError, match=r"mode=600 is decimal \(0o1130\); did you mean 0o600"):
        getattr(BASE, verb)(*given, mode=600)


def test_a_bit_that_mkdir_would_drop_is_refused() -> None:
    with pytest.raises(GraphError, match="mode"):
        BASE.mkdir("/tmp", mode=0o1777)


# Several actions in one vertex


def test_file_puts_actions_in_one_vertex_each_on_what_the_one_before_left() -> None:
    state = BASE.file(files.mkdir("/a"), files.mkfile("/a/f", 0o644, "x"), files.rm("/b"))
    found = op(state)["file"]["actions"]
    assert [action.get("input", 0) for action in found] == [0, 1, 2]
    assert [action.get("output", 0) for action in found] == [-1, -1, 0]
    assert len(titles(state)) == 2


def test_file_needs_an_action() -> None:
    with pytest.raises(GraphError, match=r"at least one action of llbpy.files, such as files.mkdir\('/out'\)"):
        BASE.file()


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (files.mkdir("/a"), ("mkdir", {"path": "/a", "mode": 0o755, "timestamp": -1})),
        (files.mkfile("/f", 0o600, b"x"), ("mkfile", {"path": "/f", "mode": 0o600, "data": b"x", "timestamp": -1})),
        (files.symlink("t", "p"), ("symlink", {"oldpath": "t", "newpath": "p", "timestamp": -1})),
        (files.rm("/r"), ("rm", {"path": "/r"})),
        (files.copy(FOLDER, "/a", "/b"), ("copy", {"src": "/a", "dest": "/b", "mode": -1, "timestamp": -1})),
    ],
)
def test_an_action_has_everything_off_unless_it_is_asked_for(action: Any, expected: Any) -> None:
    assert actions(BASE.file(action)) == [expected]


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ({"mode": 755}, {"mode": 755}),
        ({"mode": "go-w"}, {"modeStr": "go-w"}),
        ({"owner": "app"}, {"owner": {"user": {"byName": {"name": "app"}}}}),
        ({"created_time": 1}, {"timestamp": 1_000_000_000}),
        ({"follow_symlinks": True}, {"followSymlink": True}),
        ({"contents_only": True}, {"dirCopyContents": True}),
        ({"include": ["a"]}, {"include_patterns": ["a"]}),
        ({"exclude": ["a"]}, {"exclude_patterns": ["a"]}),
        ({"required_paths": ["a"]}, {"required_paths": ["a"]}),
        ({"attempt_unpack": True}, {"attemptUnpackDockerCompatibility": True}),
        ({"create_dest_path": True}, {"createDestPath": True}),
        ({"allow_wildcard": True}, {"allowWildcard": True}),
        ({"allow_empty_wildcard": True}, {"allowEmptyWildcard": True}),
        ({"always_replace": True}, {"alwaysReplaceExistingDestPaths": True}),
    ],
)
def test_each_option_of_a_copy_is_one_field(option: Any, expected: Any) -> None:
    plain = {"src": "/a", "dest": "/b", "mode": -1, "timestamp": -1}
    found = dict(only(BASE.file(files.copy(FOLDER, "/a", "/b", **option)), "copy"))
    if "mode" in option:
        plain.pop("mode")
    assert found == {**plain, **expected}


def test_the_other_actions_have_owner_and_time_too() -> None:
    given: dict[str, Any] = {"owner": (1, 1), "created_time": 2}
    made = [
        files.mkdir("/a", parents=True, **given),
        files.mkfile("/f", 0o644, "", **given),
        files.symlink("t", "/p", **given),
    ]
    for _, fields in actions(BASE.file(*made)):
        assert (fields["owner"]["user"], fields["timestamp"]) == ({"byID": 1}, 2_000_000_000)


def test_rm_has_its_options() -> None:
    action = files.rm("/r*", allow_not_found=True, allow_wildcard=True)
    assert only(BASE.file(action), "rm") == {"path": "/r*", "allowNotFound": True, "allowWildcard": True}


def test_actions_take_modes_as_they_are() -> None:
    assert only(BASE.file(files.mkdir("/a", 755)), "mkdir")["mode"] == 755 & 0o777


def test_a_copy_may_come_from_actions_inside_the_same_vertex() -> None:
    chain = files.on(FOLDER, files.mkfile("/version", 0o644, "1"))
    state = BASE.file(files.copy(chain, "/", "/src"))
    assert [verb for verb, _ in actions(state)] == ["mkfile", "copy"]
    assert inputs(state) == ["docker-image://docker.io/library/alpine:latest", "local://context"]
    assert vertex(state).kind == "file"


def test_a_chain_takes_relative_paths_from_its_own_state() -> None:
    chain = files.on(scratch().dir("/chain"), files.mkfile("f", 0o644, "1"))
    state = HOME.file(files.copy(chain, "f", "g"))
    assert only(state, "mkfile")["path"] == "/chain/f"
    copied = only(state, "copy")
    assert (copied["src"], copied["dest"]) == ("/chain/f", "/home/g")


def test_a_chain_needs_an_action() -> None:
    with pytest.raises(GraphError, match=r"to copy from a state as it is, give files\.copy"):
        files.on(FOLDER)


def test_an_unknown_option_of_a_copy_is_refused_with_a_near_miss() -> None:
    with pytest.raises(GraphError, match=r"copy\(\) has no option 'inculde'; did you mean 'include'"):
        files.copy(FOLDER, "/a", "/b", inculde=["x"])  # type: ignore[call-arg]
