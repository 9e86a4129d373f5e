"""Marshalling: the order of ops, equal vertices, graphs of any depth, and what a marshal leaves as it was."""

from __future__ import annotations

import gc
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import llbpy
from llbpy import Definition, State, diff, files, local, merge, scratch
from llbpy.errors import GraphError, MountError
from llbpy.graph import messages as pb
from tests.graph.decoding import caps_of, marshal, meta_of, ops, plain
from tests.graph.definitions import digest_of

DEPTH = 20_000


def titles(state: State) -> list[str]:
    """Of each vertex, in order: the last word of a source, a command or an action."""
    return [line.rpartition(" ")[2].rpartition("/")[2] for line in str(marshal(state)).splitlines()[:-1]]


def test_inputs_come_before_what_needs_them_and_the_output_last() -> None:
    definition = marshal(plain().run(["make"]))
    assert titles(plain().run(["make"])) == ["alpine:latest", "make"]
    assert pb.Op.decode(definition.ops[-1]) == {"inputs": [{"digest": definition.digests[-2]}]}
    assert definition.digests == tuple(map(digest_of, definition.ops))


def test_a_command_visits_its_root_and_then_its_mounts_by_target() -> None:
    mounts = [llbpy.bind(plain("b"), "/z"), llbpy.bind(plain("c"), "/a"), llbpy.cache("/m", source=plain("d"))]
    assert titles(plain("a").run(["make"], mounts=mounts)) == ["a:latest", "c:latest", "d:latest", "b:latest", "make"]


def test_actions_visit_their_sources_from_the_last_back_to_the_first() -> None:
    state = plain("a").file(files.copy(plain("b"), "/x", "/b"), files.copy(plain("c"), "/x", "/c"))
    assert titles(state) == ["a:latest", "c:latest", "b:latest", "c"]


def test_the_inputs_of_actions_are_numbered_from_the_first_to_the_last() -> None:
    state = plain("a").file(files.copy(plain("b"), "/x", "/b"), files.copy(plain("c"), "/x", "/c"))
    definition = marshal(state)
    inputs = [edge["digest"] for edge in ops(state)[3]["inputs"]]
    assert inputs == [definition.digests[number] for number in (0, 2, 1)]


def test_merge_and_diff_visit_their_inputs_as_given() -> None:
    assert titles(merge(plain("b"), plain("a"), plain("c")))[:3] == ["b:latest", "a:latest", "c:latest"]
    assert titles(diff(plain("b"), plain("a")))[:2] == ["b:latest", "a:latest"]


def test_a_vertex_that_two_need_is_there_once() -> None:
    base = plain()
    assert titles(merge(base.run(["one"]), base.run(["two"])))[:-1] == ["alpine:latest", "one", "two"]


def test_equal_vertices_are_there_once_where_the_first_stood() -> None:
    assert titles(merge(plain("a"), plain("b"), plain("a")))[:-1] == ["a:latest", "b:latest"]


def test_equal_vertices_gather_their_metadata_and_the_later_one_wins() -> None:
    first = plain().run(["make"], name="first", description={"a": "1"}, export_cache=False)
    later = plain().run(["make"], name="later", description={"b": "2"}, ignore_cache=True, export_cache=True)
    meta = marshal(merge(first, later)).metadata[marshal(first).head]
    assert meta.description == {"a": "1", "b": "2", "llb.customname": "later"}
    assert (meta.ignore_cache, meta.export_cache) == (True, True)


def test_another_output_of_the_same_vertex_is_another_input() -> None:
    run = plain().run(["make"], mounts=[llbpy.output("/out"), llbpy.output("/log")])
    state = scratch().copy(run.output("/out"), "/out").copy(run.output("/log"), "/log")
    edges = [edge for fields in ops(state) for edge in fields.get("inputs", ()) if edge.get("index")]
    assert [edge["index"] for edge in edges] == [2, 1]


def test_the_index_of_an_output_may_take_two_bytes() -> None:
    targets = [f"/out/{number:03}" for number in range(200)]
    run = plain().run(["make"], mounts=list(map(llbpy.output, targets)))
    assert [edge["index"] for edge in ops(run.output("/out/199"))[-1]["inputs"]] == [200]


def deep_runs() -> State:
    state = plain()
    for _ in range(DEPTH):
        state = state.run(["true"])
    return state


def deep_copies() -> State:
    state, source = scratch(), plain()
    for number in range(DEPTH):
        state = state.copy(source["/a"], f"/{number}")
    return state


def wide_merge() -> State:
    return merge(*[scratch().mkdir(f"/{number}") for number in range(DEPTH)])


def nested_chains() -> State:
    chain = files.on(plain(), files.mkdir("/a"))
    for _ in range(2000):
        chain = files.on(scratch(), files.copy(chain, "/a", "/a"))
    return scratch().file(files.copy(chain, "/a", "/a"))


SHAPES = {deep_runs: DEPTH + 2, deep_copies: DEPTH + 2, wide_merge: DEPTH + 2, nested_chains: 3}


@pytest.mark.parametrize("make", SHAPES, ids=lambda make: make.__name__)
def test_a_graph_of_any_depth_and_width_marshals_without_recursion(make: Any) -> None:
    definition = marshal(make())
    assert len(definition.ops) == len(set(definition.digests)) == SHAPES[make]


def build(tag: str) -> State:
    """A graph with all that depends on the marshal: platforms, a folder, environment."""
    context = local("context")
    base = plain(tag).env(A="1").dir("/src")
    run = base.run(["make"], mounts=[llbpy.bind(context, "/src"), llbpy.output("/out"), llbpy.ssh()])
    return scratch().copy(run.output("/out")["/app"], "/app").run(["/app"])


