"""Times gRPC over a process's pipes: llbpy's own client, one made of the `h2` package, and grpcio behind a bridge.

usage: python -m bench.stream [CALLS]

The other end is tests/transport/golang: HTTP/2 and gRPC in the libraries that buildkitd uses. CALLS (2000) sequential calls make
one figure. Nothing is written anywhere, and nothing fails for being slow.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median
from time import perf_counter
from typing import Protocol

from bench.processes import PYTHON, ROOT, output, testbed
from llbpy.transport.pipes import Channel

MODULE = ROOT / "tests" / "transport" / "golang"
PROGRAM = ROOT / ".tools" / "bench" / "llbpy-peer"
PATH = "/test.Peer/"
MESSAGE = bytes(range(100))
MIB = 1 << 20

IMPORT = """
import sys, os
sys.path.insert(0, {root!r})
import llbpy.errors, llbpy.graph.wire
from time import perf_counter
start = perf_counter()
import {module}
print((perf_counter() - start) * 1e3)
"""
FIRST = """
import sys, os
sys.path.insert(0, {root!r})
import llbpy.errors, llbpy.graph.wire
from time import perf_counter, process_time
start, own = perf_counter(), process_time()
from llbpy.transport.pipes import Channel
channel = Channel(0, 1)
channel.call("/test.Peer/Echo", b"x" * 100)
print((process_time() - own) * 1e3, (perf_counter() - start) * 1e3, file=sys.stderr)
"""


class Caller(Protocol):
    """A client, however it is made."""

    def call(self, path: str, message: bytes) -> bytes: ...

    def call_all(self, requests: list[tuple[str, bytes]]) -> object: ...


@contextmanager
def ours(read_fd: int, write_fd: int) -> Generator[Caller]:
    with Channel(read_fd, write_fd) as channel:
        yield channel


@contextmanager
def of_h2(read_fd: int, write_fd: int) -> Generator[Caller]:
    yield H2Channel(read_fd, write_fd)
    os.close(read_fd)
    os.close(write_fd)


class H2Channel:
    """The least that can be made of the `h2` package. It does not read while it writes, as long as windows are open."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        self.fds = read_fd, write_fd
        self.http = H2Connection(H2Configuration(header_encoding="utf-8"))
        self.http.initiate_connection()
        self.http.increment_flow_control_window(1 << 26)
        self.waiting: dict[int, bytes] = {}
        self.answers: dict[int, bytearray] = {}
        self.ended: set[int] = set()

    def call(self, path: str, message: bytes) -> bytes:
        [answer] = self.call_all([(path, message)])
        return answer

    def call_all(self, requests: list[tuple[str, bytes]]) -> list[bytes]:
        streams = [self.ask(path, message) for path, message in requests]
        while not self.ended.issuperset(streams):
            self.turn()
        return [bytes(self.answers.pop(stream)[5:]) for stream in streams]

    def ask(self, path: str, message: bytes) -> int:
        stream = self.http.get_next_available_stream_id()
        headers = [(":method", "POST"), (":scheme", "http"), (":authority", "localhost"), (":path", path)]
        self.http.send_headers(stream, [*headers, ("content-type", "application/grpc"), ("te", "trailers")])
        self.http.increment_flow_control_window(1 << 25, stream)
        self.waiting[stream] = len(message).to_bytes(5, "big") + message
        self.answers[stream] = bytearray()
        return stream

    def turn(self) -> None:
        for stream in list(self.waiting):
            self.fill(stream)
        data = self.http.data_to_send()
        while data:
            data = data[os.write(self.fds[1], data) :]
        for event in self.http.receive_data(os.read(self.fds[0], 1 << 18)):
            self.take(event)

    def fill(self, stream: int) -> None:
        data, at = memoryview(self.waiting[stream]), 0
        while at < len(data):
            size = min(self.http.local_flow_control_window(stream), self.http.max_outbound_frame_size)
            if size <= 0:
                self.waiting[stream] = bytes(data[at:])
                return
            self.http.send_data(stream, bytes(data[at : at + size]))
            at += size
        del self.waiting[stream]
        self.http.end_stream(stream)

    def take(self, event: object) -> None:
        from h2.events import DataReceived, StreamEnded

        if isinstance(event, DataReceived):
            self.answers[event.stream_id] += event.data
            self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            self.ended.add(event.stream_id)


@contextmanager
def of_grpcio(read_fd: int, write_fd: int) -> Generator[Caller]:
    """grpcio takes no descriptors: two threads copy between them and a socket that it dials."""
    import grpc

    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/bridge.sock")
        listener.listen(1)
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        with grpc.insecure_channel(f"unix:{folder}/bridge.sock", options) as channel:
            grpc.channel_ready_future(channel)
            connection, _ = listener.accept()
            fd = connection.detach()
            threads = [
                threading.Thread(target=copy, args=pair, daemon=True) for pair in ((fd, write_fd), (read_fd, fd))
            ]
            for thread in threads:
                thread.start()
            yield GrpcioChannel(channel)


