"""Sources: vertices that bring files in, each named by `scheme://…` and string attributes."""

from __future__ import annotations

from llbpy.graph import messages as pb
from llbpy.graph.caps import caps
from llbpy.graph.constraints import UNCONSTRAINED
from llbpy.graph.gojson import string_array
from llbpy.graph.ops.op import Op
from llbpy.graph.questions import HostKeysQuestion, ImageQuestion
from llbpy.graph.wire import delimited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from llbpy.graph.constraints import Constraints
    from llbpy.graph.defaults import Defaults
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.platforms import Platform
    from llbpy.graph.questions import IgnoreQuestion
    from llbpy.graph.sourcemap import Site

_IMAGE = "docker-image://"
_LOCAL = "local://"
_FOR_A_PLATFORM = (_IMAGE, "oci-layout://")

_identifier = pb.SourceOp.identifier.write
_attrs = pb.SourceOp.attrs.write
_SOURCE = b"\x1a"  # pb.Op.source


class SourceOp(Op):
    """A source of any scheme."""

    __slots__ = ("_caps", "attrs", "identifier")

    KIND = "source"

    def __init__(
        self, identifier: str, attrs: Mapping[str, str], caps: int, constraints: Constraints, site: Site
    ) -> None:
        self.identifier = identifier
        self.attrs = attrs
        self._caps = caps
        self.constraints = constraints
        self.site = site

    def inputs(self) -> tuple[Op, ...]:
        return ()

    def encode(self, marshaller: Marshaller) -> bytes:
        return self._encode(marshaller, self.identifier, self.attrs)

    def _encode(self, marshaller: Marshaller, identifier: str, attrs: Mapping[str, str]) -> bytes:
        platform = self.constraints.platform or marshaller.platform if identifier.startswith(_FOR_A_PLATFORM) else None
        return self._write(marshaller, identifier, attrs, platform)

    def _write(
        self, marshaller: Marshaller, identifier: str, attrs: Mapping[str, str], platform: Platform | None
    ) -> bytes:
        payload = _identifier(identifier) + _attrs(attrs) if attrs else _identifier(identifier)
        return marshaller.surroundings(platform, self.constraints.worker_filters) + delimited(_SOURCE, payload)

    def caps(self, marshaller: Marshaller) -> int:
        return self._caps

    @staticmethod
    def describe(fields: Mapping[str, Any], inputs: Sequence[str]) -> str:
        return str(fields.get("identifier", ""))


class Attrs:
    """The attributes and capabilities of a source as they come together."""

    __slots__ = ("attrs", "caps")

    def __init__(self, cap: str) -> None:
        self.attrs: dict[str, str] = {}
        self.caps = caps(cap)

    def put(self, attr: str, value: str | None, cap: str | None = None) -> None:
        """An attribute, unless its value is empty, and the capability it needs."""
        if value:
            self.attrs[attr] = value
            if cap is not None:
                self.caps |= caps(cap)


class ImageOp(SourceOp):
    """An image of a registry, by a full reference. An answer that knows its digest pins it."""

    __slots__ = ("resolve",)

    def __init__(
        self, ref: str, resolve: str, attrs: Mapping[str, str], caps: int, constraints: Constraints, site: Site
    ) -> None:
        self.identifier = _IMAGE + ref
        self.attrs = attrs
        self._caps = caps
        self.constraints = constraints
        self.site = site
        self.resolve = resolve

    def under(self, defaults: Defaults) -> Op:
        mode = defaults.resolve
        if mode == "default" or self.resolve != "default":
            return self
        needed = self._caps | (_PULL if mode == "pull" else 0)
        attrs = {**self.attrs, "image.resolvemode": mode}
        ref = self.identifier.removeprefix(_IMAGE)
        return ImageOp(ref, mode, attrs, needed, self.constraints, self.site)

    def question(self, platform: Platform) -> ImageQuestion:
        """What to ask for its config, when `platform` is being built."""
        return ImageQuestion(self.identifier.removeprefix(_IMAGE), self.constraints.platform or platform, self.resolve)

    def encode(self, marshaller: Marshaller) -> bytes:
        answer = marshaller.image(self.question(marshaller.platform)) if marshaller.answers else None
        if answer is None:
            platform = self.constraints.platform or marshaller.platform
            return self._write(marshaller, self.identifier, self.attrs, platform)
        identifier = answer.identifier or self.identifier
        if not identifier.startswith(_IMAGE):
            return self._encode(marshaller, identifier, answer.attrs)
        if answer.digest and "@" not in identifier:
            identifier = f"{identifier}@{answer.digest}"
        return self._encode(marshaller, identifier, self.attrs)


