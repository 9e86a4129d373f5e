"""Whether a daemon can do what a graph asks of it.

All daemons from v0.13 on can do most of it, so that nobody has to ask; what came later is listed here. A daemon refuses a graph
with a capability that it does not know, but says no line, and it passes over fields that it does not know, which is worse.
"""

from __future__ import annotations

from llbpy.errors import UnsupportedError
from llbpy.gateway import bridge as calls
from llbpy.graph.caps import caps_of, names_of
from llbpy.graph.marshal import place_of, vertices
from llbpy.transport.codes import UNKNOWN
from llbpy.transport.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from llbpy.gateway.bridge import Bridge
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.ops.op import Output

LATER: Mapping[str, tuple[str, str]] = {
    "file.copy.alwaysreplaceexistingdestpaths": ("v0.14", "copy(replace=True)"),
    "file.copy.modestring": ("v0.17", "a copy's mode in letters"),
    "exec.validexitcode": ("v0.17", "run(exit_codes=)"),
    "file.symlink.create": ("v0.19", "symlink()"),
    "exec.meta.cdi": ("v0.20", "device()"),
    "source.http.auth": ("v0.21", "http(auth_header_secret=)"),
    "source.http.header": ("v0.21", "http(accept=, user_agent=)"),
    "source.local.metadatatransfer": ("v0.21", "local(metadata_only=)"),
    "source.git.checksum": ("v0.22", "git(checksum=)"),
    "source.git.skipsubmodules": ("v0.24", "git(submodules=False)"),
    "source.image.checksum": ("v0.25", "image(checksum=)"),
    "file.copy.requiredpaths": ("v0.26", "copy(required=)"),
    "source.git.signatureverify": ("v0.26", "a git source with signatures"),
    "source.http.signatureverify": ("v0.28", "an http source with signatures"),
    "source.imageblob": ("v0.28", "a blob of an image"),
    "source.git.mtime": ("v0.29", "git(mtime=)"),
    "source.git.fetchbycommit": ("v0.30", "git(fetch_by_commit=True)"),
    "source.git.bundle": ("v0.30", "a git bundle"),
    "source.git.checkoutbundle": ("v0.30", "a git bundle"),
    "exec.meta.network.proxy": ("v0.31", "a network with a proxy"),
    "exec.meta.linux.resources": ("v0.31", "resources="),
    "passthroughop": ("v0.31", "requires()"),
}
"""Capabilities that not all daemons from v0.13 on have: the first version that has one, and what a build file calls it."""
_LATER = caps_of(LATER)
_ANNOUNCED_AS = {"file.copy.modestring": "exec.validexitcode"}
"""Capabilities that no daemon lists, and others of the same version."""


class Capabilities:
    """What one daemon is capable of; it is asked when that is first in doubt."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._known: int | None = None

    def check(self, output: Output | None, marshaller: Marshaller) -> None:
        """Raises UnsupportedError at the line of a vertex that the daemon cannot do."""
        for op in () if output is None else vertices(output[0]):
            needed = op.needs(marshaller) & _LATER
            if needed:
                missing = needed & ~self._supported()
                if missing:
                    raise _unsupported(min(names_of(missing))).at(place_of(op, marshaller))

    def _supported(self) -> int:
        if self._known is None:
            (pong,) = self._bridge.ask(calls.ping())
            names = {each.get("ID", "") for each in pong.get("LLBCaps", ()) if each.get("Enabled")}
            self._known = caps_of([name for name in LATER if _ANNOUNCED_AS.get(name, name) in names])
        return self._known


def _unsupported(cap: str) -> UnsupportedError:
    since, feature = LATER[cap]
    message = f"{feature} needs BuildKit {since} or newer, and this daemon is older (it lacks {cap})"
    return UnsupportedError(Status(UNKNOWN, message), cap, message)
