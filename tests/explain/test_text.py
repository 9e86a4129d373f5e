"""What people see on a terminal."""

from __future__ import annotations

import pytest

import llbpy
from llbpy import State, files
from llbpy.explain.formats import text
from llbpy.explain.graph import read
from llbpy.explain.lanes import MOST, rows
from tests.explain.definitions import GO, GRAPHS, marshalled

A, B = llbpy.image("a", inherit=False), llbpy.image("b", inherit=False)


def drawn(state: State) -> list[str]:
    return [row.beside for row in rows(read(marshalled(state)))]


def details(state: State) -> list[str]:
    """The lines that are no vertex's first, without what is drawn beside them."""
    lines = text.render(marshalled(state)).splitlines()[:-2]
    return [line.strip(" │") for line in lines if not line.lstrip()[:1].isdigit()]


def fan(width: int) -> State:
    return llbpy.merge(*[A.run(["x", str(number)]) for number in range(width)])


# Lanes


def test_a_chain_is_one_lane() -> None:
    assert drawn(A.run(["x"]).run(["y"])) == ["○", "●", "◉"]


def test_two_inputs_join_in_the_lane_of_the_first() -> None:
    assert drawn(A.file(files.copy(B, "/x", "/y"))) == ["○", "│ ○", "◉─╯"]


def test_an_output_with_users_to_come_keeps_its_lane() -> None:
    assert drawn(llbpy.diff(A, A.run(["x"]))) == ["○", "├─●", "◉─╯"]


def test_a_vertex_goes_on_in_the_lane_that_ends() -> None:
    made = B.run(["x"], mounts=[llbpy.bind(A, "/a")])
    assert drawn(llbpy.merge(A, made)) == ["○", "│ ○", "├─●", "◉─╯"]


def test_a_lane_that_is_only_passed_is_crossed() -> None:
    one, two, three = (A.run([name]) for name in ("1", "2", "3"))
    assert drawn(llbpy.merge(one, two, three)) == ["○", "├─●", "├─│─●", "● │ │", "╰─◉─╯"]


def test_a_lane_in_between_that_goes_on_is_told_from_one_that_is_passed() -> None:
    c = llbpy.image("c", inherit=False)
    made = A.run(["x"], mounts=[llbpy.bind(B, "/b"), llbpy.bind(c, "/c")])
    assert drawn(llbpy.merge(made, B)) == ["○", "│ ○", "│ │ ○", "●─┼─╯", "◉─╯"]


def test_no_more_lanes_are_drawn_than_fit() -> None:
    assert max(map(len, drawn(fan(40)))) == 2 * MOST + 1


def test_the_lanes_of_a_graph_are_all_closed_at_its_end() -> None:
    for definition in (*GRAPHS.values(), *GO.values()):
        assert list(rows(read(definition)))[-1].below == ""


# Lines


def test_each_vertex_has_one_line_in_the_order_of_the_build() -> None:
    for definition in (*GRAPHS.values(), *GO.values()):
        first = [line.split()[0] for line in text.render(definition).splitlines()[:-2] if line.lstrip()[:1].isdigit()]
        assert first == [str(number) for number in range(1, len(definition.ops))]


def test_one_head_is_marked() -> None:
    for definition in (*GRAPHS.values(), *GO.values()):
        assert text.render(definition).count("◉") == 1


def test_the_last_line_sums_up() -> None:
    definition = marshalled(A.run(["x"], mounts=[llbpy.output("/out")]).output("/out"))
    last = text.render(definition).splitlines()[-1]
    assert last == f"2 vertices for linux/amd64, head 2:/out, {definition.head}"


def test_a_straight_line_needs_no_words() -> None:
    assert details(A.run(["x"])) == []


def test_an_input_that_joins_is_named_with_its_use() -> None:
    assert details(A.run(["x"], mounts=[llbpy.bind(B, "/b")])) == ["/b ← 2"]


def test_a_root_whose_lane_goes_on_is_named_where_another_input_joins() -> None:
    made = A.run(["x"], mounts=[llbpy.bind(B, "/b")])
    assert details(llbpy.merge(A, made)) == ["root ← 1   /b ← 2"]


def test_a_root_that_is_an_output_of_a_mount_is_named() -> None:
    made = A.run(["x"], mounts=[llbpy.output("/out")]).output("/out")
    assert details(made.run(["/y"]))[-1] == "root ← 2:/out"


def test_a_title_that_names_the_inputs_is_enough() -> None:
    assert details(llbpy.merge(A, B)) == []


def test_a_merge_under_another_name_lists_its_inputs() -> None:
    assert details(llbpy.merge(A, B, name="all")) == ["layer 1 ← 1   layer 2 ← 2"]


def test_inputs_without_a_lane_are_named() -> None:
    lines = text.render(marshalled(fan(40))).splitlines()
    assert "merge (" + ", ".join(str(number) for number in range(2, 42)) + ")" in lines[-3]


# Width


@pytest.mark.parametrize("width", [1, 10, 40, 80, 132])
def test_no_line_is_wider_than_asked(width: int) -> None:
    for definition in (*GRAPHS.values(), *GO.values()):
        assert max(map(len, text.render(definition, width).splitlines())) <= width


def test_nothing_is_clipped_unless_asked() -> None:
    long = "x" * 5000
    assert long in text.render(marshalled(A.run([long])))


def test_a_clipped_title_leaves_its_place_to_be_seen() -> None:
    lines = text.render(GRAPHS["app"], 60).splitlines()
    assert [line for line in lines if "…  app.py:" in line]


def test_a_wide_terminal_changes_nothing() -> None:
    assert text.render(GRAPHS["app"], 1000) == text.render(GRAPHS["app"])


# Text of others


def test_a_script_is_shown_in_one_line() -> None:
    assert "sh -c one↵ two" in text.render(marshalled(A.run(["sh", "-c", "one\ntwo\n"])))


def test_nothing_a_terminal_obeys_is_let_through() -> None:
    hostile = "\x1b[2J\r\x07\u202e\x9b"
    shown = text.render(marshalled(A.run([hostile, hostile], mounts=[llbpy.cache("/" + hostile)], name=hostile)))
    assert all(line.isprintable() for line in shown.splitlines())
