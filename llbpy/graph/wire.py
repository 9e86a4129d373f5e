"""Protobuf's wire format with the ordering rules of Go's encoder.

A message is a class whose attributes are its fields (`graph/messages.py` has those of LLB). `Mount.dest.write("/x")` gives the
bytes of one field, nothing for a proto3 default, so that an encoder is a sum of fields in the order that it chooses;
`Mount.decode(data)` reads a whole message into a dict. Two rules make the sum Go's own, and neither is Python protobuf's:
members of a oneof come after all other fields, and map keys are sorted bytewise.
"""

from __future__ import annotations

from llbpy.errors import GraphError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, ClassVar, TypeAlias

    Write: TypeAlias = Callable[[Any], bytes]
    Read: TypeAlias = Callable[[Any], Any]
    Lazy: TypeAlias = Callable[[], type["Message"]]

_MASK = (1 << 64) - 1
_SMALL = [bytes((i,)) for i in range(128)]
_medium: dict[int, bytes] = {}
"""Two bytes: the sizes of most vertices and of their parts, so the same few again and again."""
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


def varint(value: int) -> bytes:
    """The variable-length form of a non-negative integer below 2**64."""
    if value < 128:
        return _SMALL[value]
    if value < 16384:
        known = _medium.get(value)
        if known is None:
            known = _medium[value] = bytes((value & 127 | 128, value >> 7))
        return known
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def delimited(key: bytes, payload: bytes) -> bytes:
    """A length-delimited field: key, length, payload."""
    size = len(payload)
    return key + (_SMALL[size] if size < 128 else varint(size)) + payload


