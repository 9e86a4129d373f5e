"""Rules on the head of a file, and on comments for this checker."""

from __future__ import annotations

import _ast

from llbpy.errors import BuildFileError, OptionError, near
from llbpy.graph.sourcemap import Location
from llbpy.lint.header import read_line
from llbpy.lint.rules.rule import Rule
from llbpy.lint.selection import ALL, chosen
from llbpy.lint.skips import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbpy.graph.sourcemap import SourceInfo
    from llbpy.lint.finding import Finding
    from llbpy.lint.header import Directive, Header
    from llbpy.lint.subject import Subject


class HeaderNotFirst(Rule):
    """It reads directives from the very top, after one `#!` line at most, and stops at the first line that is none: a blank line, a
    coding comment, a docstring or any other comment. Without `# syntax=`, `docker build` takes the file for a Dockerfile and says
    "unknown instruction".

    Bad:

        # The image of our service.
        # syntax=docker.io/llbpy/llbpy
        from llbpy import State, scratch, target


        @target
        def app() -> State:
            return scratch()

    Good:

        # syntax=docker.io/llbpy/llbpy
        # The image of our service.
        from llbpy import State, scratch, target


        @target
        def app() -> State:
            return scratch()
    """

    DESCRIPTION = "A directive such as `# syntax=` stands where BuildKit does not look"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        lines = subject.file.data.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
        unseen = [*_unseen(subject.header, lines)]
        head = _head(subject) if unseen else ()
        for directive in unseen:
            if directive.line in head:
                why = _why(subject.header, directive, lines)
                yield cls.found(f"'# {directive.name}=' is not seen: {why}", _line(subject.file, directive.line))


def _unseen(header: Header, lines: list[str]) -> Iterator[Directive]:
    """The comments that would be directives in the header, and are not."""
    for number, line in enumerate(lines, 1):
        directive = read_line(line.strip(), number)
        if directive is not None and directive.name != "escape" and header.find(directive.name) != directive:
            yield directive


def _why(header: Header, directive: Directive, lines: list[str]) -> str:
    """What keeps a directive from being seen."""
    first = header.find(directive.name)
    if first is not None:
        return f"line {first.line} has one already, and only the first counts; take it out"
    if directive.line == header.end:
        return "it does not begin in the first column; take the spaces in front away"
    return f"line {header.end} ({lines[header.end - 1].strip()[:40]!r}) ends the header; put it above"


def _head(subject: Subject) -> list[int]:
    """The lines before a file's first statement, those of its docstring left out."""
    tree = subject.code.tree(subject.build_file.path)
    body = [] if tree is None else tree.body
    docstring: range = range(0)
    if body and isinstance(body[0], _ast.Expr) and isinstance(body[0].value, _ast.Constant):
        docstring = range(body[0].lineno, (body[0].end_lineno or body[0].lineno) + 1)
        body = body[1:]
    last = body[0].lineno if body else subject.file.data.count(b"\n") + 2
    return [number for number in range(1, last) if number not in docstring]


class UnknownRule(Rule):
    """Names are those of this page. What BUILDKIT_DOCKERFILE_CHECK skips is not looked at: it is often one text for build files and
    Dockerfiles alike.

    Bad:

        @target
        def app() -> State:
            return image("alpine:3.22", inherit=False)  # llbpy: skip=LatestTags

    Good:

        @target
        def app() -> State:
            return image("alpine", inherit=False)  # llbpy: skip=LatestTag
    """

    DESCRIPTION = "A comment skips a rule that does not exist, so it skips nothing"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for info, number, name in (*_in_header(subject), *_in_comments(subject)):
            if name not in Rule.rules and name != ALL:
                detail = f"there is no rule {name!r}{near(name, Rule.rules)}"
                yield cls.found(f"{detail}; the page of rules lists them", _line(info, number))


def _in_header(subject: Subject) -> Iterator[tuple[SourceInfo, int, str]]:
    directive = subject.header.find("check")
    if directive is None:
        return
    try:
        selection = chosen(subject.header, None, subject.file.filename)
    except (BuildFileError, OptionError):
        return  # whoever checks has raised it already
    for name in sorted(selection.skip | selection.experimental):
        yield subject.file, directive.line, name


def _in_comments(subject: Subject) -> Iterator[tuple[SourceInfo, int, str]]:
    for info in subject.files():
        for number, line in enumerate(info.data.decode("utf-8", "replace").splitlines(), 1):
            for name in named(line) if "llbpy:" in line else ():
                yield info, number, name


def _line(info: SourceInfo, number: int) -> Location:
    return Location(info, (((number, 0), (number, 0)),))
