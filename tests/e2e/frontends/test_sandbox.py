"""Build files that misbehave: each ends in one clear sentence, with the user's own line marked where that can be known."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from tests.e2e.bed import marked
from tests.e2e.frontends.ways import WAYS, Builds, Way

pytestmark = pytest.mark.e2e

TARGET = """
from llbpy import State, scratch, target

@target
def app() -> State:
    return scratch().write("/file", "made")
"""
NO_NETWORK = "; a build file has no network here: http(), git() and image() bring things in"
NO_PROCESSES = "; a build file starts no processes; run() steps do"
CLOSED = "it closed a descriptor that it had not opened"
WROTE = "it wrote to a descriptor that it had not opened"
BROKE = "it changed Python's or llbpy's own modules, and llbpy cannot go on; the daemon's log has more"


class Misdeed(NamedTuple):
    """What a build file does before its target is there, what its user is to read, and the lines that are to be marked.

    Usually the last line is; None where it is chance whether the process still runs it when it is ended.
    """

    code: str
    sentence: str
    marked: tuple[str, ...] | None = ()


def last(code: str) -> tuple[str, ...]:
    return (code.splitlines()[-1],)


def check(builds: Builds, misdeed: Misdeed, *ways: Way) -> None:
    """A build fails with what is to be read, by each way."""
    folder = builds.write(misdeed.code + TARGET)
    for way in ways or WAYS[:1]:
        said = builds.fails(folder, way=way)
        assert re.search(rf"build\.py(:\d+)?: {re.escape(misdeed.sentence)}$", said, re.MULTILINE), said
        if misdeed.marked is not None:
            assert tuple(marked(said)) == (misdeed.marked or last(misdeed.code)), said


def printed(builds: Builds, code: str, *options: str) -> list[str]:
    """The lines that a build file prints, in a build that succeeds."""
    said = builds.done(builds.write(code + TARGET), *options)
    shown = re.findall(r"^#(\d+) \[build.py\] (.*)$", said, re.MULTILINE)
    return [line for _, line in dict.fromkeys(shown)]  # clients name a step again when they come back to it


EVERYWHERE = (
    "import os\nfor fd in range(1024):\n    try:\n        os.write(fd, b'{}')\n    except OSError:\n        pass"
)
DESCRIPTORS = {
    "stdout closed": Misdeed("import os\nos.close(1)\nprint('hello')", "OSError: [Errno 9] Bad file descriptor"),
    "all closed": Misdeed("import os\nos.closerange(0, 1024)", CLOSED, None),
    "all closed and on": Misdeed("import os\nos.closerange(0, 1024)\nwhile True: pass", CLOSED, None),
    "junk to all": Misdeed(EVERYWHERE.format("junk" * 8), WROTE, None),
    "zeros to all": Misdeed(EVERYWHERE.format("\\0" * 4000), WROTE, None),
    "pipe by its number": Misdeed("open(513, 'wb').write(b'junk' * 99)", "OSError: [Errno 9] Bad file descriptor"),
    "pipe by its name": Misdeed(
        "open('/proc/1/fd/513', 'wb')", "PermissionError: [Errno 13] Permission denied: '/proc/1/fd/513'"
    ),
}


@pytest.mark.parametrize("name", DESCRIPTORS)
def test_descriptors_that_are_not_its_own(builds: Builds, name: str) -> None:
    check(builds, DESCRIPTORS[name])


def signalled(number: str) -> str:
    return f"import os, signal\nos.kill(os.getpid(), signal.{number})"


ENDS = {
    "sys.exit(0)": Misdeed(
        "import sys\nsys.exit(0)",
        "sys.exit(0) ends the build file; a target returns a State, or raises to say that it cannot",
    ),
    "os._exit(3)": Misdeed(
        "import os\nos._exit(3)",
        "sys.exit(3) ends the build file; a target returns a State, or raises to say that it cannot",
    ),
    "the C library's exit": Misdeed(
        "import ctypes\nctypes.CDLL(None)._exit(3)",
        "its process ended with exit code 3 before there was a result",
        None,
    ),
    "another program": Misdeed("import os\nos.execv('/usr/bin/python3', ['python3', '-c', ''])", CLOSED, None),
    "abort": Misdeed("import os\nos.abort()", "its process was ended by SIGABRT"),
    "SIGKILL": Misdeed(signalled("SIGKILL"), "its process was ended by SIGKILL", None),
    "SIGTERM": Misdeed(signalled("SIGTERM"), "its process was ended by SIGTERM"),
    "SIGINT": Misdeed(signalled("SIGINT"), "KeyboardInterrupt"),
    "no memory there": Misdeed("import ctypes\nctypes.string_at(0)", "its process was ended by SIGSEGV"),
    "too deep for C": Misdeed(
        "import sys\nsys.setrecursionlimit(10**9)\nclass Deep:\n"
        "    def __getattr__(self, name): return getattr(self, name + '.')\nDeep().x",
        "its process was ended by SIGSEGV",
        ("def __getattr__(self, name): return getattr(self, name + '.')",),
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_its_process_ends_before_the_build_does(builds: Builds, name: str) -> None:
    check(builds, ENDS[name])


@pytest.mark.parametrize("way", WAYS)
def test_what_is_left_says_so_by_every_way(builds: Builds, way: Way) -> None:
    check(builds, ENDS["abort"], way)
    check(builds, ENDS["SIGKILL"], way)


def test_the_process_that_has_the_pipe_takes_no_signal_from_the_other(builds: Builds) -> None:
    code = "import os, signal\nfor each in {*signal.Signals} - {signal.SIGSTOP}:\n    os.kill(1, each)\nprint('sent')"
    assert printed(builds, code) == ["sent"]


SYSTEM = {
    "a fork": Misdeed(
        "import os\nos.fork()", f"BlockingIOError: [Errno 11] Resource temporarily unavailable{NO_PROCESSES}"
    ),
    "forks without end": Misdeed(
        "import os\nwhile True: os.fork()",
        f"BlockingIOError: [Errno 11] Resource temporarily unavailable{NO_PROCESSES}",
    ),
    "a command": Misdeed(
        "import subprocess\nsubprocess.run(['git', 'status'])",
        f"BlockingIOError: [Errno 11] Resource temporarily unavailable{NO_PROCESSES}",
    ),
    "a shell": Misdeed(
        "import os\nos.system('make')",
        "PermissionError: os.system('make'): a build file starts no processes; run() steps do",
    ),
    "a pool": Misdeed(
        "import multiprocessing\nmultiprocessing.Pool(2)",
        f"BlockingIOError: [Errno 11] Resource temporarily unavailable{NO_PROCESSES}",
    ),
    "a thread": Misdeed(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(999,)).start()",
        "RuntimeError: can't start new thread; a build file has one thread",
    ),
    "this machine": Misdeed(
        "import socket\nsocket.create_connection(('127.0.0.1', 80), 5)",
        f"ConnectionRefusedError: [Errno 111] Connection refused{NO_NETWORK}",
    ),
    "another machine": Misdeed(
        "import socket\nsocket.create_connection(('192.0.2.1', 80), 5)",
        f"OSError: [Errno 101] Network is unreachable{NO_NETWORK}",
    ),
    "a name": Misdeed(
        "from urllib.request import urlopen\nurlopen('http://example.com')",
        f"URLError: <urlopen error [Errno -3] Temporary failure in name resolution>{NO_NETWORK}",
    ),
    "llbpy's own files": Misdeed(
        "open('/usr/lib/llbpy/new', 'w')", "PermissionError: [Errno 13] Permission denied: '/usr/lib/llbpy/new'"
    ),
    "stdin": Misdeed(
        "name = input()",
        "EOFError: EOF when reading a line; a build file has no input; a target's arguments are what it is given",
    ),
}


@pytest.mark.parametrize("name", SYSTEM)
def test_the_system_outside_of_its_process(builds: Builds, name: str) -> None:
    check(builds, SYSTEM[name])


SPACE = {
    "one block": Misdeed("block = bytearray(2 << 30)", "it needs more memory than there is"),
    "many blocks": Misdeed(
        "blocks = []\nwhile True: blocks.append(bytearray(1 << 24))", "it needs more memory than there is"
    ),
    "objects": Misdeed("x = None\nwhile True: x = [x]", "it needs more memory than there is", None),
    "calls": Misdeed(
        "def f(): return f()\nf()",
        "RecursionError: maximum recursion depth exceeded",
        ("f()", "def f(): return f()"),
    ),
    "nested lists": Misdeed(
        "import json\nx = []\nfor _ in range(200000): x = [x]\njson.dumps(x)",
        "RecursionError: maximum recursion depth exceeded while encoding a JSON object",
    ),
    "a file": Misdeed(
        "file = open('/tmp/large', 'wb')\nfor _ in range(65): file.write(bytes(1 << 20))",
        "OSError: [Errno 27] File too large; a build file can write and print 64 MiB at most",
    ),
    "output": Misdeed(
        "line = 'x' * ((1 << 20) - 1)\nfor _ in range(100): print(line)",
        "OSError: [Errno 27] File too large; a build file can write and print 64 MiB at most",
    ),
    "a message": Misdeed("raise ValueError('x' * (20 << 20))", f"ValueError: {'x' * (10_000 - 24)}…"),
}


@pytest.mark.parametrize("name", SPACE)
def test_more_than_there_is_room_for(builds: Builds, name: str) -> None:
    check(builds, SPACE[name])


PYTHON = {
    "modules": Misdeed(
        "import base64, os\nbase64.b64encode = os.write = os.read = os._exit = None\nraise ValueError('no')",
        BROKE,
        None,
    ),
    "modules that llbpy does without": Misdeed(
        "import json, os\njson.dumps = os.write = os.read = os._exit = None\nraise ValueError('no')",
        "ValueError: no",
    ),
    "builtins": Misdeed("import builtins\nbuiltins.len = None", BROKE, None),
    "no exception": Misdeed("class Odd(BaseException): pass\nraise Odd('odd')", "Odd: odd"),
    "an exception without words": Misdeed(
        "class Odd(Exception):\n    def __str__(self): return 1\nraise Odd",
        "TypeError: __str__ returned non-string (type int)",
        None,
    ),
}


@pytest.mark.parametrize("name", PYTHON)
def test_python_itself(builds: Builds, name: str) -> None:
    check(builds, PYTHON[name])


def test_nothing_is_left_of_the_environment(builds: Builds) -> None:
    code = """import os
