"""Google's protobuf as the oracle of our own encoder: random messages, and what their fields are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message as Generated
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

from llbpy.proto import ops_pb2

DESCRIPTORS: Mapping[str, Descriptor] = ops_pb2.DESCRIPTOR.message_types_by_name

RENAMED = {("Definition", "def"): "ops", ("BuildOp", "def"): "definition"}
"""Names that Python keeps for itself, and ours for them."""
KEPT_AS_BYTES = {("SourceInfo", "definition")}
"""Messages that stay bytes when they are read."""

RANGES: Mapping[int, tuple[int, int]] = {
    FieldDescriptor.CPPTYPE_INT32: (-(1 << 31), (1 << 31) - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(1 << 63), (1 << 63) - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, (1 << 32) - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, (1 << 64) - 1),
    FieldDescriptor.CPPTYPE_ENUM: (0, 5),
}
"""The least and the greatest number of a kind; of an enum, some that have names and one that has none."""
_NESTED = FieldDescriptor.CPPTYPE_MESSAGE


def owner(field: FieldDescriptor) -> str:
    """The name of the message that has the field."""
    return given(field.containing_type).name


def our_name(field: FieldDescriptor) -> str:
    return RENAMED.get((owner(field), field.name), field.name)


def is_map(field: FieldDescriptor) -> bool:
    return field.cpp_type == _NESTED and bool(given(field.message_type).GetOptions().map_entry)


def map_value(field: FieldDescriptor) -> FieldDescriptor:
    """The field of a map's entries that has their value."""
    return given(field.message_type).fields_by_name["value"]


def given(descriptor: Descriptor | None) -> Descriptor:
    """The descriptor of a message that is there."""
    assert descriptor is not None
    return descriptor


def empty(descriptor: Descriptor) -> Generated:
    message: Generated = GetMessageClass(descriptor)()
    return message


@st.composite
def messages(draw: st.DrawFn, descriptor: Descriptor, depth: int = 3) -> Generated:
    """A message with any of its fields; of a oneof the last one drawn stays."""
    message = empty(descriptor)
    for field in descriptor.fields:
        if draw(st.booleans()):
            put(message, field, draw(values(field, depth)))
    return message


def values(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    if is_map(field):
        return st.dictionaries(st.text(max_size=3), single(map_value(field), depth), max_size=3)
    return st.lists(single(field, depth), max_size=3) if field.is_repeated else single(field, depth)


def single(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    kind = field.cpp_type
    if kind == _NESTED:
        nested = given(field.message_type)
        return messages(nested, depth - 1) if depth else st.builds(empty, st.just(nested))
    if kind == FieldDescriptor.CPPTYPE_STRING:
        return st.binary(max_size=9) if field.type == FieldDescriptor.TYPE_BYTES else st.text(max_size=9)
    return st.booleans() if kind == FieldDescriptor.CPPTYPE_BOOL else st.integers(*RANGES[kind])


def put(message: Generated, field: FieldDescriptor, value: Any) -> None:
    place = getattr(message, field.name)
    if is_map(field):
        for key, item in value.items():
            put_item(place, key, item)
    elif field.is_repeated:
        place.extend(value)
    elif field.cpp_type == _NESTED:
        place.SetInParent()
        place.CopyFrom(value)
    else:
        setattr(message, field.name, value)


def put_item(place: Any, key: str, item: Any) -> None:
    if isinstance(item, Generated):
        place[key].CopyFrom(item)
    else:
        place[key] = item


def as_fields(message: Generated) -> dict[str, Any]:
    """The fields present, as our tables decode them."""
    return {our_name(field): _field(field, value) for field, value in message.ListFields()}


def _field(field: FieldDescriptor, value: Any) -> Any:
    if is_map(field):
        kind = map_value(field)
        return {key: _item(kind, value[key]) for key in value}
    return [_item(field, item) for item in value] if field.is_repeated else _item(field, value)


def _item(field: FieldDescriptor, value: Any) -> Any:
    if not isinstance(value, Generated):
        return value
    as_bytes = (owner(field), field.name) in KEPT_AS_BYTES
    return value.SerializeToString() if as_bytes else as_fields(value)


def wire_data(depth: int = 3) -> st.SearchStrategy[bytes]:
    """Well-formed fields of any number, kind and content: what a reader must take or refuse whatever it expects."""
    number = st.integers(0, 1 << 70).map(varint)
    chunk = st.binary(max_size=5) | (wire_data(depth - 1) if depth else st.just(b""))
    payloads = {
        0: number,
        1: st.binary(min_size=8, max_size=8),
        2: chunk.map(sized),
        5: st.binary(min_size=4, max_size=4),
    }
    numbers = st.integers(1, 3) | st.integers(0, 24)
    fields = [st.tuples(numbers, st.just(kind), payload) for kind, payload in payloads.items()]
    return st.lists(st.one_of(fields).map(lambda f: varint(f[0] << 3 | f[1]) + f[2]), max_size=4).map(b"".join)


def sized(chunk: bytes) -> bytes:
    return varint(len(chunk)) + chunk


def varint(value: int) -> bytes:
    head, rest = value & 127, value >> 7
    return bytes((head | 128,)) + varint(rest) if rest else bytes((head,))
