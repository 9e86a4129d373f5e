"""Which requests there are, and the way to their answers."""

from __future__ import annotations

from llbpy.errors import UnknownRequest
from llbpy.frontends.requests import convertllb, describe, lint, outline, targets
from llbpy.frontends.requests.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.frontends.requests.available import Available

MODULES = (outline, targets, lint, convertllb, describe)


def answer(request: str, available: Available) -> dict[str, bytes]:
    """The metadata of the result that answers a request, by its id.

    Raises UnknownRequest, OptionError for a bad BUILDKIT_DOCKERFILE_CHECK, and LLBError for what is wrong with the build file,
    which a lint says in its result.
    """
    if request not in Request.requests:
        raise UnknownRequest(request, Request.requests)
    return Request.requests[request].answer(available)
