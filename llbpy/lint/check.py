"""All rules on what there is to check."""

from __future__ import annotations

from llbpy.errors import BuildFileError
from llbpy.lint.selection import chosen
from llbpy.lint.skips import skips

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from llbpy.lint.finding import Finding
    from llbpy.lint.rules.rule import Rule
    from llbpy.lint.selection import Selection
    from llbpy.lint.subject import Subject


class Report:
    """What was found, sorted by file and line; `is_error` if the build shall fail for it."""

    __slots__ = ("findings", "is_error")

    def __init__(self, findings: tuple[Finding, ...], is_error: bool) -> None:
        self.findings = findings
        self.is_error = is_error

    @property
    def error(self) -> BuildFileError | None:
        """What a build that shall fail raises, with the names of the rules; None if it shall not."""
        if not self.is_error:
            return None
        names = dict.fromkeys([finding.rule for finding in self.findings])
        return BuildFileError(f"lint violation found for rules: {', '.join(sorted(names))}")


def check(subjects: Iterable[Subject], given: str | None = None) -> Report:
    """Checks targets of a build file; what several of them share is found once.

    `given` is the text of BUILDKIT_DOCKERFILE_CHECK, None if there is none: it takes the place of the file's `# check=`. Raises
    OptionError or BuildFileError for a text that is no selection of rules, and GraphError for a definition that is cut short.

    A selection that comes from one file counts for all targets of it.
    """
    listed = [*subjects]
    if not listed:
        return Report((), False)
    selection = chosen(listed[0].header, given, listed[0].build_file.path)
    found = {finding: None for rule in _rules(selection) for subject in listed for finding in rule.check(subject)}
    findings = [finding for finding in found if not skips(finding)]
    findings.sort(key=lambda finding: finding.order())
    return Report(tuple(findings), selection.is_error and bool(findings))


def _rules(selection: Selection) -> list[type[Rule]]:
    from llbpy.lint.rules import all_rules

    return [rule for rule in all_rules() if selection.wants(rule.__name__, rule.EXPERIMENTAL)]
