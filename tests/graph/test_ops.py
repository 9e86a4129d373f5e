"""Every kind of vertex: what they have in common, and what each adds."""

from __future__ import annotations

from typing import Any

import pytest

import llbpy
from llbpy import Proxy, Resources, State, diff, files, local, merge, scratch
from llbpy.graph import messages as pb
from llbpy.graph.marshal import Marshaller
from llbpy.graph.ops.exec import ShellText
from llbpy.graph.ops.op import Op
from llbpy.graph.platforms import Platform
from llbpy.graph.sourcemap import SourceFiles
from tests.graph.decoding import caps_of, exec_of, marshal, meta_of, op, ops, plain

AMD64 = {"Architecture": "amd64", "OS": "linux"}
base, other = plain(), plain("other")
EACH: dict[str, State] = {
    "source": plain(worker_filters=["f"]),
    "exec": base.run(["make"], worker_filters=["f"]),
    "file": base.file(files.mkdir("/a"), worker_filters=["f"]),
    "build": base.build(worker_filters=["f"]),
    "merge": merge(base, other, worker_filters=["f"]),
    "diff": diff(base, other, worker_filters=["f"]),
    "passthrough": base.requires(other, worker_filters=["f"]),
}


def test_every_kind_is_registered_under_its_field_of_an_op() -> None:
    assert set(Op.kinds) == set(EACH)
    assert set(Op.kinds) <= {field.name for field in pb.Op.fields.values()}


@pytest.mark.parametrize("kind", EACH)
def test_every_kind_has_its_payload_and_constraints(kind: str) -> None:
    fields = op(EACH[kind])
    assert fields["constraints"] == {"filter": ["f"]}
    assert set(fields) - {"inputs", "platform", "constraints"} == {kind}


@pytest.mark.parametrize("kind", EACH)
def test_every_kind_is_told_by_its_bytes_alone(kind: str) -> None:
    """Two kinds never encode the same, or the daemon would take one for the other."""
    others = [marshal(state).head for name, state in EACH.items() if name != kind]
    assert marshal(EACH[kind]).head not in others


@pytest.mark.parametrize("kind", EACH)
def test_only_what_runs_or_is_chosen_by_platform_has_one(kind: str) -> None:
    fields = op(EACH[kind], platform="linux/arm/v7")
    expected = {"Architecture": "arm", "OS": "linux", "Variant": "v7"} if kind in ("source", "exec", "build") else None
    assert fields.get("platform") == expected


@pytest.mark.parametrize(
    ("identifier", "has_platform"),
    [
        ("docker-image://a", True),
        ("oci-layout://a", True),
        ("docker-image+blob://a", False),
        ("oci-layout+blob://a", False),
        ("git://a", False),
        ("https://a", False),
        ("local://a", False),
    ],
)
def test_of_the_sources_images_have_a_platform(identifier: str, has_platform: bool) -> None:
    assert ("platform" in op(llbpy.source(identifier, {}, platform="linux/arm64"))) == has_platform


def test_a_new_kind_has_to_say_what_it_is() -> None:
    marshaller = Marshaller(Platform("linux", "amd64"), "unique", None, {}, SourceFiles())
    for ask in (
        lambda: Op().inputs(),
        lambda: Op().encode(marshaller),
        lambda: Op().caps(marshaller),
        lambda: Op.describe({}, ()),
    ):
        with pytest.raises(NotImplementedError):
            ask()


DESCRIBED: list[tuple[State, str]] = [
    (plain("a:1"), "docker-image://docker.io/library/a:1"),
    (base.run(["sh", "-c", "make it"]), "sh -c make it"),
    (base.file(files.mkdir("/a"), files.mkfile("/b", 0, ""), files.rm("/c")), "mkdir /a, mkfile /b, rm /c"),
    (base.file(files.symlink("/old", "/new")), "symlink /new -> /old"),
    (base.file(files.copy(other, "/a", "/b")), "copy /a /b"),
    (base.build("f"), "build"),
    (base.requires(other, id="wait"), "passthrough wait"),
]


