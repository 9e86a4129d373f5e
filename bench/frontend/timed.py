"""What the timed image runs in place of its start.pyc: that very file, with a note of when it gets where.

The notes go to the daemon's log, one line of JSON behind a marker: nanoseconds of the clock that all processes share.
"""

import time

started = time.monotonic_ns()

import gc  # noqa: E402
import marshal  # noqa: E402
import posix  # noqa: E402
import sys  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from llbpy.transport.calls import Ended
    from llbpy.transport.pipes import Channel, Exchange

MARKER = b"llbpy-bench "
START = "/usr/lib/llbpy/start.pyc"
HEADER = 16
"""Bytes of a compiled file before its code."""

log = posix.dup(2)
notes = {"launched": int(posix.environ.pop(b"BENCH_LAUNCHED")), "started": started}
calls: "dict[Exchange, list[Any]]" = {}
"""By exchange: the method, when it was asked, when it was answered; None if nobody has waited for that."""
enable, end = gc.enable, posix._exit  # pyright: ignore[reportPrivateUsage]


def loaded() -> None:
    """Stands in for `gc.enable`, which start.pyc calls once its modules are loaded: before that, there is nothing to watch."""
    notes["loaded"] = time.monotonic_ns()
    gc.enable = enable
    enable()
    from llbpy.transport.pipes import Channel, Exchange

    ask, finish = Channel.open, Exchange.finish

    def asked(self: "Channel", path: str, *rest: "Any") -> "Exchange":
        at = time.monotonic_ns()
        exchange = ask(self, path, *rest)
        calls[exchange] = [path.rpartition("/")[2], at, None]
        return exchange

    def answered(self: "Exchange", event: "Ended") -> None:
        calls[self][2] = time.monotonic_ns()
        finish(self, event)
        if "os" in sys.modules:  # not from the start, and not by us: that takes a millisecond
            sys.modules["os"]._exit = ended

    setattr(Channel, "open", asked)  # noqa: B010 - checkers take no other function in a method's place
    Exchange.finish = answered


def ended(code: int) -> "NoReturn":
    notes["ended"] = time.monotonic_ns()
    from llbpy.graph.jsontext import dumps

    posix.write(log, MARKER + dumps(notes | {"calls": list(calls.values())}) + b"\n")
    end(code)


gc.enable = loaded
with open(START, "rb") as file:
    code = marshal.loads(file.read()[HEADER:])
exec(code, {"__name__": "__main__"})
