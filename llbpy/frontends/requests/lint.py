"""`frontend.lint`: what a careful reader would say, and whether the file can be built at all."""

from __future__ import annotations

from llbpy.errors import LLBError, OptionError
from llbpy.frontends.requests.excerpts import excerpt
from llbpy.frontends.requests.failures import place_of
from llbpy.frontends.requests.messages import struct
from llbpy.frontends.requests.places import Sources
from llbpy.frontends.requests.request import Request
from llbpy.frontends.requests.results import present, result
from llbpy.graph import messages as pb
from llbpy.graph.tokens import masked
from llbpy.lint.check import Report, check
from llbpy.lint.subject import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from llbpy.buildfile import BuildFile
    from llbpy.dsl.targets import Target
    from llbpy.frontends.requests.available import Available
    from llbpy.graph.sourcemap import Location, SourceInfo
    from llbpy.lint.finding import Finding


class Failure:
    """What keeps a file from being built: a sentence, and a place if one is known."""

    __slots__ = ("location", "message")

    def __init__(self, message: str, location: Location | None) -> None:
        self.message = message
        self.location = location


class Lint(Request):
    NAME = "frontend.lint"
    DESCRIPTION = "Check a build file"
    METADATA = ("result.json", "result.txt", "result.statuscode")
    LISTED = False

    @classmethod
    def answer(cls, available: Available) -> dict[str, bytes]:
        checking = _Checking(available)
        report = checking.report()
        return lint(available.source, report, checking.failure)


def lint(source: SourceInfo, report: Report, failure: Failure | None = None) -> dict[str, bytes]:
    """The result for what was found. Findings that are an error are a failure, unless there is one already."""
    sources = Sources(source)
    if failure is None and report.error is not None:
        failure = Failure(report.error.message, None)
    warnings = [_warning(finding, sources) for finding in report.findings]
    found: dict[str, Any] = {"warnings": warnings or None, "sources": []}
    if failure is not None:
        place = {} if failure.location is None else sources.place(failure.location)
        found["buildError"] = {"message": failure.message, "location": place}
    found["sources"] = [struct(pb.SourceInfo, pb.SourceInfo.decode(info.to_bytes())) for info in sources.infos]
    text = "".join([_text(finding) for finding in report.findings])
    status = b"1" if warnings or failure is not None else b"0"
    return {**result(Lint.VERSION, found, text), "result.statuscode": status}


def _warning(finding: Finding, sources: Sources) -> dict[str, Any]:
    return {
        "ruleName": finding.rule,
        **present(description=f"{finding.description} ({finding.help})", url=finding.url, detail=finding.detail),
        "location": sources.place(finding.location),
    }


def _text(finding: Finding) -> str:
    url = f" - {finding.url}" if finding.url else ""
    lines = "" if finding.location is None else excerpt(finding.location)
    return f"\nWARNING: {finding.rule}{url}\n{finding.detail}\n{lines}"


class _Checking:
    """Makes what is checked: the target that was named, or all of a file; the first error is kept, and the rest still checked."""

    def __init__(self, available: Available) -> None:
        self.failure: Failure | None = None
        self._available = available

    def report(self) -> Report:
        """What was found. Raises OptionError for a bad BUILDKIT_DOCKERFILE_CHECK."""
        available, subjects = self._available, list[Subject]()
        file: BuildFile | None = None
        try:
            file = available.file()
            subjects = [self._subject(file, target) for target in self._targets(file)]
            return check(subjects, available.check)
        except OptionError:
            raise
        except LLBError as error:
            self._note(error, file, None)
            return Report((), False)

    def _targets(self, file: BuildFile) -> list[Target]:
        name = self._available.target
        return [*file.targets.values()] if name is None and file.targets else [file.find(name)]

    def _subject(self, file: BuildFile, target: Target) -> Subject:
        """A target with its graph; without it if it cannot be made, which is no error if only arguments are missing."""
        available = self._available
        graphless = Subject(file, target, args=available.args)
        if available.target is None and available.lacks_arguments(file, target):
            return graphless
        try:
            return available.subject(target)
        except LLBError as error:
            self._note(error, file, target)
            return graphless

    def _note(self, error: LLBError, file: BuildFile | None, target: Target | None) -> None:
        if self.failure is None:
            place = place_of(error, self._available.source, file, target)
            self.failure = Failure(masked(str(error) if place is None else error.message), place)
