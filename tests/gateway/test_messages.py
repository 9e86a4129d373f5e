"""The table of the service's messages against the descriptors, and both directions of the wire against protobuf."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import timestamp_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from llbpy.errors import GraphError
from llbpy.gateway import messages as gw
from llbpy.graph.wire import Field, Message
from llbpy.proto import caps_pb2, gateway_pb2, stat_pb2
from llbpy.proto.rpc import RPCS
from tests.gateway.daemon import SERVICE
from tests.graph.oracle import RANGES, empty, given, is_map, map_value, messages, owner, put

TABLES: dict[str, type[Message]] = {
    name: table for name, table in vars(gw).items() if isinstance(table, type) and table.__bases__ == (Message,)
}
DESCRIPTORS: dict[str, Descriptor] = {
    name: descriptor
    for module in (gateway_pb2, stat_pb2, caps_pb2, timestamp_pb2)
    for name, descriptor in module.DESCRIPTOR.message_types_by_name.items()
}
NAMES = sorted(TABLES.keys() - {"Empty"})
RENAMED = {("Ref", "def"): "definition"}
"""A name that Python keeps for itself, and ours for it."""
SAMPLES = {
    FieldDescriptor.CPPTYPE_STRING: "é\0",
    FieldDescriptor.CPPTYPE_BOOL: True,
    FieldDescriptor.CPPTYPE_ENUM: 1,
    FieldDescriptor.CPPTYPE_INT32: -1,
    FieldDescriptor.CPPTYPE_INT64: -1,
    FieldDescriptor.CPPTYPE_UINT32: 300,
}


KNOWN = [
    (DESCRIPTORS[name].fields_by_number[number], field)
    for name in NAMES
    for number, field in TABLES[name].fields.items()
]
FIELDS = [pytest.param(kind, field, id=f"{owner(kind)}.{kind.name}") for kind, field in KNOWN]
NUMBERS = [
    pytest.param(field, *RANGES[kind.cpp_type], id=f"{owner(kind)}.{kind.name}")
    for kind, field in KNOWN
    if kind.cpp_type in RANGES and kind.cpp_type != FieldDescriptor.CPPTYPE_ENUM
]


def sample(field: FieldDescriptor) -> Any:
    """A value that is no default, as protobuf takes it."""
    if field.cpp_type == FieldDescriptor.CPPTYPE_MESSAGE:
        return empty(given(field.message_type))
    return b"\xff" if field.type == FieldDescriptor.TYPE_BYTES else SAMPLES[field.cpp_type]


def samples(field: FieldDescriptor) -> Any:
    if is_map(field):
        value = sample(map_value(field))
        return {"é": value, "a": value}
    return [sample(field), sample(field)] if field.is_repeated else sample(field)


def ours(value: Any) -> Any:
    """The same value as our encoder takes it: messages are bytes."""
    if isinstance(value, dict):
        return {key: ours(item) for key, item in value.items()}
    if isinstance(value, list):
        return [ours(item) for item in value]
    return value.SerializeToString() if hasattr(value, "SerializeToString") else value


def as_fields(table: type[Message], message: Any) -> dict[str, Any]:
    """What a table knows of a message, as it decodes it: messages are dicts of the fields present, or bytes where it says so."""
    present = [(table.fields.get(field.number), field, value) for field, value in message.ListFields()]
    return {known.name: decoded(known, field, value) for known, field, value in present if known is not None}


def decoded(known: Field, field: FieldDescriptor, value: Any) -> Any:
    if is_map(field):
        return {key: item(known, value[key]) for key in value}
    return [item(known, each) for each in value] if field.is_repeated else item(known, value)


def item(known: Field, value: Any) -> Any:
    if not hasattr(value, "SerializeToString"):
        return value
    if known.lazy is None or stays_bytes(known):
        return value.SerializeToString(deterministic=True)
    return as_fields(known.lazy(), value)


def stays_bytes(known: Field) -> bool:
    return known.name in ("definition", "error", "Definitions")


# The table -------------------------------------------------------------------------------------------------------------------


def test_a_table_is_a_message_of_the_service() -> None:
    assert [name for name in NAMES if name not in DESCRIPTORS] == []


@pytest.mark.parametrize("method", ["Return", "Warn", "Evaluate"])
def test_replies_that_say_nothing_have_no_fields(method: str) -> None:
    assert gw.Empty.fields == {}
    reply = RPCS[f"/{SERVICE}/{method}"].reply.rpartition(".")[2]
    assert list(DESCRIPTORS[reply].fields) == []


@pytest.mark.parametrize("name", NAMES)
def test_numbers_have_the_names_of_the_descriptor(name: str) -> None:
    known = {field.number: RENAMED.get((name, field.name), field.name) for field in DESCRIPTORS[name].fields}
    table = {number: field.name for number, field in TABLES[name].fields.items()}
    assert table == {number: known.get(number) for number in table}
    assert table


@pytest.mark.parametrize(("field", "known"), FIELDS)
def test_a_field_holds_one_or_many_or_a_map(field: FieldDescriptor, known: Field) -> None:
    is_mapping = type(known).__name__ == "MapField"
    assert (known.repeated, is_mapping) == (field.is_repeated and not is_map(field), is_map(field))


@pytest.mark.parametrize(("field", "known"), FIELDS)
def test_a_field_knows_the_message_that_it_holds(field: FieldDescriptor, known: Field) -> None:
    kind = map_value(field).message_type if is_map(field) else field.message_type
    name = "Empty" if known.name == "error" else kind and kind.name  # a status is `transport/status.py`'s
    assert (known.lazy and known.lazy().__name__) == name


@pytest.mark.parametrize(("field", "known"), FIELDS)
def test_a_field_is_written_as_protobuf_writes_it(field: FieldDescriptor, known: Field) -> None:
    message = empty(given(field.containing_type))
    put(message, field, samples(field))
    assert known.write(ours(samples(field))) == message.SerializeToString(deterministic=True)


@pytest.mark.parametrize(("field", "known"), FIELDS)
def test_what_a_field_writes_is_read_by_protobuf(field: FieldDescriptor, known: Field) -> None:
    message = empty(given(field.containing_type))
    message.ParseFromString(known.write(ours(samples(field))))
    expected = empty(given(field.containing_type))
    put(expected, field, samples(field))
    assert message == expected


@pytest.mark.parametrize(("field", "known"), FIELDS)
def test_a_field_is_read_as_protobuf_wrote_it(field: FieldDescriptor, known: Field) -> None:
    message = empty(given(field.containing_type))
    put(message, field, samples(field))
    table = TABLES[owner(field)]
    assert table.decode(message.SerializeToString()) == as_fields(table, message)
    assert list(table.decode(message.SerializeToString())) == [known.name]


@pytest.mark.parametrize(("known", "least", "greatest"), NUMBERS)
def test_a_number_is_written_up_to_what_its_field_can_hold(known: Field, least: int, greatest: int) -> None:
    assert known.write(greatest)
    assert known.write(least) or least == 0
    for number in (least - 1, greatest + 1):
        with pytest.raises(GraphError, match=f"^{number} does not fit"):
            known.write(number)


@settings(max_examples=150, deadline=None)
@for_all(st.sampled_from(NAMES).flatmap(lambda name: messages(DESCRIPTORS[name], depth=2)))
def test_random_messages_are_read_as_protobuf_wrote_them(message: Any) -> None:
    table = TABLES[message.DESCRIPTOR.name]
    assert table.decode(message.SerializeToString(deterministic=True)) == as_fields(table, message)
