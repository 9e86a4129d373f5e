"""HPACK: the RFC's own examples, the `hpack` package as a second opinion, and what no encoder would write."""

from __future__ import annotations

import pytest
from hpack import Decoder as TheirDecoder
from hpack import Encoder as TheirEncoder
from hpack import HPACKError
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from llbpy.errors import ProtocolError
from llbpy.transport.codes import COMPRESSION_ERROR, ENHANCE_YOUR_CALM
from llbpy.transport.hpack import Decoder, encode, size, unhuffman

unhurried = settings(deadline=None)  # the machine may be busy
REQUEST = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")]
SECURE = [(":method", "GET"), (":scheme", "https"), (":path", "/index.html"), (":authority", "www.example.com")]
DATE = ("date", "Mon, 21 Oct 2013 20:13:21 GMT")
LOCATION = ("location", "https://www.example.com")
COOKIE = ("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1")
TO_256_BYTES = "3fe101"

RFC_7541 = {
    "C.2.1 literal with indexing": [
        ("400a637573746f6d2d6b65790d637573746f6d2d686561646572", [("custom-key", "custom-header")])
    ],
    "C.2.2 literal without indexing": [("040c2f73616d706c652f70617468", [(":path", "/sample/path")])],
    "C.2.3 literal never indexed": [("100870617373776f726406736563726574", [("password", "secret")])],
    "C.2.4 indexed": [("82", [(":method", "GET")])],
    "C.3 requests": [
        ("828684410f7777772e6578616d706c652e636f6d", REQUEST),
        ("828684be58086e6f2d6361636865", [*REQUEST, ("cache-control", "no-cache")]),
        ("828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565", [*SECURE, ("custom-key", "custom-value")]),
    ],
    "C.4 requests with Huffman's code": [
        ("828684418cf1e3c2e5f23a6ba0ab90f4ff", REQUEST),
        ("828684be5886a8eb10649cbf", [*REQUEST, ("cache-control", "no-cache")]),
        ("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", [*SECURE, ("custom-key", "custom-value")]),
    ],
    "C.5 responses, with eviction": [
        (
            TO_256_BYTES
            + "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17"
            "68747470733a2f2f7777772e6578616d706c652e636f6d",
            [(":status", "302"), ("cache-control", "private"), DATE, LOCATION],
        ),
        ("4803333037c1c0bf", [(":status", "307"), ("cache-control", "private"), DATE, LOCATION]),
        (
            (
                "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b"
                "425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31"
            ),
            [
                (":status", "200"),
                ("cache-control", "private"),
                ("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
                LOCATION,
                ("content-encoding", "gzip"),
                COOKIE,
            ],
        ),
    ],
    "C.6 responses with Huffman's code": [
        (
            TO_256_BYTES
            + "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8"
            "e9ae82ae43d3",
            [(":status", "302"), ("cache-control", "private"), DATE, LOCATION],
        ),
        ("4883640effc1c0bf", [(":status", "307"), ("cache-control", "private"), DATE, LOCATION]),
        (
            (
                "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f"
                "3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"
            ),
            [
                (":status", "200"),
                ("cache-control", "private"),
                ("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
                LOCATION,
                ("content-encoding", "gzip"),
                COOKIE,
            ],
        ),
    ],
}


@pytest.mark.parametrize("example", RFC_7541)
def test_the_rfc_examples_are_read(example: str) -> None:
    decoder = Decoder()
    for block, headers in RFC_7541[example]:
        assert decoder.decode(bytes.fromhex(block)) == headers


TEXT = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=40)
HEADERS = st.lists(st.tuples(TEXT, TEXT) | st.sampled_from([*REQUEST, *SECURE, DATE, LOCATION, COOKIE]), max_size=12)


@unhurried
@given(
    lists=st.lists(HEADERS, max_size=6),
    huffman=st.booleans(),
    sizes=st.lists(st.integers(0, 4096), min_size=6, max_size=6),
)
def test_what_another_encoder_writes_is_read(
    lists: list[list[tuple[str, str]]], huffman: bool, sizes: list[int]
) -> None:
    encoder, decoder = TheirEncoder(), Decoder()
    for headers, table in zip(lists, sizes, strict=False):
        encoder.header_table_size = table
        block = encoder.encode([(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers], huffman=huffman)
        assert decoder.decode(block) == headers


@unhurried
@given(headers=HEADERS | st.lists(st.tuples(TEXT, st.sampled_from([126, 127, 128, 254, 255, 20000]).map("x".__mul__))))
def test_what_we_write_is_read_by_another_decoder(headers: list[tuple[str, str]]) -> None:
    their = TheirDecoder(max_header_list_size=1 << 30).decode(encode(headers), raw=True)
    assert [(name.decode("latin-1"), value.decode("latin-1")) for name, value in their] == headers


def theirs(decoder: TheirDecoder, block: bytes) -> list[tuple[str, str]] | None:
    try:
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in decoder.decode(block, raw=True)]
    except HPACKError:
        return None


def ours(decoder: Decoder, block: bytes) -> list[tuple[str, str]] | None:
    try:
        return decoder.decode(block)
    except ProtocolError:
        return None


BYTE = st.integers(0, 255) | st.sampled_from(b"\x82\xbe\x40\x00\x01\x20\x3f\xff\x7f\x81")


@unhurried
@given(block=st.lists(BYTE, max_size=20).map(bytes))
def test_both_decoders_agree_on_any_bytes(block: bytes) -> None:
    assume(b"\x80" * 4 not in block)  # we take numbers of up to six bytes, they take any that are padded with zeros
    their_decoder, our_decoder = TheirDecoder(), Decoder()
    filled = bytes.fromhex("4001610162")
    assert ours(our_decoder, filled) == theirs(their_decoder, filled)
    assert ours(our_decoder, block) == theirs(their_decoder, block)


MALFORMED = {
    "an entry zero": "80",
    "an entry beyond the tables": "be",
    "an entry far beyond the tables": "ffffffff07",
    "a name beyond the tables": "7f8001",
    "a number without its end": "ff",
    "a number with too many bytes": "ff80808080808001",
    "a name that is missing": "40",
    "a name that is cut off": "400561",
    "a value that is missing": "400161",
    "a value that is cut off": "40016105",
    "a table larger than allowed": "3fe21f",
    "a size update behind a header": "8220",
    "a Huffman text with padding of 8 bits": "4082ffff0161",
    "a Huffman text with padding of zeros": "408110" + "0161",
    "a Huffman text with an end inside": "4084fffffffc0161",
}


@pytest.mark.parametrize("what", MALFORMED)
def test_malformed_blocks_are_refused(what: str) -> None:
    with pytest.raises(ProtocolError, match="a header block has") as caught:
        Decoder().decode(bytes.fromhex(MALFORMED[what]))
    assert caught.value.code == COMPRESSION_ERROR


def test_the_largest_table_is_that_of_the_rfc() -> None:
    assert Decoder().decode(bytes.fromhex("3fe11f82")) == [(":method", "GET")]


def test_an_entry_that_does_not_fit_empties_the_table() -> None:
    decoder = Decoder()
    decoder.decode(bytes.fromhex("4001610162"))
    assert decoder.decode(b"\xbe") == [("a", "b")]
    large = b"\x40\x01a\x7f" + b"\xa1\x1f" + b"x" * 4128
    assert decoder.decode(large) == [("a", "x" * 4128)]
    with pytest.raises(ProtocolError):
        decoder.decode(b"\xbe")


def test_a_header_list_may_be_as_large_as_allowed_and_no_larger() -> None:
    headers = [("a", "b")] * 10
    assert size(headers) == 340
    assert Decoder(340).decode(encode(headers)) == headers
    with pytest.raises(ProtocolError, match="more than 339 bytes") as caught:
        Decoder(339).decode(encode(headers))
    assert caught.value.code == ENHANCE_YOUR_CALM


def test_a_small_block_that_stands_for_a_huge_list_is_refused() -> None:
    value = b"x" * 4000
    block = b"\x40\x01a\x7f" + b"\xa1\x1e" + value + b"\xbe" * 10_000
    with pytest.raises(ProtocolError, match="more than 100000 bytes"):
        Decoder(100_000).decode(block)


@unhurried
@given(data=st.binary(max_size=300))
def test_huffman_code_is_undone(data: bytes) -> None:
    assert unhuffman(HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH).encode(data)) == data