@pytest.mark.parametrize(("state", "expected"), DESCRIBED)
def test_a_vertex_is_described_as_the_daemon_calls_it(state: State, expected: str) -> None:
    line = str(marshal(state)).splitlines()[-2]
    assert line.partition(": ")[2] == expected


# Exec


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"network": "host"}, {"network": 1}),
        ({"network": "none"}, {"network": 2}),
        ({"network": "sandbox"}, {}),
        ({"security": "insecure"}, {"security": 1}),
        ({"security": "sandbox"}, {}),
    ],
)
def test_modes_are_fields_beside_the_mounts(given: Any, expected: Any) -> None:
    fields = exec_of(base.run(["make"], **given))
    assert {key: value for key, value in fields.items() if key not in ("meta", "mounts")} == expected


def test_modes_and_mounts_that_are_no_files_stand_together() -> None:
    mounts = [llbpy.secret("s", env="S"), llbpy.output("/o")]
    fields = exec_of(base.run(["make"], network="host", security="insecure", mounts=mounts))
    assert list(fields) == ["meta", "mounts", "network", "security", "secretenv"]


CAPS: list[tuple[Any, set[str]]] = [
    ({}, set()),
    ({"network": "none"}, {"exec.meta.network"}),
    ({"security": "insecure"}, {"exec.meta.security"}),
    ({"ulimits": [llbpy.Ulimit("nofile", 1, 1)]}, {"exec.meta.ulimit"}),
    ({"exit_codes": [1]}, {"exec.validexitcode"}),
    ({"proxy": Proxy()}, {"exec.meta.proxyenv"}),
    ({"resources": Resources()}, {"exec.meta.linux.resources"}),
    ({"hostname": "h", "cgroup_parent": "c", "extra_hosts": [("a", "::1")], "user": "u"}, set()),
]


@pytest.mark.parametrize(("given", "expected"), CAPS)
def test_a_command_needs_the_capabilities_of_what_it_uses(given: Any, expected: set[str]) -> None:
    assert caps_of(base.run(["make"], **given)) == {"exec.meta.base", "exec.mount.bind", *expected}


def test_a_command_on_scratch_binds_nothing() -> None:
    assert caps_of(scratch().run(["make"])) == {"exec.meta.base"}


@pytest.mark.parametrize(
    ("name", "field"),
    [("http", "http_proxy"), ("https", "https_proxy"), ("ftp", "ftp_proxy"), ("no", "no_proxy"), ("all", "all_proxy")],
)
def test_a_proxy_is_a_message_of_its_own(name: str, field: str) -> None:
    meta = meta_of(base.run(["make"], proxy=Proxy(**{name: "p"}), hostname="h"))
    assert meta["proxy_env"] == {field: "p"}
    assert "env" not in meta


def test_an_empty_proxy_is_one_too() -> None:
    assert meta_of(base.run(["make"], proxy=Proxy()))["proxy_env"] == {}


def test_exit_codes_are_in_the_order_given() -> None:
    assert meta_of(base.run(["make"], exit_codes=[3, 0, -1]))["validExitCodes"] == [3, 0, -1]


PLATFORMS: list[tuple[State, str]] = [
    (base.run(["make"]), "amd64"),
    (base.platform("linux/arm64").run(["make"]), "arm64"),
    (plain(platform="linux/s390x").run(["make"]), "s390x"),
    (base.platform("linux/arm64").run(["make"], platform="linux/386"), "386"),
    (scratch().platform("linux/riscv64").run(["make"]), "riscv64"),
]


@pytest.mark.parametrize(("state", "expected"), PLATFORMS)
def test_a_command_runs_on_its_own_platform_its_states_or_the_one_that_is_built(state: State, expected: str) -> None:
    assert op(state)["platform"]["Architecture"] == expected


def test_a_platform_among_the_options_is_written_as_it_is() -> None:
    assert op(plain(platform=Platform("linux", "arm64", "v8")))["platform"]["Variant"] == "v8"


