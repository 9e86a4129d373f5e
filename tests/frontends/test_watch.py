"""The channel while user code runs: printing goes along, long silence is told of, and dangerous code is parted from."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from llbpy.errors import BuildFileError, DaemonError
from llbpy.frontends import apart, sandbox, watch
from llbpy.frontends.console import Console
from llbpy.frontends.watch import WatchedChannel
from llbpy.gateway import bridge as calls
from llbpy.transport.pipes import Channel
from llbpy.transport.status import Status
from tests.frontends.test_console import names

SOLVE = calls.solve(b"").path
RETURN = calls.give_back().path


class Daemon(Channel):
    """Answers each call with its own message, and what shows printed lines with nothing."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.replies: dict[str, bytes | Status] = {}
        self.refused: list[Status] = []
        """The answers to the first calls that show lines."""

    def call_all(  # type: ignore[override]
        self, requests: Sequence[tuple[str, bytes]], *, meanwhile: Callable[[], object]
    ) -> list[bytes | Status]:
        self.rounds.append([word for path, data in requests for word in (names(data) if path == SOLVE else [path])])
        meanwhile()
        return [self._reply(path, data) for path, data in requests]

    def _reply(self, path: str, data: bytes) -> bytes | Status:
        return self.refused.pop(0) if path == SOLVE and self.refused else self.replies.get(path, data)


class Session:
    """A watched channel to that daemon, and the file that is printed to."""

    def __init__(self, folder: Path, chores: Sequence[str] = ()) -> None:
        self.daemon = Daemon()
        self.folder = folder
        self.output = os.memfd_create("output")
        self.done: list[str] = []
        self.watched = WatchedChannel(
            self.daemon, Console(self.output, "build.py"), str(folder), map(self.done.append, chores)
        )

    def print(self, text: str) -> None:
        os.write(self.output, text.encode())

    def runs(self, code: str) -> None:
        """Runs code of the build file."""
        with self.watched:
            exec(compile(code, str(self.folder / "build.py"), "exec"), {"session": self})

    def reads(self, text: str) -> None:
        """The build file has come from the daemon."""
        self.watched.prepare(text.encode())


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(sandbox, "stay_alone", lambda: None)  # holds for good, and for the tests that follow
    monkeypatch.setattr(sandbox, "make_room", lambda: None)
    before = signal.getsignal(signal.SIGALRM)
    made = Session(tmp_path, ["first", "second"])
    yield made
    os.close(made.output)
    signal.signal(signal.SIGALRM, before)


def test_what_is_printed_goes_along_with_the_next_calls(session: Session) -> None:
    session.print("one\ntwo\n")
    assert session.watched.call_all([("/a", b"x"), ("/b", b"y")]) == [b"x", b"y"]
    session.watched.call_all([("/c", b"")])
    session.print("rest")
    session.watched.show_rest()
    session.watched.show_rest()
    assert session.daemon.rounds == [["/a", "/b", "one", "two"], ["/c"], ["rest"]]


def test_nothing_to_ask_is_no_round(session: Session) -> None:
    assert session.watched.call_all([]) == ()
    assert session.daemon.rounds == []


def test_chores_go_on_by_one_in_each_round(session: Session) -> None:
    session.watched.call_all([("/a", b"")])
    assert session.done == ["first"]
    for _ in range(2):
        session.watched.call_all([("/a", b"")])
    assert session.done == ["first", "second"]


def test_a_daemon_that_shows_nothing_is_named(session: Session) -> None:
    session.daemon.replies[SOLVE] = Status(12, "no mkfile")
    session.print("one\n")
    with pytest.raises(DaemonError, match=r"does not show what build\.py prints: no mkfile"):
        session.watched.call_all([("/a", b"")])


def test_a_daemon_that_compares_no_files_is_shown_the_lines_once_more(session: Session) -> None:
    session.daemon.refused = [Status(12, "no diffop")]
    session.print("one\ntwo\n")
    assert session.watched.call_all([("/a", b"x")]) == [b"x"]
    session.print("three\nfour\n")
    session.watched.call_all([("/b", b"")])
    assert session.daemon.rounds == [["/a", "one", "two"], ["one", "two"], ["/b", "three", "four"]]


def test_silence_is_told_of_with_the_line_that_runs(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_PATIENCE", 0.05)
    session.runs("def wait():\n    while len(session.daemon.rounds) < 2: pass\n\nwait()")
    assert session.daemon.rounds == [["build.py still running, build.py line 2"]] * 2
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_patience_begins_anew_with_each_call_and_is_for_user_code_only(session: Session) -> None:
    session.watched.call_all([("/a", b"")])
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    session.runs(
        "import signal\n"
        "signal.setitimer(signal.ITIMER_REAL, 1)\n"
        "session.watched.call_all([('/a', b'')])\n"
        "session.left = signal.getitimer(signal.ITIMER_REAL)[0]"
    )
    assert 29 < vars(session)["left"] <= 30


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("def f():\n    raise KeyboardInterrupt\nf()", "2: KeyboardInterrupt"),
        ("class Odd(BaseException): pass\nraise Odd('odd')", "2: Odd: odd"),
        ("try:\n    raise ValueError\nfinally:\n    raise MemoryError", "4: it needs more memory than there is"),
    ],
)
def test_what_is_no_exception_gets_its_line_all_the_same(session: Session, code: str, sentence: str) -> None:
    with pytest.raises(BuildFileError) as caught:
        session.runs(code)
    assert f"{caught.value.where}: {caught.value.message}" == f"{session.folder}/build.py:{sentence}"


