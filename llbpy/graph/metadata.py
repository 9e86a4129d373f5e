"""What travels beside a vertex and is no part of its digest: name, cache wishes, capabilities."""

from __future__ import annotations

from llbpy.graph import messages as pb
from llbpy.graph.constraints import UNCONSTRAINED, ProgressGroup, Resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llbpy.graph.constraints import Constraints

_PLAIN: dict[frozenset[str], OpMetadata] = {}


class OpMetadata:
    """The metadata of one vertex: `caps` that a daemon must have, and the wishes of its `Constraints`."""

    __slots__ = ("caps", "description", "export_cache", "ignore_cache", "progress_group", "resources")

    def __init__(
        self,
        caps: frozenset[str],
        ignore_cache: bool,
        description: Mapping[str, str] | None,
        export_cache: bool | None,
        progress_group: ProgressGroup | None,
        resources: Resources | None,
    ) -> None:
        self.caps = caps
        self.ignore_cache = ignore_cache
        self.description = description
        self.export_cache = export_cache
        self.progress_group = progress_group
        self.resources = resources

    def merged(self, other: OpMetadata) -> OpMetadata:
        """Both vertices' wishes, as Go merges them when one digest comes from two vertices; the later one wins."""
        return OpMetadata(
            self.caps | other.caps,
            self.ignore_cache or other.ignore_cache,
            {**(self.description or {}), **(other.description or {})} or None,
            self.export_cache if other.export_cache is None else other.export_cache,
            other.progress_group or self.progress_group,
            other.resources or self.resources,
        )

    def to_bytes(self) -> bytes:
        group, limits = self.progress_group, self.resources
        return b"".join(
            (
                pb.OpMetadata.ignore_cache.write(self.ignore_cache),
                pb.OpMetadata.description.write(self.description or {}),
                pb.OpMetadata.export_cache.write(
                    None if self.export_cache is None else pb.ExportCache.Value.write(self.export_cache)
                ),
                pb.OpMetadata.caps.write(dict.fromkeys(self.caps, True)),
                pb.OpMetadata.progress_group.write(group and _group(group)),
                pb.OpMetadata.linux_resources.write(limits and _limits(limits)),
            )
        )

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> OpMetadata:
        """From a decoded message."""
        exported, group, limits = (fields.get(name) for name in ("export_cache", "progress_group", "linux_resources"))
        return cls(
            frozenset(name for name, needed in fields.get("caps", {}).items() if needed),
            fields.get("ignore_cache", False),
            fields.get("description"),
            None if exported is None else exported.get("Value", False),
            None if group is None else ProgressGroup(group.get("name", ""), group.get("id", ""), group.get("weak", False)),
            None if limits is None else Resources(*(limits.get(name, 0) or "" for name in _LIMITS)),
        )

    def to_json(self) -> dict[str, Any]:
        """As proto-JSON with proto field names: defaults left out, 64-bit numbers as strings."""
        from llbpy.graph.protojson import to_json

        return to_json(pb.OpMetadata, pb.OpMetadata.decode(self.to_bytes()))


def metadata(constraints: Constraints, caps: frozenset[str]) -> OpMetadata:
    """The metadata of a vertex; one shared value for all that only have the same capabilities."""
    if constraints is not UNCONSTRAINED:
        return OpMetadata(
            caps,
            constraints.ignore_cache,
            constraints.description,
            constraints.export_cache,
            constraints.progress_group,
            constraints.resources,
        )
    shared = _PLAIN.get(caps)
    if shared is None:
        shared = _PLAIN[caps] = OpMetadata(caps, False, None, None, None, None)
    return shared


_LIMITS = ("memory", "memorySwap", "cpuShares", "cpuPeriod", "cpuQuota", "cpusetCpus", "cpusetMems")


def _group(group: ProgressGroup) -> bytes:
    message = pb.ProgressGroup
    return message.id.write(group.id) + message.name.write(group.name) + message.weak.write(group.weak)


def _limits(limits: Resources) -> bytes:
    values = [getattr(limits, name) for name in Resources.__slots__]
    fields = [getattr(pb.LinuxResources, name) for name in _LIMITS]
    return b"".join([field.write(value) for field, value in zip(fields, values, strict=True)])
