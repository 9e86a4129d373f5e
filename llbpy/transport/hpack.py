"""HPACK (RFC 7541): header lists out of and into the bytes of HEADERS frames.

Reading knows everything: static and dynamic table, Huffman's code, size updates. Writing is stateless: it names what the static
table has and spells out the rest. The table that a peer may fill is left at its 4096 bytes: a peer that repeats itself then sends
a byte for each header, which is quicker to read than what it would spell out again.
"""

from __future__ import annotations

from llbpy.errors import ProtocolError
from llbpy.transport.codes import COMPRESSION_ERROR, ENHANCE_YOUR_CALM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Header: TypeAlias = tuple[str, str]

TABLE_SIZE = 4096
"""Bytes of the dynamic table, RFC 7541's default."""

_OVERHEAD = 32  # what the RFC counts for an entry besides its text

_STATIC: tuple[Header, ...] = (
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    *[
        (name, "")
        for name in (
            "accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control "
            "content-disposition content-encoding content-language content-length content-location content-range "
            "content-type cookie date etag expect expires from host if-match if-modified-since if-none-match if-range "
            "if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization range "
            "referer refresh retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary "
            "via www-authenticate"
        ).split()
    ],
)


def size(headers: list[Header]) -> int:
    """Bytes of a header list as peers limit it: names, values, and 32 for each."""
    return sum([len(name) + len(value) + _OVERHEAD for name, value in headers])


class Decoder:
    """Reads the header blocks of one connection, all of them and in their order.

    limit: the most bytes (see `size`) of one list.
    """

    __slots__ = ("_capacity", "_limit", "_size", "_table")

    def __init__(self, limit: int = 1 << 20) -> None:
        self._limit = limit
        self._capacity = TABLE_SIZE
        self._table: list[Header] = []  # the newest last
        self._size = 0

    def decode(self, block: bytes) -> list[Header]:
        """The headers of one block, in order. Raises ProtocolError if it is malformed or its list too large."""
        headers: list[Header] = []
        left = self._limit
        at, end = self._resized(block), len(block)
        while at < end:
            header, at = self._header(block, at)
            left -= len(header[0]) + len(header[1]) + _OVERHEAD
            if left < 0:
                raise ProtocolError(f"a header list of more than {self._limit} bytes", ENHANCE_YOUR_CALM)
            headers.append(header)
        return headers

    def _resized(self, block: bytes) -> int:
        """Follows the size updates, which stand at the start, and tells where they end."""
        at = 0
        while at < len(block) and block[at] & 0xE0 == 0x20:
            self._capacity, at = _integer(block, at, 0x1F)
            if self._capacity > TABLE_SIZE:
                raise _malformed(f"a table of {self._capacity} bytes, {TABLE_SIZE} are allowed")
            self._evict(self._capacity)
        return at

    def _header(self, block: bytes, at: int) -> tuple[Header, int]:
        first = block[at]
        if first & 0x80:
            index, at = _integer(block, at, 0x7F)
            return self._entry(index), at
        if first & 0x40:
            header, at = self._literal(block, at, 0x3F)
            self._keep(header)
            return header, at
        if first & 0x20:
            raise _malformed("a size update behind a header")
        return self._literal(block, at, 0x0F)

    def _literal(self, block: bytes, at: int, mask: int) -> tuple[Header, int]:
        index, at = _integer(block, at, mask)
        if index:
            name = self._entry(index)[0]
        else:
            name, at = _string(block, at)
        value, at = _string(block, at)
        return (name, value), at

    def _entry(self, index: int) -> Header:
        if 0 < index <= len(_STATIC):
            return _STATIC[index - 1]
        age = index - len(_STATIC)
        if not 0 < age <= len(self._table):
            raise _malformed(f"entry {index} does not exist")
        return self._table[-age]

    def _keep(self, header: Header) -> None:
        needed = len(header[0]) + len(header[1]) + _OVERHEAD
        self._evict(self._capacity - needed)
        if needed <= self._capacity:
            self._table.append(header)
            self._size += needed

    def _evict(self, room: int) -> None:
        """Drops the oldest entries until the table has no more than `room` bytes."""
        gone = 0
        while self._size > room and gone < len(self._table):
            name, value = self._table[gone]
            self._size -= len(name) + len(value) + _OVERHEAD
            gone += 1
        del self._table[:gone]


