"""The scan for an SBOM, as far as a frontend has a part in it.

Daemons scan results and write provenance by themselves. Only they do not know what a result was made from: where the build args
`BUILDKIT_SBOM_SCAN_CONTEXT` or `BUILDKIT_SBOM_SCAN_STAGE` ask for that too, the frontend scans in their place. A scanner finds
folders below `/run/src` and leaves SPDX statements in `/run/out` (BuildKit's `docs/attestations/sbom-protocol.md`).
"""

from __future__ import annotations

from llbpy.dsl.sources import image
from llbpy.errors import OptionError
from llbpy.gateway import messages as gw
from llbpy.gateway.options import parse_bool
from llbpy.graph import references
from llbpy.graph.mounts import bind, output, tmpfs
from llbpy.graph.questions import ImageQuestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llbpy.dsl.state import State
    from llbpy.gateway.inquiry import Inquiry
    from llbpy.gateway.options import Options
    from llbpy.graph.platforms import Platform

_GENERATOR = "docker/buildkit-syft-scanner:stable-1"
_CORE = "sbom"
_SOURCE, _OUT = "/run/src", "/run/out"
_BUNDLE = 1
"""`gw.Attestation.kind` of a folder of statements."""
_SPDX = "https://spdx.dev/Document"


class Extras:
    """What is to be scanned besides the result: the main context, other targets by name (`every`: all of them)."""

    def __init__(self, options: Options) -> None:
        args = options.args
        stages = args.get("BUILDKIT_SBOM_SCAN_STAGE", "")
        self.wanted = "sbom" in options.attestations
        self.context = parse_bool("BUILDKIT_SBOM_SCAN_CONTEXT", args.get("BUILDKIT_SBOM_SCAN_CONTEXT") or "0")
        self.every = stages.lower() in ("1", "t", "true")
        none = self.every or stages.lower() in ("0", "f", "false")
        self.targets = () if none else tuple([name.strip() for name in stages.split(",") if name.strip()])

    def __bool__(self) -> bool:
        return self.wanted and bool(self.context or self.every or self.targets)


class Scanner:
    """The image that scans. Raises DaemonError if there is no such image, OptionError if it has nothing to run."""

    def __init__(self, options: Options, inquiry: Inquiry, native: Platform) -> None:
        given = dict(options.attestations["sbom"])
        self._ref = references.normalize(given.pop("generator", "") or _GENERATOR)
        self._params = given
        self._native = native
        resolved = inquiry.resolve(ImageQuestion(self._ref, native))
        self._config: Mapping[str, Any] = resolved.config.get("config") or {}
        self._argv = [*_words(self._config, "Entrypoint"), *_words(self._config, "Cmd")]
        if not self._argv:
            raise OptionError(f"sbom generator {self._ref!r} has no command to run", "attest:sbom")

    def scan(self, result: State, extras: Mapping[str, State], platform: str) -> State:
        """What it leaves of a result and of what the result was made from."""
        env = {name: value for name, _, value in [pair.partition("=") for pair in _words(self._config, "Env")]}
        env.update(BUILDKIT_SCAN_DESTINATION=f"{_OUT}/", BUILDKIT_SCAN_SOURCE=f"{_SOURCE}/core/{_CORE}")
        env.update(BUILDKIT_SCAN_SOURCE_EXTRAS=f"{_SOURCE}/extras/")
        env.update({f"BUILDKIT_SCAN_{name}": value for name, value in self._params.items()})
        scanned = image(self._ref, inherit=False, platform=self._native).run(
            self._argv,
            env=env,
            dir=self._config.get("WorkingDir") or "/",
            mounts=[
                tmpfs("/tmp"),
                bind(result, f"{_SOURCE}/core/{_CORE}"),
                *[bind(state, f"{_SOURCE}/extras/{_CORE}-{name}") for name, state in extras.items()],
                output(_OUT),
            ],
            name=f"[{platform}] generating sbom using {self._ref}",
        )
        return scanned.output(_OUT)


def attestation(ref: str) -> bytes:
    """The gw.Attestation of what a scan left."""
    message = gw.Attestation
    return b"".join(
        (
            message.kind.write(_BUNDLE),
            message.metadata.write({"reason": b"sbom", "sbom-core": _CORE.encode()}),
            message.ref.write(gw.Ref.id.write(ref)),
            message.inTotoPredicateType.write(_SPDX),
        )
    )


def _words(config: Mapping[str, Any], name: str) -> list[str]:
    words: list[str] = config.get(name) or []
    return words
