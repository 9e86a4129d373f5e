"""Text to words as a shell would split it, by the rules of Go's `shlex` that `llb.Shlex` goes by."""

from __future__ import annotations

from llbpy.errors import GraphError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACES = " \t\r\n"


def words(text: str, *, strict: bool = True) -> list[str]:
    r"""The words of `text`.

    Spaces, tabs and line ends separate; `'…'` is literal; in `"…"` and outside quotes a backslash keeps the next
    character as it is (`\n` is `n`); `#` at the start of a word begins a comment that runs to the end of the line.

    Raises GraphError for an open quote or a lone last backslash, with its place; unless `strict`, the list ends before
    that word, as in BuildKit's Go client.
    """
    if text.isprintable() and not ("'" in text or '"' in text or "\\" in text or "#" in text):
        return text.split()  # the only blank in printable text is the space
    return list(_words(text, strict=strict))


def _words(text: str, *, strict: bool) -> Iterator[str]:
    at = _next_word(text, 0)
    while at < len(text):
        try:
            word, at = _word(text, at)
        except GraphError:
            if strict:
                raise
            return
        yield word
        at = _next_word(text, at)


def _next_word(text: str, at: int) -> int:
    while at < len(text):
        if text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif text[at] not in _SPACES:
            break
        at += 1
    return at


def _word(text: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    while at < len(text) and text[at] not in _SPACES:
        read = _READERS.get(text[at], _plain)
        part, at = read(text, at)
        parts.append(part)
    return "".join(parts), at


def _plain(text: str, at: int) -> tuple[str, int]:
    return text[at], at + 1


def _escaped(text: str, at: int) -> tuple[str, int]:
    if at + 1 == len(text):
        raise _unfinished(text, at, "nothing follows the backslash", "write \\\\ for a backslash")
    return text[at + 1], at + 2


def _single_quoted(text: str, at: int) -> tuple[str, int]:
    end = text.find("'", at + 1)
    if end < 0:
        raise _unfinished(text, at, "the ' is never closed", "close it, or write \\'")
    return text[at + 1 : end], end + 1


def _double_quoted(text: str, start: int) -> tuple[str, int]:
    parts: list[str] = []
    at = start + 1
    while at < len(text) and text[at] != '"':
        at += text[at] == "\\"
        parts.append(text[at : at + 1])
        at += 1
    if at >= len(text):
        raise _unfinished(text, start, 'the " is never closed', 'close it, or write \\"')
    return "".join(parts), at + 1


_READERS = {"'": _single_quoted, '"': _double_quoted, "\\": _escaped}


def _unfinished(text: str, at: int, problem: str, advice: str) -> GraphError:
    place = f"column {at - text.rfind(chr(10), 0, at)}"
    if "\n" in text:
        place = f"line {text.count(chr(10), 0, at) + 1}, {place}"
    return GraphError(f"words {text!r}: {problem} ({place}); {advice}")
