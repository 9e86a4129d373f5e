"""Decoded messages of `pb` as JSON: as Go's encoding/json writes their structs, and as protojson does."""

from __future__ import annotations

from llbpy.frontends.requests.results import base64
from llbpy.graph import messages as pb
from llbpy.graph import opmessages as op_pb
from llbpy.graph.protojson import to_json
from llbpy.graph.wire import MapField

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from llbpy.graph.wire import Field, Message

_RENAMED = {pb.Definition.ops: "def", op_pb.BuildOp.definition: "def"}
"""Names that Python keeps for itself."""


def struct(message: type[Message], fields: Mapping[str, Any]) -> dict[str, Any]:
    """As encoding/json: proto field names, numbers as numbers, bytes in base64; what is empty is left out.

    For messages without a oneof, which their Go structs wrap.
    """
    found: dict[str, Any] = {}
    for field in _in_order(message):
        value = fields.get(field.name)
        if value or (field.lazy is not None and value is not None and not _is_many(field)):
            found[_named(field)] = _each(field, value, _plain)
    return found


def proto(message: type[Message], fields: Mapping[str, Any]) -> dict[str, Any]:
    """As protojson: names in camel case, 64-bit numbers as strings, enums by name."""
    return _renamed(message, to_json(message, fields))


def _renamed(message: type[Message], value: Mapping[str, Any]) -> dict[str, Any]:
    listed = [(field, _named(field)) for field in _in_order(message)]
    return {_camel(name): _each(field, value[name], _nested) for field, name in listed if name in value}


def _each(field: Field, value: Any, write: Callable[[Field, Any], Any]) -> Any:
    """A value, or each of several; the keys of a map are sorted."""
    if isinstance(field, MapField):
        return {key: write(field, value[key]) for key in sorted(value)}
    return [write(field, item) for item in value] if field.repeated else write(field, value)


def _plain(field: Field, value: Any) -> Any:
    if field.lazy is not None:
        message = field.lazy()
        return struct(message, message.decode(value) if isinstance(value, bytes) else value)
    return base64(value) if isinstance(value, bytes) else value


def _nested(field: Field, value: Any) -> Any:
    return value if field.lazy is None else _renamed(field.lazy(), value)


def _is_many(field: Field) -> bool:
    return field.repeated or isinstance(field, MapField)


def _in_order(message: type[Message]) -> list[Field]:
    return [message.fields[number] for number in sorted(message.fields)]


def _named(field: Field) -> str:
    return _RENAMED.get(field, field.name)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join([word[:1].upper() + word[1:] for word in rest])