print(dict(os.environ), os.getenv("BUILDKIT_SESSION_ID"))
for name in ("self", "1"):
    with open(f"/proc/{name}/environ", "rb") as file:
        print(file.read().strip(b"\\0"))
"""
    assert printed(builds, code, "build-arg:token=hidden") == ["{} None", "b''", "b''"]


def test_the_limits_are_those_that_are_documented(builds: Builds) -> None:
    code = """import os, resource
print(*[resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0] for name in ("AS", "FSIZE", "NPROC", "CORE")])
print(os.getuid(), os.getgid(), os.getgroups())
with open("/proc/self/status") as file:
    print(*[line.split()[1] for line in file if line.startswith(("CapEff", "CapBnd", "NoNewPrivs"))])
"""
    assert printed(builds, code) == [f"{1 << 30} {64 << 20} 0 0", "65534 65534 []", f"{'0' * 16} {'0' * 16} 1"]


def test_handlers_and_streams_of_its_own_do_no_harm(builds: Builds) -> None:
    code = """import signal, sys, threading
for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(each, lambda number, frame: None)
threading.excepthook = sys.excepthook = None
print("before")
sys.stdout = sys.stderr = None
print("after")
"""
    assert printed(builds, code) == ["before"]


APART = """
import os
from llbpy import Build, State, scratch, target
from common import greeting

@target
def app(build: Build, name: str = "you") -> State:
    seen = build.read(build.context()["/given"]).decode().strip()
    cpu = build.target_platform.architecture
    print(f"{seen} on {cpu}")
    return scratch().copy(build.context(), "/").write("/said", f"{greeting} {name}, {seen}, {cpu}{os.sep}")
"""


@pytest.mark.parametrize("way", WAYS)
def test_a_build_file_that_runs_apart_does_all_that_others_do(builds: Builds, way: Way) -> None:
    others = {
        "given": "given",
        "ignored": "ignored",
        ".dockerignore": "ignored\n*.py",
        "common.py": "greeting = 'hello'",
    }
    folder = builds.write(APART, others)
    built = builds.export(folder, "build-arg:name=me", "platform=linux/amd64,linux/arm64", way=way)
    for cpu in ("amd64", "arm64"):
        assert f"[build.py] given on {cpu}" in built.progress
        assert built.text(f"linux_{cpu}/said") == f"hello me, given, {cpu}/"
    assert built.names == [
        f"linux_{cpu}/{name}" for cpu in ("amd64", "arm64") for name in (".dockerignore", "given", "said")
    ]
