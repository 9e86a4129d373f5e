"""The end of a build: what a target's graphs have come to, as the result that exporters take."""

from __future__ import annotations

from llbpy.errors import BuildFileError
from llbpy.frontends.remarks import remarks
from llbpy.gateway import denials, result
from llbpy.gateway.attest import attestation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbpy.frontends.making import Making
    from llbpy.graph.definition import Definition


def end(making: Making, definitions: Sequence[Definition]) -> bytes:
    """The gw.Result of a target with these graphs, of which nothing is built yet; what there is to say of it is said.

    Raises LLBError: BuildFileError for what rules forbid, and for an outcome that is not 0.
    """
    images, options, own = making.images(), making.options, making.entry.definition
    subject = making.subject(definitions[0], images[0])
    told, violation = remarks(subject, options, making.files, own.head, making.epoch)
    if violation is not None:
        making.inquiry.bridge.ask(*told)
        raise violation
    refs = denials.solve(making.inquiry, definitions, *told, at_hand=own)
    _check_exit_codes(making)
    parts = [
        result.Part(platform, ref, image.config, base=image.base, epoch=making.epoch)
        for platform, ref, image in zip(making.platforms, refs, images, strict=False)
    ]
    for part, scan in zip(parts, refs[len(parts) :], strict=False):
        part.attestations = [attestation(scan)]
    annotations = making.target.annotations()
    if options.multi_platform:
        return result.several(parts, annotations)
    return result.single(parts[0], annotations)


def _check_exit_codes(making: Making) -> None:
    """Raises BuildFileError for an outcome that is not 0: what was made cannot be exported and fail all the same, as it can be
    with a client that is asked for both."""
    for path, platform in making.exit_codes:
        code = making.inquiry.read(path, platform).decode(errors="replace").strip()
        if code != "0":
            raise BuildFileError(
                f"target {making.target.name!r} ended with {code!r} in {path.path}, so nothing is exported",
                making.target.where,
            )
