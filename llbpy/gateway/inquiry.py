"""All that one build asks its daemon: answers to the questions of graphs, definitions to be solved, files to be read."""

from __future__ import annotations

from llbpy.errors import DaemonError, GraphError, UnresolvedError
from llbpy.gateway import bridge as calls
from llbpy.gateway.capabilities import Capabilities
from llbpy.gateway.folders import ignored
from llbpy.graph.constraints import UNCONSTRAINED
from llbpy.graph.marshal import Marshaller, check_answered, marshal, place_of
from llbpy.graph.paths import join
from llbpy.graph.questions import FrontendQuestion, ImageQuestion, ResolvedImage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias

    from llbpy.dsl.paths import StatePath
    from llbpy.dsl.state import State
    from llbpy.gateway.bridge import Bridge, Request
    from llbpy.graph.defaults import Defaults
    from llbpy.graph.definition import Definition
    from llbpy.graph.facts import Inherited
    from llbpy.graph.ops.op import Output
    from llbpy.graph.platforms import Platform
    from llbpy.graph.questions import Answer, IgnoreQuestion, Question
    from llbpy.graph.sourcemap import Site, SourceFiles
    from llbpy.transport.status import Status

    Wanted: TypeAlias = tuple[State, Platform]
    """A state, and the platform that it is built for."""
    Source: TypeAlias = tuple[str, Mapping[str, str]]
    """Identifier and attributes."""

_IMAGE = "docker-image://"
_IMAGES = (_IMAGE, "oci-layout://")
_REDIRECTS = 10
"""How often a policy may name another source for a source."""
_LARGEST = 16 << 20
"""Bytes that a daemon takes in one message."""


