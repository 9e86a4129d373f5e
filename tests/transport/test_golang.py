"""Our ends against the Go libraries that buildkitd uses, over the pipes of a process."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llbpy.errors import ConnectionLost, DaemonError
from llbpy.transport import codes
from llbpy.transport.calls import Limits
from llbpy.transport.pipes import Channel
from llbpy.transport.server import Server
from llbpy.transport.status import Status
from tests.transport.service import HEALTH, PATH, SERVING, Service, pattern, serve

pytestmark = pytest.mark.timeout(400)  # where nothing is cached, Go fetches and compiles its modules first

LARGEST = 16 << 20
MESSAGE = "50% of ünïcödé\nand more"

# Our client -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def channel(golang: Path) -> Iterator[Channel]:
    """A client of x/net's HTTP/2 with grpc-go behind it."""
    with subprocess.Popen([golang, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        with Channel(
            os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno()), Limits(message=LARGEST + 1)
        ) as made:
            process.stdin.close()
            process.stdout.close()
            yield made
        assert process.wait(30) == 0


def test_calls_are_answered(channel: Channel) -> None:
    assert channel.call(PATH + "Echo", b"hello") == b"hello"
    assert channel.call(HEALTH, b"") == SERVING
    assert channel.call(PATH + "Echo", b"") == b""


@pytest.mark.parametrize("size", [1 << 14, 100_000, LARGEST])
def test_messages_of_all_sizes_pass(channel: Channel, size: int) -> None:
    assert channel.call(PATH + "Echo", pattern(3, size)) == pattern(3, size)


def test_one_byte_more_is_refused_by_them(channel: Channel) -> None:
    with pytest.raises(DaemonError, match="grpc: received message larger than max") as caught:
        channel.call(PATH + "Echo", bytes(LARGEST + 1))
    assert caught.value.code == codes.RESOURCE_EXHAUSTED
    assert channel.call(HEALTH, b"") == SERVING


def test_hundreds_of_calls_at_once(channel: Channel) -> None:
    asked = [(PATH + "Echo", pattern(number, 5000)) for number in range(400)]
    assert channel.call_all(asked) == [message for _, message in asked]


def test_large_calls_at_once(channel: Channel) -> None:
    asked = [(PATH + "Echo", pattern(number, 5_000_000)) for number in range(10)]
    assert channel.call_all(asked) == [message for _, message in asked]


@pytest.mark.parametrize("size", [0, 100, 20_000, 1_000_000])
def test_details_of_all_sizes_come_whole(channel: Channel, size: int) -> None:
    status = Status(codes.FAILED_PRECONDITION, MESSAGE, [("test/a+json", pattern(0, size)), ("", b"")])
    assert channel.call_all([(PATH + "Fail", status.to_bytes())] * 3) == [status] * 3


def test_metadata_goes_there_and_back(channel: Channel) -> None:
    exchange = channel.open(PATH + "Metadata", [("x-text", "one"), ("x-text", "two"), ("x-raw-bin", b"\0\xff,")], b"")
    assert exchange.answer() == b""
    assert sorted(exchange.metadata) == [("tail-x-raw-bin", b"\0\xff,"), ("tail-x-text", "one"), ("tail-x-text", "two")]


def test_streams_in_both_directions(channel: Channel) -> None:
    exchange = channel.open(PATH + "Echo")
    for number in range(200):
        exchange.send(pattern(number, number))
        assert exchange.receive() == pattern(number, number)
    exchange.end()
    assert exchange.receive() is None
    up = channel.open(PATH + "Up")
    for number in range(40):
        up.send(pattern(number, 1 << 20))
    up.end()
    assert up.answer() == f"40 {40 << 20} {summed(40, 1 << 20)}".encode()
    down = channel.open(PATH + "Down", (), b"40 1048576")
    assert list(iter(down.receive, None)) == [pattern(number, 1 << 20) for number in range(40)]


def test_a_slow_reader_gets_everything_in_the_end(channel: Channel) -> None:
    slow = channel.open(PATH + "Down", (), b"60 1000000")
    for _ in range(50):
        assert channel.call(HEALTH, b"") == SERVING
    assert sum(map(len, iter(slow.receive, None))) == 60_000_000


def test_what_is_given_up_here_is_cancelled_there(channel: Channel) -> None:
    for _ in range(3):
        hanging = channel.open(PATH + "Hang", (), b"")
        assert hanging.receive() == b"hanging"
        hanging.cancel()
    deadline = time.monotonic() + 10
    while channel.call(PATH + "Cancelled", b"") != b"3" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert channel.call(PATH + "Cancelled", b"") == b"3"


def test_an_unknown_method_is_refused(channel: Channel) -> None:
    assert channel.call_all([("/a.B/C", b"")]) == [Status(codes.UNIMPLEMENTED, "no method /a.B/C")]


def test_after_their_goodbye_there_are_no_calls(channel: Channel) -> None:
    hanging = channel.open(PATH + "Hang", (), b"")
    assert hanging.receive() == b"hanging"
    assert channel.call(PATH + "Goodbye", b"") == b"bye"
    with pytest.raises(ConnectionLost):
        call_for_ten_seconds(channel)
    hanging.cancel()


def call_for_ten_seconds(channel: Channel) -> None:
    for _ in range(1000):
        channel.call(HEALTH, b"")
        time.sleep(0.01)


# Our server -----------------------------------------------------------------------------------------------------------------


def answered(golang: Path, *steps: str) -> tuple[list[dict[str, Any]], Service]:
    """What grpc-go saw, step by step."""
    argv = [golang, "call", *steps]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        lines: list[bytes] = []
        reader = threading.Thread(target=lines.extend, args=(process.stderr,))
        reader.start()
        served = serve(process.stdout.fileno(), process.stdin.fileno(), Server())
        process.stdin.close()
        reader.join(30)
        assert process.wait(30) == 0, b"".join(lines)
    assert not served.server._calls
    return [json.loads(line) for line in lines], served


def summed(count: int, size: int) -> str:
    return hashlib.sha256(b"".join([pattern(number, size) for number in range(count)])).hexdigest()


def test_grpc_go_gets_its_messages_back(golang: Path) -> None:
    shapes = [(1, 0), (50, 100), (3, 70_000), (1, LARGEST), (20, 1 << 20)]
    steps = [f"{kind}:{count}:{size}" for kind in ("echo", "flood", "down") for count, size in shapes]
    results, _ = answered(golang, *steps)
    assert [result["Code"] for result in results] == [0] * len(steps), results
    for result, (count, size) in zip(results, shapes * 3, strict=True):
        assert (result["Count"], result["Size"], result["Sum"]) == (count, count * size, summed(count, size))


def test_grpc_go_sends_as_much_as_it_likes(golang: Path) -> None:
    [result], _ = answered(golang, "up:40:1048576")
    expected = f"40 {40 << 20} {summed(40, 1 << 20)}".encode()
    assert (result["Code"], result["Sum"]) == (0, hashlib.sha256(expected).hexdigest())


def test_grpc_go_has_hundreds_of_calls_at_once(golang: Path) -> None:
    results, _ = answered(golang, "flight:100:2000", "flight:2000:10", "flight:10:3000000")
    assert [(result["Code"], result["Count"]) for result in results] == [(0, 100), (0, 2000), (0, 10)]


def test_grpc_go_gets_details_of_all_sizes(golang: Path) -> None:
    sizes = [0, 100, 20_000, 1_000_000]
    results, _ = answered(golang, *[f"fail:9:{size}" for size in sizes])
    for result, size in zip(results, sizes, strict=True):
        assert (result["Code"], result["Message"]) == (9, MESSAGE)
        status = Status.from_bytes(base64.b64decode(result["Status"]))
        assert status == Status(9, MESSAGE, [("test/details+json", pattern(0, size))])


def test_grpc_go_gets_metadata_back(golang: Path) -> None:
    [result], _ = answered(golang, "metadata")
    for place, prefix in (("Head", "head-"), ("Tail", "tail-")):
        assert result[place][prefix + "x-text"] == ["one", "two"]
        assert result[place][prefix + "x-raw-bin"] == ["\0\ufffd,"]  # as JSON has it


def test_grpc_go_is_healthy_as_buildkitd_asks(golang: Path) -> None:
    [result], _ = answered(golang, "health")
    assert result["Message"] == "SERVING"


def test_grpc_go_gives_up(golang: Path) -> None:
    results, served = answered(golang, "hang", "hang", "cancelled")
    assert [result["Code"] for result in results] == [codes.CANCELLED, codes.CANCELLED, 0]
    assert served.cancelled == 2


def test_grpc_go_reads_slowly(golang: Path) -> None:
    [result], _ = answered(golang, "slow:40:1000000:300")
    assert (result["Code"], result["Sum"]) == (0, summed(40, 1_000_000))


def test_grpc_go_learns_of_unknown_methods(golang: Path) -> None:
    [result], _ = answered(golang, "unknown")
    assert (result["Code"], result["Message"]) == (codes.UNIMPLEMENTED, "no method /test.Peer/Unknown")
