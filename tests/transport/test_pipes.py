"""The blocking client on file descriptors, with our own server behind them in a thread."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from llbpy.errors import CallOver, ConnectionLost, DaemonError, ProtocolError
from llbpy.transport import codes
from llbpy.transport.frames import GOAWAY, INITIAL_WINDOW_SIZE, PREFACE, SETTINGS, WINDOW_UPDATE, frame, settings
from llbpy.transport.pipes import Channel
from llbpy.transport.sender import DEFAULT_WINDOW
from llbpy.transport.server import Server
from llbpy.transport.status import Status
from tests.transport.service import HEALTH, PATH, SERVING, Service, pattern, serve
from tests.transport.wired import drained, frames_of

LARGE = pattern(7, 1 << 24)


@contextmanager
def channel(peer: Callable[[int, int], object]) -> Iterator[Channel]:
    """One whose peer runs in a thread, with a reading and a writing end; it is waited for."""
    up_read, up_write = os.pipe()
    down_read, down_write = os.pipe()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            peer(up_read, down_write)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with Channel(down_read, up_write) as made:
            yield made
    finally:
        thread.join(30)
        assert not thread.is_alive()
        for fd in (up_read, down_write):
            os.close(fd)
    assert not errors


def service(read_fd: int, write_fd: int) -> Service:
    return serve(read_fd, write_fd, Server())


def impolite(read_fd: int, write_fd: int) -> None:
    """Serves, and reads nothing while it writes."""
    server = Server()
    own = Service(server)
    while data := os.read(read_fd, 1 << 16):
        own.take(server.receive(data))
        answer = drained(server)
        while answer:
            answer = answer[os.write(write_fd, answer) :]


@pytest.mark.parametrize("peer", [service, impolite])
def test_a_call_is_answered(peer: Callable[[int, int], object]) -> None:
    with channel(peer) as made:
        assert made.call(PATH + "Echo", b"hello") == b"hello"
        assert made.call(HEALTH, b"") == SERVING
        assert made.call(PATH + "Echo", b"") == b""


@pytest.mark.parametrize("peer", [service, impolite])
def test_the_largest_messages_cross_without_anybody_waiting_for_ever(peer: Callable[[int, int], object]) -> None:
    with channel(peer) as made:
        assert made.call_all([(PATH + "Echo", LARGE)] * 3) == [LARGE] * 3


def test_a_socket_is_both_ends() -> None:
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=service, args=(theirs.fileno(), theirs.fileno()))
    thread.start()
    with Channel(ours.fileno(), ours.detach()) as made:
        assert made.call(PATH + "Echo", LARGE) == LARGE
    thread.join(30)
    theirs.close()


def test_answers_come_in_the_order_of_asking() -> None:
    asked = [(PATH + "Echo", b"%d" % number) for number in range(300)]
    with channel(service) as made:
        assert made.call_all(asked) == [message for _, message in asked]


def test_a_refusal_is_one_answer_among_others() -> None:
    status = Status(codes.FAILED_PRECONDITION, "not now", [("a+json", b"{}" * 20_000)])
    with channel(service) as made:
        answers = made.call_all([(PATH + "Echo", b"a"), (PATH + "Fail", status.to_bytes()), (PATH + "Echo", b"b")])
    assert answers == [b"a", status, b"b"]


def test_a_refusal_of_the_only_call_is_raised() -> None:
    with channel(service) as made, pytest.raises(DaemonError) as caught:
        made.call(PATH + "Unknown", b"")
    assert caught.value.status == Status(codes.UNIMPLEMENTED, "no method /test.Peer/Unknown")
    assert str(caught.value) == "no method /test.Peer/Unknown"


def test_messages_of_a_long_call_go_both_ways() -> None:
    with channel(service) as made:
        exchange = made.open(PATH + "Echo")
        for number in range(20):
            exchange.send(b"%d" % number)
            assert exchange.receive() == b"%d" % number
        exchange.end()
        assert exchange.receive() is None
        assert exchange.receive() is None
        with pytest.raises(CallOver):
            exchange.send(b"late")


def test_much_can_be_sent_and_received_message_by_message() -> None:
    with channel(service) as made:
        up = made.open(PATH + "Up")
        for number in range(50):
            up.send(pattern(number, 1 << 20))
        up.end()
        answer = up.answer()
        assert isinstance(answer, bytes)
        assert answer.startswith(b"50 52428800 ")
        down = made.open(PATH + "Down", (), b"50 1048576")
        assert list(iter(down.receive, None)) == [pattern(number, 1 << 20) for number in range(50)]


def silent(read_fd: int, write_fd: int) -> None:
    """Takes whatever comes, and never says that it does."""
    room = (1 << 31) - 1
    more = frame(WINDOW_UPDATE, 0, 0, (room - DEFAULT_WINDOW).to_bytes(4, "big"))
    os.write(write_fd, settings({INITIAL_WINDOW_SIZE: room}) + more)
    while os.read(read_fd, 1 << 16):
        pass


@pytest.mark.timeout(30)
def test_much_can_be_sent_to_a_peer_that_says_nothing() -> None:
    with channel(silent) as made:
        made.turn()
        up = made.open(PATH + "Up")
        for _ in range(1000):
            up.send(bytes(1 << 20))
        assert up._call.unsent <= 1 << 20


def test_what_nobody_looks_at_is_not_piled_up() -> None:
    with channel(service) as made:
        slow = made.open(PATH + "Down", (), b"100 1000000")
        for _ in range(200):
            made.call(HEALTH, b"")
        assert slow._held < 20_000_000
        assert sum(map(len, iter(slow.receive, None))) == 100_000_000


def test_metadata_goes_both_ways() -> None:
    with channel(service) as made:
        exchange = made.open(PATH + "Metadata", [("x-a", "b"), ("x-bin", b"\0")], b"")
        assert exchange.answer() == b""
        assert exchange.metadata == [("tail-x-a", "b"), ("tail-x-bin", b"\0")]


def test_a_call_can_be_given_up() -> None:
    with channel(service) as made:
        hanging = made.open(PATH + "Hang", (), b"")
        assert hanging.receive() == b"hanging"
        hanging.cancel()
        hanging.cancel()
        with pytest.raises(DaemonError, match="given up on this side"):
            hanging.receive()
        assert made.call(PATH + "Cancelled", b"") == b"1"


@pytest.mark.parametrize("count", [0, 2, 1000])
def test_one_message_is_an_answer_and_no_other_number(count: int) -> None:
    with channel(service) as made:
        answer = made.open(PATH + "Down", (), b"%d 100000" % count).answer()
    assert isinstance(answer, Status)
    assert answer.code == codes.INTERNAL
    assert answer.message.endswith(" messages where one is the answer")


def test_a_peer_that_goes_away_is_missed() -> None:
    def peer(read_fd: int, write_fd: int) -> None:
        os.read(read_fd, 1 << 16)

    with channel(closing(peer)) as made:
        for _ in range(2):
            with pytest.raises(ConnectionLost, match="the other end has closed the connection"):
                made.call(PATH + "Echo", b"")


def test_a_socket_that_is_reset_is_missed_as_well() -> None:
    ours, theirs = socket.socketpair()
    with Channel(ours.fileno(), ours.detach()) as made:
        hanging = made.open(PATH + "Hang", (), b"")
        made.flush()
        theirs.close()  # with what it was sent unread
        with pytest.raises(ConnectionLost):
            hanging.receive()


def test_a_peer_that_reads_no_more_is_heard_out() -> None:
    def peer(read_fd: int, write_fd: int) -> None:
        os.write(write_fd, settings({}) + frame(GOAWAY, 0, 0, b"\0\0\1\0\0\0\0\x0btoo much"))

    with channel(closing(peer)) as made, pytest.raises(ConnectionLost, match="ENHANCE_YOUR_CALM too much"):
        made.call_all([(PATH + "Echo", bytes(1 << 20))] * 100)


def test_a_peer_that_only_stops_reading_is_noticed() -> None:
    done = threading.Event()

    def peer(read_fd: int, write_fd: int) -> None:
        os.write(write_fd, settings({}))
        os.dup2(os.open(os.devnull, os.O_RDONLY), read_fd)
        done.wait(30)

    with channel(peer) as made:
        exchange = made.open(PATH + "Up")
        with pytest.raises(ConnectionLost, match="has closed the connection"):
            exchange.send(bytes(1 << 24))
        done.set()


@pytest.mark.parametrize(
    "data",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"Traceback (most recent call last)", settings({}) + frame(SETTINGS, 0, 1)],
)
def test_a_peer_that_breaks_the_rules_is_told(data: bytes) -> None:
    heard = bytearray()

    def peer(read_fd: int, write_fd: int) -> None:
        os.write(write_fd, data)
        while piece := os.read(read_fd, 1 << 16):
            heard.extend(piece)

    with channel(peer) as made:
        for _ in range(2):
            with pytest.raises(ProtocolError):
                made.call(PATH + "Echo", b"")
    *_, (kind, stream, payload) = frames_of(bytes(heard).removeprefix(PREFACE))
    assert (kind, stream, payload[:8]) == (GOAWAY, 0, bytes(7) + b"\1")


def test_closing_says_goodbye_and_closes_both_ends() -> None:
    heard = bytearray()

    def peer(read_fd: int, write_fd: int) -> None:
        while piece := os.read(read_fd, 1 << 16):
            heard.extend(piece)

    with channel(peer) as made:
        fds = made._read_fd, made._write_fd
    assert heard.endswith(frame(GOAWAY, 0, 0, bytes(8)))
    for fd in fds:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)


def closing(peer: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """The same, with its ends closed when it is done."""

    def run(read_fd: int, write_fd: int) -> None:
        peer(read_fd, write_fd)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, read_fd)
        os.dup2(null, write_fd)
        os.close(null)

    return run
