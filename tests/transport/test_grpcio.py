"""Our ends against grpcio's, over unix sockets: it takes no descriptors."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from llbpy.transport import codes
from llbpy.transport.pipes import Channel
from llbpy.transport.server import Server
from llbpy.transport.status import Status
from tests.transport.service import HEALTH, PATH, SERVING, Service, pattern, serve

LARGEST = 16 << 20
OPTIONS = [
    ("grpc.max_receive_message_length", LARGEST),
    ("grpc.max_send_message_length", LARGEST),
    ("grpc.max_metadata_size", 1 << 22),
    ("grpc.absolute_max_metadata_size", 1 << 22),
]

# Our client -----------------------------------------------------------------------------------------------------------------


class Handler(grpc.GenericRpcHandler):
    """Some methods of the tests' service."""

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        methods = {
            PATH + "Echo": grpc.stream_stream_rpc_method_handler(lambda messages, _: messages),
            PATH + "Down": grpc.unary_stream_rpc_method_handler(self.down),
            PATH + "Fail": grpc.unary_unary_rpc_method_handler(self.fail),
            PATH + "Metadata": grpc.unary_unary_rpc_method_handler(self.metadata),
        }
        return methods.get(details.method)

    def down(self, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        count, size = map(int, request.split())
        return (pattern(number, size) for number in range(count))

    def fail(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        status = Status.from_bytes(request)
        context.set_trailing_metadata([("grpc-status-details-bin", request)])
        code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
        return bytes(context.abort(code, status.message))

    def metadata(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        ours = [pair for pair in context.invocation_metadata() if pair[0].startswith("x-")]
        context.set_trailing_metadata([("tail-" + name, value) for name, value in ours])
        return b""


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    server = grpc.server(ThreadPoolExecutor(8), handlers=[Handler()], options=OPTIONS)
    path = str(tmp_path / "grpc.sock")
    server.add_insecure_port(f"unix:{path}")
    server.start()
    ours = socket.socket(socket.AF_UNIX)
    ours.connect(path)
    fd = ours.detach()
    with Channel(fd, fd) as made:
        yield made
    server.stop(None).wait(10)


def test_our_messages_come_back(channel: Channel) -> None:
    sizes = [0, 1, 5000, 1_000_000, LARGEST]
    assert channel.call_all([(PATH + "Echo", pattern(size, size)) for size in sizes]) == [
        pattern(size, size) for size in sizes
    ]


def test_a_hundred_calls_at_once(channel: Channel) -> None:
    asked = [(PATH + "Echo", b"%d" % number) for number in range(100)]
    assert channel.call_all(asked) == [message for _, message in asked]


def test_their_stream_is_read_slowly(channel: Channel) -> None:
    slow = channel.open(PATH + "Down", (), b"40 1000000")
    for _ in range(30):
        assert channel.call(PATH + "Echo", b"x") == b"x"
    assert list(iter(slow.receive, None)) == [pattern(number, 1_000_000) for number in range(40)]


@pytest.mark.parametrize("size", [0, 50_000])
def test_their_refusal_has_its_details(channel: Channel, size: int) -> None:
    status = Status(codes.NOT_FOUND, "50% of ünïcödé\nand more", [("a+json", pattern(1, size))])
    assert channel.call_all([(PATH + "Fail", status.to_bytes())]) == [status]


def test_their_metadata_is_read(channel: Channel) -> None:
    exchange = channel.open(PATH + "Metadata", [("x-a", "b"), ("x-a", "c"), ("x-bin", b"\0\xff,")], b"")
    assert exchange.answer() == b""
    assert exchange.metadata == [("tail-x-a", "b"), ("tail-x-a", "c"), ("tail-x-bin", b"\0\xff,")]


def test_their_lack_of_a_method_is_a_status(channel: Channel) -> None:
    [answer] = channel.call_all([("/a.B/C", b"")])
    assert isinstance(answer, Status)
    assert answer.code == codes.UNIMPLEMENTED


# Our server -----------------------------------------------------------------------------------------------------------------


@contextmanager
def client(folder: Path, served: list[Service] | None = None) -> Iterator[grpc.Channel]:
    """Their client of our server, which takes one connection and ends with it."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "ours.sock"))
    listener.listen(1)

    def run() -> None:
        connection, _ = listener.accept()
        with connection:
            done = serve(connection.fileno(), connection.fileno(), Server())
        if served is not None:
            served.append(done)

    thread = threading.Thread(target=run)
    thread.start()
    with grpc.insecure_channel(f"unix:{folder}/ours.sock", OPTIONS) as channel:
        yield channel
    thread.join(30)
    assert not thread.is_alive()
    listener.close()


def test_their_messages_come_back(tmp_path: Path) -> None:
    sizes = [0, 1, 5000, 1_000_000, LARGEST]
    with client(tmp_path) as channel:
        answers = channel.stream_stream(PATH + "Echo")(iter([pattern(size, size) for size in sizes]))
        assert list(answers) == [pattern(size, size) for size in sizes]
        assert channel.unary_unary(HEALTH)(b"") == SERVING


def test_their_hundred_calls_at_once(tmp_path: Path) -> None:
    with client(tmp_path) as channel:
        echo = channel.unary_unary(PATH + "Echo")
        futures = [echo.future(pattern(number, 2000)) for number in range(100)]
        assert [future.result(30) for future in futures] == [pattern(number, 2000) for number in range(100)]


def test_our_stream_is_read_slowly(tmp_path: Path) -> None:
    with client(tmp_path) as channel:
        slow = channel.unary_stream(PATH + "Down")(b"40 1000000")
        for _ in range(30):
            assert channel.unary_unary(HEALTH)(b"") == SERVING
        assert list(slow) == [pattern(number, 1_000_000) for number in range(40)]


@pytest.mark.parametrize("size", [0, 50_000])
def test_our_refusal_has_its_details(tmp_path: Path, size: int) -> None:
    status = Status(codes.NOT_FOUND, "50% of ünïcödé\nand more", [("a+json", pattern(1, size))])
    with client(tmp_path) as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(PATH + "Fail")(status.to_bytes())
    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.NOT_FOUND, status.message)
    assert dict(caught.value.trailing_metadata())["grpc-status-details-bin"] == status.to_bytes()


def test_our_metadata_is_read(tmp_path: Path) -> None:
    sent = (("x-a", "b"), ("x-a", "c"), ("x-bin", b"\0\xff,"))
    with client(tmp_path) as channel:
        _, call = channel.unary_unary(PATH + "Metadata").with_call(b"", metadata=sent)
    assert [tuple(pair) for pair in call.initial_metadata()] == [("head-" + name, value) for name, value in sent]
    assert [tuple(pair) for pair in call.trailing_metadata()] == [("tail-" + name, value) for name, value in sent]


def test_their_giving_up_is_seen(tmp_path: Path) -> None:
    served: list[Service] = []
    with client(tmp_path, served) as channel:
        call = channel.stream_stream(PATH + "Hang")(iter([b""]))
        assert next(call) == b"hanging"
        call.cancel()
        assert channel.unary_unary(PATH + "Cancelled")(b"") == b"1"
    assert served[0].cancelled == 1


def test_our_lack_of_a_method_is_a_status(tmp_path: Path) -> None:
    with client(tmp_path) as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/a.B/C")(b"")
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_deadline_of_theirs_ends_our_call(tmp_path: Path) -> None:
    served: list[Service] = []
    with client(tmp_path, served) as channel:
        call = channel.stream_stream(PATH + "Hang")(iter([b""]), timeout=0.2)
        with pytest.raises(grpc.RpcError, match="DEADLINE_EXCEEDED"):
            list(call)
        assert channel.unary_unary(PATH + "Cancelled")(b"") == b"1"
