"""What all requests have in common."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from llbpy.frontends.requests.available import Available

Named = tuple[str, str]
"""A name and what it stands for."""


class Request:
    """One request, as `frontend.subrequests.describe` describes it; a subclass in a file of its own is a new one.

    `LISTED` says whether the description names it: as with Dockerfiles, those that clients call without looking are not.
    """

    NAME: ClassVar[str]
    VERSION: ClassVar[str] = "1.0.0"
    DESCRIPTION: ClassVar[str]
    OPTS: ClassVar[tuple[Named, ...] | None] = ()
    METADATA: ClassVar[tuple[str, ...]] = ("result.json", "result.txt")
    LISTED: ClassVar[bool] = True

    requests: ClassVar[dict[str, type[Request]]] = {}

    def __init_subclass__(cls) -> None:
        Request.requests[cls.NAME] = cls

    @classmethod
    def answer(cls, available: Available) -> dict[str, bytes]:
        """The metadata of the result. Raises LLBError for what is wrong with the file, unless the result can say it."""
        raise NotImplementedError
