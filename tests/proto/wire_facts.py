"""Facts about the wire, in one form from two sides: read from messages.md, and read off compiled descriptors.

A section of messages.md is one original .proto file. Both sides give a set of facts for it, so that comparing them is
comparing sets. Our own packages lose their `llbpy.` prefix and our imports their folder before they are compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

PREFIX = "llbpy."


@dataclass(frozen=True)
class Named:
    """Something that has only a name: a package, syntax, import, message, enum or service."""

    kind: str
    name: str


@dataclass(frozen=True)
class Value:
    enum: str
    number: int
    name: str


@dataclass(frozen=True)
class Field:
    message: str
    number: int
    name: str
    type: str  # as messages.md writes it, with its label: "string", "repeated pb.Input", "map<string, bytes>"
    oneof: str
    json: str
    deprecated: bool


@dataclass(frozen=True)
class Method:
    service: str
    name: str
    request: str
    client_streaming: bool
    reply: str
    server_streaming: bool


Fact = Named | Value | Field | Method


# --- messages.md ---


def read_sections(text: str) -> dict[str, frozenset[Fact]]:
    """Facts of each original file, by its path there. ValueError for anything that is not understood."""
    sections = (section.split("\n", 1) for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:])
    return {path: frozenset(_read_section(body)) for path, body in sections}


def _read_section(body: str) -> Iterator[Fact]:
    header, lines = _match(r"(.+)\n```\n(.*)\n```\n*", body)
    package, syntax, imports = _match(r"package (\S+); syntax (\S+); imports: (.+)", header)
    yield Named("package", package)
    yield Named("syntax", syntax)
    for name in imports.split(", "):
        if name != "none":
            yield Named("import", _import(name))
    kind = owner = ""
    for line in lines.split("\n"):
        if not line.startswith(" "):
            kind, owner = line.split(" ")
            yield Named(kind, owner)
        else:
            yield _READERS[kind](owner, line.strip())


def _read_value(enum: str, line: str) -> Value:
    number, name = _match(r"(\d+)  (\w+)", line)
    return Value(enum, int(number), name)


def _read_field(message: str, line: str) -> Field:
    number, name, type_, notes = _match(r"(\d+)  (\w+)  (\w\S*(?: \S+)?)((?:  \S.*)?)", line)
    oneof, json, deprecated = "", camel_case(name), False
    for note in notes.split("  ")[1:]:
        if note.startswith("oneof "):
            oneof = note.removeprefix("oneof ")
        elif note.startswith("json="):
            json = note.removeprefix("json=")
        elif note == "deprecated":
            deprecated = True
        else:
            raise ValueError(f"not understood: {line!r}")
    return Field(message, int(number), name, type_, oneof, json, deprecated)


def _read_method(service: str, line: str) -> Method:
    name, client, request, server, reply = _match(r"rpc (\w+)\((stream )?(\S+)\) -> (stream )?(\S+)", line)
    return Method(service, name, request, bool(client), reply, bool(server))


_READERS: dict[str, Callable[[str, str], Fact]] = {"enum": _read_value, "message": _read_field, "service": _read_method}


def _match(pattern: str, text: str) -> tuple[str, ...]:
    match = re.fullmatch(pattern, text, re.DOTALL)
    if not match:
        raise ValueError(f"not understood: {text!r}")
    return match.groups(default="")


def camel_case(name: str) -> str:
    """The JSON name that protobuf gives a field unless told otherwise: `match_type` is `matchType`."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _import(path: str) -> str:
    """An imported file without its folder, except protobuf's own files, which keep theirs."""
    return path if path.startswith("google/protobuf/") else path.rpartition("/")[2]


# --- descriptors ---


def read_descriptor(file: FileDescriptor) -> frozenset[Fact]:
    """Facts of one of our compiled files."""
    return frozenset(_read_file(file))


def _read_file(file: FileDescriptor) -> Iterator[Fact]:
    source = FileDescriptorProto()
    file.CopyToProto(source)
    yield Named("package", original(file.package))
    yield Named("syntax", source.syntax)
    for name in source.dependency:
        yield Named("import", _import(name))
    for enum in file.enum_types_by_name.values():
        yield from _describe_enum(enum)
    for message in file.message_types_by_name.values():
        yield from _describe_message(message)
    for service in file.services_by_name.values():
        yield from _describe_service(service)


def _describe_enum(enum: EnumDescriptor) -> Iterator[Fact]:
    name = original(enum.full_name)
    yield Named("enum", name)
    for value in enum.values:
        yield Value(name, value.number, value.name)


def _describe_message(message: Descriptor) -> Iterator[Fact]:
    if message.GetOptions().map_entry:
        return  # the other half of a map field, which says it all
    yield Named("message", original(message.full_name))
    for enum in message.enum_types:
        yield from _describe_enum(enum)
    for nested in message.nested_types:
        yield from _describe_message(nested)
    for field in message.fields:
        yield _describe_field(original(message.full_name), field)


def _describe_field(message: str, field: FieldDescriptor) -> Field:
    oneof = field.containing_oneof.name if field.containing_oneof else ""
    optional = oneof == f"_{field.name}"  # how protobuf stores the keyword: a oneof of this name around the one field
    type_ = f"optional {_type(field)}" if optional else _labelled(field)
    deprecated = field.GetOptions().deprecated
    return Field(message, field.number, field.name, type_, "" if optional else oneof, field.json_name, deprecated)


def _labelled(field: FieldDescriptor) -> str:
    if field.message_type and field.message_type.GetOptions().map_entry:
        key, value = (field.message_type.fields_by_name[half] for half in ("key", "value"))
        return f"map<{_type(key)}, {_type(value)}>"
    return f"repeated {_type(field)}" if field.is_repeated else _type(field)


def _type(field: FieldDescriptor) -> str:
    named = field.message_type or field.enum_type
    if named:
        return original(named.full_name)
    return FieldDescriptorProto.Type.Name(FieldDescriptorProto.Type.ValueType(field.type)).removeprefix("TYPE_").lower()


def _describe_service(service: ServiceDescriptor) -> Iterator[Fact]:
    name = original(service.full_name)
    yield Named("service", name)
    for method in service.methods:
        request, reply = original(method.input_type.full_name), original(method.output_type.full_name)
        yield Method(name, method.name, request, method.client_streaming, reply, method.server_streaming)


def original(name: str) -> str:
    """A name as the original files spell it. ValueError if it is neither ours nor protobuf's own."""
    if not name.startswith((PREFIX, "google.protobuf.")):
        raise ValueError(f"{name} lies outside {PREFIX}*")
    return name.removeprefix(PREFIX)
