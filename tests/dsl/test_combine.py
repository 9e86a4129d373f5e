"""Merge, diff, requires, apply, build: states made of states."""

from __future__ import annotations

import pytest

from llbpy import GraphError, State, diff, image, merge, scratch
from tests.dsl.decoded import BASE, FOLDER, definition, inputs, op, titles, vertex

DEBIAN = image("debian", inherit=False)


def test_merge_puts_later_states_on_top() -> None:
    state = merge(BASE, DEBIAN, FOLDER)
    assert op(state)["merge"]["inputs"] == [{}, {"input": 1}, {"input": 2}]
    assert inputs(state)[1:] == ["docker-image://docker.io/library/debian:latest", "local://context"]


def test_merge_of_one_state_is_that_state() -> None:
    assert merge(BASE).vertex is BASE.vertex


def test_merge_of_none_is_scratch() -> None:
    assert merge().vertex is None
    assert merge(scratch(), scratch()).vertex is None


def test_scratch_adds_nothing_to_a_merge() -> None:
    assert op(merge(scratch(), BASE, scratch(), DEBIAN)) == op(merge(BASE, DEBIAN))
    assert merge(scratch(), BASE, scratch()).vertex is BASE.vertex


def test_the_facts_of_a_merge_are_those_of_its_first_files() -> None:
    assert merge(BASE.env(A="1"), DEBIAN.env(B="2")).facts == BASE.env(A="1").facts


def test_diff_is_what_the_upper_changes_of_the_lower() -> None:
    state = diff(BASE, BASE.run(["make"]))
    assert op(state)["diff"] == {"lower": {}, "upper": {"input": 1}}
    assert inputs(state) == ["docker-image://docker.io/library/alpine:latest", "make"]


def test_the_facts_of_a_diff_are_those_of_the_lower() -> None:
    assert diff(BASE.dir("/a"), DEBIAN.dir("/b")).facts.dir == "/a"


def test_diff_against_scratch_is_the_upper_itself() -> None:
    assert diff(scratch(), BASE) is BASE
    assert diff(scratch(), scratch()).vertex is None


def test_diff_to_scratch_removes_everything() -> None:
    assert op(diff(BASE, scratch()))["diff"] == {"lower": {}, "upper": {"input": -1}}


def test_merge_and_diff_may_be_named() -> None:
    assert vertex(merge(BASE, DEBIAN, name="both")).title == "both"
    assert vertex(diff(BASE, DEBIAN, name="changes")).title == "changes"


def test_requires_waits_for_others_and_keeps_the_files() -> None:
    state = BASE.dir("/x").requires(DEBIAN.run(["lint"]), scratch(), id="checks")
    assert op(state)["passthrough"] == {"id": "checks", "outputs": [0]}
    assert inputs(state) == ["docker-image://docker.io/library/alpine:latest", "lint"]
    assert state.facts.dir == "/x"


def test_requiring_nothing_changes_nothing() -> None:
    assert BASE.requires() is BASE
    assert scratch().requires(scratch()).vertex is None


def test_scratch_has_no_vertex_to_wait_for_others() -> None:
    with pytest.raises(GraphError, match="no vertex that could wait for them"):
        scratch().requires(BASE)


def test_apply_is_the_recipe_called() -> None:
    def recipe(state: State) -> State:
        return state.env(A="1")

    assert BASE.apply(recipe).facts == BASE.env(A="1").facts


def test_build_is_the_result_of_a_definition_in_a_file() -> None:
    plain, named = FOLDER.build(), FOLDER.build("/app.llb", name="inner")
    assert "llb.filename" not in str(op(plain)["build"].get("attrs", {}))
    assert "/app.llb" in str(op(named)["build"]["attrs"])
    assert vertex(named).title == "inner"
    with pytest.raises(GraphError, match="scratch\\(\\) has none"):
        scratch().build()


def test_a_shared_state_is_one_vertex() -> None:
    shared = BASE.run(["prepare"])
    assert titles(merge(shared.run(["a"]), shared.run(["b"]))).count("prepare") == 1


def test_two_equal_graphs_are_one_vertex_by_digest() -> None:
    one, two = (image("alpine", inherit=False).run(["make"]) for _ in range(2))
    assert len(definition(merge(one, two)).ops) == 4


def test_merge_of_a_list_says_that_states_go_one_by_one() -> None:
    with pytest.raises(GraphError, match="merge"):
        merge([BASE, DEBIAN])  # type: ignore[arg-type]
