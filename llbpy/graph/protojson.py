"""Decoded messages as proto-JSON with proto field names: what other tools print, and what tests compare.

Numbers of 64 bits are strings there, enums go by name, bytes are base64, and a default is left out where the wire leaves it out.
Three tables say what the wire does not know; a test holds them against the descriptors of `llbpy/proto`.
"""

from __future__ import annotations

from llbpy.graph import messages as pb
from llbpy.graph import opmessages as op_pb
from llbpy.graph.wire import MapField

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llbpy.graph.wire import Field, Message

_WIDE = frozenset(
    (
        pb.Input.index,
        op_pb.Ulimit.Soft,
        op_pb.Ulimit.Hard,
        op_pb.Mount.input,
        op_pb.Mount.output,
        op_pb.TmpfsOpt.size,
        op_pb.BuildOp.builder,
        op_pb.BuildInput.input,
        pb.LinuxResources.memory,
        pb.LinuxResources.memorySwap,
        pb.LinuxResources.cpuQuota,
        op_pb.FileAction.input,
        op_pb.FileAction.secondaryInput,
        op_pb.FileAction.output,
        op_pb.FileActionCopy.timestamp,
        op_pb.FileActionMkFile.timestamp,
        op_pb.FileActionMkDir.timestamp,
        op_pb.FileActionSymlink.timestamp,
        op_pb.NamedUserOpt.input,
        op_pb.MergeInput.input,
        op_pb.LowerDiffInput.input,
        op_pb.UpperDiffInput.input,
        op_pb.PassthroughOp.outputs,
    )
)
"""int64: every other number fits in 32 bits, but for those of `_UNSIGNED`."""

_UNSIGNED = frozenset((pb.LinuxResources.cpuShares, pb.LinuxResources.cpuPeriod))
"""uint64, which the wire reads as signed."""

_ENUMS: Mapping[Field, tuple[str, ...]] = {
    op_pb.ExecOp.network: ("UNSET", "HOST", "NONE"),
    op_pb.ExecOp.security: ("SANDBOX", "INSECURE"),
    op_pb.Mount.mountType: ("BIND", "SECRET", "SSH", "CACHE", "TMPFS"),
    op_pb.Mount.contentCache: ("DEFAULT", "ON", "OFF"),
    op_pb.CacheOpt.sharing: ("SHARED", "PRIVATE", "LOCKED"),
}

_RENAMED: Mapping[Field, str] = {pb.Definition.ops: "def", op_pb.BuildOp.definition: "def"}
"""Names that Python keeps for itself."""


def to_json(message: type[Message], fields: Mapping[str, Any]) -> dict[str, Any]:
    """A decoded message as JSON values, in the order of its decoded fields.

    >>> to_json(op_pb.Mount, {"input": 2, "dest": "/root/.cache", "mountType": 3, "output": 0})
    {'input': '2', 'dest': '/root/.cache', 'mountType': 'CACHE'}
    """
    kinds = {field.name: field for field in message.fields.values()}
    rows = [(kinds[name], value) for name, value in fields.items()]
    return {_RENAMED.get(field, field.name): _value(field, value) for field, value in rows if _present(field, value)}


def _present(field: Field, value: Any) -> bool:
    """Whether proto-JSON has the field: messages always, and of the rest what the wire would have."""
    return bool(value) or field.lazy is not None or bool(field.write(value))


def _value(field: Field, value: Any) -> Any:
    if isinstance(field, MapField):
        return {key: _item(field, item) for key, item in value.items()}
    if field.repeated:
        return [_item(field, item) for item in value]
    return _item(field, value)


def _item(field: Field, value: Any) -> Any:
    if field.lazy is not None:
        nested = field.lazy()
        return to_json(nested, nested.decode(value) if isinstance(value, bytes) else value)
    if isinstance(value, bytes):
        return _base64(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(field, value)
    return value


def _number(field: Field, value: int) -> str | int:
    if field in _WIDE:
        return str(value)
    if field in _UNSIGNED:
        return str(value % (1 << 64))
    names = _ENUMS.get(field, ())
    return names[value] if 0 <= value < len(names) else value


def _base64(value: bytes) -> str:
    from base64 import b64encode

    return b64encode(value).decode()