def test_an_error_that_came_without_a_traceback_has_that_of_what_it_hides(session: Session) -> None:
    code = "try:\n    raise ValueError\nexcept ValueError as error:\n    hidden = error\nsession.hidden = hidden"
    session.runs(code)
    bare = MemoryError()
    bare.__context__ = vars(session)["hidden"]
    with pytest.raises(BuildFileError) as caught:
        session.watched.__exit__(MemoryError, bare, None)
    assert caught.value.where == f"{session.folder}/build.py:2"
    with pytest.raises(BuildFileError) as caught:
        session.watched.__exit__(MemoryError, MemoryError(), None)
    assert caught.value.where == f"{session.folder}/build.py"


def test_errors_of_llbpy_pass_as_they_are(session: Session) -> None:
    error = BuildFileError("as it is", "there:1")
    with pytest.raises(BuildFileError) as caught, session.watched:
        raise error
    assert caught.value is error


class Line(apart.Line):
    """A line to nowhere, that notes what is asked on it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []

    def call_all(self, requests: Sequence[tuple[str, bytes]], meanwhile: Callable[[], object]) -> list[bytes | Status]:
        meanwhile()
        self.asked += requests
        return [b"from the line"] * len(requests)


def test_harmless_code_runs_in_place(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "part", lambda path: pytest.fail("needless"))
    session.reads("import json")
    session.runs("session.watched.call_all([('/a', b'')])")
    assert session.daemon.rounds == [["/a"]]


def test_other_code_runs_apart_and_asks_on_its_line(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    line, parted = Line(), list[str]()

    def part(path: str) -> Line:
        parted.append(path)
        return line

    monkeypatch.setattr(apart, "part", part)
    session.reads("import os")
    session.print("is shown by the other process\n")
    session.runs("assert session.watched.call_all([('/a', b'x'), ('/b', b'')]) == [b'from the line'] * 2")
    session.runs("pass")
    session.watched.show_rest()
    assert parted == [f"{session.folder}/build.py"]
    assert line.asked == [("/a", b"x"), ("/b", b"")]
    assert session.daemon.rounds == []
    assert session.done == ["first"]


class Ended(BaseException):
    """In place of the end of a process."""


class Other(apart.Other):
    """A process that asks for what is on a list."""

    def __init__(self, session: Session, *rounds: list[tuple[str, bytes]]) -> None:
        self.session = session
        self.rounds = iter(rounds)
        self.answers: list[Sequence[bytes | Status]] = []
        self.logged = 0

    def asked(self) -> list[tuple[str, bytes]]:
        self.session.print("printed\n")
        requests = next(self.rounds, None)
        if requests is None:
            raise BuildFileError("it is gone")
        return requests

    def answer(self, replies: Sequence[bytes | Status]) -> None:
        self.answers.append(replies)

    def pass_on_log(self) -> None:
        self.logged += 1


def serving(session: Session, monkeypatch: pytest.MonkeyPatch, *rounds: list[tuple[str, bytes]]) -> Other:
    """Makes the session serve a process that asks for these."""

    def end(code: int) -> NoReturn:
        raise Ended(code)

    other = Other(session, *rounds)
    monkeypatch.setattr(apart, "part", lambda path: other)
    monkeypatch.setattr(os, "_exit", end)
    session.daemon.rounds.clear()
    return other


def test_the_process_with_the_pipe_serves_until_there_is_a_result(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = serving(session, monkeypatch, [("/a", b"x"), ("/b", b"y")], [("/c", b"z")], [(RETURN, b"result")])
    with pytest.raises(Ended) as caught:
        session.reads("import os")
    assert caught.value.args == (0,)
    assert other.answers == [[b"x", b"y"], [b"z"], [b"result"]]
    assert session.daemon.rounds == [["/a", "/b", "printed"], ["/c", "printed"], ["printed"], [RETURN]]
    assert (other.logged, session.done) == (1, [])


def test_a_process_that_is_gone_is_the_builds_error(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    other = serving(session, monkeypatch, [("/a", b"x")])
    with pytest.raises(BuildFileError, match="it is gone"):
        session.reads("import os")
    session.watched.show_rest()
    assert session.daemon.rounds == [["/a", "printed"], ["printed"]]
    assert other.logged == 1


def test_a_result_that_is_refused_is_not_the_end(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.daemon.replies[RETURN] = Status(3, "no")
    other = serving(session, monkeypatch, [(RETURN, b"result")])
    with pytest.raises(BuildFileError, match="it is gone"):
        session.reads("import os")
    assert other.answers == [[Status(3, "no")]]
