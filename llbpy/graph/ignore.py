r"""Ignore files (`.dockerignore`) and their patterns, as BuildKit's client reads and matches them.

| in a pattern | matches |
| --- | --- |
| `*`, `?` | any text, or one character, without `/` |
| `**` | any number of folders, none included |
| `[a-z]`, `[^a-z]` | one character of a class, or not of it |
| `\` | keeps the next character as it is |
| `!` in front | takes back what earlier patterns matched |

A pattern that matches a folder matches all that is in it. Later patterns win.
"""

from __future__ import annotations

from llbpy.errors import GraphError
from llbpy.graph.paths import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# What Go's strings.TrimSpace removes; str.strip() would take four control characters more.
_BLANK_CODES = (*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
_BLANK = "".join(map(chr, _BLANK_CODES))
_SPECIAL = "*?[]\\"


def parse(text: str | bytes) -> list[str]:
    """The patterns of an ignore file, in order, cleaned and relative to the root of the context.

    Empty lines and lines that begin with `#` are left out; a lone `!` is kept (Matcher refuses it).
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    lines = text.removeprefix("\ufeff").split("\n")
    return [_parse_line(line) for line in lines if line[:1] != "#" and line.strip(_BLANK)]


def _parse_line(line: str) -> str:
    pattern = line.strip(_BLANK)
    negation = "!" if pattern[0] == "!" else ""
    pattern = pattern[len(negation) :].strip(_BLANK)
    if pattern:
        pattern = clean(pattern)
    return negation + (pattern if pattern == "/" else pattern.removeprefix("/"))


class Matcher:
    """Compiled patterns, to be asked about many paths.

    Paths are relative to the root of the context and slash-separated; the root itself never matches. Raises GraphError
    for a pattern that BuildKit would refuse.
    """

    __slots__ = ("_patterns",)

    def __init__(self, patterns: Iterable[str]) -> None:
        stripped = [pattern.strip(_BLANK) for pattern in patterns]
        self._patterns = [_Pattern(clean(pattern)) for pattern in stripped if pattern]

    def matches(self, path: str) -> bool:
        """Whether the last pattern that matches `path` or a folder it is in is one without `!`."""
        path = clean(path)
        return path != "." and self.descend(path)[0]

    def descend(self, path: str, trail: tuple[bool, ...] = ()) -> tuple[bool, tuple[bool, ...]]:
        """`matches` for a walker that comes down from the root: the answer, and the trail for what is in `path`.

        `path` is clean; `trail` is what its folder gave, nothing at the top. It saves matching every folder again, and
        it is what BuildKit's walker does: a pattern that a folder had no need of is not tried on that folder again, so
        `a/b`, `!a` leaves `a/b` out here, where `matches` takes it back.
        """
        family = [path] if trail else _with_folders(path)
        known = trail or (False,) * len(self._patterns)
        matched = False
        hits: list[bool] = []
        for pattern, hit in zip(self._patterns, known, strict=True):
            if not hit and pattern.negated == matched:
                hit = any(map(pattern.test, family))
            if hit:
                matched = not pattern.negated
            hits.append(hit)
        return matched, tuple(hits)

    def may_match_below(self, folder: str) -> bool:
        """Whether a pattern without `!` could match something in `folder` (to prune a walk over included paths)."""
        return self._reaches_below(folder, negated=False)

    def may_reinclude_below(self, folder: str) -> bool:
        """Whether a `!` pattern could match something in `folder`; if not, a walker may skip one that matched."""
        return self._reaches_below(folder, negated=True)

    def _reaches_below(self, folder: str, *, negated: bool) -> bool:
        names = [name for name in clean(folder).split("/") if name != "."]
        return any(pattern.reaches_below(names) for pattern in self._patterns if pattern.negated == negated)


def _with_folders(path: str) -> list[str]:
    ends = [at for at, char in enumerate(path) if char == "/"]
    return [path, *(path[:end] for end in ends)]


class _Pattern:
    __slots__ = ("_depth", "_fixed", "_spans", "negated", "test")

    def __init__(self, text: str) -> None:
        self.negated = text[0] == "!"
        glob = text[1:] if self.negated else text
        if not glob:
            raise GraphError("ignore pattern '!': nothing to take back; write the pattern after it, e.g. '!docs'")
        self.test = _compile(glob)
        names = glob.split("/")
        fixed = [not any(char in name for char in _SPECIAL) for name in names]
        self._fixed = names[: fixed.index(False)] if False in fixed else names
        self._depth = len(names)
        self._spans = "**" in glob or "[" in glob or "\\" in glob

    def reaches_below(self, folder: list[str]) -> bool:
        """Whether it could match a path that goes on after these names."""
        if any(mine != theirs for mine, theirs in zip(self._fixed, folder, strict=False)):
            return False
        return self._spans or self._depth > len(folder)


def _compile(glob: str) -> Callable[[str], bool]:
    """A test of whole paths; where text comparison will do, no regular expression is made."""
    _check(glob)
    if not _is_special(glob):
        return glob.__eq__
    if glob[:2] == "**" and not _is_special(glob[2:]):
        tail = glob[2:]
        return lambda path: path.endswith(tail) or "/" + path == tail
    if glob[-2:] == "**" and not _is_special(glob[:-2]):
        start = glob[:-2]
        return lambda path: path.startswith(start)
    return _compile_regex(glob)


def _is_special(text: str) -> bool:
    return any(char in text for char in _SPECIAL)


def _compile_regex(glob: str) -> Callable[[str], bool]:
    import re

    try:
        fullmatch = re.compile(_to_python(_to_go(glob)), re.ASCII).fullmatch
    except (re.error, ValueError) as error:
        raise GraphError(f"ignore pattern {glob!r}: {error}") from error
    return lambda path: fullmatch(path) is not None


def _check(glob: str) -> None:
    """Refuse what Go's `filepath.Match` refuses up front: it reads as far as the first `*` after something else."""
    at = len(glob) - len(glob.lstrip("*"))
    while at < len(glob) and glob[at] != "*":
        at = _class_end(glob, at) if glob[at] == "[" else at + 1 + (glob[at] == "\\")
    if at > len(glob):
        raise GraphError(f"ignore pattern {glob!r}: nothing follows the last backslash; write \\\\ to match one")


def _class_end(glob: str, start: int) -> int:
    at = start + 1 + (glob[start + 1 : start + 2] == "^")
    first = at
    while at == first or glob[at] != "]":
        at = _class_char_end(glob, at)
        if glob[at] == "-":
            at = _class_char_end(glob, at + 1)
    return at + 1


def _class_char_end(glob: str, at: int) -> int:
    end = at + 1 + (glob[at : at + 1] == "\\")
    if glob[at : at + 1] in ("-", "]") or end >= len(glob):
        raise GraphError(
            f"ignore pattern {glob!r}: not a class of characters like [a-z]; escape the '[' with \\ if meant"
        )
    return end


def _to_go(glob: str) -> str:
    """The regular expression, in Go's syntax, that BuildKit makes of a pattern, oddities included but for one.

    By a slip it leaves `{`, `|` and `}` unescaped, so that `a|b*` matches all that starts with `a`; here they are text.
    """
    parts: list[str] = []
    at = 0
    while at < len(glob):
        char = glob[at]
        at += 1
        if char == "*" and glob[at : at + 1] == "*":
            at += 2 if glob[at + 1 : at + 2] == "/" else 1
            parts.append("(.*/)?" if at < len(glob) else ".*")
        elif char == "\\":
            parts.append(glob[at - 1 : at + 1])
            at += 1
        else:
            parts.append(_GO.get(char, char))
    return "".join(parts)


_GO = {"*": "[^/]*", "?": "[^/]", **{char: "\\" + char for char in ".+()|{}$"}}


def _to_python(regex: str) -> str:
    """The same expression in Python's syntax."""
    parts: list[str] = []
    at = 0
    while at < len(regex):
        if regex[at] == "\\":
            part, at = _escape(regex, at, "dDsSwWbBAz"), at + 2
        elif regex[at] == "[":
            part, at = _class(regex, at)
        else:
            part, at = regex[at], at + 1
        parts.append(part)
    return "".join(parts)


def _class(regex: str, at: int) -> tuple[str, int]:
    opening = "[^" if regex[at + 1 : at + 2] == "^" else "["
    at += len(opening)
    first, parts = at, [opening]
    while at == first or regex[at : at + 1] != "]":
        part, at = _class_item(regex, at)
        parts.append(part)
    return "".join(parts) + "]", at + 1


def _class_item(regex: str, at: int) -> tuple[str, int]:
    name_end = regex.find(":]", at + 2)
    if regex[at : at + 2] == "[:" and name_end > 0:
        return _named_class(regex[at + 2 : name_end]), name_end + 2
    if regex[at : at + 1] == "\\" and regex[at + 1 : at + 2] in _CLASS_LETTERS:
        return regex[at : at + 2], at + 2
    low, at = _class_char(regex, at)
    if regex[at : at + 1] != "-" or regex[at + 1 : at + 2] in ("]", ""):
        return low, at
    high, at = _class_char(regex, at + 1)
    return f"{low}-{high}", at


def _class_char(regex: str, at: int) -> tuple[str, int]:
    if at >= len(regex):
        raise ValueError("a '[' has no ']'")
    if regex[at] == "\\":
        return _escape(regex, at, ""), at + 2
    return (regex[at] if regex[at].isalnum() else "\\" + regex[at]), at + 1


def _named_class(name: str) -> str:
    if name not in _NAMED:
        raise ValueError(f"no class of characters is named [:{name}:]; there are {', '.join(_NAMED)}")
    return _NAMED[name]


def _escape(regex: str, at: int, letters: str) -> str:
    char = regex[at + 1 : at + 2]
    if not char:
        raise ValueError("nothing follows the last backslash")
    if char.isascii() and not char.isalnum():
        return "\\" + char
    if char in letters + "afnrtv":
        return "\\Z" if char == "z" else "\\" + char
    raise ValueError(f"'\\{char}' means nothing here; folders are separated with /")


_CLASS_LETTERS = tuple("dDsSwW")
_NAMED = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\\x00-\\x7f",
    "blank": "\\t ",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\t-\\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