_PULL = caps("source.image.resolvemode")
_SESSION = caps("source.local.sessionid")
_UNIQUE = caps("source.local.unique")
_EXCLUDE = caps("source.local.excludepatterns")


class LocalOp(SourceOp):
    """A folder of the client. Without a session it bears an id, so that two clients' folders never count as one vertex.

    `exclude` has its own patterns; those of an ignore file, if one is to be asked for, come before them.
    """

    __slots__ = ("exclude", "ignoring", "unique_id")

    def __init__(
        self,
        name: str,
        attrs: Mapping[str, str],
        caps: int,
        unique_id: str | None,
        constraints: Constraints,
        site: Site,
        exclude: Sequence[str] = (),
        ignoring: IgnoreQuestion | None = None,
    ) -> None:
        super().__init__(_LOCAL + name, attrs, caps, constraints, site)
        self.unique_id = unique_id
        self.exclude = exclude
        self.ignoring = ignoring

    def under(self, defaults: Defaults) -> Op:
        session = defaults.sessions.get(self.identifier.removeprefix(_LOCAL)) or defaults.session
        if not session or "local.session" in self.attrs:
            return self
        name = self.identifier.removeprefix(_LOCAL)
        attrs = {**self.attrs, "local.session": session}
        needed = self._caps | _SESSION
        return LocalOp(name, attrs, needed, self.unique_id, self.constraints, self.site, self.exclude, self.ignoring)

    def encode(self, marshaller: Marshaller) -> bytes:
        attrs = self.attrs
        if "local.session" not in attrs:
            attrs = {**attrs, "local.unique": self.unique_id or marshaller.unique_id}
        if ignored := self._ignored(marshaller):
            attrs = {**attrs, "local.excludepatterns": string_array((*ignored, *self.exclude))}
        return self._encode(marshaller, self.identifier, attrs)

    def caps(self, marshaller: Marshaller) -> int:
        needed = self._caps if "local.session" in self.attrs else self._caps | _UNIQUE
        return needed | _EXCLUDE if self._ignored(marshaller) else needed

    def _ignored(self, marshaller: Marshaller) -> tuple[str, ...]:
        return () if self.ignoring is None else marshaller.ignored(self.ignoring, self)


def local_op(
    name: str,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    follow: Sequence[str] = (),
    shared_key: str | None = None,
    session: str | None = None,
    differ: str | None = None,
    differ_required: bool = False,
    metadata_only: bool | Sequence[str] = False,
    unique_id: str | None = None,
    constraints: Constraints = UNCONSTRAINED,
    site: Site = (),
    ignoring: IgnoreQuestion | None = None,
) -> LocalOp:
    """A folder of the client, with the options of the DSL's `local`, unchecked; without what an ignore file names."""
    found = Attrs("source.local")
    found.put("local.session", session, "source.local.sessionid")
    found.put("local.includepattern", string_array(include) if include else None, "source.local.includepatterns")
    found.put("local.followpaths", string_array(follow) if follow else None, "source.local.followpaths")
    found.put("local.excludepatterns", string_array(exclude) if exclude else None, "source.local.excludepatterns")
    found.put("local.sharedkeyhint", shared_key, "source.local.sharedkeyhint")
    found.put("local.differ", differ, "source.local.differ" if differ_required else None)
    if metadata_only is not False:
        found.put("local.metadatatransfer", "true", "source.local.metadatatransfer")
        exceptions = () if isinstance(metadata_only, bool) else metadata_only
        found.put("local.metadatatransferexclude", string_array(exceptions) if exceptions else None)
    return LocalOp(name, found.attrs, found.caps, unique_id, constraints, site, exclude, ignoring)


class GitOp(SourceOp):
    """A git repository. `host` is set if the keys of an ssh host are to be asked for; without an answer nothing checks them."""

    __slots__ = ("host",)

    def __init__(
        self,
        identifier: str,
        attrs: Mapping[str, str],
        caps: int,
        host: str | None,
        constraints: Constraints,
        site: Site,
    ) -> None:
        super().__init__(identifier, attrs, caps, constraints, site)
        self.host = host

    def encode(self, marshaller: Marshaller) -> bytes:
        attrs = self.attrs
        if self.host is not None:
            keys = marshaller.host_keys(HostKeysQuestion(self.host), self)
            attrs = {**attrs, "git.knownsshhosts": keys} if keys else attrs
        return self._encode(marshaller, self.identifier, attrs)
