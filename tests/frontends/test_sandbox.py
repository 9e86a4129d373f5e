"""What is taken from a process before it runs a build file, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a frontend's container takes is Linux's")

ROOT = Path(__file__).parents[2]
LIMITS = 'import resource\nprint(*[resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in {names}])'


def ran(code: str, stdin: bytes = b"", code_of_exit: int = 0, **environment: str) -> list[str]:
    """What Python code that has the sandbox at hand writes to its first stdout."""
    words = [sys.executable, "-P", "-S", "-c", f"import os, posix, sys\nfrom llbpy.frontends import sandbox\n{code}"]
    done = subprocess.run(
        words, input=stdin, capture_output=True, check=False, env={"PYTHONPATH": str(ROOT), **environment}
    )
    assert done.returncode == code_of_exit, done.stderr.decode()
    return done.stdout.decode().splitlines()


def test_the_environment_is_handed_over_and_gone() -> None:
    code = """
taken = sandbox.environment()
sandbox.wipe_environment()
print(taken["OPTION"], dict(os.environ), os.getenv("OPTION"), posix.environ)
with open("/proc/self/environ", "rb") as file:
    print(file.read().strip(b"\\0"))
"""
    assert ran(code, OPTION="a=b") == ["a=b {} None {}", "b''"]


def test_an_environment_that_cannot_be_overwritten_is_handed_over_all_the_same() -> None:
    code = """
import builtins
def refuse(path, *rest):
    raise PermissionError(path)
posix.open = refuse
print(sandbox.environment()["OPTION"])
sandbox.wipe_environment()
print(dict(os.environ))
"""
    assert ran(code, OPTION="a=b") == ["a=b", "{}"]


def test_the_pipe_is_out_of_the_way_and_stdin_is_empty() -> None:
    code = """
heard, said = sandbox.take_pipe()
assert min(heard, said) > 255 and not os.get_inheritable(heard) and not os.get_inheritable(said)
assert sys.stdin.read() == ""
os.write(said, os.read(heard, 100))
"""
    assert ran(code, b"from the daemon") == ["from the daemon"]


def test_output_is_kept_as_it_comes_and_streams_hold_nothing_back() -> None:
    code = """
pipe = os.dup(1)
output, log = sandbox.take_output()
print("one", end="")
print(" and", file=sys.stderr)
os.write(1, b"two\\n")
print("\\ud800", file=sys.__stdout__)
sys.stdout.close()
os.write(2, b"three\\n")
os.write(pipe, os.pread(output, 100, 0))
assert os.fstat(log).st_ino != os.fstat(2).st_ino and log > 255
"""
    assert ran(code) == ["one and", "two", "\\ud800", "three"]


def test_memory_files_and_cores_are_bounded() -> None:
    (limits,) = ran("sandbox.limit()\n" + LIMITS.format(names=("AS", "FSIZE", "CORE")))
    mib = 1 << 20
    assert limits == f"({1024 * mib}, {1088 * mib}) ({64 * mib}, {64 * mib}) (0, 0)"
    assert ran("sandbox.limit()\nprint(sys.dont_write_bytecode)") == ["True"]


def test_bounds_that_are_tighter_stay() -> None:
    code = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\nsandbox.limit()\n"
    assert ran(code + LIMITS.format(names=("FSIZE",))) == ["(4096, 4096)"]


def test_there_is_room_to_say_that_memory_has_run_out() -> None:
    code = """
sandbox.limit()
try:
    bytes(1 << 30)
except MemoryError:
    sandbox.make_room()
    print(len(bytes(40 << 20)) >> 20)
blocks = []
try:
    while True:
        blocks.append(bytes(1 << 20))
except MemoryError:
    blocks.clear()
    print("bounded")
"""
    assert ran(code) == ["40", "bounded"]


def test_no_process_and_no_thread_is_started() -> None:
    code = """
import _thread, resource
if os.getuid() == 0:
    os.setuid(65534)  # root is not held to it
sandbox.stay_alone()
for start in (os.fork, lambda: _thread.start_new_thread(print, ())):
    try:
        start()
    except (BlockingIOError, RuntimeError) as error:
        print(error)
"""
    assert ran(code) == ["[Errno 11] Resource temporarily unavailable", "can't start new thread"]


def test_a_shell_is_refused_in_words() -> None:
    code = "sandbox.stay_alone()\ntry:\n    os.system('make all')\nexcept PermissionError as error:\n    print(error)"
    assert ran(code) == ["os.system('make all'): a build file starts no processes; run() steps do"]


def test_a_process_that_is_shut_out_has_neither_the_pipe_nor_the_log() -> None:
    code = """
pipe = sandbox.take_pipe()
_, log = sandbox.take_output()
words = os.memfd_create("words")
if os.fork() == 0:
    sandbox.shut_out(words)
    os.write(log, b"for the log")
    left = [fd for fd in range(3, 1024) if fd != log and not closed(fd)]
    os.write(log, b", left: %r" % left)
    os._exit(7)
status = os.waitstatus_to_exitcode(os.wait()[1])
os.write(pipe[1], os.pread(words, 100, 0) + b" %d" % status)
"""
    closed = """
def closed(fd):
    try:
        os.fstat(fd)
    except OSError:
        return True
"""
    assert ran(closed + code) == ["for the log, left: [] 7"]
