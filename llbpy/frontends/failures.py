"""Whatever goes wrong, as the status that a build ends with: a sentence, and the lines of the build file that it is about.

Clients print each `errdefs.Source` detail as an excerpt with the lines marked, the last one first. What a daemon said is handed on
with all of its own.
"""

from __future__ import annotations

from llbpy.errors import ArgumentError, DaemonError, LLBError, UnknownRequest
from llbpy.graph.sourcemap import SourceFiles
from llbpy.transport.codes import UNKNOWN
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from llbpy.buildfile import BuildFile
    from llbpy.dsl.targets import Target
    from llbpy.graph.sourcemap import SourceInfo
    from llbpy.transport.status import Detail

    Lines = tuple[str, tuple[int, ...]]
    """A file, and lines of it."""

_ERRDEFS = "github.com/moby/buildkit/errdefs."
_SOURCE = f"{_ERRDEFS}Source+json"
_FLAGS = (("--arg", "--build-arg"), ("--named-context", "--build-context"))
"""What our command calls an option, and what builders call it."""
_NO_NETWORK = "; a build file has no network here: http(), git() and image() bring things in"
_HINTS = (
    ("[Errno 101]", _NO_NETWORK),
    ("[Errno 111]", _NO_NETWORK),
    ("[Errno -3]", _NO_NETWORK),
    ("[Errno 11] Resource", "; a build file starts no processes; run() steps do"),
    ("can't start new thread", "; a build file has one thread"),
    ("[Errno 27]", "; a build file can write and print 64 MiB at most"),
    ("EOF when reading a line", "; a build file has no input; a target's arguments are what it is given"),
)
"""What the sandbox does to code that does not expect it."""
_LONGEST = 10_000
"""Characters of a message."""


class Failures:
    """Where errors are to be shown: in the files below `folder`, as far as a build has come with them."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.files = SourceFiles(folder)
        self.build_file: BuildFile | None = None
        self.target: Target | None = None

    def status(self, error: Exception) -> Status:
        """What a build ends with that raised this error."""
        from llbpy.graph.tokens import masked

        if not isinstance(error, LLBError):
            message = _shortened(masked(f"{type(error).__name__}: {error}"))
            return Status(UNKNOWN, f"{message}; this is a defect of llbpy, please report it")
        message = _shortened(masked(self._sentence(error)))
        details = [detail for lines in reversed(self._lines(error)) for detail in self._detail(*lines)]
        daemon = error if isinstance(error, DaemonError) else error.__cause__
        if isinstance(daemon, DaemonError):  # as it came, or from what the build file asked while it ran
            status = daemon.status
            known = daemon is error and any(url == _SOURCE for url, _ in status.details)
            return Status(status.code, message, [*status.details, *([] if known else details)])
        if isinstance(error, UnknownRequest):
            details = [(f"{_ERRDEFS}Subrequest+json", _json({"name": error.name}))]
        return Status(UNKNOWN, message, details)

    def _sentence(self, error: LLBError) -> str:
        place = f"{error.where.removeprefix(self.folder + '/')}: " if error.where else ""
        hint = next((hint for start, hint in _HINTS if start in error.message), "")
        message = error.message
        for ours, theirs in _FLAGS:
            message = message.replace(f"pass {ours} ", f"pass {theirs} ")
        return f"{place}{message}{hint}"

    def _lines(self, error: LLBError) -> list[Lines]:
        """The lines to show: those that the error is about, a user's traceback from the outermost in."""
        if isinstance(error, ArgumentError) and self.target is not None:
            return [self._arguments(error, self.target)]
        from llbpy.mistakes import user_frames

        cause = error.__cause__
        frames = [] if cause is None else user_frames(cause, self.folder)
        if frames:
            return [(path, (line,)) for path, line in dict.fromkeys(frames)]
        where = error.where or (self.target.where if self.target is not None else "")
        path, _, line = where.rpartition(":")
        if line.isdigit():
            return [(path, (int(line),))]
        return [] if self.build_file is None else self._targets(self.build_file)

    def _targets(self, build_file: BuildFile) -> list[Lines]:
        """Where all targets are: what an error is about that knows no line, and no target."""
        found: dict[str, list[int]] = {}
        for target in build_file.targets.values():
            path, _, line = target.where.rpartition(":")
            found.setdefault(path, []).append(int(line))
        return [(path, tuple(sorted(set(lines)))) for path, lines in found.items()]

    def _arguments(self, error: ArgumentError, target: Target) -> Lines:
        """The lines of the parameters that an error is about; of the function itself, if they are fields of a bundle."""
        path, _, line = target.where.rpartition(":")
        info = self.files.info(path)
        lines = () if info is None else _parameter_lines(info.data, int(line), error.names)
        return path, lines or (int(line),)

    def _detail(self, path: str, lines: tuple[int, ...]) -> list[Detail]:
        from posixpath import join

        info = self.files.info(join(self.folder, path))
        return [] if info is None else [(_SOURCE, _source(info, lines))]


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"


def _parameter_lines(text: bytes, first: int, names: Iterable[str]) -> tuple[int, ...]:
    import ast

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and first in (node.lineno, *[each.lineno for each in node.decorator_list]):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            return tuple(sorted({argument.lineno for argument in arguments if argument.arg in names}))
    return ()


def _source(info: SourceInfo, lines: tuple[int, ...]) -> bytes:
    from base64 import b64encode

    places = [{"start": {"line": line}, "end": {"line": line}} for line in lines]
    shown = {"filename": info.filename, "data": b64encode(info.data).decode(), "language": info.language}
    return _json({"info": shown, "ranges": places})


def _json(value: Mapping[str, Any]) -> bytes:
    from llbpy.graph.jsontext import dumps

    return dumps(value)
