"""From a graph to a Definition: the walk, the digests, and all that a single marshal must remember."""

from __future__ import annotations

import gc

from llbpy.errors import GraphError, UnresolvedError
from llbpy.graph import messages as pb
from llbpy.graph.caps import SETS_PATH, caps
from llbpy.graph.constraints import UNCONSTRAINED
from llbpy.graph.definition import Definition
from llbpy.graph.digests import hasher
from llbpy.graph.metadata import OpMetadata, metadata
from llbpy.graph.ops.frontend import FrontendOp
from llbpy.graph.questions import ResolvedImage
from llbpy.graph.sourcemap import SourceTable
from llbpy.graph.wire import delimited, varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.graph.defaults import Defaults
    from llbpy.graph.facts import Facts, Inherited, View
    from llbpy.graph.ops.op import Op, Output
    from llbpy.graph.platforms import Platform
    from llbpy.graph.questions import Answers, HostKeysQuestion, IgnoreQuestion, ImageQuestion
    from llbpy.graph.sourcemap import Location, SourceFiles

_INPUT = b"\x0a\x49\x0a\x47"  # pb.Op.inputs, 73 bytes: pb.Input.digest, 71 bytes
_INPUT_KEY = b"\x0a"
_UNCONSTRAINED = pb.Op.constraints.write(b"")
_TERMINAL = caps("constraints", "platform")
_IGNORE_CACHE = caps("meta.ignorecache")
_DESCRIPTION = caps("meta.description")
_EXPORT_CACHE = caps("meta.exportcache")


class Marshaller:
    """What one marshal knows: the platform being built, the daemon's capabilities, answers; and what it has worked out.

    `caps` None means that nobody has asked the daemon, as in Go's client.
    """

    def __init__(
        self,
        platform: Platform,
        unique_id: str,
        caps: frozenset[str] | None,
        answers: Answers,
        files: SourceFiles,
        defaults: Defaults | None = None,
    ) -> None:
        self.platform = platform
        self.unique_id = unique_id
        self.daemon_caps = caps
        self.gives_path = caps is not None and SETS_PATH not in caps and platform.os != "windows"
        """Whether commands without a PATH are given one: this daemon is known not to do it."""
        self.files = files
        self.answers = answers
        self.defaults = defaults
        self.unanswered: dict[ImageQuestion, Inherited] = {}
        """Questions without which there is no definition, with the image that they are about."""
        self.unknown_hosts: dict[HostKeysQuestion, Op] = {}
        """Hosts whose keys nobody gave, with a vertex that needs them: the daemon will not check them."""
        self.unread: dict[IgnoreQuestion, Op] = {}
        """Ignore files of which nothing is known yet, with a vertex of their folder: a definition without them is not the last."""
        self.inputs: dict[Op, bytes] = {}
        """For each vertex marshalled so far, the `pb.Op.inputs` entry of its first output."""
        self._views: dict[int, View] = {}
        self._native = pb.Op.platform.write(encode_platform(platform)) + _UNCONSTRAINED

    def input(self, output: Output) -> bytes:
        """The `pb.Op.inputs` entry of an output."""
        op, index = output
        first = self.inputs[op]
        return delimited(_INPUT_KEY, first[2:] + b"\x10" + varint(index)) if index else first

    def surroundings(self, platform: Platform | None, filters: tuple[str, ...]) -> bytes:
        """`pb.Op`'s platform (None: the kind has none) and constraints, which Go writes before the payload, even if empty."""
        if not filters:
            if platform is None:
                return _UNCONSTRAINED
            if platform is self.platform:
                return self._native
        constraints = pb.Op.constraints.write(pb.WorkerConstraints.filter.write(filters))
        return constraints if platform is None else pb.Op.platform.write(encode_platform(platform)) + constraints

    def image(self, question: ImageQuestion) -> ResolvedImage | None:
        """What is known of an image; not knowing is no error until its config is read."""
        answer = self.answers.get(question)
        return answer if isinstance(answer, ResolvedImage) else None

    def host_keys(self, question: HostKeysQuestion, op: Op) -> str | None:
        """The keys of an ssh host as known_hosts text, if somebody gave them."""
        answer = self.answers.get(question)
        if isinstance(answer, str):
            return answer
        self.unknown_hosts.setdefault(question, op)
        return None

    def ignored(self, question: IgnoreQuestion, op: Op) -> tuple[str, ...]:
        """The patterns of an ignore file; none if it is not read yet, which is noted."""
        answer = self.answers.get(question)
        if isinstance(answer, tuple):
            return answer
        self.unread.setdefault(question, op)
        return ()

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
            assert facts.inherits is not None
            self.unanswered.setdefault(question, facts.inherits)
            from llbpy.graph.facts import NOTHING

            return NOTHING.seen(None)
        return facts.seen(answer.config)


def encode_platform(platform: Platform) -> bytes:
    """The pb.Platform of a platform."""
    message = pb.Platform
    fields = (
        message.Architecture.write(platform.architecture),
        message.OS.write(platform.os),
        message.Variant.write(platform.variant),
        message.OSVersion.write(platform.os_version),
        message.OSFeatures.write(platform.os_features),
    )
    return b"".join(fields)


