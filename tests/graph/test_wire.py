"""The wire format: how kinds of fields are written in Go's order, and what a reader takes and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llbpy import Ulimit, scratch, source
from llbpy.errors import GraphError
from llbpy.graph import messages as pb
from llbpy.graph.wire import Message, delimited, entries, integer, integers, mapping, string, varint
from llbpy.proto import ops_pb2
from tests.conformance import interpreter
from tests.graph import oracle
from tests.graph.decoding import marshal, op, plain

RANDOM = Path(__file__).parents[1] / "conformance" / "data" / "random.jsonl"
TEXT = st.text(max_size=8)
NAME = TEXT.filter(lambda name: name != "" and "=" not in name and "\0" not in name)


class Sample(Message):
    number = integer(1)
    numbers = integers(2)
    name = string(3)
    names = mapping(4, string(2))
    far = string(2000)


@pytest.mark.parametrize("value", [0, 1, 127, 128, 255, 16383, 16384, 1 << 31, (1 << 64) - 1])
def test_a_varint_is_written_as_protobuf_writes_it(value: int) -> None:
    assert varint(value) == oracle.varint(value)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16384])
def test_the_length_of_a_field_takes_as_many_bytes_as_it_needs(size: int) -> None:
    assert delimited(b"\x0a", b"x" * size) == b"\x0a" + oracle.varint(size) + b"x" * size


@pytest.mark.parametrize("value", [-1, -2, -(1 << 63)])
def test_a_negative_number_takes_ten_bytes(value: int) -> None:
    written = Sample.number.write(value)
    assert len(written) == 11
    assert Sample.decode(written) == {"number": value}


def test_a_default_is_not_written() -> None:
    assert Sample.number.write(0) + Sample.numbers.write(()) + Sample.name.write("") + Sample.names.write({}) == b""


def test_keys_of_a_map_are_sorted_by_their_bytes_and_a_prefix_comes_first() -> None:
    keys = ["b", "abc", "", "é", "a", "ab", "aa", "\U0001f40b", "z"]
    written = Sample.names.write(dict.fromkeys(keys, "x"))
    in_order = [bytes(pb.SourceInfo.decode(raw)["filename"], "utf-8") for _, raw in entries(written)]
    assert in_order == sorted(key.encode() for key in keys)


def test_a_map_entry_has_its_key_and_value_even_when_they_are_empty() -> None:
    assert Sample.names.write({"": ""}) == bytes.fromhex("22040a001200")
    assert Sample.decode(bytes.fromhex("22040a001200")) == {"names": {"": ""}}


@pytest.mark.parametrize("entry", ["2200", "22020a00", "22021200"])
def test_a_map_entry_without_its_key_or_value_is_read_as_empty(entry: str) -> None:
    assert Sample.decode(bytes.fromhex(entry)) == {"names": {"": ""}}


def test_repeated_numbers_are_read_packed_and_one_by_one() -> None:
    assert Sample.decode(bytes.fromhex("1203018001" + "1005")) == {"numbers": [1, 128, 5]}


def test_fields_that_the_table_does_not_know_are_passed_over() -> None:
    unknown = "5001" + "5a0161" + "6100000000000000ff" + "65000000ff"
    assert Sample.decode(bytes.fromhex(unknown + "0807")) == {"number": 7}


def test_a_field_number_may_take_more_than_one_byte() -> None:
    assert Sample.decode(Sample.far.write("x")) == {"far": "x"}


def test_the_last_of_a_field_that_is_there_twice_counts() -> None:
    assert Sample.decode(bytes.fromhex("0801" + "0802")) == {"number": 2}


REFUSED = [
    ("08", "not a protobuf message: byte 1 of 1 ends inside a number"),
    ("0880", "not a protobuf message: byte 2 of 2 ends inside a number"),
    ("08" + "80" * 11, "not a protobuf message: byte 11 of 12 ends inside a number"),
    ("1a05", "not a protobuf message: byte 2 of 2 has no complete field"),
    ("1a0261", "not a protobuf message: byte 2 of 3 has no complete field"),
    ("0961", "not a protobuf message: byte 1 of 2 has no complete field"),
    ("0b", "not a protobuf message: byte 1 of 1 has no complete field"),
    ("0a0161", "not a protobuf message: field number holds bytes, not a number"),
    ("1801", "not a protobuf message: field name holds a number, not bytes"),
    ("2001", "not a protobuf message: field names holds a number, not bytes"),
    ("120180", "not a protobuf message: byte 1 of 1 ends inside a number"),
    ("1a01ff", "not a protobuf message: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
]


@pytest.mark.parametrize(("data", "problem"), REFUSED, ids=[data for data, _ in REFUSED])
def test_what_is_no_message_is_refused_with_the_place(data: str, problem: str) -> None:
    with pytest.raises(GraphError) as caught:
        Sample.decode(bytes.fromhex(data))
    assert str(caught.value) == problem


def random_cases(count: int) -> list[Any]:
    with open(RANDOM, encoding="utf-8") as lines:
        return [json.loads(line) for line, _ in zip(lines, range(count), strict=False)]


@pytest.mark.parametrize("case", random_cases(40), ids=lambda case: case["name"])
def test_ops_mean_to_protobuf_what_they_mean_to_us(case: Any) -> None:
    for data in interpreter.marshal(case).ops:
        parsed = ops_pb2.Op.FromString(data)
        assert oracle.as_fields(parsed) == pb.Op.decode(data)
        assert len(parsed.SerializeToString()) == len(data)


@pytest.mark.parametrize("case", random_cases(10), ids=lambda case: case["name"])
def test_the_payload_is_written_after_platform_and_constraints(case: Any) -> None:
    for data in interpreter.marshal(case).ops:
        numbers = [number for number, _ in entries(data)]
        payload = [number for number in numbers if 2 <= number <= 8]
        others = [number for number in numbers if number not in payload]
        assert numbers == sorted(others) + payload
        assert len(payload) <= 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(TEXT, min_size=1, max_size=4),
    st.dictionaries(NAME, TEXT, max_size=4),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.lists(st.integers(-(1 << 31), (1 << 31) - 1), max_size=3),
)
def test_a_command_of_any_text_and_numbers_reaches_protobuf(
    args: list[str], env: dict[str, str], limit: int, codes: list[int]
) -> None:
    state = plain().env(env).run(args, ulimits=[Ulimit("nofile", limit, 0)], exit_codes=codes)
    meta = ops_pb2.Op.FromString(marshal(state).ops[1]).exec.meta
    assert list(meta.args) == args
    assert list(meta.env) == [f"{name}={value}" for name, value in env.items()]
    assert [(each.Soft, each.Hard) for each in meta.ulimit] == [(limit, 0)]
    assert list(meta.validExitCodes) == codes


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(TEXT, TEXT, max_size=6))
def test_attributes_of_any_text_reach_protobuf_sorted_as_go_sorts_them(attrs: dict[str, str]) -> None:
    data = marshal(source("any://thing", attrs)).ops[0]
    assert dict(ops_pb2.Op.FromString(data).source.attrs) == attrs
    payload = dict(entries(data))[3]
    keys = [dict(entries(raw))[1] for number, raw in entries(payload) if number == 2]
    assert keys == sorted(name.encode() for name in attrs)


def test_text_that_is_no_unicode_is_refused_with_its_place() -> None:
    with pytest.raises(GraphError, match=r"test_wire.py:\d+: 'a\\udcff' cannot be written as UTF-8 \(character 1\)$"):
        op(scratch().run(["a\udcff"]))