@pytest.mark.parametrize(
    ("text", "shell", "argv"),
    [
        (ShellText("make"), ("/bin/sh", "-c"), ("/bin/sh", "-c", "make")),
        (ShellText("make", True), ("/bin/sh", "-c"), ("/bin/sh", "-c", "set -e\nmake")),
        (ShellText("make", True), ("bash", "-c"), ("bash", "-c", "set -e\nmake")),
        (ShellText("make", True), ("/usr/bin/python3", "-c"), ("/usr/bin/python3", "-c", "make")),
        (ShellText("dir", True), ("cmd", "/S", "/C"), ("cmd", "/S", "/C", "dir")),
    ],
)
def test_a_script_stops_at_its_first_failing_line_where_the_shell_is_posix(
    text: ShellText, shell: Any, argv: Any
) -> None:
    assert text.argv(shell) == argv


# Others


def test_a_read_only_root_hands_on_what_it_was_given() -> None:
    run = base.run(["make"], readonly_root=True)
    assert run.vertex == base.vertex
    assert len(ops(run)) == 2


@pytest.mark.parametrize(
    ("lower", "upper", "expected", "inputs"),
    [
        (base, other, {"lower": {}, "upper": {"input": 1}}, 2),
        (base, base, {"lower": {}, "upper": {"input": 1}}, 2),
        (base, scratch(), {"lower": {}, "upper": {"input": -1}}, 1),
    ],
)
def test_a_diff_names_both_sides(lower: State, upper: State, expected: Any, inputs: int) -> None:
    fields = op(diff(lower, upper))
    assert fields["diff"] == expected
    assert len(fields["inputs"]) == inputs


def test_a_diff_against_scratch_is_the_upper_side() -> None:
    assert diff(scratch(), base) is base


def test_a_merge_has_each_input_by_number_even_twice() -> None:
    fields = op(merge(base, other, base))
    assert fields["merge"] == {"inputs": [{}, {"input": 1}, {"input": 2}]}
    assert len(fields["inputs"]) == 3


def test_a_wait_hands_on_its_first_input() -> None:
    fields = op(base.requires(other, scratch(), plain("third"), id="i"))
    assert fields["passthrough"] == {"id": "i", "outputs": [0]}
    assert len(fields["inputs"]) == 3


@pytest.mark.parametrize(("filename", "attrs"), [(None, None), ("f", {"llbbuild.filename": "f"})])
def test_a_build_names_its_definition(filename: str | None, attrs: Any) -> None:
    fields = op(base.build(filename))["build"]
    assert (fields["builder"], fields["inputs"], fields.get("attrs")) == (-1, {"buildkit.llb.definition": {}}, attrs)
    assert caps_of(base.build(filename)) == {"source.buildop.llbfilename"}


def test_an_empty_name_of_a_definition_is_the_default() -> None:
    assert marshal(base.build("")).head == marshal(base.build()).head


@pytest.mark.parametrize(
    ("state", "cap"),
    [
        (EACH["merge"], "mergeop"),
        (EACH["diff"], "diffop"),
        (EACH["passthrough"], "passthroughop"),
        (EACH["file"], "file.base"),
    ],
)
def test_the_other_kinds_need_one_capability(state: State, cap: str) -> None:
    assert caps_of(state) == {cap}


@pytest.mark.parametrize("kind", ["merge", "diff", "passthrough", "file"])
def test_files_of_no_platform_take_that_of_the_state_they_are_reset_to(kind: str) -> None:
    assert EACH[kind].reset(base.platform("linux/arm64")).facts.platform == Platform("linux", "arm64")
    assert EACH[kind].reset(base).facts.platform is None


def test_a_session_takes_the_place_of_the_id() -> None:
    assert op(local("context", session="s"))["source"]["attrs"] == {"local.session": "s"}
    assert op(local("context"))["source"]["attrs"] == {"local.unique": "unique"}