def encode(headers: list[Header]) -> bytes:
    """A header block that leaves the peer's table alone. Names and values are latin-1.

    >>> encode([(":status", "200"), ("grpc-status", "0")])
    b'\\x88\\x00\\x0bgrpc-status\\x010'
    """
    return b"".join([_written(header) for header in headers])


def _written(header: Header) -> bytes:
    if header in _STATIC:
        return bytes((0x80 | _STATIC.index(header) + 1,))
    name, value = header
    return b"\0" + _text(name) + _text(value)


def _text(value: str) -> bytes:
    data = value.encode("latin-1")
    if len(data) < 0x7F:
        return bytes((len(data),)) + data
    rest = len(data) - 0x7F
    length = bytearray(b"\x7f")
    while rest > 127:
        length.append(rest & 127 | 128)
        rest >>= 7
    length.append(rest)
    return bytes(length) + data


def _integer(block: bytes, at: int, mask: int) -> tuple[int, int]:
    """The number behind a prefix, and where it ends."""
    value = block[at] & mask
    at += 1
    if value < mask:
        return value, at
    for shift in (0, 7, 14, 21, 28):
        if at == len(block):
            break
        byte = block[at]
        at += 1
        value += (byte & 127) << shift
        if byte < 128:
            return value, at
    raise _malformed("a number that does not end")


def _string(block: bytes, at: int) -> tuple[str, int]:
    if at == len(block):
        raise _malformed("text that is missing")
    coded = block[at] & 0x80
    length, at = _integer(block, at, 0x7F)
    data = block[at : at + length]
    if len(data) < length:
        raise _malformed("text that is cut off")
    return str(unhuffman(data) if coded else data, "latin-1"), at + length


def _malformed(what: str) -> ProtocolError:
    return ProtocolError(f"a header block has {what}", COMPRESSION_ERROR)


# Huffman's code ------------------------------------------------------------------------------------------------------------
#
# A state is what has been read of a code, behind a one bit: 1 at its start. What a byte does to a state is worked out when it is
# first met.

_LENGTHS = (  # bits of each symbol's code, a digit to base 36 each; the codes follow from them
    "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f5656566657766"
    "6567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqq"
    "srrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu"
)
_EOS = 256
_KEPT = 1 << 14

_symbols: dict[int, int] = {}
_steps: dict[int, tuple[bytes, int]] = {}


def unhuffman(data: bytes) -> bytes:
    """Undoes Huffman's code. Raises ProtocolError for what no encoder writes."""
    state = 1
    out: list[bytes] = []
    for byte in data:
        written, state = _steps.get(state << 8 | byte) or _step(state, byte)
        out.append(written)
    if state > 0xFF or state & state + 1:
        raise _malformed("text whose last code is cut off")
    return b"".join(out)


def _step(state: int, byte: int) -> tuple[bytes, int]:
    symbols = _symbols or _fill_symbols()
    at, written = state, bytearray()
    for shift in range(7, -1, -1):
        at = at << 1 | byte >> shift & 1
        symbol = symbols.get(at)
        if symbol == _EOS:
            raise _malformed("text with an end inside")
        if symbol is not None:
            written.append(symbol)
            at = 1
    if len(_steps) < _KEPT:
        _steps[state << 8 | byte] = (bytes(written), at)
    return bytes(written), at


def _fill_symbols() -> dict[int, int]:
    """The canonical code: shorter codes first, then by symbol."""
    symbols: dict[int, int] = {}
    code, bits = 0, 0
    for length, symbol in sorted([(int(digit, 36), symbol) for symbol, digit in enumerate(_LENGTHS)]):
        code <<= length - bits
        bits = length
        symbols[1 << length | code] = symbol
        code += 1
    _symbols.update(symbols)
    return symbols
