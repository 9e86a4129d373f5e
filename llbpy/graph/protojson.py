"""Decoded messages as proto-JSON with proto field names: what other tools print, and what tests compare."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llbpy.graph.wire import Message

_SIXTY_FOUR_BIT = frozenset(
    ("memory", "memorySwap", "cpuShares", "cpuPeriod", "cpuQuota", "Soft", "Hard", "size", "timestamp", "builder")
    + ("index", "input", "secondaryInput", "output", "outputs")
)


def to_json(message: type[Message], fields: Mapping[str, Any]) -> dict[str, Any]:
    """A decoded message as JSON values: 64-bit numbers are strings, bytes are base64."""
    kinds = {field.name: field for field in message.fields.values()}
    shown: dict[str, Any] = {}
    for name, value in fields.items():
        lazy = kinds[name].lazy
        nested = None if lazy is None else lazy()
        shown[name] = _value(name, value, nested)
    return shown


def _value(name: str, value: Any, nested: type[Message] | None) -> Any:
    if isinstance(value, list):
        return [_value(name, item, nested) for item in value]
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if name in _SIXTY_FOUR_BIT else value
    if isinstance(value, dict) and nested is not None:
        maps = all(isinstance(item, dict) for item in value.values()) and not set(value) <= {f.name for f in nested.fields.values()}
        return {key: to_json(nested, item) for key, item in value.items()} if maps else to_json(nested, value)
    return value
