"""What every view knows of a vertex."""

from __future__ import annotations

from hashlib import sha256

import pytest

import llbpy
from llbpy import Definition, State, files
from llbpy.errors import GraphError
from llbpy.explain.graph import Graph, Vertex, read
from llbpy.graph import messages as pb
from llbpy.graph import opmessages as op_pb
from llbpy.graph.mounts import Mount
from llbpy.graph.sourcemap import SourceTable
from tests.explain.definitions import GO, GRAPHS, marshalled

BASE = llbpy.image("alpine", inherit=False)
OTHER = llbpy.image("busybox", inherit=False)
ALPINE = "docker-image://docker.io/library/alpine:latest"


def graph(state: State) -> Graph:
    return read(marshalled(state))


def last(state: State) -> Vertex:
    return graph(state).vertices[-1]


def edges(vertex: Vertex) -> dict[str, tuple[str, ...]]:
    return {each.shown: each.uses for each in vertex.inputs}


def foreign(*ops: bytes) -> Definition:
    """A definition of just these ops, in this order."""
    return Definition(ops, [digest(op) for op in ops], {}, SourceTable((), {}))


def digest(op: bytes) -> str:
    return "sha256:" + sha256(op).hexdigest()


def source(identifier: str) -> bytes:
    return pb.Op.source.write(pb.SourceOp.identifier.write(identifier))


def using(*ops: bytes, rest: bytes = b"") -> bytes:
    return pb.Op.inputs.write([pb.Input.digest.write(digest(op)) for op in ops]) + rest


# Names


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (BASE, ALPINE),
        (llbpy.local("src"), "local://src"),
        (BASE.run(["sh", "-c", "a  b\nc"]), "sh -c a  b\nc"),
        (BASE.file(files.mkdir("/d"), files.mkfile("/f", 0o644, ""), files.rm("/x")), "mkdir /d, mkfile /f, rm /x"),
        (BASE.file(files.symlink("/old", "/new")), "symlink /new -> /old"),
        (BASE.file(files.copy(OTHER, "/a", "/b")), "copy /a /b"),
        (BASE.build(), "build"),
        (llbpy.merge(BASE, BASE.run(["x"])), f"merge ({ALPINE}, x)"),
        (llbpy.diff(BASE, BASE.run(["x"])), f"diff ({ALPINE}) -> (x)"),
        (llbpy.diff(BASE, llbpy.scratch()), f"diff ({ALPINE}) -> scratch"),
        (BASE.requires(OTHER, id="checked"), "passthrough checked"),
    ],
)
def test_a_vertex_is_called_as_the_daemon_calls_it(state: State, name: str) -> None:
    assert last(state).title == name


def test_a_custom_name_comes_first() -> None:
    assert last(BASE.run(["make"], name="compile it")).title == "compile it"


def test_an_empty_custom_name_is_one_as_for_the_daemon() -> None:
    definition = marshalled(BASE.run(["make"], description={"llb.customname": ""}))
    assert read(definition).vertices[-1].title == ""


def test_a_kind_from_the_future_is_unknown_and_keeps_its_inputs() -> None:
    base = source("local://a")
    newer = using(base, rest=b"\x9a\x06\x00")
    vertex = read(foreign(base, newer, using(newer))).vertices[-1]
    assert (vertex.kind, vertex.title, edges(vertex)) == ("unknown", "unknown", {"1": ("waited for",)})


def test_names_of_merges_do_not_grow_without_bound() -> None:
    one, two = BASE, OTHER
    for _ in range(18):
        one, two = llbpy.merge(one, two), llbpy.merge(two, one)
    assert max(len(vertex.title) for vertex in graph(one).vertices) < 2100


def test_a_short_title_calls_inputs_by_their_numbers() -> None:
    assert last(llbpy.merge(BASE, OTHER, BASE.run(["x"]))).short_title == "merge (1, 2, 3)"


# Inputs


def test_a_command_runs_on_its_root_and_mounts_the_rest_at_their_targets() -> None:
    vertex = last(BASE.run(["x"], mounts=[llbpy.bind(OTHER, "/o"), llbpy.cache("/c", source=OTHER)]))
    assert edges(vertex) == {"1": ("root",), "2": ("cache /c", "/o")}


