"""JSON, tables and excerpts, as Go writes them."""

from __future__ import annotations

import json

import pytest
from google.protobuf.json_format import MessageToDict

from llbpy import Definition
from llbpy.frontends.requests.convertllb import convert
from llbpy.frontends.requests.excerpts import excerpt
from llbpy.frontends.requests.messages import struct
from llbpy.frontends.requests.results import indented, result
from llbpy.frontends.requests.tables import aligned
from llbpy.graph import messages as pb
from llbpy.graph.sourcemap import Location, SourceInfo
from llbpy.proto import ops_pb2
from tests.explain.definitions import GO, GRAPHS

DEFINITIONS = {**GO, **GRAPHS}


# Go's text/tabwriter made these


@pytest.mark.parametrize(
    ("text", "padding", "shown"),
    [
        ("", 3, ""),
        ("a\tb\tc\n", 3, "a   b   c\n"),
        ("a\tb\n", 0, "ab\n"),
        ("ä\tb\nlonger\tx\n", 1, "ä      b\nlonger x\n"),
        ("a\t\nb\t\n", 3, "a   \nb   \n"),
        ("\t\tx\n", 3, "      x\n"),
        ("ü<bb\n\n&lt;\v\t\v\t<\n\tbb漢\n", 3, "ü<bb\n\n&lt;            <\n       bb漢\n"),
        ("漢\t\n \n漢<\n\t\v\f< \t\n", 3, "漢   \n \n漢<\n      \n<    \n"),
        ("ü\v<a&lt;\t\f&lt; \v<<漢\n", 0, "ü<a&lt;\n&lt; <<漢\n"),
        ("\n\f\tüa\va\f漢\f\n", 1, "\n\n üa a\n漢\n\n"),
    ],
)
def test_columns_are_as_wide_as_gos(text: str, padding: int, shown: str) -> None:
    assert aligned(text, padding) == shown


# JSON


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ([], "[]"),
        (None, "null"),
        ({"a": [1, True, None]}, '{\n  "a": [\n    1,\n    true,\n    null\n  ]\n}'),
        ("<a href='x'>&</a>", "\"\\u003ca href='x'\\u003e\\u0026\\u003c/a\\u003e\""),
        ("ü 漢 🚀", '"ü 漢 🚀"'),
        ("\u2028\u2029", '"\\u2028\\u2029"'),
        ('\b\f\n\r\t"\\\x00\x7f', '"\\b\\f\\n\\r\\t\\"\\\\\\u0000\x7f"'),
        ("\udc80", '"\\ufffd"'),
    ],
)
def test_json_is_escaped_and_indented_as_gos(value: object, text: str) -> None:
    assert indented(value) == text


def test_a_text_with_half_a_character_is_still_utf8() -> None:
    assert result("1", "", "a\udc80")["result.txt"].decode() == "a\ufffd"


# Messages


@pytest.mark.parametrize("name", DEFINITIONS)
def test_ops_and_sources_are_what_protobuf_makes_of_them(name: str) -> None:
    definition = DEFINITIONS[name]
    found = json.loads(convert(definition)["result.json"])
    ops = zip(definition.digests, definition.ops, strict=True)
    assert found["def"] == {digest: MessageToDict(ops_pb2.Op.FromString(data)) for digest, data in ops}
    assert found["source"] == MessageToDict(ops_pb2.Source.FromString(definition.source.to_bytes()))


def test_ops_and_metadata_are_sorted_by_digest() -> None:
    found = json.loads(convert(GRAPHS["app"])["result.json"])
    assert [*found["def"]] == [*found["metadata"]] == sorted(GRAPHS["app"].digests)


def test_scratch_converts_to_nothing() -> None:
    expected = b'{\n  "def": {},\n  "metadata": {},\n  "source": {}\n}'
    assert convert(Definition.from_bytes(b""))["result.json"] == expected


def test_metadata_has_the_names_and_numbers_of_gos_struct() -> None:
    written = ops_pb2.OpMetadata(
        ignore_cache=True,
        description={"b": "2", "a": "1"},
        export_cache=ops_pb2.ExportCache(),
        caps={"exec.meta.base": True},
        progress_group=ops_pb2.ProgressGroup(id="i", weak=True),
        linux_resources=ops_pb2.LinuxResources(memory=1 << 40, cpuShares=5),
    )
    found = struct(pb.OpMetadata, pb.OpMetadata.decode(written.SerializeToString()))
    assert list(found.items()) == [
        ("ignore_cache", True),
        ("description", {"a": "1", "b": "2"}),
        ("export_cache", {}),
        ("caps", {"exec.meta.base": True}),
        ("progress_group", {"id": "i", "weak": True}),
        ("linux_resources", {"memory": 1 << 40, "cpuShares": 5}),
    ]
    assert [*found["description"]] == ["a", "b"]


# Excerpts


def shown(*ranges: tuple[int, int], lines: int = 10) -> list[str]:
    """The marks and the numbers of the lines that are shown."""
    text = "\n".join([str(number) for number in range(1, lines + 1)]).encode()
    spans = tuple([((start, 0), (end, 0)) for start, end in ranges])
    return [line.replace(" ", "") for line in excerpt(Location(SourceInfo("b", text), spans)).splitlines()]


RULE = "--------------------"


@pytest.mark.parametrize(
    ("ranges", "first", "numbers"),
    [
        ([(5, 5)], "b:5", "3| 4| 5|>>> 6| 7|"),
        ([(1, 1)], "b:1", "1|>>> 2| 3|"),
        ([(10, 10)], "b:10", "8| 9| 10|>>>"),
        ([(4, 6)], "b:4", "3| 4|>>> 5|>>> 6|>>> 7|"),
        ([(9, 12)], "b:9", "8| 9|>>> 10|>>>"),
        ([(5, 0)], "b:5", "3| 4| 5|>>> 6| 7|"),
        ([(4, 4), (7, 7)], "b:4", "3| 4|>>> 5| 6| 7|>>> 8|"),
    ],
)
def test_lines_around_are_shown_as_buildctl_shows_them(ranges: list[tuple[int, int]], first: str, numbers: str) -> None:
    found = shown(*ranges)
    assert (found[0], found[1], found[-1]) == (first, RULE, RULE)
    assert [line.partition("|")[0] + "|" + (">>>" if ">>>" in line else "") for line in found[2:-1]] == numbers.split()


@pytest.mark.parametrize("ranges", [[], [(0, 0)], [(11, 11)]])
def test_lines_that_a_file_does_not_have_are_not_shown(ranges: list[tuple[int, int]]) -> None:
    assert shown(*ranges) == []
