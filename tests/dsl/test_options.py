"""The options that every verb takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llbpy import (
    GraphError,
    PlatformError,
    ProgressGroup,
    Resources,
    State,
    diff,
    files,
    git,
    http,
    image,
    local,
    merge,
    oci_layout,
    source,
)
from llbpy.graph.metadata import OpMetadata
from tests.dsl.decoded import BASE, FOLDER, caps, definition, op, vertex

DIGEST = "sha256:" + "a" * 64
VERBS: dict[str, Callable[..., State]] = {
    "run": lambda **options: BASE.run(["x"], **options),
    "copy": lambda **options: BASE.copy(FOLDER, "/", **options),
    "mkdir": lambda **options: BASE.mkdir("/a", **options),
    "write": lambda **options: BASE.write("/a", "", **options),
    "symlink": lambda **options: BASE.symlink("/b", "/a", **options),
    "remove": lambda **options: BASE.remove("/a", **options),
    "file": lambda **options: BASE.file(files.rm("/a"), **options),
    "requires": lambda **options: BASE.requires(FOLDER, **options),
    "build": lambda **options: FOLDER.build(**options),
    "merge": lambda **options: merge(BASE, FOLDER, **options),
    "diff": lambda **options: diff(BASE, FOLDER, **options),
    "image": lambda **options: image("alpine", inherit=False, **options),
    "local": lambda **options: local("context", **options),
    "git": lambda **options: git("https://example.com/r.git", **options),
    "http": lambda **options: http("https://example.com/a", **options),
    "oci_layout": lambda **options: oci_layout(f"a@{DIGEST}", **options),
    "source": lambda **options: source("x://y", {}, **options),
}


@pytest.fixture(params=sorted(VERBS))
def verb(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def metadata(state: State) -> OpMetadata:
    found = vertex(state).metadata
    assert found is not None
    return found


def test_a_name_is_what_displays_show(verb: str) -> None:
    assert vertex(VERBS[verb](name="mine")).title == "mine"


def test_wishes_stand_beside_the_vertex(verb: str) -> None:
    group, limits = ProgressGroup("group", id="g", weak=True), Resources(memory=1 << 20, cpu_quota=500)
    state = VERBS[verb](
        description={"why": "speed"}, ignore_cache=True, export_cache=False, progress_group=group, resources=limits
    )
    found = metadata(state)
    assert (found.ignore_cache, found.export_cache, found.description) == (True, False, {"why": "speed"})
    assert (found.progress_group, found.resources) == (group, limits)


def test_wishes_are_no_part_of_the_digest(verb: str) -> None:
    plain, named = VERBS[verb](), VERBS[verb](name="mine", ignore_cache=True, export_cache=True)
    assert definition(plain).head == definition(named).head


def test_worker_filters_are_part_of_the_vertex(verb: str) -> None:
    assert op(VERBS[verb](worker_filters=["platform==linux"]))["constraints"] == {"filter": ["platform==linux"]}


def test_an_unknown_platform_is_refused(verb: str) -> None:
    with pytest.raises(PlatformError, match="did you mean 'arm64'"):
        VERBS[verb](platform="linux/arm46")


def test_an_unknown_option_is_refused_with_a_near_miss(verb: str) -> None:
    with pytest.raises(GraphError, match=rf"{verb}\(\) has no option 'nmae'; did you mean 'name'\?"):
        VERBS[verb](nmae="mine")


def test_a_near_miss_may_be_an_option_of_the_verb_alone() -> None:
    with pytest.raises(GraphError, match=r"copy\(\) has no option 'onwer'; did you mean 'owner'\?"):
        BASE.copy(FOLDER, "/", onwer="app")  # type: ignore[call-arg]


def test_several_unknown_options_are_named_at_once() -> None:
    with pytest.raises(GraphError, match=r"has no option 'nmae'; did you mean 'name'\?, 'zzz'"):
        BASE.run(["x"], nmae="n", zzz=1)  # type: ignore[call-arg]


def test_a_wrong_type_of_a_known_option_is_no_unknown_option() -> None:
    with pytest.raises(TypeError):
        BASE.run(["x"], worker_filters=3)  # type: ignore[arg-type]


def test_a_description_and_a_name_go_together() -> None:
    found = metadata(BASE.run(["x"], name="n", description={"a": "1"})).description
    assert found == {"a": "1", "llb.customname": "n"}


def test_a_command_may_have_a_platform_of_its_own_which_lasts() -> None:
    ran = BASE.run(["x"], platform="linux/arm64")
    assert op(ran)["platform"]["Architecture"] == "arm64"
    assert str(ran.facts.platform) == "linux/arm64"


def test_a_link_gives_its_options_to_copy_and_merge() -> None:
    merged = vertex(BASE.copy(FOLDER, "/", link=True, name="linked"))
    assert (merged.title, merged.inputs[1].vertex.title) == ("linked", "linked")


def test_resources_need_the_capability() -> None:
    limits: Any = Resources(memory=1, memory_swap=-1, cpu_shares=2, cpu_period=3, cpuset_cpus="0-1", cpuset_mems="0")
    assert "exec.meta.linux.resources" in caps(BASE.run(["x"], resources=limits))
    assert metadata(BASE.run(["x"], resources=limits)).resources == limits


def test_a_group_is_known_by_its_name_unless_it_has_an_id() -> None:
    assert (ProgressGroup("g").id, ProgressGroup("g", id="x").id) == ("g", "x")
