"""The build file and its ignore file, out of whatever holds them: a folder of the client, a repository, a download, an input.

Everything here happens in rounds, each as wide as it can be: what is only solved costs nothing until it is read.
"""

from __future__ import annotations

from llbpy.dsl.sources import definition, local
from llbpy.errors import BuildFileError
from llbpy.gateway import bridge as calls
from llbpy.gateway import contexts
from llbpy.graph import ignore
from llbpy.graph.definition import Definition
from llbpy.graph.paths import clean
from llbpy.graph.sourcemap import SourceTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llbpy.dsl.state import State
    from llbpy.gateway.bridge import Bridge, Request
    from llbpy.gateway.options import Options


class Entry:
    """A build's beginning.

    `text` of the build file called `filename`; `ignored`, the patterns of the main context's ignore file. `context` is the main
    context unless it is a folder of the client; `revision` its commit, if that is known. `inputs` are the graphs that came with
    the build, by name. `definition` brought the file, into `ref`; `is_local` if it is from a folder of the client.
    """

    def __init__(self) -> None:
        self.filename = ""
        self.text = b""
        self.ignored: list[str] = []
        self.context: State | None = None
        self.revision: str | None = None
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
        options = self._options
        commit_times = bool(options.args.get("SOURCE_DATE_EPOCH"))
        context = contexts.git_context(options.context, keep_git_dir=options.keep_git_dir, commit_times=commit_times)
        if context is not None:
            self._from_context(context)
        elif options.context.startswith(("http://", "https://")):
            self._from_context(self._downloaded(contexts.download(options.context)))
        else:
            self._from_client()
        return self._entry

    def _from_client(self) -> None:
        """The usual case: two folders of the client, unless inputs take their place."""
        entry, key = self._entry, self._options.file_key
        file, ignoring = contexts.solvable(self._own_folder()), contexts.solvable(self._ignoring())
        solves = calls.solve(file.to_bytes()), calls.solve(ignoring.to_bytes())
        first, second, given = self._bridge.ask(*solves, calls.inputs())
        entry.inputs = given.get("Definitions", {})
        if contexts.MAIN in entry.inputs:
            context = definition(entry.inputs[contexts.MAIN])
            entry.context = contexts.below(context, self._options.context_subdir)
        if key in entry.inputs and not self._options.file_is_local:
            file = contexts.solvable(definition(entry.inputs[key]))
            (first,) = self._bridge.ask(calls.solve(file.to_bytes()))
        else:
            entry.is_local = True
        self._read(file, _ref(first), _ref(second) if entry.context is None else "")

    def _from_context(self, context: State) -> None:
        """The context brings the build file along, unless the client insists on its folder."""
        entry, options = self._entry, self._options
        entry.context = contexts.below(context, options.context_subdir)
        entry.is_local = options.file_is_local
        file = contexts.solvable(self._own_folder() if entry.is_local else context)
        solved, given, *commit = self._bridge.ask(calls.solve(file.to_bytes()), calls.inputs(), *_commit(context))
        entry.inputs = given.get("Definitions", {})
        for known in commit:
            found = known.get("Git", {})
            entry.revision = found.get("CommitChecksum") or found.get("Checksum") or entry.revision
        self._read(file, _ref(solved), "")

    def _downloaded(self, download: State) -> State:
        """The context that a download is: what an archive holds, else a build file and nothing else."""
        (solved,) = self._bridge.ask(calls.solve(contexts.solvable(download).to_bytes()))
        (head,) = self._bridge.ask(calls.read_file(_ref(solved), contexts.MAIN, length=contexts.HEAD))
        if contexts.is_archive(head.get("Data", b"")):
            return contexts.unpacked(download)
        self._entry.filename = contexts.MAIN
        return download

    def _read(self, file: Definition, ref: str, ignored_in: str) -> None:
        """Reads the file and what may be beside it: its own ignore file, which counts even if empty, else the context's."""
        entry = self._entry
        name, other = entry.filename, _in_lower_case(entry.filename)
        requests = [calls.read_file(ref, path) for path in (name, f"{name}.dockerignore", other) if path]
        if ignored_in:
            requests.append(calls.read_file(ignored_in, contexts.IGNORE_FILE))
        found = [calls.if_there(reply) for reply in self._bridge.ask_each(requests)]
        text = found[2] if found[0] is None and other else found[0]
        if text is None:
            raise self._missing()
        if entry.context is None:
            ignoring = found[-1] if found[1] is None and ignored_in else found[1]
            entry.ignored = ignore.parse((ignoring or {}).get("Data", b""))
        entry.text = text.get("Data", b"")
        entry.definition = file
        entry.ref = ref

    def _missing(self) -> BuildFileError:
        place = f"the folder given as {self._options.file_key!r}" if self._entry.is_local else "the context"
        advice = "name the build file with -f (option filename=…)"
        return BuildFileError(f"there is no {self._entry.filename!r} in {place}; {advice}")

    def _own_folder(self) -> State:
        """The same source as docker/dockerfile's, so that a daemon which came here by a syntax line has it already."""
        options, name = self._options, self._entry.filename
        other = _in_lower_case(name)
        return local(
            options.file_key,
            follow=[name, f"{name}.dockerignore", *([other] if other else [])],
            shared_key=options.file_key,
            session=options.local_session(options.file_key) or None,
            differ="none",
            name=f"[internal] load build definition from {name}",
        )

    def _ignoring(self) -> State:
        return contexts.ignore_file(contexts.MAIN, self._options, f"context-{contexts.IGNORE_FILE}", "[internal]")


def _in_lower_case(name: str) -> str:
    """The other name under which a Dockerfile is looked for; empty for other files."""
    folder, slash, base = name.rpartition("/")
    return clean(f"{folder}{slash}dockerfile") if base == "Dockerfile" else ""


def _commit(context: State | None) -> list[Request]:
    """The question which commit a repository is at."""
    source: Any = None if context is None or context.vertex is None else context.vertex[0]
    if getattr(source, "identifier", "").startswith("git://"):
        return [calls.resolve_source(source.identifier, source.attrs)]
    return []


def _ref(solved: Mapping[str, Any]) -> str:
    ref: str = solved.get("result", {}).get("ref", {}).get("id", "")
    return ref
