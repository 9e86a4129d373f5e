"""Frames: cut out of bytes however they come, refused where they break a rule."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hyperframe import frame as hyper
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from llbpy.errors import ProtocolError
from llbpy.transport import frames
from llbpy.transport.codes import ENHANCE_YOUR_CALM, FRAME_SIZE_ERROR, PROTOCOL_ERROR
from llbpy.transport.frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PING,
    PREFACE,
    RST_STREAM,
    SETTINGS,
    Reader,
    frame,
    header_frames,
)

unhurried = hypothesis_settings(deadline=None)  # the machine may be busy
SETTINGS_FRAME = frame(SETTINGS, 0, 0)


def reader(max_block: int = 1 << 20) -> Reader:
    """One that has seen the peer's settings."""
    made = Reader(b"", 1 << 14, max_block)
    list(made.frames(SETTINGS_FRAME))
    return made


def read(data: bytes, max_block: int = 1 << 20) -> list[frames.Frame]:
    return list(reader(max_block).frames(data))


def test_data_comes_without_its_padding_and_is_counted_with_it() -> None:
    padded = hyper.DataFrame(1, b"abc", pad_length=7, flags=["PADDED", "END_STREAM"]).serialize()
    assert read(padded) == [(DATA, END_STREAM | 0x8, 1, b"abc", 11)]


def test_headers_come_without_padding_and_priority() -> None:
    flags = ["PADDED", "PRIORITY", "END_HEADERS"]
    sent = hyper.HeadersFrame(3, b"block", pad_length=2, stream_weight=9, depends_on=1, flags=flags)
    [(kind, _, stream, payload, _)] = read(sent.serialize())
    assert (kind, stream, payload) == (HEADERS, 3, b"block")


@unhurried
@given(block=st.binary(max_size=200), size=st.integers(1, 50))
def test_a_header_block_in_pieces_is_put_together(block: bytes, size: int) -> None:
    [(kind, flags, stream, payload, _)] = read(header_frames(5, block, END_STREAM, size))
    assert (kind, flags & END_STREAM, stream, payload) == (HEADERS, END_STREAM, 5, block)


@unhurried
@given(block=st.binary(max_size=200), size=st.integers(1, 50))
def test_header_frames_are_what_another_reader_expects(block: bytes, size: int) -> None:
    data, kinds, whole = header_frames(5, block, 0, size), [], b""
    while data:
        parsed, length = hyper.Frame.parse_frame_header(memoryview(data[:9]))
        parsed.parse_body(memoryview(data[9 : 9 + length]))
        assert length <= size
        assert ("END_HEADERS" in parsed.flags) == (len(data) == 9 + length)
        kinds.append(type(parsed))
        whole += parsed.data
        data = data[9 + length :]
    assert kinds == [hyper.HeadersFrame, *[hyper.ContinuationFrame] * (len(kinds) - 1)]
    assert whole == block


SEQUENCE = (
    SETTINGS_FRAME
    + frame(PING, 0, 0, b"12345678")
    + header_frames(1, b"x" * 100, 0, 30)
    + frame(DATA, 0, 1, b"y" * 50)
    + frame(0xFA, 0xFF, 9, b"unknown")
    + frame(DATA, END_STREAM, 1)
)


@unhurried
@given(cuts=st.lists(st.integers(0, len(PREFACE + SEQUENCE)), max_size=8))
def test_frames_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    data = PREFACE + SEQUENCE
    edges = [0, *sorted(cuts), len(data)]
    made = Reader(PREFACE, 1 << 14, 1 << 20)
    pieces = [data[start:end] for start, end in pairwise(edges)]
    found = [found for piece in pieces for found in made.frames(piece)]
    assert found == list(Reader(b"", 1 << 14, 1 << 20).frames(SEQUENCE))
    assert [kind for kind, *_ in found] == [SETTINGS, PING, HEADERS, DATA, 0xFA, DATA]


def test_nothing_is_kept_of_frames_that_were_read() -> None:
    made = reader()
    for _ in range(1000):
        assert len(list(made.frames(frame(DATA, 0, 1, b"z" * 1000)))) == 1
    assert made._rest == b""
    assert made._block == b""


