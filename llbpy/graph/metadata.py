"""What travels beside a vertex and is no part of its digest: name, cache wishes, capabilities."""

from __future__ import annotations

from llbpy.graph import messages as pb
from llbpy.graph.caps import caps_of, names_of
from llbpy.graph.constraints import UNCONSTRAINED, Constraints, ProgressGroup, Resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_plain: dict[int, OpMetadata] = {}
_caps_written: dict[int, bytes] = {}


class OpMetadata:
    """The metadata of one vertex."""

    __slots__ = ("_caps", "_written", "wishes")

    def __init__(self, wishes: Constraints, caps: int) -> None:
        self.wishes = wishes
        self._caps = caps
        self._written = b""

    @property
    def caps(self) -> frozenset[str]:
        """The capabilities that a daemon must have."""
        return names_of(self._caps)

    @property
    def ignore_cache(self) -> bool:
        return self.wishes.ignore_cache

    @property
    def description(self) -> Mapping[str, str] | None:
        return self.wishes.described

    @property
    def export_cache(self) -> bool | None:
        return self.wishes.export_cache

    @property
    def progress_group(self) -> ProgressGroup | None:
        return self.wishes.progress_group

    @property
    def resources(self) -> Resources | None:
        return self.wishes.resources

    def merged(self, other: OpMetadata) -> OpMetadata:
        """Both vertices' metadata, as Go merges it when one digest comes from two vertices; the later one wins."""
        if other.wishes is self.wishes and other._caps == self._caps:
            return self
        wishes = Constraints(
            description={**(self.description or {}), **(other.description or {})},
            ignore_cache=self.ignore_cache or other.ignore_cache,
            export_cache=self.export_cache if other.export_cache is None else other.export_cache,
            progress_group=other.progress_group or self.progress_group,
            resources=other.resources or self.resources,
        )
        return OpMetadata(wishes, self._caps | other._caps)

    def to_bytes(self) -> bytes:
        """The pb.OpMetadata."""
        if not self._written:
            self._written = self._encode()
        return self._written

    def _encode(self) -> bytes:
        wishes, needed = self.wishes, _written_caps(self._caps)
        if wishes is UNCONSTRAINED:
            return needed
        exported, group, limits = wishes.export_cache, wishes.progress_group, wishes.resources
        message = pb.OpMetadata
        written = message.ignore_cache.write(wishes.ignore_cache) + message.description.write(wishes.described or {})
        if exported is not None:
            written += message.export_cache.write(pb.ExportCache.Value.write(exported))
        written += needed
        if group is not None:
            written += message.progress_group.write(_group(group))
        return written if limits is None else written + message.linux_resources.write(_limits(limits))

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> OpMetadata:
        """From a decoded message."""
        exported, group, limits = (fields.get(name) for name in ("export_cache", "progress_group", "linux_resources"))
        wishes = Constraints(
            description=fields.get("description"),
            ignore_cache=fields.get("ignore_cache", False),
            export_cache=None if exported is None else exported.get("Value", False),
            progress_group=None if group is None else _read_group(group),
            resources=None if limits is None else _read_limits(limits),
        )
        return cls(wishes, caps_of(name for name, needed in fields.get("caps", {}).items() if needed))

    def to_json(self) -> dict[str, Any]:
        """As proto-JSON with proto field names: defaults left out, 64-bit numbers as strings."""
        from llbpy.graph.protojson import to_json

        return to_json(pb.OpMetadata, pb.OpMetadata.decode(self.to_bytes()))


def metadata(wishes: Constraints, caps: int) -> OpMetadata:
    """The metadata of a vertex; one shared value for all that only have the same capabilities.

    Raises GraphError for numbers that do not fit, or what wrong types raise.
    """
    if wishes is not UNCONSTRAINED:
        meta = OpMetadata(wishes, caps)
        if wishes.resources is not None or wishes.progress_group is not None:
            meta.to_bytes()  # which checks them, while the vertex is at hand
        return meta
    shared = _plain.get(caps)
    if shared is None:
        shared = _plain[caps] = OpMetadata(wishes, caps)
    return shared


def _written_caps(needed: int) -> bytes:
    written = _caps_written.get(needed)
    if written is None:
        written = _caps_written[needed] = pb.OpMetadata.caps.write(dict.fromkeys(names_of(needed), True))
    return written


_LIMITS = (
    pb.LinuxResources.memory,
    pb.LinuxResources.memorySwap,
    pb.LinuxResources.cpuShares,
    pb.LinuxResources.cpuPeriod,
    pb.LinuxResources.cpuQuota,
    pb.LinuxResources.cpusetCpus,
    pb.LinuxResources.cpusetMems,
)


def _group(group: ProgressGroup) -> bytes:
    message = pb.ProgressGroup
    return message.id.write(group.id) + message.name.write(group.name) + message.weak.write(group.weak)


def _read_group(fields: Mapping[str, Any]) -> ProgressGroup:
    return ProgressGroup(fields.get("name", ""), fields.get("id", ""), fields.get("weak", False))


def _limits(limits: Resources) -> bytes:
    values = [getattr(limits, name) for name in Resources.__slots__]
    return b"".join([field.write(value) for field, value in zip(_LIMITS, values, strict=True)])


def _read_limits(fields: Mapping[str, Any]) -> Resources:
    given = {
        name: fields[field.name]
        for name, field in zip(Resources.__slots__, _LIMITS, strict=True)
        if field.name in fields
    }
    return Resources(**given)
