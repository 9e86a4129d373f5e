"""DOT, with Graphviz's own reader as the oracle where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape

import pytest

import llbpy
from llbpy import Definition, State
from llbpy.explain.formats import dot
from llbpy.explain.graph import read
from tests.explain.definitions import GO, GRAPHS, marshalled

A, B = llbpy.image("a", inherit=False), llbpy.image("b", inherit=False)
HOSTILE = [
    '"',
    "\\",
    "\\N",
    "\\n",
    "\\l",
    "\\\\",
    "a\\",
    "<b>",
    "&lt;",
    "&",
    "&amp;N",
    "{x|y}",
    "ü 漢 🚀",
    "'",
    "#;=[]->",
]

graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def drawn(source: str, form: str) -> str:
    """What Graphviz makes of it; a message of its reader is a failure."""
    done = subprocess.run(["dot", f"-T{form}"], input=source, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def texts(definition: Definition) -> list[str]:
    """The pieces of text in a picture."""
    svg = drawn(dot.render(definition), "svg")
    return [unescape(text) for text in re.findall(r"<text[^>]*>(.*?)</text>", svg)]


def tooltips(definition: Definition) -> list[str]:
    """What shows over its vertices, without the spaces of no width."""
    titles = re.findall(r'<a xlink:title="(.*?)"', drawn(dot.render(definition), "svg"), re.DOTALL)
    return [unescape(title).replace("\N{ZERO WIDTH SPACE}", "") for title in titles]


def edges(state: State) -> list[str]:
    return [line.strip() for line in dot.render(marshalled(state)).splitlines() if " -> " in line]


@graphviz
@pytest.mark.parametrize("name", GRAPHS)
def test_graphviz_finds_each_vertex_and_each_input(name: str) -> None:
    plain = drawn(dot.render(GRAPHS[name]), "plain").splitlines()
    vertices = read(GRAPHS[name]).vertices
    assert sum(line.startswith("node ") for line in plain) == len(vertices)
    assert sum(line.startswith("edge ") for line in plain) == sum(len(vertex.inputs) for vertex in vertices)


@graphviz
def test_graphviz_reads_every_definition_from_go() -> None:
    everything = "".join([dot.render(definition) for definition in GO.values()])
    assert drawn(everything, "canon").count("digraph build") == len(GO)


@graphviz
@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_drawn_as_it_is(text: str) -> None:
    assert text in texts(marshalled(A.run([text])))


@graphviz
@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_over_a_vertex_is_as_it_is(text: str) -> None:
    assert tooltips(marshalled(A.run([text])))[-1].split("\n")[1] == text


@graphviz
@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_beside_an_edge_is_drawn_as_it_is(text: str) -> None:
    assert f"/{text}" in texts(marshalled(A.run(["x"], mounts=[llbpy.bind(B, f"/{text}")])))


@graphviz
@pytest.mark.parametrize("text", HOSTILE)
def test_any_output_is_drawn_as_it_is(text: str) -> None:
    made = A.run(["x"], mounts=[llbpy.output(f"/{text}")]).output(f"/{text}")
    assert f"/{text}" in texts(marshalled(made.run(["y"])))


@graphviz
def test_a_script_has_a_line_for_each_of_its_own() -> None:
    assert {"sh -c one", "two"} <= set(texts(marshalled(A.run(["sh", "-c", "one\ntwo\n"]))))


@graphviz
def test_the_place_stands_beside_the_number() -> None:
    assert "4 \N{NO-BREAK SPACE}app.py:8" in texts(GRAPHS["app"])


def test_control_characters_are_escaped() -> None:
    assert "\x1b" not in dot.render(marshalled(A.run(["\x1b[2J"])))


def test_kinds_differ_in_shape() -> None:
    shapes = [dot._KINDS[kind].split(",")[0] for kind in ("source", "exec", "file", "build", "merge", "diff")]
    assert len(set(shapes)) == len(shapes)


def test_the_head_stands_out() -> None:
    lines = dot.render(marshalled(A.run(["x"]).run(["y"]))).splitlines()
    assert [line.split()[0] for line in lines if dot._HEAD in line] == ["n3"]


def test_what_a_vertex_goes_on_with_is_a_strong_line_without_words() -> None:
    assert edges(A.run(["x"])) == [f"n1 -> n2 [{dot._GOES_ON}]"]


def test_a_mount_is_a_line_with_its_target() -> None:
    assert 'n2 -> n3 [label="/b"]' in edges(A.run(["x"], mounts=[llbpy.bind(B, "/b")]))


def test_an_output_is_named_where_its_line_starts() -> None:
    made = A.run(["x"], mounts=[llbpy.output("/out")]).output("/out")
    assert edges(made.run(["y"]))[-1] == 'n2 -> n3 [label="root", taillabel="/out"]'


def test_what_is_only_waited_for_is_a_dashed_line() -> None:
    assert edges(A.requires(B))[-1] == 'n2 -> n3 [label="waited for", style=dashed]'


def test_a_long_title_is_cut_in_the_picture_and_whole_over_it() -> None:
    words = " ".join(["word"] * 500)
    label, tooltip = dot.render(marshalled(A.run([words]))).splitlines()[-3].split("tooltip=")
    assert label.count("word") < 100
    assert tooltip.count("word") == 500
