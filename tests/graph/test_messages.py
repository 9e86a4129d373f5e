"""The tables of messages against the descriptors, and both directions of the wire against protobuf."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from llbpy.errors import GraphError
from llbpy.graph import messages as pb
from llbpy.graph import opmessages as op_pb
from llbpy.graph.wire import Message
from tests.graph.oracle import (
    DESCRIPTORS,
    RANGES,
    as_fields,
    empty,
    given,
    is_map,
    map_value,
    messages,
    our_name,
    owner,
    put,
    sized,
    varint,
    wire_data,
)

TABLES: dict[str, type[Message]] = {
    name: table
    for module in (pb, op_pb)
    for name, table in vars(module).items()
    if isinstance(table, type) and table.__bases__ == (Message,)
}
FIELDS = [
    pytest.param(field, id=f"{name}.{field.name}")
    for name, descriptor in DESCRIPTORS.items()
    if name in TABLES
    for field in descriptor.fields
]
NAMES = sorted(TABLES)
SAMPLES = {
    FieldDescriptor.CPPTYPE_STRING: "é\0",
    FieldDescriptor.CPPTYPE_BOOL: True,
    FieldDescriptor.CPPTYPE_ENUM: 1,
    FieldDescriptor.CPPTYPE_INT32: -1,
    FieldDescriptor.CPPTYPE_INT64: -1,
    FieldDescriptor.CPPTYPE_UINT32: 300,
    FieldDescriptor.CPPTYPE_UINT64: 1 << 40,
}


def sample(field: FieldDescriptor) -> Any:
    """A value that is no default, as protobuf takes it."""
    if field.cpp_type == FieldDescriptor.CPPTYPE_MESSAGE:
        return empty(given(field.message_type))
    return b"\xff" if field.type == FieldDescriptor.TYPE_BYTES else SAMPLES[field.cpp_type]


def ours(value: Any) -> Any:
    """The same value as our encoder takes it: messages are bytes."""
    return value.SerializeToString() if hasattr(value, "SerializeToString") else value


def samples(field: FieldDescriptor) -> Any:
    if is_map(field):
        value = sample(map_value(field))
        return {"a": value, "é": value}
    return [sample(field), sample(field)] if field.is_repeated else sample(field)


def each(convert: Any, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: convert(item) for key, item in value.items()}
    return [convert(item) for item in value] if isinstance(value, list) else convert(value)


def test_there_is_a_table_for_every_message_but_those_that_no_definition_holds() -> None:
    assert set(DESCRIPTORS) - set(TABLES) == set()
    assert set(TABLES) - set(DESCRIPTORS) == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_table_has_the_names_and_numbers_of_its_descriptor(name: str) -> None:
    table = {number: field.name for number, field in TABLES[name].fields.items()}
    assert table == {field.number: our_name(field) for field in DESCRIPTORS[name].fields}


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_knows_the_message_that_it_holds(field: FieldDescriptor) -> None:
    kind = map_value(field).message_type if is_map(field) else field.message_type
    lazy = TABLES[owner(field)].fields[field.number].lazy
    assert (lazy and lazy().__name__) == (kind and kind.name)


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_written_as_protobuf_writes_it(field: FieldDescriptor) -> None:
    message = empty(given(field.containing_type))
    put(message, field, samples(field))
    encoded = TABLES[owner(field)].fields[field.number].write(each(ours, samples(field)))
    assert encoded == message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_read_as_protobuf_wrote_it(field: FieldDescriptor) -> None:
    message = empty(given(field.containing_type))
    put(message, field, samples(field))
    assert TABLES[owner(field)].decode(message.SerializeToString()) == as_fields(message)


def numbers(*kinds: int) -> list[Any]:
    """The fields of these kinds."""
    fields = [field for name in NAMES for field in DESCRIPTORS[name].fields if field.cpp_type in kinds]
    return [pytest.param(field, id=f"{owner(field)}.{field.name}") for field in fields]


SIGNED = numbers(FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64)
UNSIGNED = numbers(FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_UINT64)
NUMBERS = SIGNED + UNSIGNED


def written(field: FieldDescriptor, number: int) -> bytes:
    value = [number] if field.is_repeated else number
    return TABLES[owner(field)].fields[field.number].write(value)


@pytest.mark.parametrize("field", NUMBERS)
def test_a_number_is_written_up_to_what_its_field_can_hold(field: FieldDescriptor) -> None:
    for number in RANGES[field.cpp_type]:
        message = empty(given(field.containing_type))
        put(message, field, [number] if field.is_repeated else number)
        assert written(field, number) == message.SerializeToString()


@pytest.mark.parametrize("field", NUMBERS)
def test_a_number_above_what_its_field_can_hold_is_refused(field: FieldDescriptor) -> None:
    number = RANGES[field.cpp_type][1] + 1
    with pytest.raises(GraphError, match=f"^{number} does not fit"):
        written(field, number)


@pytest.mark.parametrize("field", SIGNED)
def test_a_number_below_what_its_field_can_hold_is_refused(field: FieldDescriptor) -> None:
    number = RANGES[field.cpp_type][0] - 1
    with pytest.raises(GraphError, match=f"^{number} does not fit"):
        written(field, number)


@pytest.mark.parametrize("field", UNSIGNED)
def test_a_number_below_zero_is_refused_where_there_is_none(field: FieldDescriptor) -> None:
    with pytest.raises(GraphError, match=r"^-1 does not fit"):
        written(field, -1)


def test_the_members_of_a_oneof_are_written_even_when_they_hold_a_default() -> None:
    assert op_pb.UserOpt.byID.write(0) == bytes.fromhex("1000")
    assert op_pb.UserOpt.byName.write(b"") == bytes.fromhex("0a00")


NAMED = st.sampled_from(NAMES)


@settings(max_examples=150, deadline=None)
@for_all(NAMED.flatmap(lambda name: messages(DESCRIPTORS[name])))
def test_random_messages_are_read_as_protobuf_wrote_them(message: Any) -> None:
    assert TABLES[message.DESCRIPTOR.name].decode(message.SerializeToString()) == as_fields(message)


@settings(max_examples=100, deadline=None)
@for_all(NAMED.flatmap(lambda name: messages(DESCRIPTORS[name])), st.data())
def test_a_message_that_is_cut_short_raises_nothing_but_graph_error(message: Any, data: st.DataObject) -> None:
    whole = message.SerializeToString()
    decode_or_refuse(TABLES[message.DESCRIPTOR.name], whole[: data.draw(st.integers(0, len(whole)))])


@settings(max_examples=100, deadline=None)
@for_all(NAMED, st.binary(max_size=40))
def test_garbage_raises_nothing_but_graph_error(name: str, garbage: bytes) -> None:
    decode_or_refuse(TABLES[name], garbage)


@settings(max_examples=300, deadline=None, derandomize=True)
@for_all(NAMED, wire_data())
def test_fields_of_the_wrong_kind_raise_nothing_but_graph_error(name: str, data: bytes) -> None:
    decode_or_refuse(TABLES[name], data)


def map_entries() -> list[tuple[str, bytes]]:
    """Map entries with a number where their key, or their text or message, stands."""
    bad: list[tuple[str, bytes]] = []
    for name, table in TABLES.items():
        for field in filter(is_map, DESCRIPTORS[name].fields):
            is_number = map_value(field).cpp_type == FieldDescriptor.CPPTYPE_BOOL
            for number in (1,) if is_number else (1, 2):
                entry = varint(number << 3) + varint(5)
                bad.append((table.__name__, varint(field.number << 3 | 2) + sized(entry)))
    return bad


@pytest.mark.parametrize(("name", "data"), map_entries())
def test_a_number_where_a_map_entry_has_text_or_a_message_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(GraphError, match=r"^not a protobuf message: field of a map holds "):
        TABLES[name].decode(data)


def decode_or_refuse(table: type[Message], data: bytes) -> None:
    """Either a dict of known fields, or GraphError; anything else that is raised fails the test."""
    refusal = ""
    try:
        names = set(table.decode(data))
    except GraphError as error:
        names, refusal = set(), str(error)
    assert names <= {field.name for field in table.fields.values()}
    assert refusal == "" or refusal.startswith("not a ")
