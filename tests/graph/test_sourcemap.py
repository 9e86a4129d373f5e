"""Source maps: each vertex points at the user's lines that made it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

import llbpy
from tests.graph.decoding import marshal
from tests.graph.userfiles import ALPINE, Folder, locations


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_vertex_points_at_its_line(folder: Folder) -> None:
    defined = folder.run("\n\n" + ALPINE)
    assert folder.places(defined["base"]) == ["build.py:3"]


def test_a_call_over_several_lines_has_its_first_and_last(folder: Folder) -> None:
    defined = folder.run(
        """\
        base = llbpy.image(
            "alpine",
            inherit=False,
        )
        """
    )
    assert locations(defined["base"])[0].ranges == (((1, 7), (4, 1)),)


def test_a_chain_of_methods_points_at_the_line_of_each(folder: Folder) -> None:
    defined = folder.run(
        """\
        base = llbpy.image("alpine", inherit=False)
        done = (
            base
            .run(["one"])
            .run(["two"])
        )
        """
    )
    data = marshal(defined["done"])
    spans = [data.source.locations[digest][0].ranges[0] for digest in data.digests[:-1]]
    assert [(start[0], end[0]) for start, end in spans] == [(1, 1), (4, 4), (5, 5)]


def test_two_calls_on_a_line_are_told_apart_by_their_columns(folder: Folder) -> None:
    defined = folder.run(
        'one, two = [llbpy.image(name, inherit=False) for name in "a"], llbpy.image("b", inherit=False)\n'
    )
    spans = [locations(state)[0].ranges[0] for state in (*defined["one"], defined["two"])]
    assert [start for start, _ in spans] == [(1, 12), (1, 63)]
    assert [end for _, end in spans] == [(1, 44), (1, 94)]


def test_helper_functions_give_the_innermost_line_first_and_three_at_most(folder: Folder) -> None:
    defined = folder.run(
        """\
        def one():
            return llbpy.image("alpine", inherit=False)
        def two():
            return one()
        def three():
            return two()
        def four():
            return three()
        base = four()
        """
    )
    assert folder.places(defined["base"]) == ["build.py:2", "build.py:4", "build.py:6"]


def test_a_recipe_keeps_its_own_line_and_that_of_apply(folder: Folder) -> None:
    defined = folder.run(
        """\
        def recipe(state):
            return state.run(["make"])
        base = llbpy.image("alpine", inherit=False)
        done = base.apply(recipe)
        """
    )
    assert folder.places(defined["done"]) == ["build.py:2", "build.py:4"]


def test_a_line_that_calls_itself_counts_once(folder: Folder) -> None:
    defined = folder.run(
        """\
        def down(depth): return down(depth - 1) if depth else llbpy.image("alpine", inherit=False)
        base = down(1)
        """
    )
    assert folder.places(defined["base"]) == ["build.py:1", "build.py:2"]


def test_imported_neighbours_are_files_of_their_own(folder: Folder) -> None:
    recipes = folder.run("def make(state):\n    return state.run(['make'])\n", "recipes.py")
    defined = folder.run(f"\n\n{ALPINE}done = make(base)\n", make=recipes["make"])
    assert folder.places(defined["done"]) == ["recipes.py:2", "build.py:4"]
    infos = {os.path.basename(info.filename): info.data for info in marshal(defined["done"]).source.infos}
    assert infos["build.py"] == (folder.path / "build.py").read_bytes()
    assert infos["recipes.py"] == (folder.path / "recipes.py").read_bytes()


def test_files_of_packages_never_appear(folder: Folder) -> None:
    package = folder.run("def make(state):\n    return state.run(['make'])\n", "site-packages/package.py")
    defined = folder.run(f"{ALPINE}done = make(base)\n", make=package["make"])
    assert folder.places(defined["done"]) == ["build.py:2"]


def test_files_of_llbpy_and_of_python_never_appear(folder: Folder) -> None:
    defined = folder.run(
        """\
        from functools import reduce
        base = llbpy.image("alpine", inherit=False)
        done = reduce(lambda state, name: state.apply(lambda s: s.run([name])), ["a", "b"], base)
        """
    )
    package = os.path.dirname(llbpy.__file__)
    files = {info.filename for info in marshal(defined["done"]).source.infos}
    assert folder.places(defined["done"]) == ["build.py:3"]
    assert not [name for name in files if name.startswith((package, sys.base_prefix, sys.prefix))]


def test_code_without_a_file_has_no_place_and_no_text() -> None:
    names: dict[str, Any] = {"llbpy": llbpy}
    exec(compile(ALPINE, "<string>", "exec"), names)
    assert {place.info.filename for place in locations(names["base"])} == {__file__}


def test_code_whose_file_is_gone_has_no_place(tmp_path: Path) -> None:
    names: dict[str, Any] = {"llbpy": llbpy}
    exec(compile(ALPINE, str(tmp_path / "gone.py"), "exec"), names)
    assert {place.info.filename for place in locations(names["base"])} == {__file__}


def test_equal_vertices_of_two_lines_keep_both(folder: Folder) -> None:
    defined = folder.run(
        """\
        one = llbpy.image("alpine", inherit=False)
        two = llbpy.image("alpine", inherit=False)
        both = llbpy.merge(one, two)
        """
    )
    data = marshal(defined["both"])
    assert folder.shown(data.source.locations[data.digests[0]]) == ["build.py:1", "build.py:2"]


def test_equal_vertices_of_one_line_keep_it_once(folder: Folder) -> None:
    defined = folder.run(
        """\
        one, two = [llbpy.image("alpine", inherit=False) for _ in "ab"]
        both = llbpy.merge(one, two)
        """
    )
    data = marshal(defined["both"])
    assert len(data.ops) == 3
    assert folder.shown(data.source.locations[data.digests[0]]) == ["build.py:1"]


LOOP = 'made = [make(llbpy.image("alpine", inherit=False), name) for name in names]\n'
MAKE = "def make(state, name):\n    return state.run([name])\n"


def test_two_files_of_one_text_are_two_files(folder: Folder) -> None:
    make = folder.run(MAKE, "recipes.py")["make"]
    made = [folder.run(LOOP, f"{name}.py", make=make, names=[name])["made"][0] for name in ("one", "two")]
    data = marshal(llbpy.merge(*made))
    runs = [folder.shown(data.source.locations[marshal(state).head]) for state in made]
    assert runs == [["recipes.py:2", "one.py:1"], ["recipes.py:2", "two.py:1"]]


def test_a_loop_over_two_files_gives_each_its_own_place(folder: Folder) -> None:
    texts = {name: f"# {name}\n" * (number + 1) + ALPINE for number, name in enumerate(("one", "two"))}
    bases = [folder.run(text, f"{name}.py")["base"] for name, text in texts.items()]
    made = [bases[number % 2].run([str(number)]) for number in range(4)]
    data = marshal(llbpy.merge(*made))
    assert folder.shown(data.source.locations[data.digests[0]]) == ["one.py:2", "two.py:3"]