REFUSED = {
    "DATA without a stream": (frame(DATA, 0, 0, b"x"), PROTOCOL_ERROR),
    "HEADERS without a stream": (frame(HEADERS, END_HEADERS, 0, b"x"), PROTOCOL_ERROR),
    "PRIORITY without a stream": (frame(frames.PRIORITY, 0, 0, b"12345"), PROTOCOL_ERROR),
    "PRIORITY of a wrong size": (frame(frames.PRIORITY, 0, 1, b"1234"), FRAME_SIZE_ERROR),
    "RST_STREAM without a stream": (frame(RST_STREAM, 0, 0, b"1234"), PROTOCOL_ERROR),
    "RST_STREAM of a wrong size": (frame(RST_STREAM, 0, 1, b"123"), FRAME_SIZE_ERROR),
    "SETTINGS on a stream": (frame(SETTINGS, 0, 1), PROTOCOL_ERROR),
    "SETTINGS of a wrong size": (frame(SETTINGS, 0, 0, b"12345"), FRAME_SIZE_ERROR),
    "PING on a stream": (frame(PING, 0, 1, b"12345678"), PROTOCOL_ERROR),
    "PING of a wrong size": (frame(PING, 0, 0, b"1234567"), FRAME_SIZE_ERROR),
    "GOAWAY on a stream": (frame(frames.GOAWAY, 0, 1, b"12345678"), PROTOCOL_ERROR),
    "WINDOW_UPDATE of a wrong size": (frame(frames.WINDOW_UPDATE, 0, 0, b"123"), FRAME_SIZE_ERROR),
    "CONTINUATION by itself": (frame(CONTINUATION, END_HEADERS, 1, b"x"), PROTOCOL_ERROR),
    "another stream between headers": (
        frame(HEADERS, 0, 1, b"x") + frame(CONTINUATION, END_HEADERS, 3, b"x"),
        PROTOCOL_ERROR,
    ),
    "another frame between headers": (frame(HEADERS, 0, 1, b"x") + frame(DATA, 0, 1, b"x"), PROTOCOL_ERROR),
    "an unknown frame between headers": (frame(HEADERS, 0, 1, b"x") + frame(99, 0, 1, b"x"), PROTOCOL_ERROR),
    "padding as long as the frame": (frame(DATA, 0x8, 1, b"\x01"), PROTOCOL_ERROR),
    "padding that is missing": (frame(DATA, 0x8, 1, b""), PROTOCOL_ERROR),
    "headers too short for a priority": (frame(HEADERS, 0x24, 1, b"1234"), FRAME_SIZE_ERROR),
    "a frame larger than allowed": ((16385 << 48 | 1).to_bytes(9, "big"), FRAME_SIZE_ERROR),
    "an unknown frame larger than allowed": ((16385 << 48 | 99 << 40).to_bytes(9, "big"), FRAME_SIZE_ERROR),
}


@pytest.mark.parametrize("what", REFUSED)
def test_frames_that_break_a_rule_are_refused(what: str) -> None:
    data, code = REFUSED[what]
    with pytest.raises(ProtocolError) as caught:
        read(data)
    assert caught.value.code == code


def test_a_frame_is_as_large_as_allowed() -> None:
    assert [length for *_, length in read(frame(DATA, 0, 1, b"x" * 16384))] == [16384]


def test_the_first_frame_has_the_settings() -> None:
    with pytest.raises(ProtocolError, match="does not speak HTTP/2"):
        list(Reader(b"", 1 << 14, 1 << 20).frames(frame(PING, ACK, 0, b"12345678")))


@pytest.mark.parametrize("preface", [PREFACE, b""], ids=["server", "client"])
def test_a_peer_of_another_protocol_is_named_as_such(preface: bytes) -> None:
    with pytest.raises(ProtocolError, match="does not speak HTTP/2"):
        list(Reader(preface, 1 << 14, 1 << 20).frames(b"HTTP/1.1 400 Bad Request\r\n\r\n"))


def test_headers_without_end_are_refused_by_their_bytes() -> None:
    made = reader(max_block=100_000)
    list(made.frames(frame(HEADERS, 0, 1, b"x")))
    with pytest.raises(ProtocolError, match="more than 100000 bytes") as caught:
        list(made.frames(frame(CONTINUATION, 0, 1, b"x" * 16384) * 7))
    assert caught.value.code == ENHANCE_YOUR_CALM
    assert len(made._block) < 100_000 + 16384


def test_headers_without_end_are_refused_by_their_number() -> None:
    made = reader()
    list(made.frames(frame(HEADERS, 0, 1)))
    with pytest.raises(ProtocolError, match="1024 frames"):
        list(made.frames(frame(CONTINUATION, 0, 1) * 2000))
