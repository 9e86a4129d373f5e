"""Messages in and out of the data of a call."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llbpy.transport.calls import Inbox, Outbox, Refusal
from llbpy.transport.codes import INTERNAL, RESOURCE_EXHAUSTED, UNIMPLEMENTED

unhurried = settings(deadline=None)  # the machine may be busy
MESSAGES = st.lists(st.binary(max_size=30) | st.sampled_from([4096, 4097, 9000]).map(bytes), max_size=8)


def framed(messages: list[bytes]) -> bytes:
    return b"".join([len(message).to_bytes(5, "big") + message for message in messages])


@unhurried
@given(messages=MESSAGES, cuts=st.lists(st.integers(0, 20_000), max_size=10))
def test_messages_are_the_same_however_the_data_is_cut(messages: list[bytes], cuts: list[int]) -> None:
    inbox, data = Inbox(1 << 20), framed(messages)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(edges)]
    assert [message for piece in pieces for message in inbox.feed(piece)] == messages
    assert len(inbox) == 0


@unhurried
@given(messages=MESSAGES, limits=st.lists(st.integers(1, 5000), min_size=1))
def test_what_is_taken_out_in_pieces_is_what_was_put_in(messages: list[bytes], limits: list[int]) -> None:
    outbox, data, turn = Outbox(), b"", 0
    for message in messages:
        outbox.put(message)
        data += b"".join(outbox.take(limits[turn % len(limits)]))
        turn += 1
    assert outbox.size + len(data) == len(framed(messages))
    while outbox.size:
        limit = limits[turn % len(limits)]
        piece = b"".join(outbox.take(limit))
        assert 0 < len(piece) <= limit
        data += piece
        turn += 1
    assert data == framed(messages)


def test_a_message_is_as_large_as_allowed_and_no_larger() -> None:
    assert Inbox(1000).feed(framed([b"x" * 1000])) == [b"x" * 1000]
    with pytest.raises(Refusal, match="a message of 1001 bytes, 1000 are taken") as caught:
        Inbox(1000).feed(framed([b"x" * 1001])[:5])
    assert caught.value.status.code == RESOURCE_EXHAUSTED


def test_an_announced_message_takes_no_memory_before_it_comes() -> None:
    inbox = Inbox(1 << 24)
    assert inbox.feed((1 << 24).to_bytes(5, "big") + b"x") == []
    assert len(inbox) == 6


@pytest.mark.parametrize(("flag", "code"), [(1, UNIMPLEMENTED), (2, INTERNAL), (255, INTERNAL)])
def test_flags_are_refused(flag: int, code: int) -> None:
    with pytest.raises(Refusal) as caught:
        Inbox(10).feed(bytes((flag, 0, 0, 0, 0)))
    assert caught.value.status.code == code
