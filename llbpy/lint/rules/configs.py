"""Rules on the config of the image that is exported."""

from __future__ import annotations

import _ast

from llbpy.lint.code import parsed, place, walk
from llbpy.lint.rules.rule import Rule
from llbpy.lint.shell import script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbpy.graph.sourcemap import Location
    from llbpy.lint.finding import Finding
    from llbpy.lint.subject import Subject

_KEYS = {"entrypoint": "Entrypoint", "cmd": "Cmd"}


class ShellFormCommand(Rule):
    """The shell is the container's first process then, and it passes no signals on: `docker stop` waits ten seconds and kills. A
    list runs the program itself. Text that starts with `exec` does so too, and is left alone.

    Bad:

        @target
        def app() -> State:
            return image("python:3.13-slim", inherit=False).config(cmd="python -m http.server")

    Good:

        @target
        def app() -> State:
            return image("python:3.13-slim", inherit=False).config(cmd=["python", "-m", "http.server"])
    """

    DESCRIPTION = "What a container runs is given as text, so that a shell runs it"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for option, key in _KEYS.items():
            argv = subject.config.get(key) or ()
            text = None if argv in subject.inherited(key) else script(argv)
            if text is None or text.lstrip().startswith("exec "):
                continue
            given = _given(subject, option)
            if _are_lists(given):
                continue
            advice = f"give a list: config({option}=[…])"
            location = next((at for node, at in given if not isinstance(node, (_ast.List, _ast.Tuple))), None)
            yield cls.found(f"{option} {text!r} runs in a shell, which passes no signals on; {advice}", location)


def _given(subject: Subject, option: str) -> list[tuple[_ast.AST, Location]]:
    """What the files pass under that name, as they have written it."""
    found: list[tuple[_ast.AST, Location]] = []
    for info in subject.files():
        tree = parsed(info.data)
        nodes = () if tree is None else walk(tree)
        found += [
            (each.value, place(info, each)) for each in nodes if isinstance(each, _ast.keyword) and each.arg == option
        ]
    return found


def _are_lists(given: list[tuple[_ast.AST, Location]]) -> bool:
    """Whether a shell was named on purpose, as a word of a list."""
    return bool(given) and all(isinstance(node, (_ast.List, _ast.Tuple)) for node, _ in given)
