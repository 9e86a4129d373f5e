"""From a graph to a Definition: the walk, the digests, and all that a single marshal must remember."""

from __future__ import annotations

from llbpy.errors import GraphError, UnresolvedError
from llbpy.graph import messages as pb
from llbpy.graph.definition import Definition
from llbpy.graph.facts import NOTHING
from llbpy.graph.metadata import OpMetadata, metadata
from llbpy.graph.questions import ResolvedImage
from llbpy.graph.sourcemap import SiteReader, SourceFiles, SourceTable
from llbpy.graph.wire import delimited, varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.graph.facts import Facts, View
    from llbpy.graph.ops.op import Op, Output
    from llbpy.graph.platforms import Platform
    from llbpy.graph.questions import Answers, HostKeysQuestion, ImageQuestion
    from llbpy.graph.sourcemap import Location

_INPUT = b"\x0a\x49\x0a\x47"  # pb.Op.inputs, 73 bytes: pb.Input.digest, 71 bytes
_TERMINAL_CAPS = frozenset(("constraints", "platform"))


class Marshaller:
    """What one marshal knows: the platform being built, the daemon's capabilities, answers; and what it has worked out.

    `caps` None means that nobody has asked the daemon, as in Go's client.
    """

    def __init__(
        self, platform: Platform, unique_id: str, caps: frozenset[str] | None, answers: Answers, files: SourceFiles
    ) -> None:
        self.platform = platform
        self.unique_id = unique_id
        self.daemon_caps = caps
        self.sites = SiteReader(files)
        self.answers = answers
        self.unanswered: dict[ImageQuestion, None] = {}
        """Questions without which there is no definition."""
        self.unknown_hosts: dict[HostKeysQuestion, None] = {}
        """Hosts whose keys nobody gave: the daemon will not check them."""
        self.inputs: dict[Op, bytes] = {}
        """For each vertex marshalled so far, the `pb.Op.inputs` entry of its first output."""
        self._views: dict[int, View] = {}
        self._surroundings: dict[tuple[Platform | None, tuple[str, ...]], bytes] = {}

    def input(self, output: Output) -> bytes:
        """The `pb.Op.inputs` entry of an output."""
        op, index = output
        first = self.inputs[op]
        return first if not index else delimited(b"\x0a", first[2:] + b"\x10" + varint(index))

    def surroundings(self, platform: Platform | None, filters: tuple[str, ...]) -> bytes:
        """`pb.Op`'s platform (None: the kind has none) and constraints, which Go writes before the payload, even if empty."""
        known = self._surroundings.get((platform, filters))
        if known is None:
            constraints = pb.Op.constraints.write(pb.WorkerConstraints.filter.write(filters))
            known = pb.Op.platform.write(platform and encode_platform(platform)) + constraints
            self._surroundings[platform, filters] = known
        return known

    def image(self, question: ImageQuestion) -> ResolvedImage | None:
        """What is known of an image; not knowing is no error until its config is read."""
        answer = self.answers.get(question)
        return answer if isinstance(answer, ResolvedImage) else None

    def host_keys(self, question: HostKeysQuestion) -> str | None:
        """The keys of an ssh host as known_hosts text, if somebody gave them."""
        answer = self.answers.get(question)
        if isinstance(answer, str):
            return answer
        self.unknown_hosts[question] = None
        return None

    def view(self, facts: Facts) -> View:
        """All facts of a state. A question without an answer is noted, and the marshal goes on to find the others."""
        image = facts.inherits
        if image is None:
            return facts.seen(None)
        known = self._views.get(id(facts))
        if known is None:
            known = self._views[id(facts)] = self._inherit(facts, image.question(self.platform))
        return known

    def _inherit(self, facts: Facts, question: ImageQuestion) -> View:
        answer = self.image(question)
        if answer is None:
            self.unanswered[question] = None
            return NOTHING.seen(None)
        return facts.seen(answer.config)


def encode_platform(platform: Platform) -> bytes:
    message = pb.Platform
    return b"".join(
        (
            message.Architecture.write(platform.architecture),
            message.OS.write(platform.os),
            message.Variant.write(platform.variant),
            message.OSVersion.write(platform.os_version),
            message.OSFeatures.write(platform.os_features),
        )
    )


def marshal(output: Output | None, marshaller: Marshaller) -> Definition:
    """The definition of one output; scratch (None) is the empty definition.

    Vertices are visited inputs first, as Go's client does; an explicit path instead of recursion makes depth free. Raises
    UnresolvedError with every question that had no answer, and GraphError for what only the whole graph shows.
    """
    if output is None:
        return Definition((), (), {}, SourceTable((), {}))
    result = _Result(marshaller)
    root = output[0]
    seen = {root}
    path = [root]
    todo = [iter(root.inputs())]
    while path:
        for op in todo[-1]:
            if op not in seen:
                seen.add(op)
                path.append(op)
                todo.append(iter(op.inputs()))
                break
        else:
            todo.pop()
            result.add(path.pop())
    if marshaller.unanswered:
        raise UnresolvedError(tuple(marshaller.unanswered))
    return result.definition(output)


class _Result:
    """The vertices marshalled so far by digest: two of the same bytes are one."""

    def __init__(self, marshaller: Marshaller) -> None:
        from hashlib import sha256

        self._sha256 = sha256
        self._marshaller = marshaller
        self._ops: dict[str, bytes] = {}
        self._metadata: dict[str, OpMetadata] = {}
        self._places: dict[str, tuple[Location, ...]] = {}

    def add(self, op: Op) -> None:
        marshaller = self._marshaller
        try:
            data = op.encode(marshaller)
        except (GraphError, UnicodeEncodeError) as error:
            raise _at(op, marshaller, error) from error
        digest = "sha256:" + self._sha256(data).hexdigest()
        marshaller.inputs[op] = _INPUT + digest.encode()
        details = metadata(op.constraints, op.caps(marshaller))
        place = marshaller.sites.read(op.site)
        if digest in self._ops:
            details = self._metadata[digest].merged(details)
            place = tuple(dict.fromkeys(self._places[digest] + place))
        self._ops[digest] = data
        self._metadata[digest] = details
        self._places[digest] = place

    def definition(self, output: Output) -> Definition:
        terminal = self._marshaller.input(output)
        digest = "sha256:" + self._sha256(terminal).hexdigest()
        self._metadata[digest] = OpMetadata(_terminal_caps(self._metadata), False, None, None, None, None)
        ops, digests = (*self._ops.values(), terminal), (*self._ops, digest)
        return Definition(ops, digests, self._metadata, SourceTable.collect(self._places))


def _terminal_caps(details: dict[str, OpMetadata]) -> frozenset[str]:
    needed = set(_TERMINAL_CAPS)
    for meta in details.values():
        if meta.ignore_cache:
            needed.add("meta.ignorecache")
        if meta.description is not None:
            needed.add("meta.description")
        if meta.export_cache is not None:
            needed.add("meta.exportcache")
    return frozenset(needed)


def _at(op: Op, marshaller: Marshaller, error: Exception) -> GraphError:
    """The error with the line that made the vertex."""
    if isinstance(error, UnicodeEncodeError):
        error = GraphError(f"{error.object!r} cannot be written as UTF-8 (character {error.start})")
    places = marshaller.sites.read(op.site)
    return type(error)(f"{places[0]}: {error}") if places else error  # type: ignore[return-value]