def test_a_mounted_folder_is_named_with_its_target() -> None:
    assert edges(last(BASE.run(["x"], mounts=[llbpy.bind(OTHER["/bin"], "/b")])))["2"] == ("/bin at /b",)


def test_file_actions_change_one_filesystem_and_copy_from_others() -> None:
    vertex = last(BASE.file(files.copy(OTHER, "/a", "/b"), files.copy(OTHER, "/c", "/d")))
    assert edges(vertex) == {"1": ("root",), "2": ("copy /a", "copy /c")}


def test_an_owner_is_looked_up_in_the_changed_filesystem_without_a_word() -> None:
    assert edges(last(BASE.file(files.copy(OTHER, "/a", "/b", owner="me"))))["1"] == ("root",)


def test_an_owner_looked_up_elsewhere_is_a_use() -> None:
    base, other = source("local://a"), source("local://b")
    user = op_pb.UserOpt.byName.write(op_pb.NamedUserOpt.name.write("me") + op_pb.NamedUserOpt.input.write(1))
    mkdir = op_pb.FileActionMkDir.path.write("/d") + op_pb.FileActionMkDir.owner.write(op_pb.ChownOpt.user.write(user))
    file = using(base, other, rest=pb.Op.file.write(op_pb.FileOp.actions.write([op_pb.FileAction.mkdir.write(mkdir)])))
    vertex = read(foreign(base, other, file, using(file))).vertices[-1]
    assert edges(vertex) == {"1": ("root",), "2": ("user me",)}


def test_a_merge_numbers_its_inputs_from_the_bottom() -> None:
    assert edges(last(llbpy.merge(BASE, OTHER))) == {"1": ("layer 1",), "2": ("layer 2",)}


def test_a_diff_has_a_lower_and_an_upper_side() -> None:
    assert edges(last(llbpy.diff(BASE, OTHER))) == {"1": ("lower",), "2": ("upper",)}


def test_a_build_takes_the_definition() -> None:
    assert edges(last(BASE.build())) == {"1": ("buildkit.llb.definition",)}


def test_a_passthrough_hands_on_the_first_and_waits_for_the_others() -> None:
    vertex = last(BASE.requires(OTHER))
    assert edges(vertex) == {"1": ("handed on",), "2": ("waited for",)}
    assert [each.only_awaited for each in vertex.inputs] == [False, True]


def test_an_output_of_a_command_goes_by_the_target_of_its_mount() -> None:
    made = BASE.run(["x"], mounts=[llbpy.output("/one"), llbpy.output("/two")])
    assert list(edges(last(llbpy.merge(made, made.output("/two"), made.output("/one"))))) == ["2", "2:/two", "2:/one"]


def test_the_first_output_of_a_command_on_a_read_only_root_is_a_mount() -> None:
    made = BASE.run(["x"], mounts=[llbpy.output("/out")], readonly_root=True).output("/out")
    assert list(edges(last(OTHER.file(files.copy(made, "/", "/"))))) == ["1", "3:/out"]


def test_another_output_goes_by_its_index() -> None:
    base = source("local://a")
    second = pb.Op.inputs.write([pb.Input.digest.write(digest(base)) + pb.Input.index.write(2)])
    head = read(foreign(base, second)).head
    assert head is not None
    assert head.shown == "1:2"


# Beside the inputs


@pytest.mark.parametrize(
    ("mount", "shown"),
    [
        (llbpy.output("/out"), "output /out"),
        (llbpy.bind(llbpy.scratch(), "/e", writable=True, no_output=True), "empty /e"),
        (llbpy.cache("/c"), "cache /c"),
        (llbpy.cache("/c", id="deps"), "cache deps at /c"),
        (llbpy.tmpfs("/t"), "tmpfs /t"),
        (llbpy.secret("token"), "secret token"),
        (llbpy.secret("token", target="/t"), "secret token at /t"),
        (llbpy.secret("token", env="TOKEN"), "secret token as $TOKEN"),
        (llbpy.ssh(), "ssh default"),
        (llbpy.ssh(""), "ssh"),
        (llbpy.ssh("git", target="/s"), "ssh git at /s"),
        (llbpy.device("vendor/gpu"), "device vendor/gpu"),
    ],
)
def test_a_mount_without_an_input_is_named(mount: Mount, shown: str) -> None:
    assert last(BASE.run(["x"], mounts=[mount])).mounts == (shown,)