def marshal(output: Output | None, marshaller: Marshaller) -> Definition:
    """The definition of one output; scratch (None) is the empty definition.

    Raises UnresolvedError with every question that had no answer, and GraphError for what only the whole graph shows.
    """
    if output is None:
        return Definition((), (), {}, SourceTable((), {}))
    collecting = gc.isenabled()
    gc.disable()  # a marshal makes no cycles; collections would walk a large graph again and again for nothing
    try:
        return _marshal(output, marshaller)
    finally:
        if collecting:
            gc.enable()


def _marshal(output: Output, marshaller: Marshaller) -> Definition:
    defaults = marshaller.defaults
    ops: list[bytes] = []
    details: dict[str, OpMetadata] = {}
    places: dict[str, tuple[Location, ...]] = {}
    inputs = marshaller.inputs = vertices(output[0])
    sha256 = hasher(len(inputs))
    for op, place in zip(inputs, marshaller.files.locate_all([op.site for op in inputs]), strict=True):
        if type(op) is FrontendOp:
            _splice(op, marshaller, ops, details, places)
            continue
        try:
            whole = op if defaults is None else op.under(defaults)
            data = whole.encode(marshaller)
            meta = metadata(whole.constraints, whole.caps(marshaller))
        except (GraphError, UnicodeEncodeError, TypeError, AttributeError) as error:
            raise _located(op, marshaller, error) from error
        digest = "sha256:" + sha256(data).hexdigest()
        inputs[op] = _INPUT + digest.encode()
        if digest in details:
            meta = details[digest].merged(meta)
            place = tuple(dict.fromkeys(places[digest] + place))
        else:
            ops.append(data)
        details[digest] = meta
        places[digest] = place
    check_answered(marshaller)
    terminal = marshaller.input(output)
    digest = f"sha256:{sha256(terminal).hexdigest()}"
    details[digest] = OpMetadata(UNCONSTRAINED, _terminal_caps(details))
    return Definition((*ops, terminal), (*details,), details, SourceTable.collect(places))


def _splice(
    op: FrontendOp,
    marshaller: Marshaller,
    ops: list[bytes],
    details: dict[str, OpMetadata],
    places: dict[str, tuple[Location, ...]],
) -> None:
    """Puts what a frontend made in its vertex's place, if that is known yet."""
    definition = op.result(marshaller)
    if definition is None:
        marshaller.inputs[op] = b""
        return
    head = pb.Op.decode(definition.ops[-1])["inputs"][0]
    for digest, data in zip(definition.digests[:-1], definition.ops, strict=False):
        if digest not in details:
            ops.append(data)
        details[digest] = definition.metadata.get(digest) or OpMetadata(UNCONSTRAINED, 0)
        places[digest] = definition.source.locations.get(digest, ())
    message = pb.Input
    marshaller.inputs[op] = pb.Op.inputs.write(
        [message.digest.write(head["digest"]) + message.index.write(head.get("index", 0))]
    )


def vertices(root: Op) -> dict[Op, bytes]:
    """The vertices that an op needs and itself, inputs first, as Go's client visits them; a stack instead of recursion.

    Each comes with room for what `Marshaller.inputs` has of it.
    """
    done: dict[Op, bytes] = {}
    todo: list[Op | None] = [root]
    while todo:
        op = todo.pop()
        if op is None:  # all inputs of the next one are done
            done[todo.pop()] = b""  # type: ignore[index]
        elif op not in done:
            inputs = op.inputs()
            if inputs:
                todo.append(op)
                todo.append(None)
                todo += inputs[::-1]
            else:
                done[op] = b""
    return done


def _terminal_caps(details: dict[str, OpMetadata]) -> int:
    needed = _TERMINAL
    for wishes in {meta.wishes for meta in details.values()}:
        if wishes.ignore_cache:
            needed |= _IGNORE_CACHE
        if wishes.name is not None or wishes.description is not None:
            needed |= _DESCRIPTION
        if wishes.export_cache is not None:
            needed |= _EXPORT_CACHE
    return needed


def check_answered(marshaller: Marshaller) -> None:
    """Raises UnresolvedError for the questions that came up and had no answer, at the line of the first one's image."""
    if marshaller.unanswered:
        error = UnresolvedError(tuple(marshaller.unanswered))
        raise error.at(place_of(next(iter(marshaller.unanswered.values())), marshaller))


def _located(op: Op, marshaller: Marshaller, error: Exception) -> GraphError:
    """What went wrong with a vertex, at the line that made it."""
    if isinstance(error, UnicodeEncodeError):
        error = GraphError(f"{error.object!r} cannot be written as UTF-8 (character {error.start})")
    elif not isinstance(error, GraphError):
        error = GraphError(f"a value of the {op.KIND} vertex has the wrong type: {error}")
    return type(error)(error.message).at(place_of(op, marshaller))


def place_of(op: Op | Inherited, marshaller: Marshaller) -> str:
    places = marshaller.files.locate(op.site)
    return str(places[0]) if places else ""
