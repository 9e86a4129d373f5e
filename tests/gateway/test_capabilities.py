"""What a daemon cannot do is said at the line that asks for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llbpy import State, UnsupportedError, files, git, image, scratch
from llbpy.gateway.capabilities import LATER
from llbpy.proto import gateway_pb2
from tests.gateway.daemon import Daemon
from tests.gateway.opened import AMD64, inquiry

SOURCE = scratch().write("/a", "")


def lacking(*caps: str) -> Daemon:
    """A daemon that lists all later capabilities but these, and none that real ones do not list."""
    daemon = Daemon()
    pong = gateway_pb2.PongResponse()
    for name in {*LATER, "file.base"} - {*caps, "file.copy.modestring"}:
        pong.LLBCaps.add(ID=name, Enabled=True)
    daemon.pong = pong.SerializeToString()
    return daemon


WANTED: list[tuple[str, Callable[[], State]]] = [
    ("file.copy.requiredpaths", lambda: scratch().copy(SOURCE["/a"], "/", required=["a"])),
    ("file.copy.alwaysreplaceexistingdestpaths", lambda: scratch().copy(SOURCE["/a"], "/", replace=True)),
    ("file.copy.modestring", lambda: scratch().copy(SOURCE["/a"], "/", mode="u+x")),
    ("file.symlink.create", lambda: scratch().symlink("a", "/b")),
    (
        "file.symlink.create",
        lambda: scratch().file(files.copy(files.on(scratch(), files.symlink("a", "/b")), "/", "/")),
    ),
    ("exec.validexitcode", lambda: scratch().run(["/x"], exit_codes=[0, 1])),
    ("source.git.checksum", lambda: git("https://example.com/x.git", checksum="0" * 40)),
    ("source.image.checksum", lambda: image("x", inherit=False, checksum="sha256:" + "0" * 64)),
    ("passthroughop", lambda: SOURCE.requires(scratch().run(["/x"]))),
]


@pytest.mark.parametrize(("cap", "make"), WANTED)
def test_it_is_said_with_the_version_that_can(cap: str, make: Callable[[], State]) -> None:
    daemon = lacking("exec.validexitcode" if cap == "file.copy.modestring" else cap)
    with pytest.raises(UnsupportedError) as caught:
        inquiry(daemon).marshal([(make().mkdir("/more"), AMD64)])
    since, feature = LATER[cap]
    assert caught.value.cap == cap
    assert (
        caught.value.message == f"{feature} needs BuildKit {since} or newer, and this daemon is older (it lacks {cap})"
    )
    assert "test_capabilities.py:" in caught.value.where
    assert daemon.shape == ["Ping"]


@pytest.mark.parametrize(("cap", "make"), WANTED)
def test_what_the_daemon_can_do_is_asked_once(cap: str, make: Callable[[], State]) -> None:
    daemon = lacking()
    asking = inquiry(daemon)
    asking.marshal([(make(), AMD64), (make(), AMD64)])
    asking.marshal([(make(), AMD64)])
    assert daemon.shape == ["Ping"], cap


def test_nobody_asks_for_what_all_can_do() -> None:
    daemon = Daemon()
    inquiry(daemon).marshal([(scratch().copy(SOURCE["/a"], "/", mode=0o755).run(["/x"]), AMD64)])
    assert daemon.rounds == []
