"""Two real processes: what passes between them, what the one says of how the other has ended, and when there are two."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llbpy.errors import BuildFileError
from llbpy.frontends import apart
from llbpy.frontends.watch import is_harmless

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a frontend's processes are Linux's")

ROOT = Path(__file__).parents[2]
SERVER = """
import os, sys
from llbpy.errors import BuildFileError
from llbpy.frontends import apart, sandbox
from llbpy.transport.status import Status

said = os.dup(1)
os.dup2(1, sandbox.LOG)
one = apart.part(sys.argv[1] + "/build.py")
if isinstance(one, apart.Line):
    def call(*requests):
        return one.call_all(requests, lambda: None)

    with open(sys.argv[1] + "/build.py") as file:
        exec(compile(file.read(), file.name, "exec"), {"call": call, "log": sandbox.LOG})
    call(("/Return", b""))
try:
    while True:
        requests = one.asked()
        if requests[-1][0] == "/Return":
            os.write(said, b"returned\\n")
            break
        one.answer([Status(5, data.decode(), [("url", b"detail")]) if path == "/refused" else data for path, data in requests])
except BuildFileError as error:
    os.write(said, f"{error.where.removeprefix(sys.argv[1])}: {error.message}\\n".encode())
one.pass_on_log()
os._exit(0)
"""


def served(folder: Path, code: str) -> list[str]:
    """What the process that has the pipe says of one that runs this code."""
    (folder / "build.py").write_text(code)
    words = [sys.executable, "-P", "-c", SERVER, str(folder)]
    done = subprocess.run(
        words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=True, env={"PYTHONPATH": str(ROOT)}, timeout=60
    )
    return done.stdout.decode().splitlines()


def test_calls_and_replies_of_any_size_pass_unchanged(tmp_path: Path) -> None:
    code = """
blocks = [b"", b"x", bytes(range(256)) * 50000]
for _ in range(3):
    assert call(*[("/echo", block) for block in blocks]) == blocks
assert call(*[("/echo", b"%d" % number) for number in range(1000)]) == [b"%d" % number for number in range(1000)]
"""
    assert served(tmp_path, code) == ["returned"]


def test_a_refusal_passes_with_its_details(tmp_path: Path) -> None:
    code = """
from llbpy.transport.status import Status
assert call(("/echo", b"a"), ("/refused", b"no such file")) == [b"a", Status(5, "no such file", [("url", b"detail")])]
"""
    assert served(tmp_path, code) == ["returned"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import posix\nposix._exit(0)", "/build.py: its process ended with exit code 0 before there was a result"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "/build.py: its process was ended by SIGKILL"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)", "/build.py:2: its process was ended by SIGTERM"),
        ("\nimport os\nos.abort()", "/build.py:3: its process was ended by SIGABRT"),
        ("import os\nos.closerange(3, 1024)", "/build.py: it closed a descriptor that it had not opened"),
        (
            "import os\nwhile True: os.closerange(3, 522)",
            "/build.py:2: it closed a descriptor that it had not opened",
        ),
        (
            "import os\nos.dup2(0, 521)\ncall(('/echo', b''))",
            "/build.py: it closed a descriptor that it had not opened",
        ),
    ],
)
def test_how_it_ended_is_told_with_the_line_if_there_is_one(tmp_path: Path, code: str, sentence: str) -> None:
    assert served(tmp_path, code) == [sentence]


@pytest.mark.parametrize(
    "junk", [b"junk", b"\0llb\xff\xff\xff\xff", b"\0llb\0\0\0\1\xff\xff\xff\xff", b"\0llb\0\0\0\1\0\0\0\1\xff\0\0\0\0"]
)
def test_what_is_no_call_is_found_out_at_once(tmp_path: Path, junk: bytes) -> None:
    code = f"import os\nos.write(520, {junk!r})\nwhile True: pass"
    (said,) = served(tmp_path, code)
    assert said in [f"/build.py:{line}: it wrote to a descriptor that it had not opened" for line in (2, 3)]


def test_a_process_that_heeds_no_signal_is_ended_all_the_same(tmp_path: Path) -> None:
    code = """
import os, signal
for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(each, signal.SIG_IGN)
os.write(520, b"junk")
while True: pass
"""
    assert served(tmp_path, code) == ["/build.py: it wrote to a descriptor that it had not opened"]


def test_a_call_that_is_cut_short_is_the_end_of_it(tmp_path: Path) -> None:
    code = "import os, posix\nos.write(520, b'\\0llb\\0\\0')\nposix._exit(4)"
    assert served(tmp_path, code) == ["/build.py: its process ended with exit code 4 before there was a result"]


def test_what_breaks_llbpy_goes_to_the_log_and_not_to_the_user(tmp_path: Path) -> None:
    sentence = "it changed Python's or llbpy's own modules, and llbpy cannot go on; the daemon's log has more"
    said = served(tmp_path, "raise ValueError('what is the matter')")
    assert said[0] == f"/build.py: {sentence}"
    assert said[1] == "Traceback (most recent call last):"
    assert said[-1] == "ValueError: what is the matter"


def test_so_much_goes_to_the_log_and_no_more(tmp_path: Path) -> None:
    code = "import os\nfor _ in range(100): os.write(log, b'x' * 1023 + b'\\n')"
    said = served(tmp_path, code)
    assert said == ["returned", *["x" * 1023] * 64]


def test_handing_replies_to_one_that_has_gone_does_nothing() -> None:
    heard, said = os.pipe()
    os.close(heard)
    other = apart.Other(0, "/build.py", -1, said, -1, -1)
    other.answer([b"reply"])
    os.close(said)


def test_a_path_that_is_no_text_is_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, said = os.pipe()
    os.write(said, b"\0llb\0\0\0\1\0\0\0\1\xff\0\0\0\0")
    other = apart.Other(0, "/build.py", heard, -1, -1, -1)
    monkeypatch.setattr(other, "_end", lambda: 0)
    monkeypatch.setattr(other, "_last_line", lambda: "")
    with pytest.raises(BuildFileError, match="wrote to a descriptor"):
        other.asked()


HARMLESS = """\
# syntax=docker.io/llbpy/llbpy
# no import os here
from __future__ import annotations
import json, re as regex
from pathlib import PurePosixPath
from llbpy import (
    State,
)
from llbpy.std import apt\r
important = 1  # importance
"""


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "import json, os",
        "from os import path",
        "  import sys",
        "import\tos",
        "import \\",
        "from os import\\",
        "from json import x; import os",
        "if True: import os",
        "important = 1; import os",
        "from . import common",
        "import common",
        "__import__('os')",
        "importlib = __import__",
        "text = 'x'; import os\r",
        "open('/dev/null')",
    ],
)
def test_code_that_could_break_its_process_is_told_by_its_imports(line: str) -> None:
    assert is_harmless(HARMLESS.encode())
    assert not is_harmless(f"{HARMLESS}{line}\n".encode())
    assert not is_harmless(f"{line}\n{HARMLESS}".encode())
