"""What a build gives back: a ref for each platform, and what exporters are to know of it.

The keys are the exporters' (`exporter/containerimage/exptypes`).
"""

from __future__ import annotations

from llbpy.gateway import messages as gw
from llbpy.graph.jsontext import dumps
from llbpy.graph.platforms import Platform, format_all, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from llbpy.dsl.annotations import Annotation

_CONFIG = "containerimage.config"
_BASE = "containerimage.base.config"
_EPOCH = "source.date.epoch"
_PLATFORMS = "refs.platforms"


class Part:
    """The result for one platform.

    `ref` is empty for scratch. `config` is the image config, `base` that of the image with the lowest layers (None: there is
    none, or it is not known), both as parsed JSON. `epoch` is the time that exported files are held to, in seconds since 1970.
    `attestations` are gw.Attestation messages.
    """

    __slots__ = ("attestations", "base", "config", "epoch", "platform", "ref")

    def __init__(
        self,
        platform: Platform,
        ref: str,
        config: Mapping[str, Any],
        *,
        base: Mapping[str, Any] | None = None,
        epoch: int | None = None,
    ) -> None:
        self.platform = normalize(platform)
        self.ref = ref
        self.config = config
        self.base = base
        self.epoch = epoch
        self.attestations: Sequence[bytes] = ()

    @property
    def id(self) -> str:
        """What exporters call the platform."""
        return format_all(self.platform)

    def metadata(self) -> dict[str, bytes]:
        """What exporters are to know of it, by keys that name no platform."""
        found = {_CONFIG: dumps(self.config)}
        if self.base is not None:
            found[_BASE] = dumps(self.base)
        if self.epoch is not None:
            found[_EPOCH] = str(self.epoch).encode()
        return found

    def shown(self) -> dict[str, Any]:
        """Its entry in `refs.platforms`. On Windows, images run on one version of the system only: that of their base."""
        wanted, version, features = self.platform, self.platform.os_version, self.platform.os_features
        if wanted.os == "windows":
            version, features = self.config.get("os.version", version), self.config.get("os.features", features)
        fields: dict[str, Any] = {"architecture": wanted.architecture, "os": wanted.os}
        further = {"os.version": version, "os.features": [*features], "variant": wanted.variant}
        return {"ID": self.id, "Platform": fields | {name: value for name, value in further.items() if value}}


def single(part: Part, annotations: Sequence[Annotation] = ()) -> bytes:
    """The gw.Result of a build for one platform, which exporters write as an image without an index.

    They refuse annotations of an index then, and pass over those that name a platform, be it this one.
    """
    metadata = part.metadata()
    for platform in (None, part.platform):
        own = [each for each in annotations if each.platform == platform and not each.is_of_index]
        metadata |= {f"annotation-{each.level}.{each.key}": each.value.encode() for each in own}
    return gw.Result.ref.write(gw.Ref.id.write(part.ref)) + _rest([part], metadata)


def several(parts: Sequence[Part], annotations: Sequence[Annotation] = ()) -> bytes:
    """The gw.Result of a build for any number of platforms, which exporters write as an index.

    They refuse annotations for a platform that is not among them.
    """
    refs = gw.RefMap.refs.write({part.id: gw.Ref.id.write(part.ref) for part in parts})
    metadata = {f"{key}/{part.id}": value for part in parts for key, value in part.metadata().items()}
    places: dict[Platform | None, str] = {part.platform: f"[{part.id}]" for part in parts}
    places[None] = ""
    for each in annotations:
        if each.platform in places:
            metadata[f"annotation-{each.level}{places[each.platform]}.{each.key}"] = each.value.encode()
    return gw.Result.refs.write(refs) + _rest(parts, metadata)


def answer(metadata: Mapping[str, bytes]) -> bytes:
    """The gw.Result of a build that only answers a request."""
    return gw.Result.metadata.write(metadata)


def _rest(parts: Sequence[Part], metadata: dict[str, bytes]) -> bytes:
    metadata[_PLATFORMS] = dumps({"Platforms": [part.shown() for part in parts]})
    attested = {part.id: gw.Attestations.attestation.write(part.attestations) for part in parts if part.attestations}
    return gw.Result.metadata.write(metadata) + gw.Result.attestations.write(attested)
