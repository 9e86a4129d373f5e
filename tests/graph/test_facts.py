"""Facts: what a state was told, and the whole that it makes with an inherited config."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import Platform, State, Ulimit, expand, image, scratch
from llbpy.errors import GraphError
from llbpy.graph.expand import Expand
from llbpy.graph.facts import NOTHING, Facts
from tests.graph.decoding import meta_of, plain

CONFIG = {"config": {"Env": ["A=1", "B=2"], "WorkingDir": "/w"}}


def test_nothing_is_known_of_a_new_filesystem_but_its_dir() -> None:
    assert scratch().facts == NOTHING
    view = NOTHING.seen(None)
    assert (dict(view.env), view.dir, view.user, view.platform, view.shell) == ({}, "/", "", None, ("/bin/sh", "-c"))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([{"A": "1", "B": "2"}, {"A": "3"}], ["B=2", "A=3"]),
        ([{"A": "1"}, {"A": None}], []),
        ([{"A": "1", "B": "2"}, {"A": None}, {"A": "4"}], ["B=2", "A=4"]),
        ([{"A": None}], []),
        ([{"A": ""}], ["A="]),
        ([{"A": "x=y"}], ["A=x=y"]),
        ([{"A": "1"}, {"B": expand("$A$A")}], ["A=1", "B=11"]),
        ([{"A": "1"}, {"A": expand("${A}0")}], ["A=10"]),
    ],
)
def test_variables_are_ordered_by_their_latest_assignment(changes: Any, expected: list[str]) -> None:
    facts = NOTHING
    for values in changes:
        facts = facts.setting(values)
    assert [f"{name}={value}" for name, value in facts.seen(None).env.items()] == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([{"A": "3"}], ["B=2", "A=3"]),
        ([{"A": None}], ["B=2"]),
        ([{"A": None}, {"A": "4"}], ["B=2", "A=4"]),
        ([{"C": expand("$A-$B")}, {"A": "late"}], ["B=2", "C=1-2", "A=late"]),
        ([{"A": expand("$A+")}, {"A": expand("$A+")}], ["B=2", "A=1++"]),
        ([{"B": "own"}, {"C": expand("$A-$B")}], ["A=1", "B=own", "C=1-own"]),
    ],
)
def test_variables_go_on_from_those_of_the_config(changes: Any, expected: list[str]) -> None:
    facts = image("alpine").facts
    for values in changes:
        facts = facts.setting(values)
    assert [f"{name}={value}" for name, value in facts.seen(CONFIG).env.items()] == expected


@pytest.mark.parametrize(
    ("steps", "expected", "inherited"),
    [
        (["/a"], "/a", "/a"),
        (["/a", "b"], "/a/b", "/a/b"),
        (["b"], "/b", "/w/b"),
        (["b", "c"], "/b/c", "/w/b/c"),
        (["b", ".."], "/", "/w"),
        (["/a", "../.."], "/", "/"),
        (["b", "/c"], "/c", "/c"),
        (["/a//b/./c"], "/a//b/./c", "/a//b/./c"),
    ],
)
def test_dirs_are_joined_and_start_at_the_one_of_the_config(steps: list[str], expected: str, inherited: str) -> None:
    fresh, base = NOTHING, image("alpine").facts
    for step in steps:
        fresh, base = fresh.within(step), base.within(step)
    assert (fresh.seen(None).dir, base.seen(CONFIG).dir) == (expected, inherited)


def test_a_dir_that_leaves_the_inherited_one_does_so_on_the_wire_too() -> None:
    facts = image("alpine").facts.within("../x")
    assert facts.seen(CONFIG).dir == "/x"


def test_the_shell_of_a_windows_platform_is_cmd() -> None:
    assert NOTHING.on(Platform("windows", "amd64")).seen(None).shell == ("cmd", "/S", "/C")


def test_the_platform_of_a_state_is_normalised() -> None:
    assert NOTHING.on(Platform("linux", "aarch64", "8")).platform == Platform("linux", "arm64")


def test_facts_without_an_image_are_worked_out_once() -> None:
    facts = NOTHING.setting({"A": "1"})
    assert facts.seen(None) is facts.seen(None)
    assert facts.seen(CONFIG) is not facts.seen(CONFIG)


def test_facts_are_equal_by_what_was_said_in_order() -> None:
    one, two = NOTHING.setting({"A": "1", "B": "2"}), NOTHING.setting({"A": "1"}).setting({"B": "2"})
    assert one == two
    assert hash(one) == hash(two)
    assert one != NOTHING.setting({"B": "2", "A": "1"})
    assert one != NOTHING
    one.seen(None)
    assert one == two


def test_changing_facts_leaves_the_old_ones() -> None:
    facts = NOTHING.setting({"A": "1"}).within("/a")
    facts.setting({"A": "2"})
    facts.having(user="x", dir="/b")
    assert (facts.env, facts.dir, facts.user) == ({"A": "1"}, "/a", None)


@pytest.mark.parametrize("name", [name for name in Facts.__slots__ if name != "view"])
def test_facts_are_immutable(name: str) -> None:
    with pytest.raises(AttributeError, match=f"Facts is immutable; make a new one instead of setting '{name}'"):
        setattr(NOTHING, name, None)


LIMITS: list[tuple[State, dict[str, Any]]] = [
    (plain().hostname("h"), {"hostname": "h"}),
    (plain().cgroup_parent("cg"), {"cgroupParent": "cg"}),
    (plain().extra_host("a", "1.2.3.4"), {"extraHosts": [{"Host": "a", "IP": "1.2.3.4"}]}),
    (plain().ulimit("nofile", 0, -1), {"ulimit": [{"Name": "nofile", "Hard": -1}]}),
    (plain().user("u:g"), {"user": "u:g"}),
]


@pytest.mark.parametrize(("state", "expected"), LIMITS)
def test_every_fact_is_a_field_of_meta(state: State, expected: dict[str, Any]) -> None:
    plain_meta = {"args": ["make"], "cwd": "/", "removeMountStubsRecursive": True}
    assert meta_of(state.run(["make"])) == plain_meta | expected


def test_ulimits_are_values() -> None:
    assert Ulimit("nofile", 1, 2) == Ulimit("nofile", 1, 2)
    assert Ulimit("nofile", 1, 2) != ("nofile", 1, 2)
    assert repr(Ulimit("nofile", 1, 2)) == "Ulimit(name='nofile', soft=1, hard=2)"


# Templates


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("", ("",)),
        ("text", ("text",)),
        ("$A", ("", "A", "")),
        ("${A}", ("", "A", "")),
        ("x${A1_}y", ("x", "A1_", "y")),
        ("$A$B", ("", "A", "", "B", "")),
        ("$A-b", ("", "A", "-b")),
        ("$$", ("$",)),
        ("$$A", ("$A",)),
        ("a$$$A", ("a$", "A", "")),
        ("$_é", ("", "_", "é")),
    ],
)
def test_a_template_is_text_and_names_in_turn(template: str, parts: tuple[str, ...]) -> None:
    assert expand(template) == Expand(parts)
    assert expand(template).names == parts[1::2]


@pytest.mark.parametrize(
    ("template", "at"),
    [("$", 0), ("a$", 1), ("$1", 0), ("${", 0), ("${}", 0), ("x${A", 1), ("${A-b}", 0), ("$é", 0), ("$A $ ", 3)],
)
def test_a_dollar_that_starts_no_name_is_refused_with_its_place(template: str, at: int) -> None:
    with pytest.raises(GraphError) as caught:
        expand(template)
    assert str(caught.value) == (
        f"expand({template!r}): the $ at position {at} starts no $NAME or ${{NAME}}; write $$ for a dollar"
    )


def test_filling_puts_in_what_is_known_and_keeps_the_rest() -> None:
    known: dict[str, str | Expand] = {"A": "1", "B": Expand(("<", "X", ">"))}
    assert expand("$A").fill(known.get) == "1"
    assert expand("$B$A").fill(known.get) == Expand(("<", "X", ">1"))
    assert expand("$C$A").fill(known.get) == Expand(("", "C", "1"))
    assert expand("plain").fill(known.get) == "plain"


def test_a_value_that_was_filled_in_is_not_read_again() -> None:
    assert expand("$A").fill({"A": "$B"}.get) == "$B"
