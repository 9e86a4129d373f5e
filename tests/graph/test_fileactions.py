"""File actions on the wire: payloads, paths, owners, times, and how actions refer to each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from llbpy import State, files, scratch
from llbpy.errors import GraphError
from llbpy.graph.fileactions import FileAction, named
from tests.graph.decoding import Fields, marshal, op, plain

NONE = -1
NO_TIME = {"timestamp": -1}
a, b = plain("a"), plain("b")


def actions(state: State) -> list[Fields]:
    found: list[Fields] = op(state)["file"]["actions"]
    return found


def action(given: FileAction, base: State | None = None) -> Fields:
    """The one action of a vertex, without what it acts on."""
    [found] = actions((scratch() if base is None else base).file(given))
    return {key: value for key, value in found.items() if key not in ("input", "secondaryInput")}


PAYLOADS: list[tuple[str, FileAction, Fields]] = [
    ("mkdir", files.mkdir("/a"), {"mkdir": {"path": "/a", "mode": 0o755, **NO_TIME}}),
    (
        "mkdir, all",
        files.mkdir("/a", 0o1700, parents=True, owner=(1, 2), created_time=3),
        {
            "mkdir": {
                "path": "/a",
                "mode": 0o700,
                "makeParents": True,
                "owner": {"user": {"byID": 1}, "group": {"byID": 2}},
                "timestamp": 3_000_000_000,
            }
        },
    ),
    (
        "mkfile",
        files.mkfile("/a", 0o644, "é"),
        {"mkfile": {"path": "/a", "mode": 0o644, "data": "é".encode(), **NO_TIME}},
    ),
    ("mkfile, empty", files.mkfile("/a", 0o4000, b""), {"mkfile": {"path": "/a", **NO_TIME}}),
    (
        "mkfile, all",
        files.mkfile("/a", 0o600, b"\xff", owner="1", created_time=0),
        {"mkfile": {"path": "/a", "mode": 0o600, "data": b"\xff", "owner": {"user": {"byID": 1}}}},
    ),
    ("symlink", files.symlink("../x", "a//b"), {"symlink": {"oldpath": "../x", "newpath": "a//b", **NO_TIME}}),
    (
        "symlink, all",
        files.symlink("x", "/a", owner=(0, 0), created_time=1),
        {
            "symlink": {
                "oldpath": "x",
                "newpath": "/a",
                "owner": {"user": {"byID": 0}, "group": {"byID": 0}},
                "timestamp": 1_000_000_000,
            }
        },
    ),
    ("rm", files.rm("/a"), {"rm": {"path": "/a"}}),
    (
        "rm, all",
        files.rm("/a*", allow_not_found=True, allow_wildcard=True),
        {"rm": {"path": "/a*", "allowNotFound": True, "allowWildcard": True}},
    ),
    ("copy", files.copy(a, "/x", "/y"), {"copy": {"src": "/x", "dest": "/y", "mode": NONE, **NO_TIME}}),
    (
        "copy, with bits",
        files.copy(a, "/x", "/y", mode=0o4755),
        {"copy": {"src": "/x", "dest": "/y", "mode": 0o4755, **NO_TIME}},
    ),
    (
        "copy, without permissions",
        files.copy(a, "/x", "/y", mode=0),
        {"copy": {"src": "/x", "dest": "/y", **NO_TIME}},
    ),
    (
        "copy, with words",
        files.copy(a, "/x", "/y", mode="u+x"),
        {"copy": {"src": "/x", "dest": "/y", "modeStr": "u+x", **NO_TIME}},
    ),
]


@pytest.mark.parametrize(("given", "expected"), [row[1:] for row in PAYLOADS], ids=[row[0] for row in PAYLOADS])
def test_each_action_has_its_payload(given: FileAction, expected: Fields) -> None:
    assert action(given) == expected


OPTIONS: dict[str, tuple[Any, str]] = {
    "follow_symlinks": (True, "followSymlink"),
    "contents_only": (True, "dirCopyContents"),
    "attempt_unpack": (True, "attemptUnpackDockerCompatibility"),
    "create_dest_path": (True, "createDestPath"),
    "allow_wildcard": (True, "allowWildcard"),
    "allow_empty_wildcard": (True, "allowEmptyWildcard"),
    "always_replace": (True, "alwaysReplaceExistingDestPaths"),
    "include": (["*.py", ""], "include_patterns"),
    "exclude": (["x"], "exclude_patterns"),
    "required_paths": (["r"], "required_paths"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_of_a_copy_is_one_field(name: str) -> None:
    value, field = OPTIONS[name]
    given: Any = {name: value}
    bare = {"src": "/x", "dest": "/y", "mode": NONE, **NO_TIME}
    assert action(files.copy(a, "/x", "/y", **given))["copy"] == bare | {field: value}


def test_a_copy_refuses_an_option_it_does_not_have() -> None:
    given: Any = {"follow_symlink": True, "zzz": 1}
    with pytest.raises(GraphError) as caught:
        files.copy(a, "/x", "/y", **given)
    assert str(caught.value) == "copy() has no option 'follow_symlink'; did you mean 'follow_symlinks'?, 'zzz'"


def test_a_copy_does_not_blame_a_known_option_for_a_value_that_is_wrong() -> None:
    given: Any = {"include": 5}
    with pytest.raises(TypeError, match="int"):
        files.copy(a, "/x", "/y", **given)


PATHS = [
    ("x", "/w/x"),
    ("/x", "/x"),
    ("./x/../y", "/w/y"),
    ("..", "/"),
    ("../../x", "/x"),
    (".", "/w"),
    ("", "/w"),
    ("/x//y/./z/", "/x/y/z"),
]


@pytest.mark.parametrize(("written", "meant"), PATHS)
def test_a_relative_path_is_below_the_dir_of_its_state(written: str, meant: str) -> None:
    base = plain().dir("/w")
    assert action(files.mkdir(written), base)["mkdir"]["path"] == meant
    assert action(files.mkfile(written, 0, ""), base)["mkfile"]["path"] == meant
    assert action(files.rm(written), base)["rm"]["path"] == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [*PATHS[:-1], ("x/", "/w/x/"), ("/x/", "/x/"), ("x/.", "/w/x/."), ("/", "/"), ("/.", "/."), ("./", "/w/")],
)
def test_a_destination_keeps_the_ending_that_means_into_this_folder(written: str, meant: str) -> None:
    assert action(files.copy(a, "/x", written), plain().dir("/w"))["copy"]["dest"] == meant


@pytest.mark.parametrize(
    ("written", "meant"), [("x", "/s/x"), ("/x/", "/x"), (".", "/s"), ("../..", "/"), ("x/.", "/s/x")]
)
def test_a_source_is_below_the_dir_of_the_state_it_is_from(written: str, meant: str) -> None:
    assert action(files.copy(a.dir("/s"), written, "/y"), plain().dir("/w"))["copy"]["src"] == meant


OWNERS: list[tuple[Any, Any]] = [
    ((1, 2), {"user": {"byID": 1}, "group": {"byID": 2}}),
    ((-1, 0), {"user": {"byID": (1 << 32) - 1}, "group": {"byID": 0}}),
    ("app", {"user": {"byName": {"name": "app"}}}),
    ("app:www", {"user": {"byName": {"name": "app"}}, "group": {"byName": {"name": "www"}}}),
    ("app:", {"user": {"byName": {"name": "app"}}, "group": {"byID": 0}}),
    (":www", {"user": {"byID": 0}, "group": {"byName": {"name": "www"}}}),
    ("root:root", {"user": {"byID": 0}, "group": {"byID": 0}}),
    ("0:+7", {"user": {"byID": 0}, "group": {"byID": 7}}),
    ("-1", {"user": {"byID": (1 << 32) - 1}}),
    ("2147483648", {"user": {"byName": {"name": "2147483648"}}}),
    ("a:b:c", {"user": {"byName": {"name": "a"}}, "group": {"byName": {"name": "b:c"}}}),
    ("", {"user": {"byID": 0}}),
]


@pytest.mark.parametrize(("owner", "expected"), OWNERS)
def test_an_owner_is_numbers_or_names_to_look_up(owner: Any, expected: Any) -> None:
    base = plain()
    assert action(files.mkdir("/a", owner=owner), base)["mkdir"]["owner"] == expected
    assert action(files.mkfile("/a", 0, "", owner=owner), base)["mkfile"]["owner"] == expected
    assert action(files.symlink("/b", "/a", owner=owner), base)["symlink"]["owner"] == expected
    assert action(files.copy(base, "/b", "/a", owner=owner), base)["copy"]["owner"] == expected
    assert named(owner) == ("byName" in str(expected))


def test_nobody_is_no_name() -> None:
    assert not named(None)


def test_names_are_looked_up_in_the_input_that_the_chain_starts_from() -> None:
    chain = files.on(b, files.mkdir("/m", owner="x"))
    rows = actions(a.file(files.copy(chain, "/m", "/m", owner="y")))
    assert rows[0]["mkdir"]["owner"]["user"] == {"byName": {"name": "x", "input": 1}}
    assert rows[1]["copy"]["owner"]["user"] == {"byName": {"name": "y"}}


def test_on_scratch_there_is_no_input_to_look_a_name_up_in() -> None:
    assert action(files.mkdir("/m", owner="x"))["mkdir"]["owner"]["user"] == {"byName": {"name": "x", "input": NONE}}


MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
TIMES: list[tuple[Any, int]] = [
    (0, 0),
    (1, 1_000_000_000),
    (-1, -1_000_000_000),
    (1.5, 1_500_000_000),
    (1.000000005, 1_000_000_005),
    (MOMENT, 1_767_323_045_678_901_000),
    (MOMENT.astimezone(timezone(timedelta(hours=5))), 1_767_323_045_678_901_000),
    (datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC), -999_999_000),
]


@pytest.mark.parametrize(("time", "nanoseconds"), TIMES)
def test_a_time_is_in_nanoseconds(time: Any, nanoseconds: int) -> None:
    assert action(files.mkdir("/a", created_time=time))["mkdir"].get("timestamp", 0) == nanoseconds


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(GraphError) as caught:
        files.mkdir("/a", created_time=datetime(2026, 1, 2))
    assert str(caught.value) == (
        "created=datetime.datetime(2026, 1, 2, 0, 0) has no time zone, so it means another instant on each machine; use UTC"
    )


def references(state: State) -> list[tuple[int, int, int]]:
    """For each action what it acts on, what it copies from, and which output it is."""
    return [tuple([row.get(key, 0) for key in ("input", "secondaryInput", "output")]) for row in actions(state)]


one, two = files.mkdir("/1"), files.mkdir("/2")
REFERENCES: list[tuple[str, State, list[tuple[int, int, int]], int]] = [
    ("on scratch", scratch().file(one), [(NONE, NONE, 0)], 0),
    ("on a state", a.file(one), [(0, NONE, 0)], 1),
    ("in turn", a.file(one, two), [(0, NONE, NONE), (1, NONE, 0)], 1),
    ("a copy", a.file(files.copy(b, "/x", "/y")), [(0, 1, 0)], 2),
    ("a copy of itself", a.file(files.copy(a, "/x", "/y")), [(0, 0, 0)], 1),
    ("a copy on scratch", scratch().file(files.copy(b, "/x", "/y")), [(NONE, 0, 0)], 1),
    ("a copy of scratch", a.file(files.copy(scratch(), "/x", "/y")), [(0, NONE, 0)], 1),
    ("copies in turn", a.file(files.copy(b, "/x", "/y"), files.copy(b, "/x", "/z")), [(0, 1, NONE), (2, 1, 0)], 2),
    (
        "a copy of a chain",
        a.file(files.copy(files.on(b, one, two), "/1", "/y")),
        [(1, NONE, NONE), (2, NONE, NONE), (0, 3, 0)],
        2,
    ),
    (
        "after an action",
        a.file(one, files.copy(files.on(b, two), "/2", "/y")),
        [(0, NONE, NONE), (1, NONE, NONE), (2, 3, 0)],
        2,
    ),
    (
        "a chain of a chain",
        scratch().file(files.copy(files.on(a, files.copy(files.on(b, one), "/1", "/y")), "/y", "/z")),
        [(1, NONE, NONE), (0, 2, NONE), (NONE, 3, 0)],
        2,
    ),
]


@pytest.mark.parametrize(
    ("state", "expected", "inputs"), [row[1:] for row in REFERENCES], ids=[row[0] for row in REFERENCES]
)
def test_actions_refer_to_inputs_first_and_then_to_each_other(
    state: State, expected: list[tuple[int, int, int]], inputs: int
) -> None:
    assert references(state) == expected
    assert len(op(state).get("inputs", ())) == inputs


def test_a_chain_that_two_copies_need_happens_once() -> None:
    chain = files.on(b, one)
    state = a.file(files.copy(chain, "/1", "/x"), files.copy(chain, "/1", "/y"))
    assert references(state) == [(1, NONE, NONE), (0, 2, NONE), (3, 2, 0)]


def test_a_file_vertex_has_no_platform() -> None:
    assert set(op(plain(platform="linux/arm64").file(one))) == {"inputs", "constraints", "file"}


def test_a_new_kind_of_action_has_to_say_how_it_is_written() -> None:
    class Chmod(FileAction):
        source: Any = None

    with pytest.raises(NotImplementedError):
        marshal(scratch().file(Chmod()))
