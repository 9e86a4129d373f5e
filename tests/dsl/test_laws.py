"""What holds for any graph: a state is a value, and marshalling is a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from llbpy import State, bind, definition, diff, merge, output, scratch
from tests.dsl.decoded import BASE, FOLDER, meta
from tests.dsl.decoded import definition as marshalled

Step: TypeAlias = tuple[str, str]

unhurried = settings(deadline=None)  # the machine may be busy

NAMES = st.sampled_from(["a", "b/c", "d"])
STEPS: dict[str, Callable[[State, str], State]] = {
    "env": lambda state, name: state.env({name: "1"}),
    "dir": lambda state, name: state.dir(name),
    "user": lambda state, name: state.user(name),
    "config": lambda state, name: state.config(labels={name: "1"}),
    "platform": lambda state, name: state.platform("linux/arm64"),
    "run": lambda state, name: state.run(["make", name]),
    "output": lambda state, name: state.run(["make"], mounts=[bind(FOLDER, "/src"), output(f"/{name}")]).output(
        f"/{name}"
    ),
    "copy": lambda state, name: state.copy(FOLDER[name], name),
    "link": lambda state, name: state.copy(FOLDER[name], name, link=True),
    "write": lambda state, name: state.write(name, name),
    "remove": lambda state, name: state.remove(name, missing_ok=True),
    "merge": lambda state, name: merge(state, FOLDER),
    "diff": lambda state, name: diff(FOLDER, state),
    "requires": lambda state, name: state.requires(FOLDER) if state.vertex else state,
    "scratch": lambda state, name: scratch(),
}
programs = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), NAMES), max_size=8)


def run(program: list[Step], start: State = BASE) -> State:
    state = start
    for verb, name in program:
        state = STEPS[verb](state, name)
    return state


@unhurried
@given(programs)
def test_marshal_is_a_function(program: list[Step]) -> None:
    state = run(program)
    assert marshalled(state).to_bytes() == marshalled(state).to_bytes()


@unhurried
@given(programs)
def test_the_same_graph_built_twice_is_the_same_bytes(program: list[Step]) -> None:
    first, second = [marshalled(run(program)).to_bytes() for _ in range(2)]
    assert first == second


@unhurried
@given(programs, st.sampled_from(sorted(STEPS)), NAMES)
def test_no_method_changes_its_state(program: list[Step], verb: str, name: str) -> None:
    state = run(program)
    before, facts = marshalled(state).to_bytes(), state.facts.having()
    STEPS[verb](state, name)
    assert (marshalled(state).to_bytes(), state.facts) == (before, facts)


@unhurried
@given(programs)
def test_a_program_may_be_cut_anywhere(program: list[Step]) -> None:
    half = len(program) // 2
    assert marshalled(run(program[half:], run(program[:half]))).ops == marshalled(run(program)).ops


@unhurried
@given(programs)
def test_a_definition_read_back_is_the_same_definition(program: list[Step]) -> None:
    made = marshalled(run(program))
    assert marshalled(definition(made.to_bytes())).to_bytes() == made.to_bytes()


@unhurried
@given(st.lists(st.booleans(), max_size=6))
def test_merging_scratch_changes_nothing(places: list[bool]) -> None:
    filled = [BASE.run([str(number)]) for number, place in enumerate(places) if place]
    states = iter(filled)
    mixed = [next(states) if place else scratch() for place in places]
    assert marshalled(merge(*mixed)).ops == marshalled(merge(*filled)).ops


@unhurried
@given(programs)
def test_a_diff_against_scratch_is_the_state(program: list[Step]) -> None:
    state = run(program)
    assert diff(scratch(), state) is state


COMMUTING: list[Callable[[State], State]] = [
    lambda state: state.env(A="1"),
    lambda state: state.dir("/src"),
    lambda state: state.user("app"),
    lambda state: state.shell("/bin/bash", "-c"),
    lambda state: state.network("host"),
    lambda state: state.security("insecure"),
    lambda state: state.hostname("box"),
    lambda state: state.extra_host("db", "10.0.0.1"),
    lambda state: state.ulimit("nofile", 1, 2),
    lambda state: state.cgroup_parent("/c"),
    lambda state: state.platform("linux/arm64"),
]


@unhurried
@given(st.permutations(COMMUTING), st.integers(0, len(COMMUTING)))
def test_facts_of_different_kinds_commute(order: list[Any], count: int) -> None:
    chosen = order[:count]
    first = second = BASE
    for method in chosen:
        first = method(first)
    for method in sorted(chosen, key=COMMUTING.index):
        second = method(second)
    assert first.facts == second.facts
    assert meta(first.run("make")) == meta(second.run("make"))


@unhurried
@given(st.dictionaries(NAMES, st.none() | NAMES), st.dictionaries(NAMES, st.none() | NAMES))
def test_setting_variables_twice_is_setting_the_latter_over_the_former(first: Any, second: Any) -> None:
    once = {name: value for name, value in first.items() if name not in second} | second
    assert dict(BASE.env(first).env(second).facts.env) == {name: value for name, value in once.items() if value}
