"""What is special about a vertex: rights and limits of its command, and wishes about cache and workers."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from llbpy.graph.metadata import OpMetadata

_NETWORKS = {1: "network host", 2: "network none"}
_EXPORTS = {True: "export cache", False: "no cache export"}


def flags(op: Mapping[str, Any], metadata: OpMetadata | None) -> tuple[str, ...]:
    """A few words each, none for a vertex that is like most; from the decoded op and its metadata."""
    wishes = () if metadata is None else _wishes(metadata)
    filters = op.get("constraints", {}).get("filter", ())
    return (*_command(op.get("exec", {})), *wishes, *[f"worker {each}" for each in filters])


def _command(command: Mapping[str, Any]) -> Iterator[str]:
    meta = command.get("meta", {})
    if command.get("network"):
        yield _NETWORKS.get(command["network"], f"network {command['network']}")
    if command.get("security"):
        yield "insecure"
    if any(mount.get("dest") == "/" and mount.get("readonly") for mount in command.get("mounts", ())):
        yield "read-only root"
    if meta.get("validExitCodes"):
        yield f"may exit with {', '.join(map(str, meta['validExitCodes']))}"
    if meta.get("proxy_env"):
        yield "proxy"


def _wishes(metadata: OpMetadata) -> Iterator[str]:
    if metadata.ignore_cache:
        yield "ignore cache"
    if metadata.export_cache is not None:
        yield _EXPORTS[metadata.export_cache]
    if metadata.resources is not None:
        yield "limited resources"
    if metadata.progress_group is not None:
        yield f"group {metadata.progress_group.name!r}"
