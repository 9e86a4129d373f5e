"""What all vertices have in common."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, ClassVar, TypeAlias

    from llbpy.graph.constraints import Constraints
    from llbpy.graph.defaults import Defaults
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.platforms import Platform
    from llbpy.graph.sourcemap import Site

    Output: TypeAlias = "tuple[Op, int]"
    """One output of a vertex; None stands for scratch wherever one is expected."""


class Op:
    """A vertex. It compares by identity, and no marshal changes it.

    A subclass in a file of its own that can `describe` itself is a new kind: `KIND` is its field in `pb.Op`.
    """

    __slots__ = ("constraints", "site")

    KIND: ClassVar[str]
    kinds: ClassVar[dict[str, type[Op]]] = {}

    constraints: Constraints
    site: Site
    """Where in the user's files it was made."""

    def __init_subclass__(cls) -> None:
        if "describe" in vars(cls):
            Op.kinds[cls.KIND] = cls

    @property
    def platform(self) -> Platform | None:
        """What its outputs are known to be for; states made from them take it over."""
        return self.constraints.platform

    def inputs(self) -> Sequence[Op]:
        """The vertices it needs, in the order in which Go's client visits them."""
        raise NotImplementedError

    def encode(self, marshaller: Marshaller) -> bytes:
        """The canonical bytes of its pb.Op; its inputs have been encoded before. Raises GraphError."""
        raise NotImplementedError

    def under(self, defaults: Defaults) -> Op:
        """The vertex with what the whole build says of its kind; itself, if that is nothing."""
        return self

    def caps(self, marshaller: Marshaller) -> int:
        """The capabilities that a daemon needs for it."""
        raise NotImplementedError

    def needs(self, marshaller: Marshaller) -> int:
        """The capabilities that a daemon needs, and those with them that Go's client does not write down."""
        return self.caps(marshaller)

    @staticmethod
    def describe(fields: Mapping[str, Any], inputs: Sequence[str]) -> str:
        """What the daemon calls such a vertex, from its decoded payload and the names of its inputs."""
        raise NotImplementedError
