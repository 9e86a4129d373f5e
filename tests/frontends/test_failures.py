"""What goes wrong as the status of a build: its sentence, and the lines that clients mark."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from llbpy.buildfile import load_text
from llbpy.dsl.build import Build
from llbpy.errors import ArgumentError, BuildFileError, DaemonError, GraphError, TargetNotFound, UnknownRequest
from llbpy.frontends.failures import Failures
from llbpy.graph.sourcemap import SourceFiles
from llbpy.transport.status import Status

SOURCE = "github.com/moby/buildkit/errdefs.Source+json"
TEXT = """\
from llbpy import State, image, scratch, target

def divided(by: int) -> State:
    return scratch().write("/half", str(1 // by))

@target
def app(
    by: int,
    names: str = "",
) -> State:
    return divided(by)

@target
def web() -> State:
    return image("busybox")
"""
TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"


@pytest.fixture
def failures(tmp_path: Path) -> Failures:
    """Of a build that has just read its file."""
    made = Failures(str(tmp_path))
    made.files = SourceFiles(str(tmp_path), {f"{tmp_path}/build.py": TEXT.encode()})
    return made


@pytest.fixture
def loaded(failures: Failures) -> Failures:
    """Of a build that has loaded it."""
    failures.build_file = load_text(f"{failures.folder}/build.py", TEXT.encode())
    return failures


@pytest.fixture
def chosen(loaded: Failures) -> Failures:
    """Of a build that makes `app`."""
    assert loaded.build_file is not None
    loaded.target = loaded.build_file.find("app")
    return loaded


def shown(status: Status) -> list[tuple[str, list[int]]]:
    """The files and lines of a status, each of them with the text of its file."""
    found: list[tuple[str, list[int]]] = []
    for url, value in status.details:
        if url == SOURCE:
            source: dict[str, Any] = json.loads(value)
            assert b64decode(source["info"]["data"]).decode() == TEXT
            assert all(each["start"] == each["end"] for each in source["ranges"])
            found.append((source["info"]["filename"], [each["start"]["line"] for each in source["ranges"]]))
    return found


def test_an_error_shows_its_line(failures: Failures) -> None:
    status = failures.status(BuildFileError("is not so", f"{failures.folder}/build.py:4"))
    assert (status.code, status.message) == (2, "build.py:4: is not so")
    assert shown(status) == [("build.py", [4])]


def test_an_error_of_a_file_alone_shows_no_line(failures: Failures) -> None:
    status = failures.status(BuildFileError("it is gone", f"{failures.folder}/build.py"))
    assert (status.message, status.details) == ("build.py: it is gone", ())


def test_what_the_users_code_raised_shows_its_way_there_with_the_place_first(chosen: Failures) -> None:
    assert chosen.build_file is not None
    assert chosen.target is not None
    with pytest.raises(BuildFileError) as caught:
        chosen.build_file.call(chosen.target, Build(), {"by": "0"})
    status = chosen.status(caught.value)
    assert status.message == "build.py:4: ZeroDivisionError: integer division or modulo by zero"
    assert shown(status) == [("build.py", [4]), ("build.py", [11])]


def test_a_bad_argument_shows_its_parameter(chosen: Failures) -> None:
    assert shown(chosen.status(ArgumentError(["by is no number"], names=["by"]))) == [("build.py", [8])]
    assert shown(chosen.status(ArgumentError(["both are odd"], names=["by", "names"]))) == [("build.py", [8, 9])]
    assert shown(chosen.status(ArgumentError(["a field is odd"], names=["field"]))) == [("build.py", [6])]


def test_an_error_without_a_line_shows_the_target_or_all_of_them(loaded: Failures) -> None:
    assert shown(loaded.status(GraphError("the graph is odd"))) == [("build.py", [6, 13])]
    assert loaded.build_file is not None
    loaded.target = loaded.build_file.find("web")
    assert shown(loaded.status(GraphError("the graph is odd"))) == [("build.py", [13])]


def test_an_unknown_target_shows_those_that_there_are(loaded: Failures) -> None:
    error = TargetNotFound("ap", ["app", "web"], f"{loaded.folder}/build.py")
    assert shown(loaded.status(error)) == [("build.py", [6, 13])]


def test_what_a_daemon_said_is_handed_on_with_a_line_if_it_had_none(chosen: Failures) -> None:
    said = Status(5, "no such thing", [("type", b"detail")])
    status = chosen.status(DaemonError(said))
    assert (status.code, status.message, status.details[0]) == (5, "no such thing", ("type", b"detail"))
    assert shown(status) == [("build.py", [6])]
    own = Status(5, "no such thing", [(SOURCE, b"of its own")])
    assert chosen.status(DaemonError(own)) == own


def test_an_unknown_request_is_told_as_clients_know_it(failures: Failures) -> None:
    status = failures.status(UnknownRequest("frontend.outlin", ["frontend.outline"]))
    detail = ("github.com/moby/buildkit/errdefs.Subrequest+json", b'{"name":"frontend.outlin"}')
    assert status.details == (detail,)
    assert "did you mean 'frontend.outline'?" in status.message


def test_options_are_called_as_builders_call_them(failures: Failures) -> None:
    status = failures.status(GraphError("pass --arg a=… or pass --named-context b=…"))
    assert status.message == "pass --build-arg a=… or pass --build-context b=…"


def test_what_llbpy_does_wrong_is_called_a_defect(failures: Failures) -> None:
    status = failures.status(KeyError("name"))
    assert (status.code, status.details) == (2, ())
    assert status.message == "KeyError: 'name'; this is a defect of llbpy, please report it"


@pytest.mark.parametrize("error", [GraphError(f"{TOKEN} is odd"), ValueError(f"{TOKEN} is odd")])
def test_credentials_are_cut_short(failures: Failures, error: Exception) -> None:
    assert TOKEN not in failures.status(error).message
    assert "ghp_… is odd" in failures.status(error).message


@pytest.mark.parametrize("kind", [GraphError, ValueError])
def test_a_message_is_no_longer_than_anybody_reads(failures: Failures, kind: type[Exception]) -> None:
    message = failures.status(kind("x" * (20 << 20))).message
    assert 10_000 <= len(message) <= 10_100
    assert "xxx…" in message


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("OSError: [Errno 101] Network is unreachable", "http(), git() and image() bring things in"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "http(), git() and image() bring things in"),
        ("gaierror: [Errno -3] Temporary failure in name resolution", "http(), git() and image() bring things in"),
        ("BlockingIOError: [Errno 11] Resource temporarily unavailable", "run() steps do"),
        ("RuntimeError: can't start new thread", "a build file has one thread"),
        ("OSError: [Errno 27] File too large", "64 MiB at most"),
        ("EOFError: EOF when reading a line", "a target's arguments are what it is given"),
    ],
)
def test_what_the_sandbox_does_is_explained(failures: Failures, said: str, hint: str) -> None:
    message = failures.status(BuildFileError(said)).message
    assert message.startswith(f"{said}; a build file ")
    assert message.endswith(hint)