class Inquiry:
    """The questions of one build and their answers.

    `defaults` go into every graph. `resolve` is how images are looked up that do not say how. `ignore_files` has the calls that
    read ignore files, by the questions for them.
    """

    def __init__(
        self,
        bridge: Bridge,
        files: SourceFiles,
        unique_id: str,
        *,
        defaults: Defaults | None = None,
        resolve: str = "default",
        cache_imports: Sequence[bytes] = (),
        ignore_files: Mapping[IgnoreQuestion, Request] | None = None,
    ) -> None:
        self.bridge = bridge
        self.answers: dict[Question, Answer] = {}
        self.attrs: dict[str, Mapping[str, str]] = {}
        """Attributes of what is asked for by an identifier instead of an image's reference."""
        self._files = files
        self._unique_id = unique_id
        self._defaults = defaults
        self._resolve = resolve
        self._cache_imports = cache_imports
        self._ignore_files = ignore_files or {}
        self._capabilities = Capabilities(bridge)
        self._refs: dict[tuple[Output, Platform], str] = {}

    # Graphs

    def marshaller(self, platform: Platform) -> Marshaller:
        return Marshaller(platform, self._unique_id, None, self.answers, self._files, self._defaults)

    def marshal(self, wanted: Sequence[Wanted], *, configs: bool = False) -> list[Definition]:
        """The definition of each state; what their graphs ask is asked together.

        With `configs` what the states' own image configs need is asked too. Raises GraphError, DaemonError; UnsupportedError for
        what the daemon cannot do.
        """
        while True:
            definitions: list[Definition] = []
            unanswered: dict[ImageQuestion, Inherited] = {}
            unread: dict[IgnoreQuestion, str] = {}
            for state, platform in wanted:
                marshaller = self.marshaller(platform)
                if configs:
                    marshaller.view(state.facts)
                try:
                    definitions.append(marshal(state.vertex, marshaller))
                    check_answered(marshaller)  # scratch, which has no graph, may still have a config
                except UnresolvedError:
                    unanswered.update(marshaller.unanswered)
                unread.update({question: place_of(op, marshaller) for question, op in marshaller.unread.items()})
            if not (unanswered or unread):
                break
            self.answer(unanswered, unread)
        for state, platform in wanted:
            self._capabilities.check(state.vertex, self.marshaller(platform))
        return definitions

    def answer(
        self, questions: Mapping[ImageQuestion, Inherited], unread: Mapping[IgnoreQuestion, str] | None = None
    ) -> None:
        """Asks the daemon all at once; `unread` are ignore files, with the line of what needs each.

        Raises DaemonError at the line of the image, with what it said of each that failed, or at that of a context.
        """
        frontends = [question for question in questions if isinstance(question, FrontendQuestion)]
        if frontends:
            from llbpy.gateway import nested

            nested.ask(self, frontends)
        asked: dict[ImageQuestion, Source] = {
            question: (question.ref, self.attrs[question.ref])
            if question.ref in self.attrs
            else (_IMAGE + question.ref, {})
            for question in questions
            if question not in self.answers
        }
        files = unread or {}
        for _ in range(_REDIRECTS + 1):
            requests = [self._request(question, source) for question, source in asked.items()]
            redirected: dict[ImageQuestion, Source] = {}
            failed: dict[ImageQuestion, Status] = {}
            replies = self.bridge.ask_each([*requests, *[self._ignore_files[question] for question in files]])
            self._take_ignored(files, replies[len(requests) :])
            files = {}
            for question, reply in zip(asked, replies[: len(requests)], strict=True):
                if not isinstance(reply, dict):
                    failed[question] = reply
                elif (other := self._take(question, asked[question], reply)) is not None:
                    redirected[question] = other
            if failed:
                raise self._unanswered(failed, questions)
            if not redirected:
                return
            asked = redirected
        names = ", ".join([question.ref for question in asked])
        raise GraphError(f"the daemon's policies send {names} from source to source, {_REDIRECTS} times over")

    def _request(self, question: ImageQuestion, source: Source) -> Request:
        mode = question.resolve if question.resolve != "default" else self._resolve
        name = f"[internal] load metadata for {question.ref}"
        return calls.resolve_source(*source, question.platform, mode=mode, log_name=name)

    def _take(self, question: ImageQuestion, source: Source, reply: Mapping[str, Any]) -> Source | None:
        """Keeps an answer; what to ask instead, if a policy has named another image."""
        found = reply.get("Source", {})
        identifier, attrs = found.get("identifier", source[0]), found.get("attrs", {})
        image: Mapping[str, Any] | None = reply.get("Image")
        if image is None and identifier.startswith(_IMAGES) and identifier != source[0]:
            return identifier, attrs
        known: Mapping[str, Any] = image or {}
        config = _parsed(question.ref, known.get("Config", b""))
        same = question.ref in self.attrs or undigested(identifier) == undigested(_IMAGE + question.ref)
        self.answers[question] = ResolvedImage(known.get("Digest", ""), config, "" if same else identifier, attrs)
        return None

    def _take_ignored(self, files: Mapping[IgnoreQuestion, str], replies: Sequence[Mapping[str, Any] | Status]) -> None:
        for (question, place), reply in zip(files.items(), replies, strict=True):
            try:
                self.answers[question] = ignored(reply)
            except DaemonError as error:
                error.at(place)
                raise

    def _unanswered(
        self, failed: Mapping[ImageQuestion, Status], questions: Mapping[ImageQuestion, Inherited]
    ) -> DaemonError:
        first, status = next(iter(failed.items()))
        message = "; ".join(dict.fromkeys([each.message for each in failed.values()]))
        return DaemonError(status, message).at(place_of(questions[first], self.marshaller(first.platform)))

    # Solving

    def solve(self, definitions: Sequence[Definition], *others: Request) -> list[str]:
        """The ref of each, empty for scratch; nothing is built yet. `others` are asked along with them.

        Raises DaemonError, GraphError for what is too large.
        """
        requests = [self.request(definition) for definition in definitions]
        replies = self.bridge.ask(*requests, *others)[: len(requests)]
        return [reply.get("result", {}).get("ref", {}).get("id", "") for reply in replies]

    def request(self, definition: Definition) -> Request:
        """The call that solves a definition. Raises GraphError if it is larger than a daemon takes."""
        request = calls.solve(definition.to_bytes(), cache_imports=self._cache_imports)
        if len(request.data) > _LARGEST:
            raise _too_large(definition, len(request.data))
        return request

    # What targets ask while they run

    def resolve(self, question: ImageQuestion) -> ResolvedImage:
        if question not in self.answers:
            self.answer({question: _Asked(question)})
        answer = self.answers[question]
        assert isinstance(answer, ResolvedImage)
        return answer

    def read(self, path: StatePath, platform: Platform) -> bytes:
        ref, place = self._place(path, platform)
        pieces: list[bytes] = []
        while not pieces or len(pieces[-1]) == calls.PIECE:
            request = calls.read_file(ref, place, offset=len(pieces) * calls.PIECE, length=calls.PIECE)
            pieces.append(self._look(path, request).get("Data", b""))
        return b"".join(pieces)

    def list(self, path: StatePath, platform: Platform) -> Sequence[str]:
        ref, place = self._place(path, platform)
        entries = self._look(path, calls.read_dir(ref, place)).get("entries", ())
        return sorted([entry.get("path", "") for entry in entries])

    def stat(self, path: StatePath, platform: Platform) -> Mapping[str, object]:
        ref, place = self._place(path, platform)
        return file_facts(self._look(path, calls.stat_file(ref, place)).get("stat", {}))

    def _look(self, path: StatePath, request: Request) -> dict[str, Any]:
        (reply,) = self.bridge.ask_each([request])
        if not isinstance(reply, dict):
            raise DaemonError(reply, f"{path.path!r} of {path.state!r}: {reply.message}")
        return reply

    def _place(self, path: StatePath, platform: Platform) -> tuple[str, str]:
        """The ref that has a path, and the path from its root."""
        state = path.state
        if state.vertex is None:
            raise GraphError(f"{path.path!r} is in scratch(), which has no files")
        key = state.vertex, platform
        relative = path.path[:1] != "/"
        if key not in self._refs or relative:
            definitions = self.marshal([(state, platform)], configs=relative)
            self._refs[key] = self._refs.get(key) or self.solve(definitions)[0]
        folder = self.marshaller(platform).view(state.facts).dir if relative else "/"
        return self._refs[key], join(folder, path.path)


