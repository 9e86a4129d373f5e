"""What a build tells its user besides its result: warnings of the build file, arguments that nobody takes, what the rules find."""

from __future__ import annotations

from llbpy.errors import near
from llbpy.gateway import bridge as calls
from llbpy.gateway.options import PROXIES
from llbpy.graph.sourcemap import encode_span
from llbpy.lint.check import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llbpy.dsl.targets import Target
    from llbpy.errors import BuildFileError
    from llbpy.gateway.bridge import Request
    from llbpy.gateway.options import Options
    from llbpy.graph.sourcemap import SourceFiles
    from llbpy.lint.finding import Finding
    from llbpy.lint.subject import Subject

_PLATFORM_ARGS = frozenset(
    [f"{which}{what}" for which in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "ARCH", "VARIANT", "OSVERSION")]
)
_ALWAYS_GIVEN = _PLATFORM_ARGS | {*PROXIES, "TARGETSTAGE", "SOURCE_DATE_EPOCH"}
"""Arguments that builders pass whether or not a build file has them."""


def remarks(
    subject: Subject, options: Options, files: SourceFiles, digest: str, epoch: int | None
) -> tuple[list[Request], BuildFileError | None]:
    """The calls that show them all, at a vertex; and what is raised then, if what the rules find shall fail the build."""
    report = check([subject], options.check)
    notes = [(note.text, note.url, note.where) for note in subject.build_file.notes]
    said = (*_stray(subject.target, options), *_ageless(options, epoch))
    notes += [(text, "", subject.target.where) for text in said]
    told = [_note(digest, files, *note) for note in notes]
    told += [_finding(digest, finding) for finding in report.findings]
    error = report.error
    return told, None if error is None else error.at(_first_place(report.findings))


def _first_place(findings: Sequence[Finding]) -> str:
    return next((str(finding.location) for finding in findings if finding.location is not None), "")


def _note(digest: str, files: SourceFiles, text: str, url: str, where: str) -> Request:
    path, _, line = where.rpartition(":")
    info = files.info(path)
    if info is None:
        return calls.warn(digest, text, url=url)
    place = (int(line), 0)
    return calls.warn(digest, text, url=url, info=info.to_bytes(), ranges=[encode_span((place, place))])


def _finding(digest: str, finding: Finding) -> Request:
    detail, place = [finding.description], finding.location
    if place is None:
        return calls.warn(digest, finding.short, detail=detail, url=finding.url)
    ranges = [encode_span(each) for each in place.ranges]
    return calls.warn(digest, finding.short, detail=detail, url=finding.url, info=place.info.to_bytes(), ranges=ranges)


def _stray(target: Target, options: Options) -> Iterator[str]:
    """What there is to say about arguments that the target does not have: one sentence, or nothing."""
    known = target.signature.arguments
    stray = [
        name
        for name in options.args
        if name not in known and name.upper() not in _ALWAYS_GIVEN and not name.startswith("BUILDKIT_")
    ]
    if stray:
        named = ", ".join([f"{name!r}{near(name, known)}" for name in stray])
        yield f"target {target.name!r} takes no build argument {named}"


def _ageless(options: Options, epoch: int | None) -> Iterator[str]:
    """What there is to say about a context that shall give its age and has none: one sentence, or nothing."""
    value = options.args.get("SOURCE_DATE_EPOCH", "")
    if value and epoch is None:
        advice = "a repository has its commit's, a download what its server or its archive says"
        yield f"SOURCE_DATE_EPOCH={value!r}: that context has no age, so files are of now; {advice}"
