"""Proto-JSON, with protobuf's own printer as the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message as Generated
from hypothesis import given
from hypothesis import strategies as st

from llbpy.graph import messages as pb
from llbpy.graph import opmessages as op_pb
from llbpy.graph.protojson import to_json
from llbpy.graph.wire import Field, Message
from llbpy.proto import ops_pb2

AnyField: TypeAlias = Any
"""A field's descriptor: its type has one name in the stubs of protobuf's Python half and another in those of its C half."""

TABLES: dict[str, type[Message]] = {
    name: each
    for module in (pb, op_pb)
    for name, each in vars(module).items()
    if isinstance(each, type) and Message in each.__bases__
}
FIELDS = [
    pytest.param(message, field, id=f"{message.__name__}.{field.name}")
    for message in TABLES.values()
    for field in message.fields.values()
]
LEAST = {FieldDescriptor.CPPTYPE_INT32: -(1 << 31), FieldDescriptor.CPPTYPE_INT64: -(1 << 63)}
GREATEST = {
    FieldDescriptor.CPPTYPE_INT32: (1 << 31) - 1,
    FieldDescriptor.CPPTYPE_INT64: (1 << 63) - 1,
    FieldDescriptor.CPPTYPE_UINT32: (1 << 32) - 1,
    FieldDescriptor.CPPTYPE_UINT64: (1 << 64) - 1,
}


def ours(message: type[Message], data: bytes) -> dict[str, Any]:
    return to_json(message, message.decode(data))


def theirs(message: Generated) -> dict[str, Any]:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def scalars(field: AnyField) -> st.SearchStrategy[Any]:
    kind = field.cpp_type
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return st.booleans()
    if kind == FieldDescriptor.CPPTYPE_STRING:
        return st.binary(max_size=8) if field.type == FieldDescriptor.TYPE_BYTES else st.text(max_size=8)
    if kind == FieldDescriptor.CPPTYPE_ENUM:
        assert field.enum_type is not None
        return st.integers(0, len(field.enum_type.values))  # the last has no name
    return st.integers(LEAST.get(kind, 0), GREATEST[kind])


def fill(draw: st.DrawFn, message: Generated, depth: int) -> None:
    for field in message.DESCRIPTOR.fields:
        if draw(st.booleans()):
            put(draw, message, field, depth)


def put(draw: st.DrawFn, message: Generated, field: AnyField, depth: int) -> None:
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        put_map(draw, getattr(message, field.name), entry.fields_by_name["value"], depth)
    elif entry is not None:
        inner = getattr(message, field.name)
        for each in [inner.add() for _ in range(2)] if field.is_repeated else [inner]:
            each.SetInParent()
            if depth:
                fill(draw, each, depth - 1)
    elif field.is_repeated:
        getattr(message, field.name).extend(draw(st.lists(scalars(field), max_size=3)))
    else:
        setattr(message, field.name, draw(scalars(field)))


def put_map(draw: st.DrawFn, into: Any, value: AnyField, depth: int) -> None:
    for key in draw(st.lists(st.text(max_size=3), max_size=2, unique=True)):
        if value.message_type is None:
            into[key] = draw(scalars(value))
        else:
            into[key].SetInParent()
            if depth:
                fill(draw, into[key], depth - 1)


@st.composite
def generated(draw: st.DrawFn, name: str) -> Generated:
    message: Generated = getattr(ops_pb2, name)()
    fill(draw, message, 3)
    return message


def descriptors() -> Iterator[Descriptor]:
    yield from ops_pb2.DESCRIPTOR.message_types_by_name.values()


def test_every_message_of_the_wire_is_covered() -> None:
    assert {message.__name__ for message in TABLES.values()} == {descriptor.name for descriptor in descriptors()}


@pytest.mark.parametrize("name", [message.__name__ for message in TABLES.values()])
@given(data=st.data())
def test_any_message_is_printed_as_protobuf_prints_it(name: str, data: st.DataObject) -> None:
    message = data.draw(generated(name))
    assert ours(TABLES[name], message.SerializeToString()) == theirs(message)


@pytest.mark.parametrize(("message", "field"), FIELDS)
def test_a_field_is_printed_in_the_form_of_its_type(message: type[Message], field: Field) -> None:
    descriptor = getattr(ops_pb2, message.__name__).DESCRIPTOR.fields_by_number[field.number]
    if descriptor.message_type is not None:
        assert field.lazy is not None or descriptor.message_type.GetOptions().map_entry
        return
    expected = getattr(ops_pb2, message.__name__)()
    for value in values(descriptor):
        if descriptor.is_repeated:
            getattr(expected, descriptor.name).append(value)
        else:
            setattr(expected, descriptor.name, value)
        assert ours(message, expected.SerializeToString()) == theirs(expected)


def values(field: AnyField) -> tuple[Any, ...]:
    """The ends of a field's range, which show its width and its sign."""
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return (True,)
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return (b"\xff\x00",) if field.type == FieldDescriptor.TYPE_BYTES else ("x",)
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        assert field.enum_type is not None
        return tuple(range(1, len(field.enum_type.values)))
    return (LEAST.get(field.cpp_type, 1), GREATEST[field.cpp_type])


def test_a_map_with_keys_like_field_names_stays_a_map() -> None:
    data = op_pb.BuildOp.inputs.write({"input": op_pb.BuildInput.input.write(2)})
    assert ours(op_pb.BuildOp, data) == {"inputs": {"input": {"input": "2"}}}


def test_an_unknown_enum_value_is_printed_as_its_number() -> None:
    assert ours(op_pb.ExecOp, op_pb.ExecOp.network.write(9)) == {"network": 9}


def test_a_default_written_out_is_left_out() -> None:
    assert ours(pb.Input, b"\x10\x00") == {}


def test_a_default_in_a_oneof_is_kept() -> None:
    assert ours(op_pb.UserOpt, op_pb.UserOpt.byID.write(0)) == {"byID": 0}


def test_an_empty_message_is_kept() -> None:
    assert ours(pb.Op, pb.Op.constraints.write(b"")) == {"constraints": {}}


def test_a_definition_kept_as_bytes_is_opened() -> None:
    data = pb.SourceInfo.definition.write(pb.Definition.ops.write([b"\x0a"]))
    assert ours(pb.SourceInfo, data) == {"definition": {"def": ["Cg=="]}}
