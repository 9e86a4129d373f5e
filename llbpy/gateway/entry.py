"""The build file and its ignore file, out of whatever holds them: a folder of the client, a repository, a download, an input.

Everything here happens in rounds, each as wide as it can be: what is only solved costs nothing until it is read.
"""

from __future__ import annotations

from llbpy.errors import BuildFileError
from llbpy.gateway import bridge as calls
from llbpy.gateway.folders import IGNORE_FILE, MAIN, build_file, ignore_file, ignored, solvable
from llbpy.graph.definition import Definition
from llbpy.graph.paths import clean
from llbpy.graph.questions import IgnoreQuestion
from llbpy.graph.sourcemap import SourceTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from llbpy.dsl.state import State
    from llbpy.gateway.bridge import Bridge, Request
    from llbpy.gateway.options import Options


class Entry:
    """A build's beginning.

    `text` of the build file called `filename`. `context` is the main context unless it is a folder of the client; `revision` is
    its commit, if that is known, `commit` if the daemon has it. `inputs` are the graphs that came with the build, by name.
    `definition` brought the file, into `ref`; `is_local` if it is from a folder of the client. `ignored` are the patterns of the
    file's own ignore file, or the question for the context's: what answers that is in `ignore_files`, and is asked once a graph
    needs it.
    """

    def __init__(self) -> None:
        self.filename = ""
        self.text = b""
        self.ignored: Callable[[], Sequence[str]] | IgnoreQuestion = tuple
        self.ignore_files: dict[IgnoreQuestion, Request] = {}
        self.context: State | None = None
        self.revision: str | None = None
        self.commit = ""
        self.inputs: Mapping[str, bytes] = {}
        self.definition = Definition((), (), {}, SourceTable((), {}))
        self.ref = ""
        self.is_local = False


def read_entry(bridge: Bridge, options: Options) -> Entry:
    """Finds and reads the build file. Raises BuildFileError if there is none, OptionError, GraphError, DaemonError."""
    return _Opening(bridge, options).read()


class _Opening:
    def __init__(self, bridge: Bridge, options: Options) -> None:
        self._bridge = bridge
        self._options = options
        self._entry = Entry()
        self._entry.filename = options.filename
        self._entry.revision = options.given.get("vcs:revision") or None

    def read(self) -> Entry:
        remote = self._remote() if self._options.context else None
        if remote is None:
            self._from_client()
        else:
            self._from_context(remote)
        return self._entry

    def _remote(self) -> State | None:
        """The context, if it is a repository or a download."""
        from llbpy.gateway import contexts

        options = self._options
        commit_times = bool(options.args.get("SOURCE_DATE_EPOCH"))
        found = contexts.git_context(options.context, keep_git_dir=options.keep_git_dir, commit_times=commit_times)
        if found is not None or not options.context.startswith(("http://", "https://")):
            return found
        download = contexts.download(options.context)
        (solved,) = self._bridge.ask(calls.solve(solvable(download.vertex).to_bytes()))
        (head,) = self._bridge.ask(calls.read_file(_ref(solved), MAIN, length=contexts.HEAD))
        if contexts.is_archive(head.get("Data", b"")):
            return contexts.unpacked(download)
        self._entry.filename = MAIN
        return download

    def _from_client(self) -> None:
        """The usual case: two folders of the client, unless inputs take their place."""
        entry, options = self._entry, self._options
        file, ignoring = self._own_folder(), solvable(ignore_file(MAIN, options, f"{MAIN}-{IGNORE_FILE}", "[internal]"))
        solves = calls.solve(file.to_bytes()), calls.solve(ignoring.to_bytes())
        first, second, given = self._bridge.ask(*solves, calls.inputs())
        entry.inputs = given.get("Definitions", {})
        if MAIN in entry.inputs:
            entry.context = self._below(_input(entry.inputs[MAIN]))
        if options.file_key in entry.inputs and not options.file_is_local:
            file = solvable(_input(entry.inputs[options.file_key]).vertex)
            (first,) = self._bridge.ask(calls.solve(file.to_bytes()))
        else:
            entry.is_local = True
        self._read(file, _ref(first), _ref(second) if entry.context is None else "")

    def _from_context(self, context: State) -> None:
        """The context brings the build file along, unless the client insists on its folder."""
        entry = self._entry
        entry.context = self._below(context)
        entry.is_local = self._options.file_is_local
        file = self._own_folder() if entry.is_local else solvable(context.vertex)
        solved, given, *commit = self._bridge.ask(calls.solve(file.to_bytes()), calls.inputs(), *_commit(context))
        entry.inputs = given.get("Definitions", {})
        for known in commit:
            found = known.get("Git", {})
            entry.commit = found.get("CommitChecksum") or found.get("Checksum") or ""
            entry.revision = entry.commit or entry.revision
        self._read(file, _ref(solved), "")

    def _below(self, context: State) -> State:
        from llbpy.gateway.contexts import below

        return below(context, self._options.context_subdir)

    def _read(self, file: Definition, ref: str, ignored_in: str) -> None:
        """Reads the file and what may be beside it: its own ignore file, which counts even if empty, else the context's."""
        entry = self._entry
        name, *others = self._names()
        requests = [calls.read_file(ref, path) for path in (name, *others)]
        text, own, *further = [calls.if_there(reply) for reply in self._bridge.ask_each(requests)]
        text = next((each for each in (text, *further) if each is not None), None)
        if text is None:
            raise self._missing()
        if own is not None:
            entry.ignored = lambda: ignored(own)
        elif ignored_in:
            entry.ignored = IgnoreQuestion(MAIN)
            entry.ignore_files = {entry.ignored: calls.read_file(ignored_in, IGNORE_FILE)}
        entry.text = text.get("Data", b"")
        entry.definition = file
        entry.ref = ref

    def _names(self) -> list[str]:
        """The build file, its ignore file, and the other name under which a Dockerfile is looked for."""
        name = self._entry.filename
        folder, slash, base = name.rpartition("/")
        other = [clean(f"{folder}{slash}dockerfile")] if base == "Dockerfile" else []
        return [name, f"{name}.dockerignore", *other]

    def _own_folder(self) -> Definition:
        name, *others = self._names()
        return solvable(build_file(self._options, name, others))

    def _missing(self) -> BuildFileError:
        place = f"the folder given as {self._options.file_key!r}" if self._entry.is_local else "the context"
        advice = "name the build file with -f (option filename=…)"
        return BuildFileError(f"there is no {self._entry.filename!r} in {place}; {advice}")


def _input(data: bytes) -> State:
    from llbpy.dsl.sources import definition

    return definition(data)


def _commit(context: State | None) -> list[Request]:
    """The question which commit a repository is at."""
    source: Any = None if context is None or context.vertex is None else context.vertex[0]
    if getattr(source, "identifier", "").startswith("git://"):
        return [calls.resolve_source(source.identifier, source.attrs)]
    return []


def _ref(solved: Mapping[str, Any]) -> str:
    ref: str = solved.get("result", {}).get("ref", {}).get("id", "")
    return ref
