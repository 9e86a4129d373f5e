"""Mermaid flowcharts. What its reader does to text was tried with Mermaid 11; here its rules are held by what is written."""

from __future__ import annotations

import re

import pytest

import llbpy
from llbpy import Definition, State, files
from llbpy.explain.formats import mermaid
from llbpy.explain.graph import read
from tests.explain.definitions import GO, GRAPHS, marshalled

A, B = llbpy.image("a", inherit=False), llbpy.image("b", inherit=False)
SAFE = re.compile(r"[\w /.,:=@()+\u0080-\U0010ffff-]*")
LABEL = re.compile(r'"([^"]*)"')
HOSTILE = [
    '"', "`x`", "#35;", "#quot;", "<b>", "&lt;", "[x]", "{x}", "|", "\\n", "__init__", "*.py", "~x~", "!", "a;b", "$$x^2$$",
    "%%{init: {}}%%", "style a:b", "classDef d:e", "1. one", "1) one", "- two", "+ two", "ü 漢 🚀", "'", "end",
]  # fmt: skip


def labels(definition: Definition) -> list[str]:
    return LABEL.findall(mermaid.render(definition))


def lines(definition: Definition) -> list[str]:
    """The lines of all labels as they are drawn."""
    return [shown(line) for label in labels(definition) for line in label.split("<br/>")]


def shown(line: str) -> str:
    """A line with its references resolved, and without the spaces of no width."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), line).replace("\N{ZERO WIDTH SPACE}", "")


def statements(state: State) -> list[str]:
    return [line.strip() for line in mermaid.render(marshalled(state)).splitlines()]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_drawn_as_it_is(text: str) -> None:
    assert text in lines(marshalled(A.run([text])))


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_beside_a_line_is_drawn_as_it_is(text: str) -> None:
    assert f"/{text}" in lines(marshalled(A.run(["x"], mounts=[llbpy.bind(B, f"/{text}")])))


def test_labels_hold_only_what_mermaid_takes_literally() -> None:
    for definition in (*GRAPHS.values(), *GO.values()):
        for label in labels(definition):
            for line in label.split("<br/>"):
                rest = re.sub(r"#\d+;", "", line)
                assert SAFE.fullmatch(rest), line
                assert "_" not in rest


@pytest.mark.parametrize("word", ["style", "classDef"])
def test_a_word_that_eats_references_is_broken(word: str) -> None:
    assert word not in "".join(labels(marshalled(A.run([f'{word} a:"#"']))))


@pytest.mark.parametrize("mark", ["1. ", "12) ", "- ", "+ "])
def test_a_list_mark_is_broken(mark: str) -> None:
    assert f"<br/>{mark}x" not in mermaid.render(marshalled(A.run([f"{mark}x"])))


@pytest.mark.parametrize("pair", ["$$", "\\n"])
def test_what_is_special_in_pairs_is_kept_apart(pair: str) -> None:
    written = next(label for label in labels(marshalled(A.run([pair]))) if "8203" in label)
    assert f"#{ord(pair[0])};#8203;" in written


def test_a_flowchart_has_each_vertex_and_each_input_once() -> None:
    for definition in (*GRAPHS.values(), *GO.values()):
        text, vertices = mermaid.render(definition), read(definition).vertices
        assert re.findall(r'^  n(\d+)[(\[{\\>]+"', text, re.MULTILINE) == [str(vertex.number) for vertex in vertices]
        arrows = re.findall(r"^  n\d+ (?:==|--|-\.-)>", text, re.MULTILINE)
        assert len(arrows) == sum(len(vertex.inputs) for vertex in vertices)


def test_what_a_vertex_goes_on_with_is_a_strong_line() -> None:
    assert "n1 ==> n2" in statements(A.run(["x"]))


def test_a_copy_is_a_line_that_says_what() -> None:
    assert 'n2 -->|"copy /x"| n3' in statements(A.file(files.copy(B, "/x", "/y")))


def test_an_output_is_named_before_its_use() -> None:
    made = A.run(["x"], mounts=[llbpy.output("/out")]).output("/out")
    assert 'n2 -->|"/out root"| n3' in statements(made.run(["y"]))


def test_what_is_only_waited_for_is_a_dotted_line() -> None:
    assert 'n2 -.->|"waited for"| n3' in statements(A.requires(B))


def test_each_vertex_has_the_colour_of_its_kind() -> None:
    assert "class n1,n2 source" in statements(llbpy.merge(A, B))


def test_the_head_stands_out() -> None:
    assert statements(A.run(["x"]))[-1].startswith("style n2 ")
