"""Sources that a policy denies, said at the lines that ask for them.

A daemon minds its policies when it builds what a frontend has given back. It then says which source it was, but not which vertex,
so that there are no lines. But it minds all sources of a definition, also those that its result does not need: so before the end
they are put beside a result that is there already.
"""

from __future__ import annotations

from llbpy.errors import DaemonError
from llbpy.gateway import bridge as calls
from llbpy.gateway.inquiry import undigested
from llbpy.graph import messages as pb
from llbpy.graph.definition import Definition
from llbpy.graph.questions import ImageQuestion
from llbpy.graph.sourcemap import SourceTable
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from llbpy.gateway.bridge import Request
    from llbpy.gateway.inquiry import Inquiry

_IMAGE = "docker-image://"
_SCHEMES = (_IMAGE, "http://", "https://", "git://")


def solve(inquiry: Inquiry, definitions: Sequence[Definition], *others: Request, at_hand: Definition) -> list[str]:
    """As `Inquiry.solve`, but sources that are denied are found now; `at_hand` is the definition of a result that is there.

    Raises DaemonError at the line of the first source that is.
    """
    asked = {undigested(_IMAGE + question.ref) for question in inquiry.answers if isinstance(question, ImageQuestion)}
    sources = _sources(definitions, asked)
    if not sources:
        return inquiry.solve(definitions, *others)
    try:
        return inquiry.solve(definitions, *others, _beside(at_hand, sources))
    except DaemonError:
        alone = [_beside(at_hand, [source]) for source in sources]
        for source, reply in zip(sources, inquiry.bridge.ask_each(alone), strict=True):
            if isinstance(reply, Status):
                raise DaemonError(reply).at(source.place) from None
        return inquiry.solve(definitions, *others)


class _Source:
    """A vertex of a definition: its bytes, its digest."""

    def __init__(self, definition: Definition, digest: str, op: bytes) -> None:
        self.digest = digest
        self.op = op
        self.metadata = definition.metadata[digest]
        self.place = str(next(iter(definition.source.locations.get(digest, ())), ""))


def _sources(definitions: Iterable[Definition], asked: Container[str]) -> list[_Source]:
    """What comes from elsewhere and was not asked about before, as images are whose config counts."""
    found: dict[str, _Source] = {}
    for definition in definitions:
        for digest, op in zip(definition.digests, definition.ops, strict=True):
            if digest not in found and b"://" in op and _is_new(op, asked):
                found[digest] = _Source(definition, digest, op)
    return list(found.values())


def _is_new(op: bytes, asked: Container[str]) -> bool:
    identifier: str = pb.Op.decode(op).get("source", {}).get("identifier", "")
    return identifier.startswith(_SCHEMES) and undigested(identifier) not in asked


def _beside(at_hand: Definition, sources: Sequence[_Source]) -> Request:
    """Solves what is there already, with the sources as further vertices of its definition."""
    definition = Definition(
        [*[source.op for source in sources], *at_hand.ops],
        [*[source.digest for source in sources], *at_hand.digests],
        {source.digest: source.metadata for source in sources} | dict(at_hand.metadata),
        SourceTable((), {}),
    )
    return calls.solve(definition.to_bytes(), evaluate=True)
