"""docs/rules.md, made of the rules' docstrings: `python -m llbpy.lint.page > docs/rules.md`."""

from __future__ import annotations

from llbpy.lint.rules import all_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbpy.lint.rules.rule import Rule

_INTRODUCTION = """\
# Rules for build files

`docker build --check -f build.py .` says what a careful reader would say about a build file, and builds nothing.

- `# check=skip=RULE,RULE;error=true` at the head of the file, right after `# syntax=…`, leaves rules out (`skip=all`: all of them)
  and makes findings fail the build.
- `# check=experimental=RULE` lets a rule count that is off otherwise (`experimental=all`: all of them).
- The build arg `BUILDKIT_DOCKERFILE_CHECK` takes the same text, and then the file's own does not count.
- `# llbpy: skip=RULE,RULE` at the end of a line, or alone on the line above, leaves out what is found on that line.

This page is made of the rules' docstrings: `python -m llbpy.lint.page > docs/rules.md`.
"""


def page() -> str:
    """The whole page, as Markdown."""
    rules = all_rules()
    table = [f"| [{rule.__name__}](#{rule.__name__.lower()}) | {_short(rule)} |" for rule in rules]
    listed = "\n".join(["| rule | what it finds |", "| --- | --- |", *table, ""])
    return "\n".join([_INTRODUCTION, listed, *[_section(rule) for rule in rules]])


def snippets(rule: type[Rule]) -> dict[str, str]:
    """What a rule's docstring shows under `Bad:` and `Good:`, by these words."""
    return {word: "\n".join(lines) + "\n" for word, lines in _blocks(rule) if word}


def _short(rule: type[Rule]) -> str:
    return f"{rule.DESCRIPTION}{' (experimental)' if rule.EXPERIMENTAL else ''}"


def _section(rule: type[Rule]) -> str:
    parts = [f"## {rule.__name__}\n", f"{rule.DESCRIPTION}.\n"]
    if rule.EXPERIMENTAL:
        parts.append(f"Experimental: off unless asked for with `# check=experimental={rule.__name__}`.\n")
    for word, lines in _blocks(rule):
        text = "\n".join(lines)
        parts.append(f"{word}:\n\n```python\n{text}\n```\n" if word else f"{text}\n")
    return "\n".join(parts)


def _blocks(rule: type[Rule]) -> Iterator[tuple[str, list[str]]]:
    """The docstring in pieces: text (no word), and the snippets that a word with a colon introduces."""
    word, lines = "", list[str]()
    for line in _dedented(rule.__doc__ or ""):
        if line in ("Bad:", "Good:"):
            yield word, _snippet(word, lines)
            word, lines = line[:-1], []
        else:
            lines.append(line)
    yield word, _snippet(word, lines)


def _snippet(word: str, lines: list[str]) -> list[str]:
    """Lines without blank ones around them, and of a snippet without its indent."""
    text = "\n".join([line[4:] if word else line for line in lines])
    return text.strip("\n").split("\n")


def _dedented(text: str) -> list[str]:
    return [line.removeprefix("    ") for line in text.strip().split("\n")]


if __name__ == "__main__":
    print(page(), end="")
