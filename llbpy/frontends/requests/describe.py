"""`frontend.subrequests.describe`: which requests there are."""

from __future__ import annotations

from llbpy.frontends.requests.request import Request
from llbpy.frontends.requests.results import result
from llbpy.frontends.requests.tables import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from llbpy.frontends.requests.available import Available
    from llbpy.frontends.requests.request import Named

_PADDING = 1


class Describe(Request):
    NAME = "frontend.subrequests.describe"
    DESCRIPTION = "List available subrequest types"
    OPTS = None

    @classmethod
    def answer(cls, available: Available) -> dict[str, bytes]:
        listed = [request for request in Request.requests.values() if request.LISTED]
        listed.sort(key=lambda request: (request is cls, request.NAME))
        rows = [(each.NAME.removeprefix("frontend."), each.VERSION, each.DESCRIPTION) for each in listed]
        text = table([("NAME", "VERSION", "DESCRIPTION"), *rows], _PADDING)
        return result(cls.VERSION, [_described(request) for request in listed], text)


def _described(request: type[Request]) -> dict[str, Any]:
    return {
        "name": request.NAME,
        "version": request.VERSION,
        "type": "rpc",
        "description": request.DESCRIPTION,
        "opts": None if request.OPTS is None else _named(request.OPTS),
        "inputs": None,
        "metadata": _named([(name, "") for name in request.METADATA]),
        "refs": None,
    }


def _named(pairs: Iterable[Named]) -> list[dict[str, str]]:
    return [{"name": name, "description": description} for name, description in pairs]
