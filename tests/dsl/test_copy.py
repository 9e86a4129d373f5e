"""`copy`: what COPY means by its arguments."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import pytest

from llbpy import GraphError, PathError, State, image, scratch
from tests.dsl.decoded import BASE, FOLDER, actions, inputs, only, op, titles, vertex

ALPINE = "docker-image://docker.io/library/alpine:latest"
HOME = BASE.dir("/home")


def copied(state: State) -> dict[str, Any]:
    return dict(only(state, "copy"))


def places(state: State) -> tuple[str, str]:
    found = copied(state)
    return found["src"], found["dest"]


def test_by_default_contents_are_copied_links_followed_and_ancestors_made() -> None:
    assert copied(BASE.copy(FOLDER["/app"], "/srv/app")) == {
        "src": "/app",
        "dest": "/srv/app",
        "mode": -1,
        "timestamp": -1,
        "followSymlink": True,
        "dirCopyContents": True,
        "createDestPath": True,
    }


def test_a_state_is_copied_whole() -> None:
    assert places(BASE.copy(FOLDER, "/src")) == ("/", "/src")


def test_a_copy_takes_from_its_source_onto_its_state() -> None:
    state = BASE.copy(FOLDER["/a"], "/b")
    assert inputs(state) == [ALPINE, "local://context"]
    [action] = op(state)["file"]["actions"]
    assert (action.get("input", 0), action["secondaryInput"]) == (0, 1)


@pytest.mark.parametrize("path", ["/[slug]", "/a*b", "/what?", "/routes/[...all]/page.tsx"])
def test_a_path_is_literal(path: str) -> None:
    found = copied(BASE.copy(FOLDER[path], "/"))
    assert found["src"] == path
    assert "allowWildcard" not in found


def test_a_glob_is_a_pattern_that_must_match() -> None:
    found = copied(BASE.copy(FOLDER.glob("dist/*.whl"), "/wheels/"))
    assert (found["src"], found["allowWildcard"]) == ("/dist/*.whl", True)
    assert "allowEmptyWildcard" not in found


def test_a_glob_may_match_nothing_where_it_says_so() -> None:
    found = copied(BASE.copy(FOLDER.glob("*.whl", missing_ok=True), "/wheels/"))
    assert (found["allowWildcard"], found["allowEmptyWildcard"]) == (True, True)


def test_several_sources_are_one_vertex() -> None:
    state = BASE.copy([FOLDER["/go.mod"], FOLDER["/go.sum"], scratch().glob("*.txt", missing_ok=True)], "/src/")
    assert [fields["src"] for _, fields in actions(state)] == ["/go.mod", "/go.sum", "/*.txt"]
    assert len(titles(state)) == 3


@pytest.mark.parametrize("dest", ["/src/", "/src/.", ".", "..", "./", "a/.."])
def test_several_sources_go_to_a_folder(dest: str) -> None:
    assert len(actions(BASE.copy([FOLDER["a"], FOLDER["b"]], dest))) == 2


def test_several_sources_to_a_file_are_refused_with_the_folder_to_write() -> None:
    with pytest.raises(GraphError, match="copy\\(\\) of 2 sources to '/src': several need a folder; write '/src/'"):
        BASE.copy([FOLDER["a"], FOLDER["b"]], "/src")


def test_no_sources_are_refused() -> None:
    with pytest.raises(GraphError, match="copy\\(\\) to '/src/' has no sources"):
        BASE.copy([], "/src/")


def test_an_empty_destination_is_refused() -> None:
    with pytest.raises(GraphError, match=r"needs a destination; '\.' is the state's dir"):
        BASE.copy(FOLDER, "")


@pytest.mark.parametrize(
    ("dest", "expected"),
    [
        ("app", "/home/app"),
        (".", "/home"),
        ("./", "/home/"),
        ("app/", "/home/app/"),
        ("..", "/"),
        ("/abs", "/abs"),
        ("a/.", "/home/a/."),
    ],
)
def test_a_relative_destination_is_below_the_dir_of_the_state(dest: str, expected: str) -> None:
    assert places(HOME.copy(FOLDER["/a"], dest))[1] == expected


def test_a_relative_source_is_below_the_dir_of_its_own_state() -> None:
    assert places(HOME.copy(BASE.dir("/out")["app"], "/x"))[0] == "/out/app"


def test_a_destination_may_be_any_path_like() -> None:
    assert places(BASE.copy(FOLDER["/a"], PurePosixPath("/b")))[1] == "/b"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("option", "field", "expected"),
    [
        ({"include": ["*.py"]}, "include_patterns", ["*.py"]),
        ({"exclude": ("**/*.pyc",)}, "exclude_patterns", ["**/*.pyc"]),
        ({"required": ["go.mod"]}, "required_paths", ["/go.mod"]),
        ({"unpack": True}, "attemptUnpackDockerCompatibility", True),
        ({"replace": True}, "alwaysReplaceExistingDestPaths", True),
        ({"follow_symlinks": False}, "followSymlink", None),
        ({"contents": False}, "dirCopyContents", None),
        ({"mode": 0o755}, "mode", 0o755),
        ({"mode": 0}, "mode", None),
        ({"mode": "u+rwx,go-w"}, "modeStr", "u+rwx,go-w"),
        ({"created": 0}, "timestamp", None),
        ({"created": 1.5}, "timestamp", 1_500_000_000),
        ({"created": datetime(1970, 1, 1, 0, 0, 2, 3, UTC)}, "timestamp", 2_000_003_000),
    ],
)
def test_each_option_is_a_field(option: Any, field: str, expected: Any) -> None:
    assert copied(BASE.copy(FOLDER, "/", **option)).get(field) == expected


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ("app", {"user": {"byName": {"name": "app"}}}),
        ("app:staff", {"user": {"byName": {"name": "app"}}, "group": {"byName": {"name": "staff"}}}),
        ("1000:0", {"user": {"byID": 1000}, "group": {"byID": 0}}),
        ("root", {"user": {"byID": 0}}),
        ((1000, 1001), {"user": {"byID": 1000}, "group": {"byID": 1001}}),
    ],
)
def test_an_owner_is_a_name_or_numbers(owner: Any, expected: Any) -> None:
    assert copied(BASE.copy(FOLDER, "/", owner=owner))["owner"] == expected


@pytest.mark.parametrize("verb", ["copy", "mkdir", "write", "symlink"])
def test_a_name_cannot_be_looked_up_on_scratch(verb: str) -> None:
    given = {"copy": (FOLDER, "/"), "mkdir": ("/a",), "write": ("/a", ""), "symlink": ("/b", "/a")}[verb]
    with pytest.raises(GraphError, match=rf"{verb}\(\) owner 'app' is a name, and scratch\(\) has no users"):
        getattr(scratch(), verb)(*given, owner="app")
    assert "owner" in next(
        fields for found, fields in actions(getattr(scratch(), verb)(*given, owner="0:0")) if "owner" in fields
    )


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(GraphError, match="has no time zone"):
        BASE.copy(FOLDER, "/", created=datetime(2026, 1, 1))


@pytest.mark.parametrize(("mode", "right"), [(755, "0o755"), (644, "0o644"), (1777, "0o1777")])
def test_a_decimal_mode_is_refused(mode: int, right: str) -> None:
    with pytest.raises(GraphError, match=f"mode={mode} is decimal .*; did you mean {right}"):
        BASE.copy(FOLDER, "/", mode=mode)


@pytest.mark.parametrize("mode", [-1, 0o10000])
def test_a_mode_out_of_range_is_refused(mode: int) -> None:
    with pytest.raises(GraphError, match="permissions go from 0 to 0o7777"):
        BASE.copy(FOLDER, "/", mode=mode)


@pytest.mark.parametrize(("given", "what"), [(3, "int"), (None, "NoneType"), (b"app", "bytes")])
def test_what_is_no_place_in_a_filesystem_is_refused_with_its_type(given: Any, what: str) -> None:
    with pytest.raises(PathError, match=f"is {what}; give a State, or a path in one"):
        BASE.copy(given, "/")


# link


def test_a_link_is_a_copy_on_scratch_merged_on_top() -> None:
    state = BASE.copy(FOLDER["/app"], "/srv/", link=True)
    assert vertex(state).kind == "merge"
    below, above = [each.vertex for each in vertex(state).inputs]
    assert (below.title, above.title) == (ALPINE, "copy /app /srv/")
    assert [each.vertex.title for each in above.inputs] == ["local://context"]


def test_a_link_stays_valid_when_the_layers_below_change() -> None:
    one, two = (image(name, inherit=False).copy(FOLDER, "/", link=True) for name in ("alpine", "debian"))
    layers = [vertex(state).inputs[1].vertex.digest for state in (one, two)]
    assert layers[0] == layers[1]


def test_a_link_joins_with_the_dir_of_its_state() -> None:
    assert titles(HOME.copy(FOLDER["/a"], "b", link=True))[2] == "copy /a /home/b"


def test_a_link_on_scratch_is_the_layer_itself() -> None:
    assert vertex(scratch().copy(FOLDER, "/", link=True)).kind == "file"


def test_a_link_may_be_owned_by_numbers() -> None:
    state = BASE.copy(FOLDER, "/", link=True, owner=(1000, 1000))
    assert vertex(state).inputs[1].vertex.op["file"]["actions"][0]["copy"]["owner"]["user"] == {"byID": 1000}


# keep_parents


@pytest.mark.parametrize(
    ("path", "src", "pattern"),
    [
        ("/a/b/c", "/", "a/b/c"),
        ("/a/./b/c", "/a", "b/c"),
        ("/a/b/./c", "/a/b", "c"),
        ("/a//b/", "/", "a/b"),
        ("/app/[slug]/page", "/", r"app/\[slug]/page"),
    ],
)
def test_keep_parents_lets_only_the_path_through(path: str, src: str, pattern: str) -> None:
    found = copied(BASE.copy(FOLDER[path], "/dest/", keep_parents=True))
    assert (found["src"], found["include_patterns"], found["dirCopyContents"]) == (src, [pattern], True)
    assert "allowWildcard" not in found


def test_keep_parents_of_a_relative_path_starts_at_the_dir() -> None:
    found = copied(BASE.copy(BASE.dir("/out")["a/b"], "/dest/", keep_parents=True))
    assert (found["src"], found["include_patterns"]) == ("/out", ["a/b"])


def test_keep_parents_of_a_glob_keeps_its_pattern() -> None:
    found = copied(BASE.copy(FOLDER.glob("/src/*/[ab].py"), "/dest/", keep_parents=True))
    assert (found["src"], found["include_patterns"]) == ("/", ["src/*/[ab].py"])


def test_keep_parents_takes_no_other_patterns() -> None:
    with pytest.raises(GraphError, match="takes what its path names; leave include out"):
        BASE.copy(FOLDER["/a"], "/dest/", keep_parents=True, include=["*.py"])


@pytest.mark.parametrize("path", ["/", ".", "/a/./."])
def test_keep_parents_of_a_root_is_refused(path: str) -> None:
    with pytest.raises(GraphError, match="has no parents to keep; name something below"):
        BASE.copy(FOLDER[path], "/dest/", keep_parents=True)


def test_keep_parents_of_several_sources_is_one_vertex() -> None:
    state = BASE.copy([FOLDER["/a/b"], FOLDER["/c/d"]], "/dest/", keep_parents=True)
    assert [fields["include_patterns"] for _, fields in actions(state)] == [["a/b"], ["c/d"]]


def test_keep_parents_leaves_out_what_is_before_the_first_pivot() -> None:
    found = copied(BASE.copy(FOLDER["/a/./b/./c"], "/dest/", keep_parents=True))
    assert (found["src"], found["include_patterns"]) == ("/a", ["b/c"])
