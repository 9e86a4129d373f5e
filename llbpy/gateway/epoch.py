"""SOURCE_DATE_EPOCH: a number, or the name of a context whose age it is; the daemon hands on numbers only."""

from __future__ import annotations

from llbpy.errors import OptionError
from llbpy.gateway import bridge as calls
from llbpy.gateway.contexts import MAIN

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
    if value.lstrip("-").isdigit():
        return int(value)
    if value == MAIN:
        return None if entry.context is None else _age(entry.context, bridge)
    if value in named:
        return _age(named[value], bridge)
    known = ", ".join([MAIN, *named])
    raise OptionError(f"{_NAME}={value!r} is neither a number of seconds nor a context (there are {known})", _NAME)


def _age(context: State, bridge: Bridge) -> int | None:
    source: Any = None if context.vertex is None else context.vertex[0]
    identifier: str = getattr(source, "identifier", "")
    is_git = identifier.startswith("git://")
    if not is_git and not identifier.startswith(("http://", "https://")):
        return None
    name = "[internal] resolve the age of the context"
    (reply,) = bridge.ask(calls.resolve_source(identifier, source.attrs, log_name=name, git_objects=is_git))
    return _committed(reply.get("Git", {}).get("CommitObject", b"")) if is_git else _modified(reply.get("HTTP", {}))


def _committed(commit: bytes) -> int | None:
    """The time in a git commit object: `committer NAME <MAIL> SECONDS ZONE`."""
    for line in commit.partition(b"\n\n")[0].splitlines():
        if line.startswith(b"committer "):
            seconds = line.rsplit(b" ", 2)[-2]
            return int(seconds) if seconds.isdigit() else None
    return None


def _modified(reply: Mapping[str, Any]) -> int | None:
    seconds: int | None = reply.get("LastModified", {}).get("seconds")
    return seconds
