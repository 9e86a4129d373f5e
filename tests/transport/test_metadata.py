"""Headers of gRPC: what they may hold, and what is made of those that come."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llbpy.errors import TransportError
from llbpy.transport import metadata
from llbpy.transport.codes import UNKNOWN
from llbpy.transport.hpack import Decoder, size
from llbpy.transport.metadata import Malformed
from llbpy.transport.status import Status

unhurried = settings(deadline=None)  # the machine may be busy
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


def fields(block: bytes) -> list[tuple[str, str]]:
    return metadata.split(Decoder(1 << 22).decode(block))[1]


def trailers(status: Status, limit: int = 1 << 22) -> Status:
    block = metadata.trailers(status, (), limit)
    assert size(Decoder(1 << 22).decode(block)) <= limit
    return metadata.status(fields(block))


@unhurried
@given(code=st.integers(0, 16), message=TEXT, details=st.lists(st.tuples(TEXT, st.binary(max_size=50)), max_size=3))
def test_a_status_survives_its_headers(code: int, message: str, details: list[tuple[str, bytes]]) -> None:
    status = Status(code, message, details)
    assert trailers(status) == status


def test_details_may_be_padded_or_not() -> None:
    status = Status(5, "gone", [("a", b"b")])
    data = base64.b64encode(status.to_bytes()).decode()
    assert data.endswith("=")
    for value in (data, data.rstrip("=")):
        read = metadata.status([("grpc-status", "5"), ("grpc-message", "gone"), ("grpc-status-details-bin", value)])
        assert read == status


@pytest.mark.parametrize("details", ["!", "x", "Cg", "é"])
def test_details_that_cannot_be_read_leave_code_and_message(details: str) -> None:
    read = metadata.status([("grpc-status", "5"), ("grpc-message", "gone"), ("grpc-status-details-bin", details)])
    assert read.code == 5
    assert read.message.startswith("gone (its details cannot be read: ")
    assert read.details == ()


@pytest.mark.parametrize("code", ["", "x", "-1", "1.0", "²", "9" * 5000])
def test_a_status_that_is_no_number_is_malformed(code: str) -> None:
    with pytest.raises(Malformed):
        metadata.status([("grpc-status", code)])


def test_without_a_status_nothing_is_known() -> None:
    assert metadata.status([]).code == UNKNOWN


@pytest.mark.parametrize(
    ("quoted", "message"),
    [
        ("%C3%A9", "é"),
        ("100%", "100%"),
        ("%4", "%4"),
        ("%zz%41", "%zzA"),
        ("%FF", "\ufffd"),
        ("caf\xc3\xa9", "café"),
        ("%+1", "%+1"),
    ],
)
def test_messages_are_unquoted_as_far_as_they_are_quoted(quoted: str, message: str) -> None:
    assert metadata.status([("grpc-status", "2"), ("grpc-message", quoted)]).message == message


def test_a_message_is_quoted_so_that_headers_can_carry_it() -> None:
    block = metadata.trailers(Status(2, "50% of ünïcödé\n\udcff"), (), 1 << 20)
    assert dict(fields(block))["grpc-message"] == "50%25 of %C3%BCn%C3%AFc%C3%B6d%C3%A9%0A?"


def test_details_that_the_peer_has_no_room_for_are_left_out() -> None:
    assert trailers(Status(5, "gone", [("a", bytes(10_000))]), 1000) == Status(5, "gone")


def test_a_message_that_the_peer_has_no_room_for_is_cut() -> None:
    cut = trailers(Status(5, "é" * 10_000, [("a", bytes(10_000))]), 1000)
    assert cut.code == 5
    assert 100 < len(cut.message) < 160
    assert set(cut.message) == {"é"}


VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)


@unhurried
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["x-a", "x_b", "c.d", "9"]), VALUES)
        | st.tuples(st.sampled_from(["x-bin", "a-bin"]), st.binary(max_size=20))
    )
)
def test_metadata_is_the_same_on_the_other_side(pairs: list[tuple[str, str | bytes]]) -> None:
    assert metadata.custom(fields(metadata.request("/a/b", pairs))) == pairs
    assert metadata.custom(fields(metadata.response(pairs))) == pairs


def test_binary_values_may_share_a_header() -> None:
    assert metadata.custom([("a-bin", "AA,AQ==,")]) == [("a-bin", b"\0"), ("a-bin", b"\1"), ("a-bin", b"")]


def test_headers_of_grpc_are_no_metadata() -> None:
    assert metadata.custom([("content-type", "x"), ("te", "x"), ("grpc-timeout", "1S"), ("user-agent", "me")]) == [
        ("user-agent", "me")
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Upper", "x"),
        ("", "x"),
        (":path", "x"),
        ("a b", "x"),
        ("grpc-status", "0"),
        ("connection", "close"),
        ("é", "x"),
        ("a", "line\nline"),
        ("a", " x"),
        ("a", "é"),
        ("a", b"bytes"),
    ],
)
def test_metadata_that_http_cannot_carry_is_refused(name: str, value: str | bytes) -> None:
    with pytest.raises(TransportError):
        metadata.request("/a/b", [(name, value)])


@pytest.mark.parametrize("path", ["", "a/b", "/a b\n", "/é"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(TransportError):
        metadata.request(path, ())


def test_requests_have_pseudo_headers_first() -> None:
    headers = Decoder().decode(metadata.request("/a/b", [("x", "y")]))
    assert headers == [
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "localhost"),
        (":path", "/a/b"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("x", "y"),
    ]


@pytest.mark.parametrize(
    "headers",
    [
        [("a", "b"), (":path", "/")],
        [(":path", "/"), (":path", "/")],
        [("Upper", "x")],
        [("", "x")],
        [("connection", "close")],
        [("transfer-encoding", "chunked")],
    ],
)
def test_malformed_headers_are_seen(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(Malformed):
        metadata.split(headers)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/grpc", True),
        ("application/grpc+proto", True),
        ("application/grpc; charset=utf-8", True),
        ("application/grpc+json", False),
        ("application/grpc-web", False),
        ("text/html", False),
    ],
)
def test_content_types_of_grpc(value: str, expected: bool) -> None:
    assert metadata.is_grpc([("x", "y"), ("content-type", value)]) is expected


def test_no_content_type_is_not_grpc() -> None:
    assert not metadata.is_grpc([])
