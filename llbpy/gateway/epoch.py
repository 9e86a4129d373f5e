"""SOURCE_DATE_EPOCH: a number, or the name of a context whose age it is; the daemon hands on numbers only."""

from __future__ import annotations

from io import RawIOBase

from llbpy.dsl.sources import source
from llbpy.errors import OptionError
from llbpy.gateway import bridge as calls
from llbpy.gateway.folders import MAIN, solvable
from llbpy.graph import messages as pb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llbpy.dsl.state import State
    from llbpy.gateway.bridge import Bridge, Request
    from llbpy.gateway.contexts import NamedContexts
    from llbpy.gateway.entry import Entry
    from llbpy.gateway.options import Options

_NAME = "SOURCE_DATE_EPOCH"
_LOG_NAME = "[internal] resolve the age of the context"


def source_date_epoch(options: Options, entry: Entry, named: NamedContexts, bridge: Bridge) -> int | None:
    """Seconds since 1970, or None if it was not given or the context that it names has no age.

    A repository is as old as its commit, a download as its server says, or if it does not, an archive as its newest file. Raises
    OptionError for what is neither a number nor a context, DaemonError.
    """
    value = options.args.get(_NAME, "")
    if not value:
        return None
    digits = value.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        return int(value)
    if value == MAIN:
        return None if entry.context is None else _age(entry.context, bridge, entry.commit)
    if value in named:
        return _age(named[value], bridge)
    known = ", ".join([MAIN, *named])
    raise OptionError(f"{_NAME}={value!r} is neither a number of seconds nor a context (there are {known})", _NAME)


def _age(context: State, bridge: Bridge, commit: str = "") -> int | None:
    """The age of the one source that a context is made of; what unpacks it, or takes a folder of it, does not count.

    `commit` is where a repository is, if the daemon has said so.
    """
    sources = [op["source"] for op in map(pb.Op.decode, solvable(context.vertex).ops) if "source" in op]
    identifier: str = sources[0].get("identifier", "") if len(sources) == 1 else ""
    attrs: Mapping[str, str] = sources[0].get("attrs", {}) if sources else {}
    if identifier.startswith("git://"):
        return _committed(_commit(identifier, attrs, bridge, commit).get("Git", {}).get("CommitObject", b""))
    if not identifier.startswith(("http://", "https://")):
        return None
    (reply,) = bridge.ask(calls.resolve_source(identifier, attrs, log_name=_LOG_NAME))
    modified = reply.get("HTTP", {}).get("LastModified")
    return _newest(identifier, attrs, bridge) if modified is None else modified.get("seconds", 0)


def _commit(identifier: str, attrs: Mapping[str, str], bridge: Bridge, commit: str) -> Mapping[str, Any]:
    """What the daemon knows of a repository's commit.

    A daemon that has looked up a branch forgets the client's token when it looks again, so that docker/dockerfile cannot tell the
    age of a private repository (v0.32.2). A commit needs no looking up. A policy may want to see the branch, though.
    """

    def question(identifier: str, attrs: Mapping[str, str]) -> Request:
        return calls.resolve_source(identifier, attrs, log_name=_LOG_NAME, git_objects=True)

    if commit:
        (known,) = bridge.ask_each([question(_at_commit(identifier, commit), {**attrs, "git.checksum": ""})])
        if isinstance(known, dict):
            return known
    return bridge.ask(question(identifier, attrs))[0]


def _at_commit(identifier: str, commit: str) -> str:
    """A repository at a commit in place of its branch or tag."""
    repository, _, rest = identifier.partition("#")
    _, colon, subdir = rest.partition(":")
    return f"{repository}#{commit}{colon}{subdir}"


def _committed(commit: bytes) -> int | None:
    """The time in a git commit object: `committer NAME <MAIL> SECONDS ZONE`."""
    for line in commit.partition(b"\n\n")[0].splitlines():
        if line.startswith(b"committer "):
            seconds = line.rsplit(b" ", 2)[-2]
            return int(seconds) if seconds.isdigit() else None
    return None


def _newest(identifier: str, attrs: Mapping[str, str], bridge: Bridge) -> int | None:
    """The time of the newest file in a download, if it is an archive that can be read."""
    import tarfile

    download = source(identifier, attrs, name="[internal] load the age of the context")
    (solved,) = bridge.ask(calls.solve(solvable(download.vertex).to_bytes()))
    pieces = _Pieces(bridge, solved["result"]["ref"]["id"], attrs.get("http.filename", ""))
    try:
        with tarfile.open(fileobj=pieces, mode="r|*", bufsize=calls.PIECE) as archive:
            return max([int(entry.mtime) for entry in archive if entry.isreg()], default=None)
    except tarfile.TarError:
        return None


class _Pieces(RawIOBase):
    """A file of a ref, as it is read from the start on."""

    def __init__(self, bridge: Bridge, ref: str, name: str) -> None:
        self._bridge = bridge
        self._ref = ref
        self._name = name
        self._at = 0
        self._left = True

    def read(self, size: int = -1, /) -> bytes:
        if not self._left:
            return b""
        (reply,) = self._bridge.ask(calls.read_file(self._ref, self._name, offset=self._at, length=size))
        data: bytes = reply.get("Data", b"")
        self._at += len(data)
        self._left = len(data) == size
        return data
