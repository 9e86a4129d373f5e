"""Shell text as the commands that it calls, as far as rules need to see them: no expansion, no control flow."""

from __future__ import annotations

from llbpy.graph.words import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SEPARATORS = frozenset("\n;|&(){}")
_IN_FRONT = frozenset("! sudo env exec time nice nohup command then do else elif if while until".split())
"""Words that may stand before the command that is called."""
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"))


def script(argv: Sequence[str]) -> str | None:
    """The text that a shell is given to run, None if the command is no shell with a text.

    >>> script(["/bin/bash", "-euo", "pipefail", "-c", "make"])
    'make'
    """
    if len(argv) < 3 or argv[0].rpartition("/")[2] not in _SHELLS:
        return None
    for at, word in enumerate(argv[1:-1], 1):
        if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
            return argv[at + 1]
    return None


def calls(argv: Sequence[str]) -> list[list[str]]:
    """The commands that a command calls, each as its words: those of a shell's text, else itself.

    >>> calls(["/bin/sh", "-c", "set -e\\ncd web && CI=1 npm ci"])
    [['set', '-e'], ['cd', 'web'], ['npm', 'ci']]
    """
    text = script(argv)
    found = [[*argv]] if text is None else [words(piece, strict=False) for piece in _pieces(text)]
    return [call for words in found if (call := _without_front(words))]


def _without_front(call: Sequence[str]) -> list[str]:
    """Without assignments, and without words that only say how the command is called."""
    at = 0
    while at < len(call) and (call[at] in _IN_FRONT or _is_assignment(call[at])):
        at += 1
    return [*call[at:]]


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def _pieces(text: str) -> Iterator[str]:
    """The text between separators that stand outside of quotes."""
    text = text.replace("\\\n", " ")
    start = at = 0
    quote = ""
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "#" and text[at - 1 : at].strip() == "":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end - 1  # the quotes of a comment are none
        elif char in _SEPARATORS:
            yield text[start:at]
            start = at + 1
        at += 1
    yield text[start:]
