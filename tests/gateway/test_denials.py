"""Sources that a daemon's policies deny, found before a build is over."""

from __future__ import annotations

import pytest

from llbpy import State, http, image, local, merge, scratch
from llbpy.errors import DaemonError
from llbpy.gateway import bridge as calls
from llbpy.gateway import denials
from llbpy.gateway.folders import solvable
from llbpy.transport.status import Status
from tests.gateway.daemon import Daemon
from tests.gateway.opened import AMD64, images, inquiry

ONE, OTHER = "https://h.example/one", "https://h.example/other"


def solved(daemon: Daemon, state: State) -> list[str]:
    """What comes of a state in a build whose file came from a folder."""
    daemon.files["local://dockerfile"] = {"build.py": b""}
    asking = inquiry(daemon)
    definitions = asking.marshal([(state, AMD64)])
    daemon.rounds.clear()
    note = calls.warn(definitions[0].head, "note")
    return denials.solve(asking, definitions, note, at_hand=solvable(local("dockerfile").vertex))


def both() -> State:
    return merge(
        http(ONE),
        http(OTHER),
    )


def test_sources_that_are_allowed_cost_no_round() -> None:
    daemon = Daemon()
    assert solved(daemon, both()) == ["ref0"]
    assert daemon.shape == ["Solve Warn Solve"]


def test_nothing_is_asked_where_all_is_known() -> None:
    daemon = images("a")
    state = image("a").run(["make"]).copy(local("context"), "/").write("/url", ONE)
    assert solved(daemon, state) == ["ref0"]
    assert daemon.shape == ["Solve Warn"]


@pytest.mark.parametrize("denied", [{OTHER}, {ONE, OTHER}])
def test_the_first_that_is_denied_is_said_at_its_line(denied: set[str]) -> None:
    daemon = Daemon()
    daemon.denied = denied
    with pytest.raises(DaemonError) as caught:
        solved(daemon, both())
    first = min(denied)
    line = both.__code__.co_firstlineno + (2 if first == ONE else 3)
    assert caught.value.where.endswith(f"test_denials.py:{line}")
    assert caught.value.status.message == f'source "{first}" denied by policy'
    assert daemon.shape == ["Solve Warn Solve", "Solve Solve"]


def test_an_image_that_nobody_asked_about_can_be_denied_too() -> None:
    daemon = Daemon()
    daemon.denied = {"docker-image://docker.io/library/a:latest"}
    with pytest.raises(DaemonError, match="denied by policy"):
        solved(daemon, scratch().copy(image("a")["/a"], "/"))


def test_what_fails_otherwise_fails_as_ever() -> None:
    daemon = Daemon()
    daemon.refused["Warn"] = Status(3, "invalid")
    with pytest.raises(DaemonError, match=r"^invalid$"):
        solved(daemon, both())
