"""What every vertex may be told besides its work: the options that all verbs share."""

from __future__ import annotations

from llbpy.errors import GraphError, near
from llbpy.graph.platforms import as_platform
from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypedDict

    from llbpy.graph.platforms import Platform
else:

    class TypedDict:  # annotations only: `typing` would be half of what importing llbpy costs
        def __init_subclass__(cls, *, total: bool) -> None:
            pass


class ProgressGroup(Value):
    """Vertices that a progress display shows as one: its name, an id (the name unless given), and whether it is weak.

    A weak group yields to a group of its parents.
    """

    __slots__ = ("name", "id", "weak")

    name: str
    id: str
    weak: bool

    def __init__(self, name: str, id: str | None = None, weak: bool = False) -> None:
        set_field(self, "name", name)
        set_field(self, "id", name if id is None else id)
        set_field(self, "weak", weak)


class Resources(Value):
    """Limits of a command's cgroup; 0 or empty is no limit. Memory in bytes (swap -1: unlimited), CPU times in microseconds."""

    __slots__ = ("memory", "memory_swap", "cpu_shares", "cpu_period", "cpu_quota", "cpuset_cpus", "cpuset_mems")

    memory: int
    memory_swap: int
    cpu_shares: int
    cpu_period: int
    cpu_quota: int
    cpuset_cpus: str
    cpuset_mems: str

    def __init__(
        self,
        memory: int = 0,
        memory_swap: int = 0,
        cpu_shares: int = 0,
        cpu_period: int = 0,
        cpu_quota: int = 0,
        cpuset_cpus: str = "",
        cpuset_mems: str = "",
    ) -> None:
        set_field(self, "memory", memory)
        set_field(self, "memory_swap", memory_swap)
        set_field(self, "cpu_shares", cpu_shares)
        set_field(self, "cpu_period", cpu_period)
        set_field(self, "cpu_quota", cpu_quota)
        set_field(self, "cpuset_cpus", cpuset_cpus)
        set_field(self, "cpuset_mems", cpuset_mems)


class OpOptions(TypedDict, total=False):
    """The keyword options that every verb takes."""

    name: str
    """How progress displays call the vertex."""
    description: Mapping[str, str]
    """Free metadata; never part of the cache key."""
    platform: Platform | str
    """Where it runs, or which platform of an image is meant; default: the state's own, else the one being built."""
    ignore_cache: bool
    """Run it even if a result is in the cache."""
    export_cache: bool
    """Include in, or keep out of, exported caches; default: the exporter's choice."""
    worker_filters: Sequence[str]
    """Only workers that match these containerd filters."""
    progress_group: ProgressGroup
    resources: Resources


_NAME = "llb.customname"


class Constraints:
    """The options of one vertex, checked."""

    __slots__ = (
        "description",
        "export_cache",
        "ignore_cache",
        "name",
        "platform",
        "progress_group",
        "resources",
        "worker_filters",
    )

    def __init__(
        self,
        *,
        name: str | None = None,
        description: Mapping[str, str] | None = None,
        platform: Platform | str | None = None,
        ignore_cache: bool = False,
        export_cache: bool | None = None,
        worker_filters: Sequence[str] = (),
        progress_group: ProgressGroup | None = None,
        resources: Resources | None = None,
    ) -> None:
        self.description: Mapping[str, str] | None = None
        if description:
            given = _checked(description)
            name = given.pop(_NAME, None) if name is None else name
            self.description = given
        if name is not None:
            _check_text("name=", name)
        self.name = name
        if isinstance(worker_filters, str):
            raise GraphError(f"worker_filters={worker_filters!r} is one str; give a list of filters")
        self.platform = None if platform is None else as_platform(platform)
        self.ignore_cache = ignore_cache
        self.export_cache = export_cache
        self.worker_filters = tuple(worker_filters) if worker_filters else ()
        self.progress_group = progress_group
        self.resources = resources

    def having(self, **changes: object) -> Constraints:
        """These with some replaced; the values are taken as they are."""
        new = object.__new__(Constraints)
        for field in Constraints.__slots__:
            setattr(new, field, changes[field] if field in changes else getattr(self, field))
        return new

    @property
    def described(self) -> Mapping[str, str] | None:
        """Description and name together, as the vertex bears them; None if there is neither."""
        if self.name is None:
            return self.description
        return {**self.description, _NAME: self.name} if self.description else {_NAME: self.name}


UNCONSTRAINED = Constraints()


def _checked(description: Mapping[str, str]) -> dict[str, str]:
    if not hasattr(description, "items"):
        raise GraphError(f"description={description!r} is {type(description).__name__}; give a dict of str to str")
    given = dict(description)
    for key, value in given.items():
        _check_text("description key ", key)
        _check_text(f"description {key!r}: ", value)
    return given


def _check_text(what: str, value: object) -> None:
    """Raises GraphError for what the wire cannot hold as text."""
    if not isinstance(value, str):
        raise GraphError(f"{what}{value!r} is {type(value).__name__}; give a str")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise GraphError(f"{what}{value!r} cannot be written as UTF-8 (character {error.start})") from None


def constraints(options: OpOptions, verb: Callable[..., object]) -> Constraints:
    """The options given to a verb, checked. Raises GraphError for a name that neither it nor the shared options have."""
    if not options:
        return UNCONSTRAINED
    try:
        return Constraints(**options)
    except TypeError:
        unknown = [name for name in options if name not in OpOptions.__annotations__]
        if not unknown:
            raise
        raise GraphError(_unknown_options(unknown, verb)) from None


def _unknown_options(unknown: Sequence[str], verb: Callable[..., object]) -> str:
    code = verb.__code__
    own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    choices = [name for name in (*own, *OpOptions.__annotations__) if name != "self"]
    named = [f"{name!r}{near(name, choices)}" for name in unknown]
    return f"{verb.__name__}() has no option {', '.join(named)}"