def test_the_same_graph_marshals_to_the_same_bytes_again_and_again() -> None:
    state = build("alpine")
    expected = {
        platform: marshal(build("alpine"), platform=platform).ops for platform in ("linux/amd64", "linux/arm/v7")
    }
    for platform in ("linux/amd64", "linux/arm/v7", "linux/amd64"):
        assert marshal(state, platform=platform).ops == expected[platform]


def test_two_threads_marshal_one_graph_for_two_platforms() -> None:
    state = build("alpine")
    for number in range(50):
        state = state.run(["step", str(number)], mounts=[llbpy.bind(plain(), "/a"), llbpy.output("/b")])
    wanted = ["linux/amd64", "linux/arm64"] * 4
    expected = {platform: marshal(state, platform=platform).to_bytes() for platform in set(wanted)}
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda platform: marshal(state, platform=platform).to_bytes(), wanted))
    assert made == [expected[platform] for platform in wanted]


def test_the_platform_that_is_built_is_normalised() -> None:
    assert ops(plain(), platform="linux/aarch64")[0]["platform"] == {"Architecture": "arm64", "OS": "linux"}
    given = llbpy.Platform("Linux", "x86_64")
    assert ops(plain(), platform=given)[0]["platform"] == {"Architecture": "amd64", "OS": "linux"}


def unique(definition: Definition) -> str | None:
    attrs = pb.Op.decode(definition.ops[0])["source"].get("attrs", {})
    found: str | None = attrs.get("local.unique")
    return found


def test_a_folder_bears_a_fresh_id_in_each_marshal() -> None:
    state = local("context")
    ids = {unique(state.marshal(platform="linux/amd64")) for _ in range(3)}
    assert len(ids) == 3
    assert all(re.fullmatch("[0-9a-z]{25}", each or "") for each in ids)


def test_folders_of_one_marshal_bear_the_same_id() -> None:
    definition = merge(local("one"), local("two")).marshal()
    attrs = [pb.Op.decode(op)["source"]["attrs"]["local.unique"] for op in definition.ops[:2]]
    assert attrs[0] == attrs[1]


def test_a_folder_bears_the_id_of_the_marshal_its_own_or_none() -> None:
    assert unique(local("context").marshal(unique_id="constant")) == "constant"
    assert unique(local("context", unique_id="own").marshal(unique_id="constant")) == "own"
    assert unique(local("context", session="s").marshal(unique_id="constant")) is None


def test_only_a_folder_with_an_id_needs_the_capability() -> None:
    assert "source.local.unique" in caps_of(local("context"))
    assert "source.local.unique" not in caps_of(local("context", session="s"))


PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.mark.parametrize(
    ("caps", "platform", "env"),
    [
        (None, "linux/amd64", None),
        ((), "linux/amd64", [PATH]),
        (("exec.meta.base",), "linux/amd64", [PATH]),
        (("exec.meta.setsdefaultpath",), "linux/amd64", None),
        ((), "windows/amd64", None),
    ],
)
def test_the_capabilities_of_the_daemon_decide_who_sets_the_path(caps: Any, platform: str, env: Any) -> None:
    assert meta_of(plain().run(["make"]), caps=caps, platform=platform).get("env") == env


def test_a_path_of_ones_own_is_left_alone() -> None:
    assert meta_of(plain().env(PATH="/bin", A="1").run(["make"]), caps=())["env"] == ["PATH=/bin", "A=1"]


def test_a_daemon_that_sets_the_path_is_needed_only_if_it_was_asked() -> None:
    state = plain().run(["make"])
    cap = "exec.meta.setsdefaultpath"
    assert [cap in caps_of(state, caps=caps) for caps in (None, (), (cap,))] == [False, False, True]


def terminal_caps(state: State) -> set[str]:
    definition = marshal(state)
    return set(definition.metadata[definition.digests[-1]].caps)


@pytest.mark.parametrize(
    ("options", "extra"),
    [
        ({}, set()),
        ({"ignore_cache": True}, {"meta.ignorecache"}),
        ({"name": "x"}, {"meta.description"}),
        ({"export_cache": False}, {"meta.exportcache"}),
        ({"resources": llbpy.Resources(memory=1)}, set()),
    ],
)
def test_the_last_op_needs_what_the_wishes_of_any_vertex_need(options: Any, extra: set[str]) -> None:
    assert terminal_caps(plain().run(["make"], **options).run(["test"])) == {"constraints", "platform", *extra}


def test_a_marshal_leaves_the_garbage_collector_as_it_was() -> None:
    assert gc.isenabled()
    marshal(plain())
    assert gc.isenabled()
    gc.disable()
    try:
        marshal(plain())
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_marshal_that_fails_does_so_too() -> None:
    with pytest.raises(GraphError):
        marshal(plain().run(["\udcff"]))
    assert gc.isenabled()


def test_a_value_of_the_wrong_type_is_refused_at_the_line_of_its_vertex() -> None:
    wrong: Any = 5
    with pytest.raises(GraphError) as caught:
        marshal(plain().file(files.rm(wrong)))
    assert re.search(r"test_marshal\.py:\d+$", caught.value.where)
    assert caught.value.message.startswith("a value of the file vertex has the wrong type: ")
    assert caught.value.__cause__ is not None


def test_an_error_of_a_graph_keeps_its_kind() -> None:
    with pytest.raises(MountError):
        plain().run(["make"]).output("/out")
