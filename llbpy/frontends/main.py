"""The entry point of the frontend's image: one build, from the environment to the last call."""

from __future__ import annotations

import posix

from llbpy.errors import LLBError, TransportError
from llbpy.frontends import sandbox
from llbpy.frontends.console import Console
from llbpy.frontends.failures import Failures
from llbpy.frontends.watch import WatchedChannel
from llbpy.gateway import bridge as calls
from llbpy.gateway.bridge import Bridge
from llbpy.gateway.entry import read_entry
from llbpy.gateway.options import Options
from llbpy.transport.pipes import Channel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import NoReturn

    from llbpy.gateway.bridge import Request

_FOLDER = "/tmp/build"
"""Where the build file is said to be, and where modules beside it are put: nothing else can be written to."""
_OPTION = "BUILDKIT_FRONTEND_OPT_"
LATER = (
    # while files are sent
    ("_ast", "llbpy.frontends.build", "llbpy.graph.defaults", "llbpy.facade"),
    # while registries are asked
    ("llbpy.frontends.ending", "llbpy.graph.history", "llbpy.graph.jsontext", "llbpy.lint.rules"),
)
"""What to load during the second round, and the third. `compile` makes the classes of `_ast`, if nothing has made them yet."""


def main() -> NoReturn:
    """Serves the daemon on stdin and stdout, and ends the process: 0, or 70 where the daemon could not be told what is wrong."""
    environment = sandbox.environment()
    channel = Channel(*sandbox.take_pipe())
    output, log = sandbox.take_output()
    code = 0
    try:
        serve(channel, environment, output, log)
    except BaseException as error:
        report(error, log)
        code = 70
    import os

    os._exit(code)


def serve(channel: Channel, environment: Mapping[str, str], output: int, log: int) -> None:
    """One build: what goes wrong with it is its result. Raises TransportError, DaemonError if the daemon takes no result."""
    values = [value.partition("=") for name, value in environment.items() if name.startswith(_OPTION)]
    given = {name: value for name, _, value in values}
    console = Console(output, given.get("filename", "build.py").rpartition("/")[2])
    watched, failures = WatchedChannel(channel, console, _FOLDER, _chores()), Failures(_FOLDER)
    bridge = Bridge(watched)
    try:
        end = _build(bridge, watched, Options(given, environment.get("BUILDKIT_SESSION_ID", "")), failures)
    except TransportError:
        raise
    except Exception as error:
        if not isinstance(error, LLBError):
            report(error, log)
        end = calls.give_back(error=failures.status(error).to_bytes())
    watched.show_rest()
    bridge.ask(end)


def _build(bridge: Bridge, watched: WatchedChannel, options: Options, failures: Failures) -> Request:
    entry = read_entry(bridge, options)
    from llbpy.frontends.build import FrontendBuild

    return FrontendBuild(bridge, watched, options, failures, entry).run()


def _chores() -> Iterator[None]:
    """What can wait for calls to be under way, round by round: the rest of the sandbox, then loading what comes later."""
    sandbox.limit()
    yield
    sandbox.wipe_environment()
    for names in LATER:
        for name in names:
            __import__(name)
        yield


def report(error: BaseException, log: int) -> None:
    """Writes a defect of ours to the daemon's log, the only place that is left."""
    from traceback import format_exception

    posix.write(log, "".join(format_exception(error)).encode(errors="replace"))
