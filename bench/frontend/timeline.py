"""When a build gets where, from buildctl's start to its end: notes that the timed image leaves in the daemon's log."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from time import monotonic, monotonic_ns, sleep
from typing import Any, NamedTuple

from bench.frontend.builds import Subject
from bench.frontend.daemon import Daemon
from bench.processes import await_quiet, output

MARKER = b"llbpy-bench "  # as in timed.py


class Call(NamedTuple):
    """A call of the frontend's: its method, when it was asked and answered; None if nobody waited for that."""

    method: str
    asked: int
    answered: int | None


class Round(NamedTuple):
    """Calls that were under way at once: from the first that was asked to the last answer before the next round."""

    label: str
    asked: int
    answered: int


class Timeline(NamedTuple):
    """One build, in nanoseconds."""

    begun: int
    launched: int
    started: int
    loaded: int
    calls: list[Call]
    ended: int
    finished: int

    @property
    def wall_ms(self) -> float:
        return (self.finished - self.begun) / 1e6

    @property
    def frontend_ms(self) -> float:
        """From exec in the container to the frontend's end."""
        return (self.ended - self.launched) / 1e6

    def count(self, method: str) -> int:
        return [call.method for call in self.calls].count(method)

    def rounds(self) -> list[Round]:
        """A call belongs to the round before if it was asked before that had its first answer."""
        groups: list[list[Call]] = []
        for call in sorted(self.calls, key=lambda call: call.asked):
            if not groups or call.asked > min(_answers(groups[-1]), default=call.asked):
                groups.append([])
            groups[-1].append(call)
        ends = [*[group[0].asked for group in groups[1:]], self.ended]
        return [_round(group, end) for group, end in zip(groups, ends, strict=True)]


def _answers(calls: list[Call]) -> list[int]:
    return [call.answered for call in calls if call.answered is not None]


def _round(calls: list[Call], end: int) -> Round:
    counted = Counter(call.method for call in calls)
    label = ", ".join(method if count == 1 else f"{count} {method}" for method, count in counted.items())
    return Round(label, calls[0].asked, max(answer for answer in _answers(calls) if answer <= end))


def timed(daemon: Daemon, subject: Subject) -> Timeline:
    """One build by the timed image. Raises RuntimeError if it leaves no notes."""
    size = daemon.log.stat().st_size
    await_quiet()
    begun = monotonic_ns()
    output(*subject.command(daemon))
    finished = monotonic_ns()
    notes = _notes(daemon.log, size)
    calls = [Call(*call) for call in notes.pop("calls")]
    return Timeline(begun=begun, finished=finished, calls=calls, **notes)


def _notes(log: Path, size: int, seconds: float = 2) -> dict[str, Any]:
    """What the log has got since it had that size."""
    end = monotonic() + seconds
    while monotonic() < end:
        with log.open("rb") as file:
            file.seek(size)
            lines = [line for line in file.read().split(b"\n")[:-1] if line.startswith(MARKER)]
        if lines:
            return dict(json.loads(lines[-1].removeprefix(MARKER)))
        sleep(0.05)
    raise RuntimeError(f"the timed frontend has left no notes in {log}")
