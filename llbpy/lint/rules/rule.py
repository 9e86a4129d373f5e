"""What all rules have in common."""

from __future__ import annotations

from llbpy.lint.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import ClassVar

    from llbpy.graph.sourcemap import Location
    from llbpy.lint.subject import Subject


class Rule:
    """One rule. Its class's name is the rule's; `DESCRIPTION` says what it finds, without a full stop; its docstring is what the
    page of rules says.

    Paragraphs say why; what follows `Bad:` and `Good:`, indented, are build files without their imports. An `EXPERIMENTAL` rule is
    off unless it is asked for.
    """

    DESCRIPTION: ClassVar[str]
    EXPERIMENTAL: ClassVar[bool] = False
    rules: ClassVar[dict[str, type[Rule]]] = {}

    def __init_subclass__(cls) -> None:
        Rule.rules[cls.__name__] = cls

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        """What it finds, each case once or more."""
        raise NotImplementedError

    @classmethod
    def found(cls, detail: str, location: Location | None) -> Finding:
        """A finding of this rule."""
        return Finding(cls.__name__, cls.DESCRIPTION, detail, location)