def copy(read_fd: int, write_fd: int) -> None:
    while data := os.read(read_fd, 1 << 18):
        while data:
            data = data[os.write(write_fd, data) :]
    os.close(write_fd)


class GrpcioChannel:
    """What is timed of grpcio."""

    def __init__(self, channel: object) -> None:
        self.channel = channel

    def call(self, path: str, message: bytes) -> bytes:
        return self.channel.unary_unary(path)(message)  # type: ignore[attr-defined,no-any-return]

    def call_all(self, requests: list[tuple[str, bytes]]) -> object:
        futures = [self.channel.unary_unary(path).future(message) for path, message in requests]  # type: ignore[attr-defined]
        return [future.result() for future in futures]


def build() -> None:
    """Builds the other end outside of the tree; quick if nothing has changed."""
    parts = testbed("parts")
    go = parts.find_go(parts.go_version((MODULE / "go.mod").read_text()))
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    output(go, "-C", MODULE, "build", "-trimpath", "-o", PROGRAM, ".")


def peer() -> subprocess.Popen[bytes]:
    return subprocess.Popen([PROGRAM, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def figures(make: Callable[[int, int], object], calls: int) -> list[float]:
    """Microseconds of a call in turn, and of one among 100; MB/s down and up in messages of 1 MiB and of 15 MiB."""
    with peer() as process:
        assert process.stdin
        assert process.stdout
        with make(os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())) as caller:  # type: ignore[attr-defined]
            process.stdin.close()
            process.stdout.close()
            measured = list(measure(caller, calls))
        process.kill()
    return measured


def measure(caller: Caller, calls: int) -> Iterator[float]:
    caller.call_all([(PATH + "Echo", MESSAGE)] * 100)
    yield best(lambda: caller.call(PATH + "Echo", MESSAGE), calls) * 1e6
    yield best(lambda: caller.call_all([(PATH + "Echo", MESSAGE)] * 100), calls // 100) * 1e4
    for size in (MIB, 15 * MIB):
        down, up = b"1 %d" % size, bytes(size)
        yield size / 1e6 / best(partial(caller.call, PATH + "Down", down), 90 * MIB // size)
        yield size / 1e6 / best(partial(caller.call, PATH + "Up", up), 90 * MIB // size)


def best(work: Callable[[], object], times: int) -> float:
    """Seconds of one turn in the quickest of three series."""
    return min(timed(work, times) for _ in range(3)) / times


def timed(work: Callable[[], object], times: int) -> float:
    start = perf_counter()
    for _ in range(times):
        work()
    return perf_counter() - start


def import_ms(module: str) -> float:
    program = IMPORT.format(root=str(ROOT), module=module)
    site = [] if module.startswith("llbpy") else ["-I"]
    runs = [float(output(PYTHON, *(site or ["-I", "-S"]), "-c", program)) for _ in range(15)]
    return median(runs)


def first_call_ms() -> tuple[float, float]:
    """Milliseconds of our process's time, and of all, from before the import to the first answer."""
    samples: list[list[float]] = []
    for _ in range(15):
        with peer() as process:
            command = [PYTHON, "-I", "-S", "-c", FIRST.format(root=str(ROOT))]
            done = subprocess.run(
                command, stdin=process.stdout, stdout=process.stdin, stderr=subprocess.PIPE, check=True
            )
            samples.append(list(map(float, done.stderr.split())))
            process.kill()
    own, wall = zip(*samples, strict=True)
    return median(own), median(wall)


def main(calls: int) -> None:
    output(PYTHON, "-m", "compileall", "-q", "llbpy")
    build()
    for module in ("llbpy.transport.client", "llbpy.transport.pipes", "h2.connection", "grpc"):
        print(f"import {module:24} {import_ms(module):7.2f} ms")
    own, wall = first_call_ms()
    print(f"import to first answer: {own:.2f} ms of our own, {wall:.2f} ms in all")
    print(
        f"\n{'':12}{'one by one':>12}{'100 at once':>13}{'down 1 MiB':>12}{'up 1 MiB':>12}{'down 15 MiB':>13}{'up 15 MiB':>12}"
    )
    for name, make in (("llbpy", ours), ("h2", of_h2), ("grpcio", of_grpcio)):
        one, many, *rates = figures(make, calls)
        print(f"{name:12}{one:9.0f} us{many:10.0f} us" + "".join([f"{rate:7.0f} MB/s" for rate in rates]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
