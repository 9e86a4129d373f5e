"""What another frontend makes: a vertex that a marshal replaces with the graph that the frontend answered with."""

from __future__ import annotations

from llbpy.graph.ops.op import Op
from llbpy.graph.questions import FrontendQuestion, ResolvedFrontend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from llbpy.graph.constraints import Constraints
    from llbpy.graph.definition import Definition
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.ops.op import Output
    from llbpy.graph.platforms import Platform
    from llbpy.graph.sourcemap import Site


class FrontendOp(Op):
    """The result of a frontend: `frontend` is its name or image, `opts` and `given` what it is given."""

    __slots__ = ("frontend", "given", "opts")

    KIND = "frontend"

    def __init__(
        self,
        frontend: str,
        opts: Mapping[str, str],
        given: Mapping[str, Output | None],
        constraints: Constraints,
        site: Site,
    ) -> None:
        self.frontend = frontend
        self.opts = opts
        self.given = given
        self.constraints = constraints
        self.site = site

    def question(self, platform: Platform) -> FrontendQuestion:
        """What to ask for the result, when `platform` is being built."""
        return FrontendQuestion(self, self.constraints.platform or platform)

    def inputs(self) -> tuple[Op, ...]:
        """None: what it is given is asked along, and is no part of this graph unless the frontend makes it so."""
        return ()

    def result(self, marshaller: Marshaller) -> Definition | None:
        """The graph that takes its place; None if the question has no answer yet, which is noted."""
        question = self.question(marshaller.platform)
        answer = marshaller.image(question)
        if not isinstance(answer, ResolvedFrontend):
            marshaller.unanswered.setdefault(question, self)
            return None
        return answer.definition

    def encode(self, marshaller: Marshaller) -> NoReturn:
        raise AssertionError("a marshal replaces this vertex, and does not encode it")

    def caps(self, marshaller: Marshaller) -> int:
        """None of its own: what it made is for the daemon that made it."""
        return 0
