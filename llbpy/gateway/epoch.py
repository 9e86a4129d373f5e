"""SOURCE_DATE_EPOCH: a number, or the name of a context whose age it is; the daemon hands on numbers only."""

from __future__ import annotations

from llbpy.errors import OptionError
from llbpy.gateway import bridge as calls
from llbpy.gateway.folders import MAIN, solvable
from llbpy.graph import messages as pb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llbpy.dsl.state import State
    from llbpy.gateway.bridge import Bridge
    from llbpy.gateway.contexts import NamedContexts
    from llbpy.gateway.entry import Entry
    from llbpy.gateway.options import Options

_NAME = "SOURCE_DATE_EPOCH"


def source_date_epoch(options: Options, entry: Entry, named: NamedContexts, bridge: Bridge) -> int | None:
    """Seconds since 1970, or None if it was not given or the context that it names has no age.

    A repository is as old as its commit, a download as its server says. Raises OptionError for what is neither a number nor a
    context, DaemonError.
    """
    value = options.args.get(_NAME, "")
    if not value:
        return None
    digits = value.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        return int(value)
    if value == MAIN:
        return None if entry.context is None else _age(entry.context, bridge)
    if value in named:
        return _age(named[value], bridge)
    known = ", ".join([MAIN, *named])
    raise OptionError(f"{_NAME}={value!r} is neither a number of seconds nor a context (there are {known})", _NAME)


def _age(context: State, bridge: Bridge) -> int | None:
    """The age of the one source that a context is made of; what unpacks it, or takes a folder of it, does not count."""
    sources = [op["source"] for op in map(pb.Op.decode, solvable(context.vertex).ops) if "source" in op]
    identifier: str = sources[0].get("identifier", "") if len(sources) == 1 else ""
    is_git = identifier.startswith("git://")
    if not is_git and not identifier.startswith(("http://", "https://")):
        return None
    attrs, name = sources[0].get("attrs", {}), "[internal] resolve the age of the context"
    (reply,) = bridge.ask(calls.resolve_source(identifier, attrs, log_name=name, git_objects=is_git))
    return _committed(reply.get("Git", {}).get("CommitObject", b"")) if is_git else _modified(reply.get("HTTP", {}))


def _committed(commit: bytes) -> int | None:
    """The time in a git commit object: `committer NAME <MAIL> SECONDS ZONE`."""
    for line in commit.partition(b"\n\n")[0].splitlines():
        if line.startswith(b"committer "):
            seconds = line.rsplit(b" ", 2)[-2]
            return int(seconds) if seconds.isdigit() else None
    return None


def _modified(reply: Mapping[str, Any]) -> int | None:
    modified: Mapping[str, int] | None = reply.get("LastModified")
    return None if modified is None else modified.get("seconds", 0)