def text(data: bytes) -> str:
    """A string field's value; the wire allows UTF-8 only."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise GraphError(f"not a protobuf message: {error}") from error


def _key(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def _int64(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _int32(value: int) -> int:
    low = value & 0xFFFFFFFF
    return low - (1 << 32) if low >> 31 else low


def _uint32(value: int) -> int:
    return value & 0xFFFFFFFF


_NUMBERS: dict[str, tuple[Read, int, int]] = {
    "int32": (_int32, -(1 << 31), (1 << 31) - 1),
    "int64": (_int64, -(1 << 63), (1 << 63) - 1),
    "uint32": (_uint32, 0, (1 << 32) - 1),
    "uint64": (int, 0, _MASK),
}
"""How each kind of number is read from a varint, as protobuf truncates it, and the least and the greatest."""
_READS_NUMBERS = frozenset([bool, *[read for read, _, _ in _NUMBERS.values()]])


class Field:
    """One field of a message: its number, and how a value is written and read."""

    __slots__ = ("lazy", "name", "number", "read", "repeated", "write")

    def __init__(
        self, number: int, write: Write, read: Read, *, repeated: bool = False, lazy: Lazy | None = None
    ) -> None:
        self.number = number
        self.write = write
        self.read = read
        self.repeated = repeated
        self.lazy = lazy
        self.name = ""

    def __set_name__(self, owner: type[Message], name: str) -> None:
        self.name = name

    def take(self, raw: Any, into: dict[str, Any]) -> None:
        """Adds one entry of the wire to a decoded message."""
        value = self.read(raw)
        if self.repeated:
            into.setdefault(self.name, []).append(value)
        else:
            into[self.name] = value


class PackedField(Field):
    """A repeated number, in one entry or in several."""

    __slots__ = ()

    def take(self, raw: Any, into: dict[str, Any]) -> None:
        numbers = into.setdefault(self.name, [])
        numbers.extend(map(self.read, (raw,) if isinstance(raw, int) else _varints(raw)))


class MapField(Field):
    """A map from strings."""

    __slots__ = ()

    def take(self, raw: Any, into: dict[str, Any]) -> None:
        key, value = self.read(raw)
        into.setdefault(self.name, {})[key] = value


class Message:
    """A message: its fields are its attributes. Never instantiated; decoded messages are dicts of the fields present."""

    fields: ClassVar[dict[int, Field]]

    def __init_subclass__(cls) -> None:
        cls.fields = {field.number: field for field in vars(cls).values() if isinstance(field, Field)}

    @classmethod
    def decode(cls, data: bytes) -> dict[str, Any]:
        """The fields present in `data` by name; fields that the table does not know are passed over.

        Raises GraphError if the bytes are no protobuf message.
        """
        fields = cls.fields
        decoded: dict[str, Any] = {}
        for number, raw in entries(data):
            field = fields.get(number)
            if field is not None:
                _check(field, raw)
                field.take(raw, decoded)
        return decoded


def _check(field: Field, raw: Any) -> None:
    """Raises GraphError for a number where bytes are due, or the other way round."""
    is_number = isinstance(raw, int)
    wants_number = field.read in _READS_NUMBERS
    if is_number != wants_number and not isinstance(field, PackedField):
        name, kinds = field.name or "of a map", ("bytes", "a number")
        raise GraphError(f"not a protobuf message: field {name} holds {kinds[is_number]}, not {kinds[wants_number]}")


_map_key = Field(1, bytes, text)


def entries(data: bytes) -> Iterable[tuple[int, Any]]:
    """Each field number with its raw value: an int of a varint or fixed field, else bytes. Raises GraphError."""
    at, end = 0, len(data)
    while at < end:
        key, at = _read_varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _read_varint(data, at)
            yield key >> 3, value
            continue
        if kind == _LENGTH:
            size, at = _read_varint(data, at)
        else:
            size = {_FIXED64: 8, _FIXED32: 4}.get(kind, -1)
        stop = at + size
        if size < 0 or stop > end:
            raise GraphError(f"not a protobuf message: byte {at} of {end} has no complete field")
        chunk = data[at:stop]
        yield key >> 3, chunk if kind == _LENGTH else int.from_bytes(chunk, "little")
        at = stop


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & _MASK, at
        shift += 7
    raise GraphError(f"not a protobuf message: byte {at} of {len(data)} ends inside a number")


def _varints(data: bytes) -> Iterable[int]:
    at = 0
    while at < len(data):
        value, at = _read_varint(data, at)
        yield value


# Kinds of fields -----------------------------------------------------------------------------------------------------------


_MINUS_ONE = varint(_MASK)


def integer(number: int, kind: str = "int64", *, always: bool = False) -> Field:
    """int32 (an enum too), int64, uint32 or uint64: negatives take ten bytes; `always` for the member of a oneof.

    Writing raises GraphError for a number that the kind cannot hold.
    """
    key = _key(number, _VARINT)
    read, least, greatest = _NUMBERS[kind]
    known = {0: key + b"\0" if always else b"", 1: key + b"\1", 2: key + b"\2", 3: key + b"\3"}
    if least:
        known[-1] = key + _MINUS_ONE

    def write(value: int) -> bytes:
        written = known.get(value)
        if written is None:
            if not least <= value <= greatest:
                raise _too_large(value, kind)
            written = key + varint(value & _MASK)
        return written

    return Field(number, write, read)


def _too_large(value: int, kind: str) -> GraphError:
    _, least, greatest = _NUMBERS[kind]
    return GraphError(f"{value} does not fit: it goes as {kind}, from {least} to {greatest}")


def boolean(number: int) -> Field:
    """bool: only true is written."""
    true = _key(number, _VARINT) + b"\1"

    def write(value: bool) -> bytes:
        return true if value else b""

    return Field(number, write, bool)


def string(number: int) -> Field:
    """string: empty is not written."""
    key = _key(number, _LENGTH)

    def write(value: str) -> bytes:
        if not value:
            return b""
        data = value.encode()
        size = len(data)
        return key + (_SMALL[size] if size < 128 else varint(size)) + data

    return Field(number, write, text)


def octets(number: int) -> Field:
    """bytes: empty is not written."""
    key = _key(number, _LENGTH)

    def write(value: bytes) -> bytes:
        return delimited(key, value) if value else b""

    return Field(number, write, bytes)


def message(number: int, lazy: Lazy) -> Field:
    """A message, written from its encoded bytes; None is not written, an empty one is."""
    key = _key(number, _LENGTH)

    def write(value: bytes | None) -> bytes:
        return b"" if value is None else delimited(key, value)

    return Field(number, write, lambda raw: lazy().decode(raw), lazy=lazy)


def encoded(number: int, lazy: Lazy) -> Field:
    """A message that stays bytes when it is read."""
    return Field(number, message(number, lazy).write, bytes, lazy=lazy)


def strings(number: int) -> Field:
    """repeated string, in the order given, empty ones too."""
    key = _key(number, _LENGTH)

    def write(values: Iterable[str]) -> bytes:
        written = b""
        for value in values:
            data = value.encode()
            size = len(data)
            written += key + (_SMALL[size] if size < 128 else varint(size)) + data
        return written

    return Field(number, write, text, repeated=True)


def blobs(number: int) -> Field:
    """repeated bytes, in the order given."""
    key = _key(number, _LENGTH)

    def write(values: Iterable[bytes]) -> bytes:
        return b"".join([delimited(key, value) for value in values])

    return Field(number, write, bytes, repeated=True)


def messages(number: int, lazy: Lazy) -> Field:
    """A repeated message, written from the encoded bytes of each."""
    key = _key(number, _LENGTH)

    def write(values: Iterable[bytes]) -> bytes:
        return b"".join([delimited(key, value) for value in values])

    return Field(number, write, lambda raw: lazy().decode(raw), repeated=True, lazy=lazy)


def integers(number: int, kind: str = "int64") -> Field:
    """A repeated number: packed into one entry, read in either form. Writing raises GraphError as `integer` does."""
    key = _key(number, _LENGTH)
    read, least, greatest = _NUMBERS[kind]

    def write(values: Iterable[int]) -> bytes:
        values = tuple(values)
        for value in values:
            if not least <= value <= greatest:
                raise _too_large(value, kind)
        packed = b"".join([varint(value & _MASK) for value in values])
        return delimited(key, packed) if packed else b""

    return PackedField(number, write, read, repeated=True)


def mapping(number: int, value: Field) -> Field:
    """map<string, …>: entries sorted by key, each with its key and its value (`value` is field 2), even when empty."""
    key = _key(number, _LENGTH)
    key_key = _key(1, _LENGTH)
    empty = _key(2, _LENGTH) + b"\0" if value.read not in _READS_NUMBERS else _key(2, _VARINT) + b"\0"

    def write(pairs: Mapping[str, Any]) -> bytes:
        rows = [(name.encode(), item) for name, item in pairs.items()]
        if len(rows) > 1:
            rows.sort(key=_first)
        return b"".join(
            [delimited(key, delimited(key_key, name) + (value.write(item) or empty)) for name, item in rows]
        )

    def read(raw: bytes) -> tuple[str, Any]:
        name, item = "", value.read(0 if value.read in _READS_NUMBERS else b"")
        for part, content in entries(raw):
            if part == 1:
                _check(_map_key, content)
                name = text(content)
            elif part == 2:
                _check(value, content)
                item = value.read(content)
        return name, item

    return MapField(number, write, read, lazy=value.lazy)


def digest_map(key: bytes, rows: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """map<string, …> with messages by digest, in the order given: nobody digests these maps, and most values recur."""
    around: dict[bytes, tuple[bytes, bytes]] = {}
    size = 0
    for digest, value in rows:
        name = digest.encode()
        if len(name) != size:  # foreign definitions may have keys of any length
            around, size = {}, len(name)
        if value not in around:
            tail = delimited(b"\x12", value)
            around[value] = (key + varint(1 + len(varint(size)) + size + len(tail)) + b"\x0a" + varint(size), tail)
        head, tail = around[value]
        yield head + name + tail


def _first(row: tuple[bytes, Any]) -> bytes:
    return row[0]