class _Asked:
    """The place of a question that a target asks itself: none, as its own frame tells it."""

    site: Site = ()
    constraints = UNCONSTRAINED

    def __init__(self, question: ImageQuestion) -> None:
        self._question = question

    def question(self, platform: Platform) -> ImageQuestion:
        return self._question


def undigested(identifier: str) -> str:
    """An identifier of an image without its digest."""
    return identifier.partition("@")[0]


def _parsed(ref: str, config: bytes) -> Mapping[str, Any]:
    if not config:
        return {}
    from llbpy.graph.jsontext import loads

    try:
        parsed: Mapping[str, Any] | object = loads(config)
    except ValueError as error:
        raise GraphError(f"the config of image {ref!r} is no JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise GraphError(f"the config of image {ref!r} is no JSON object")
    return parsed  # pyright: ignore[reportUnknownVariableType] - JSON has str keys


def _too_large(definition: Definition, size: int) -> GraphError:
    sizes = [len(op) for op in definition.ops]
    largest = sizes.index(max(sizes))
    places = definition.source.locations.get(definition.digests[largest], ())
    advice = "bring large files in from the context, or a step, instead of write()"
    error = GraphError(
        f"the definition has {_mib(size)}, and a daemon takes 16 MiB; one step has {_mib(sizes[largest])}: {advice}"
    )
    return error.at(str(places[0]) if places else "")


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"


# Files as Go describes them --------------------------------------------------------------------------------------------------

_TYPES = {1 << 31: "folder", 1 << 27: "symlink", 1 << 26: "device", 1 << 25: "pipe", 1 << 24: "socket"}
_SPECIAL = {1 << 23: 0o4000, 1 << 22: 0o2000, 1 << 20: 0o1000}


def file_facts(stat: Mapping[str, Any]) -> dict[str, object]:
    """A file's facts: `type`, `mode` (permissions), `uid`, `gid`, `size` in bytes, `mtime` in seconds, `target` of a symlink."""
    mode = stat.get("mode", 0)
    permissions = mode & 0o777 | sum([unix for go, unix in _SPECIAL.items() if mode & go])
    return {
        "type": next((name for bit, name in _TYPES.items() if mode & bit), "file"),
        "mode": permissions,
        "uid": stat.get("uid", 0),
        "gid": stat.get("gid", 0),
        "size": stat.get("size", 0),
        "mtime": stat.get("modTime", 0) / 1_000_000_000,
        "target": stat.get("linkname", ""),
    }
