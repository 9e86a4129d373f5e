"""What a rule says about a build file."""

from __future__ import annotations

from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.graph.sourcemap import Location

PAGE = "docs/rules.md"
"""Where rules are documented, in this project's repository."""


class Finding(Value):
    """One thing that a rule found.

    `description` is the rule's in one line, `detail` the sentence about this case: what, with the value, and what would be
    right. `location` is None where no line is to blame. `url` is empty as long as the rules are on no site; `help` says where
    the repository has them.
    """

    __slots__ = ("rule", "description", "detail", "location", "url")

    rule: str
    description: str
    detail: str
    location: Location | None
    url: str

    def __init__(self, rule: str, description: str, detail: str, location: Location | None, url: str = "") -> None:
        set_field(self, "rule", rule)
        set_field(self, "description", description)
        set_field(self, "detail", detail)
        set_field(self, "location", location)
        set_field(self, "url", url)

    @property
    def help(self) -> str:
        """Its place in the page of rules."""
        return f"{PAGE}#{self.rule.lower()}"

    @property
    def filename(self) -> str:
        """The file as shown, empty where there is no location."""
        return "" if self.location is None else self.location.info.filename

    @property
    def line(self) -> int:
        """The first line, 0 where there is none."""
        return 0 if self.location is None else self.location.line

    @property
    def short(self) -> str:
        """As builders show a warning: `LatestTag: image 'alpine' … (line 12)`."""
        text = f"{self.rule}: {self.detail}"
        return f"{text} (line {self.line})" if self.line else text

    def order(self) -> tuple[str, int, str, str]:
        """What findings are sorted by: those without a location first, then file and line."""
        return self.filename, self.line, self.rule, self.detail
