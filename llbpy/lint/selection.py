"""Which rules count, and whether what they find is an error: the text of `# check=` and BUILDKIT_DOCKERFILE_CHECK.

The grammar is BuildKit's: options with `;` between, each once or more, the last of a name counting.

    skip=RULE,…            leaves rules out; skip=all leaves all out but experimental ones
    experimental=RULE,…    lets experimental rules count, which are off otherwise; experimental=all lets all
    error=BOOL             whether findings fail the build
"""

from __future__ import annotations

from llbpy.errors import BuildFileError, OptionError, near
from llbpy.graph.gobool import read_bool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.lint.header import Header

ARG = "BUILDKIT_DOCKERFILE_CHECK"
"""The build arg that takes the place of a file's own `# check=`."""
ALL = "all"
_OPTIONS = ("skip", "experimental", "error")


class Selection:
    """Which rules count: `skip` and `experimental` are names, `all` among them for every rule; `is_error` for `error=true`."""

    __slots__ = ("experimental", "is_error", "skip")

    def __init__(
        self, skip: frozenset[str] = frozenset(), experimental: frozenset[str] = frozenset(), is_error: bool = False
    ) -> None:
        self.skip = skip
        self.experimental = experimental
        self.is_error = is_error

    def wants(self, rule: str, is_experimental: bool) -> bool:
        """Whether a rule counts. An experimental one is not skipped: leave it out of `experimental`."""
        named = self.experimental if is_experimental else self.skip
        return (rule in named or ALL in named) == is_experimental


def parse(text: str) -> Selection:
    """The selection of a text; an empty one is the default. Raises OptionError, which says what would be right.

    >>> sorted(parse("skip=LatestTag,UnusedArgument;error=true").skip)
    ['LatestTag', 'UnusedArgument']
    """
    given: dict[str, str] = {}
    for part in text.strip().split(";") if text.strip() else ():
        name, equals, value = part.partition("=")
        if not equals:
            raise _error(f"check option {part.strip()!r} is no NAME=VALUE")
        if name.strip() not in _OPTIONS:
            raise _error(f"unknown check option {name.strip()!r}{near(name.strip(), _OPTIONS)}")
        given[name.strip()] = value.strip()
    return Selection(_names(given, "skip"), _names(given, "experimental"), _bool(given.get("error", "0")))


def chosen(header: Header, given: str | None, where: str) -> Selection:
    """What counts for a file: what was `given` from outside, empty text included, else its own `# check=`.

    Raises OptionError for the first, and BuildFileError at the line of the second; `where` is the file as shown.
    """
    if given is not None:
        try:
            return parse(given)
        except OptionError as error:
            raise OptionError(f"{ARG}={given!r}: {error.message}", ARG) from error
    directive = header.find("check")
    if directive is None:
        return Selection()
    text, space, rest = directive.value.partition(" ")
    try:
        if space and text.endswith((",", ";", "=")):
            raise _error(f"a space ends the value, so {rest!r} would be lost; write it without spaces")
        return parse(text)
    except OptionError as error:
        raise BuildFileError(f"# check={directive.value}: {error.message}", f"{where}:{directive.line}") from error


def _names(given: dict[str, str], option: str) -> frozenset[str]:
    return frozenset([name.strip() for name in given.get(option, "").split(",") if name.strip()])


def _bool(text: str) -> bool:
    value = read_bool(text)
    if value is None:
        raise _error(f"error={text!r} is neither true nor false")
    return value


def _error(problem: str) -> OptionError:
    return OptionError(f"{problem}; the grammar is skip=RULE,…;experimental=RULE,…;error=BOOL", ARG)
