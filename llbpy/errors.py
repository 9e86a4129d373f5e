"""Every exception of llbpy. Choose your `except` from this tree:

    LLBError
    ├─ GraphError                 the graph is wrong: an argument, a combination, a limit
    │  ├─ PlatformError           a platform that nobody builds for
    │  ├─ PathError               a path that cannot mean what was written
    │  ├─ MountError              a mount that clashes, or leaves nothing behind
    │  └─ UnresolvedError         facts that must come from outside, and nobody to ask (.questions, .images)
    ├─ BuildFileError             the build file is wrong
    │  ├─ TargetNotFound          (.name, .available)
    │  └─ ArgumentError           (.problems: all of them at once)
    ├─ OptionError                a flag is wrong (.option)
    │  └─ UnknownRequest          a tool asks for what no frontend answers (.name)
    ├─ TransportError             the connection to a daemon is the problem, or what was to go over it
    │  ├─ ConnectError            (.address)
    │  ├─ ConnectionLost
    │  ├─ ProtocolError           (.code)
    │  └─ CallOver
    └─ DaemonError                a daemon refused (.status, .code)
       └─ UnsupportedError        it is too old for something, or was set up without it (.cap)

Facts are attributes, `.where` among them, the place if it is known. The sentence is made of them: one line that says what, with
the value, and what would be right.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from llbpy.transport.status import Status


def near(name: str, choices: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the choice nearest to a misspelt name, or nothing.

    >>> near("versoin", ["version", "tags"])
    "; did you mean 'version'?"
    """
    from difflib import get_close_matches

    close = get_close_matches(name, list(choices), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


class LLBError(Exception):
    """The root of every error that llbpy raises on purpose.

    `where` is `file:line` or `file`, if the error knows it; the text then begins with it.
    """

    where = ""

    def __str__(self) -> str:
        message = super().__str__()
        return f"{self.where}: {message}" if self.where else message

    def at(self, where: str) -> Self:
        """The same error, with the place where it happened."""
        self.where = where
        return self

    @property
    def message(self) -> str:
        """The text without the place."""
        return super().__str__()


class GraphError(LLBError):
    """The graph cannot be built as written."""


class PlatformError(GraphError):
    """A platform string or value that BuildKit would not understand."""


class PathError(GraphError):
    """A path without a filesystem, or one that cannot be used where it stands."""


class MountError(GraphError):
    """Two mounts on one target, a relative target, or a mount that keeps nothing to read back."""


class UnresolvedError(GraphError):
    """Facts from outside are needed, and nobody is there to ask.

    `questions` has what was asked, in the order of the graph; `images` the references among them.
    """

    def __init__(self, questions: Sequence[object]) -> None:
        self.questions = tuple(questions)
        self.images = tuple(dict.fromkeys(str(getattr(question, "ref", question)) for question in questions))
        super().__init__(
            f"the configs of these base images are read, and nobody is there to ask: {', '.join(self.images)}; "
            "pass inherit=False to image(), or a lock file that has them, or build with a daemon to ask"
        )


class BuildFileError(LLBError):
    """The build file cannot be used as it stands."""

    def __init__(self, message: str, where: str = "") -> None:
        self.where = where
        super().__init__(message)


class TargetNotFound(BuildFileError):
    """No target has that name."""

    def __init__(self, name: str, available: Sequence[str], where: str = "") -> None:
        self.name = name
        self.available = tuple(available)
        offer = f"targets: {', '.join(available)}" if available else "it has no targets; mark a function with @target"
        super().__init__(f"no target {name!r}{near(name, available)} ({offer})", where)


class ArgumentError(BuildFileError):
    """Arguments of a target are missing, unknown or unreadable: `problems` lists them all.

    `names` are those among them that the target has.
    """

    def __init__(self, problems: Sequence[str], where: str = "", names: Iterable[str] = ()) -> None:
        self.problems = tuple(problems)
        self.names = tuple(names)
        super().__init__("; ".join(problems), where)


class OptionError(LLBError):
    """An option of the command line or of a call is wrong; `option` names it."""

    def __init__(self, message: str, option: str = "") -> None:
        self.option = option
        super().__init__(message)


class UnknownRequest(OptionError):
    """There is no request of that `name`; daemons and clients know this as `errdefs.Subrequest`."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        listed = sorted(known)
        super().__init__(
            f"there is no request {name!r} (there are {', '.join(listed)}){near(name, listed)}", "requestid"
        )


class TransportError(LLBError):
    """The connection to a daemon is the problem, or what was to go over it."""


class ConnectError(TransportError):
    """Nobody answers at `address`."""

    def __init__(self, message: str, address: str) -> None:
        self.address = address
        super().__init__(message)


class ConnectionLost(TransportError):
    """The other end has gone, or says that it is about to."""


class ProtocolError(TransportError):
    """The other end broke the rules of HTTP/2; `code` is what it is told: an error code of HTTP/2, an int."""

    def __init__(self, message: str, code: int = 1) -> None:
        self.code = code
        super().__init__(message)


class CallOver(TransportError):
    """A message for a call that has ended, or that this side has ended itself."""


class DaemonError(LLBError):
    """A daemon refused a call: `status` is all that it said, details included, and `code` the gRPC code of it, an int."""

    def __init__(self, status: Status, message: str = "") -> None:
        self.status = status
        self.code = status.code
        super().__init__(message or status.message)


class UnsupportedError(DaemonError):
    """A daemon lacks a capability, `cap`."""

    def __init__(self, status: Status, cap: str, message: str) -> None:
        self.cap = cap
        super().__init__(status, message)
