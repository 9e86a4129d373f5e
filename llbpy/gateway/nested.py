"""Other frontends, run for what they make."""

from __future__ import annotations

from llbpy.dsl.state import State
from llbpy.errors import DaemonError, GraphError
from llbpy.gateway import bridge as calls
from llbpy.graph import references
from llbpy.graph.definition import Definition
from llbpy.graph.facts import NOTHING
from llbpy.graph.jsontext import loads
from llbpy.graph.marshal import place_of
from llbpy.graph.platforms import format_all
from llbpy.graph.questions import ResolvedFrontend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from llbpy.gateway.bridge import Request
    from llbpy.gateway.inquiry import Inquiry
    from llbpy.graph.questions import FrontendQuestion

_BUILT_IN = ".v0"
"""What the names of frontends end with that a daemon has."""
_IMAGES = "gateway.v0"
"""The one of them that runs images."""
_CONFIG = "containerimage.config"


def ask(inquiry: Inquiry, questions: Sequence[FrontendQuestion]) -> None:
    """Runs them all at once; their results are among the answers of the inquiry then.

    Raises DaemonError with what a frontend or the daemon said, GraphError for a result that is no filesystem.
    """
    requests = [_request(inquiry, question) for question in questions]
    for question, reply in zip(questions, inquiry.bridge.ask_each(requests), strict=True):
        place = place_of(question.op, inquiry.marshaller(question.platform))
        if not isinstance(reply, dict):
            raise DaemonError(reply).at(place)
        try:
            inquiry.answers[question] = _answer(question.op.frontend, reply.get("result", {}))
        except GraphError as error:
            raise error.at(place) from None


def _request(inquiry: Inquiry, question: FrontendQuestion) -> Request:
    op, platform = question.op, question.platform
    given = inquiry.marshal([(State(output, NOTHING), platform) for output in op.given.values()])
    inputs = {name: definition.to_bytes() for name, definition in zip(op.given, given, strict=True)}
    opts = {"platform": format_all(platform), **op.opts}
    if op.frontend.endswith(_BUILT_IN):
        return calls.solve_frontend(op.frontend, opts, inputs)
    return calls.solve_frontend(_IMAGES, {**opts, "source": references.normalize(op.frontend)}, inputs)


def _answer(name: str, result: Mapping[str, Any]) -> ResolvedFrontend:
    if "refs" in result:
        raise GraphError(f"frontend {name!r} made several platforms, and one filesystem was asked for")
    definition = Definition.from_bytes(result.get("ref", {}).get("definition", b""))
    if not definition.ops:
        raise GraphError(f"frontend {name!r} made an empty filesystem, which has no files to use")
    config = result.get("metadata", {}).get(_CONFIG)
    if not config:
        return ResolvedFrontend(definition)
    return ResolvedFrontend(definition, loads(config))
