"""`frontend.targets`: what the file can build."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

import pytest

from llbpy import State, bind, image, merge, output, scratch
from llbpy.frontends.requests.targets import base_image
from tests.dsl.decoded import definition
from tests.frontends.requests.asked import BUILD, Asked, lines
from tests.lint.checked import IMPORTS

ALPINE = image("alpine:3.22", inherit=False)
TOOLS = image("example.com/tools:1", inherit=False)


def test_targets_are_listed_with_their_first_lines(tmp_path: Path) -> None:
    found = Asked(tmp_path).value("targets")["targets"]
    assert [(each["name"], each.get("description")) for each in found] == [
        ("app", "The app, alone in its image & small."),
        ("report", "What is known of somebody."),
        ("deb-sid", None),
        ("deb-trixie", None),
    ]
    assert [lines(each["location"]) for each in found] == [(0, 7, 8), (0, 32, 33), (0, 38, 39), (0, 38, 39)]


def test_the_default_is_marked_and_platforms_are_named(tmp_path: Path) -> None:
    found = Asked(tmp_path).value("targets")["targets"]
    assert [each.get("default", False) for each in found] == [True, False, False, False]
    assert [each.get("platform") for each in found] == ["linux/amd64,linux/arm64", None, None, None]


def test_the_only_target_is_the_default(tmp_path: Path) -> None:
    text = IMPORTS + "@target\ndef app() -> State:\n    return scratch()\n"
    assert Asked(tmp_path, text).text("targets") == "TARGET        DESCRIPTION\napp (default) \n"


def test_several_targets_may_have_no_default(tmp_path: Path) -> None:
    text = IMPORTS + "".join([f"@target\ndef {name}() -> State:\n    return scratch()\n" for name in "ab"])
    assert Asked(tmp_path, text).text("targets") == "TARGET DESCRIPTION\na      \nb      \n"


def test_a_file_without_targets_has_none(tmp_path: Path) -> None:
    found = Asked(tmp_path, "X = 1\n").value("targets")
    assert (found["targets"], [b64decode(each) for each in found["sources"]]) == (None, [b"X = 1\n"])


def test_a_neighbours_target_points_into_its_file(tmp_path: Path) -> None:
    neighbour = IMPORTS + "@target\ndef app() -> State:\n    return scratch()\n"
    found = Asked(tmp_path, "from neighbour import app\n", neighbour=neighbour).value("targets")
    assert lines(found["targets"][0]["location"]) == (1, 4, 5)
    assert b64decode(found["sources"][1]).decode() == neighbour


def test_a_known_graph_says_where_a_target_starts(tmp_path: Path) -> None:
    made = Asked(tmp_path, BUILD).result("targets", graphs={"app": definition(ALPINE.run("x"))})
    bases = [each.get("base") for each in json.loads(made["result.json"])["targets"]]
    assert bases == ["alpine:3.22", None, None, None]


@pytest.mark.parametrize(
    ("state", "base"),
    [
        (ALPINE, "alpine:3.22"),
        (ALPINE.run("x", mounts=[bind(TOOLS, "/tools")]).mkdir("/a"), "alpine:3.22"),
        (ALPINE.copy(TOOLS["/tool"], "/tool", link=True), "alpine:3.22"),
        (TOOLS.run("x", mounts=[output("/out")]).output("/out"), ""),
        (TOOLS.run("x", mounts=[bind(ALPINE, "/out", writable=True)]).output("/out"), "alpine:3.22"),
        (merge(ALPINE, TOOLS), ""),
        (scratch(), ""),
        (scratch().copy(ALPINE, "/"), ""),
    ],
)
def test_the_image_that_a_result_starts_from(state: State, base: str) -> None:
    assert base_image(definition(state)) == base
