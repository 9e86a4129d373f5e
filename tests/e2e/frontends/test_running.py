"""A build file while it runs: what it prints, and that it ends with its build."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.frontends.ways import WAYS, Builds, Way, gateway

pytestmark = pytest.mark.e2e

ENDLESS = """\
from llbpy import State, scratch, target

@target
def app(salt: str) -> State:
    with open("/proc/self/comm", "w") as name:
        name.write(salt)
    while True:
        pass
"""


def frontends(salt: str) -> list[int]:
    """The processes that a build file has named after a salt, of which 15 characters are kept."""
    found: list[int] = []
    for name in Path("/proc").glob("[0-9]*/comm"):
        try:
            if name.read_text().strip() == salt[:15]:
                found.append(int(name.parent.name))
        except OSError:
            continue  # it has ended
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never comes to that"
        time.sleep(0.05)


def test_a_build_file_that_takes_its_time_is_told_of_with_its_line(builds: Builds) -> None:
    with started(builds, gateway) as client:
        assert client.stdout is not None
        told = next(line for line in client.stdout if "still running" in line)
        client.send_signal(signal.SIGINT)
    assert re.fullmatch(r"#\d+ \[build.py\] build.py still running, build.py line [89]\n", told)


@pytest.mark.parametrize("way", WAYS)
def test_an_endless_build_file_ends_with_its_client(builds: Builds, way: Way) -> None:
    with started(builds, way) as client:
        wait_for(lambda: frontends(builds.salt) != [])
        client.send_signal(signal.SIGINT)
        said, _ = client.communicate(timeout=20)
        assert client.returncode != 0, said
    wait_for(lambda: frontends(builds.salt) == [])


def started(builds: Builds, way: Way) -> subprocess.Popen[str]:
    """A client that builds the endless file."""
    command = way(builds, builds.write(ENDLESS), [f"build-arg:salt={builds.salt}"], ())
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


PRINTING = """\
import logging
import os
import sys
from llbpy import State, image, scratch, target

print("at the top")

@target
def app(salt: str) -> State:
    print("two", "words", salt, end="")
    print(" end\\n\\n  indented ü")
    print("to stderr", file=sys.stderr)
    logging.warning("logged")
    os.write(1, b"\\x00\\x00\\x00\\x04\\x01\\xff raw\\n")
    print("TOKEN=ghp_0123456789abcdefghijABCDEFGHIJ012345")
    sys.stdout.write("no newline")
    return scratch().write("/file", salt)
"""


def printed(said: str) -> list[str]:
    """The lines of a build file, in the order in which they were shown."""
    shown = re.findall(r"^#(\d+) \[build.py\] (.*)$", said, re.MULTILINE)
    return [line for _, line in dict.fromkeys(shown)]  # clients name a step again when they come back to it


@pytest.mark.parametrize("way", WAYS)
def test_what_a_build_file_prints_is_shown(builds: Builds, way: Way) -> None:
    built = builds.export(builds.write(PRINTING), f"build-arg:salt={builds.salt}", way=way)
    assert built.text("file") == builds.salt
    assert printed(built.progress) == [
        "at the top",
        f"two words {builds.salt} end",
        "  indented ü",
        "to stderr",
        "WARNING:root:logged",
        "\x00\x00\x00\x04\x01\ufffd raw",
        "TOKEN=ghp_…",
        "no newline",
    ]


def test_what_is_printed_before_an_error_is_shown_too(builds: Builds) -> None:
    said = builds.fails(builds.write("print('so far')\nraise ValueError('no further')\n"))
    assert printed(said) == ["so far"]
    assert "ValueError: no further" in said


def test_of_very_many_lines_the_first_are_shown(builds: Builds) -> None:
    text = "from llbpy import State, scratch, target\nfor n in range(5000):\n    print(n)\n"
    said = builds.done(builds.write(f"{text}@target\ndef app() -> State:\n    return scratch()\n"))
    lines = printed(said)
    assert {str(number) for number in range(100)} <= {*lines}
    assert [line for line in lines if not line.isdigit()] == ["… and more lines than the 100 that are shown"]
    assert len(lines) == 101