@pytest.mark.parametrize(
    ("state", "flag"),
    [
        (BASE.run(["x"], network="host"), "network host"),
        (BASE.run(["x"], network="none"), "network none"),
        (BASE.run(["x"], security="insecure"), "insecure"),
        (BASE.run(["x"], exit_codes=[0, 3]), "may exit with 0, 3"),
        (BASE.run(["x"], ignore_cache=True), "ignore cache"),
        (BASE.run(["x"], export_cache=True), "export cache"),
        (BASE.run(["x"], export_cache=False), "no cache export"),
        (BASE.run(["x"], worker_filters=["gpu"]), "worker gpu"),
        (BASE.run(["x"], resources=llbpy.Resources(memory=1 << 30)), "limited resources"),
        (BASE.run(["x"], progress_group=llbpy.ProgressGroup("tests")), "group 'tests'"),
    ],
)
def test_what_is_special_is_flagged(state: State, flag: str) -> None:
    assert last(state).flags == (flag,)


def test_a_read_only_root_is_flagged() -> None:
    made = BASE.run(["x"], mounts=[llbpy.output("/o")], readonly_root=True).output("/o")
    assert last(made).flags == ("read-only root",)


def test_most_vertices_have_no_flags() -> None:
    assert last(BASE.run(["x"])).flags == ()


def test_the_usual_platform_is_that_of_most_vertices() -> None:
    assert graph(BASE.platform("linux/arm64").run(["x"]).run(["y"])).platform == "linux/arm64"


def test_a_vertex_for_another_platform_says_so() -> None:
    foreign_image = llbpy.image("alpine", inherit=False, platform="linux/arm64")
    seen = graph(BASE.run(["x"]).file(files.copy(foreign_image, "/a", "/b")))
    assert {vertex.title: seen.special(vertex) for vertex in seen.vertices if seen.special(vertex)} == {
        ALPINE: ("linux/arm64",)
    }


def test_a_vertex_is_looked_up_by_the_line_that_made_it() -> None:
    assert {vertex.handle for vertex in read(GRAPHS["app"]).vertices} >= {"app.py:8", "app.py:44"}


def test_a_vertex_without_a_known_line_is_looked_up_by_its_digest() -> None:
    assert read(GO["image-ref alpine"]).vertices[0].handle == "a7f9733e307d"


# The whole


def test_the_order_of_a_definition_is_kept() -> None:
    for definition in (*GRAPHS.values(), *GO.values()):
        assert tuple(vertex.digest for vertex in read(definition).vertices) == definition.digests[:-1]


def test_users_before_inputs_are_put_behind_them() -> None:
    one, two = source("local://a"), source("local://b")
    user = using(two, one)
    seen = read(foreign(user, one, two, using(user)))
    assert [vertex.digest for vertex in seen.vertices] == [digest(two), digest(one), digest(user)]


def test_the_head_is_the_output_that_is_meant() -> None:
    made = BASE.run(["x"], mounts=[llbpy.output("/out")])
    head = graph(made.output("/out")).head
    assert head is not None
    assert (head.vertex.title, head.index, head.output) == ("x", 1, "/out")


def test_scratch_has_no_vertices_and_no_head() -> None:
    seen = graph(llbpy.scratch())
    assert (seen.vertices, seen.head) == ((), None)


def test_a_vertex_that_nothing_needs_is_shown_too() -> None:
    unused, used = source("local://a"), source("local://b")
    assert len(read(foreign(unused, used, using(used))).vertices) == 2


def test_a_missing_input_is_named() -> None:
    gone = source("local://a")
    with pytest.raises(GraphError, match=f"uses {digest(gone)} and does not have it"):
        read(foreign(using(gone)))


def test_a_definition_cut_short_is_refused() -> None:
    with pytest.raises(GraphError, match="last op names no output"):
        read(foreign(source("local://a")))
