"""Rules on a target's arguments."""

from __future__ import annotations

import _ast

from llbpy.dsl.arguments import parameters
from llbpy.dsl.targets import placeholders
from llbpy.lint.code import walk
from llbpy.lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llbpy.dsl.arguments import Argument
    from llbpy.lint.finding import Finding
    from llbpy.lint.subject import Subject

_ALL_NAMES = frozenset(("locals", "vars", "eval", "exec"))
"""Functions that read names without writing them."""


class UnusedArgument(Rule):
    """Whoever passes it expects that something changes, and nothing does; most often a use was forgotten or taken out. Arguments
    that tags name are read, and so is every field of a bundle that is handed on whole.

    Bad:

        @target
        def app(version: str = "dev") -> State:
            return scratch().write("/version", "dev")

    Good:

        @target
        def app(version: str = "dev") -> State:
            return scratch().write("/version", version)
    """

    DESCRIPTION = "A target takes an argument that its function never reads"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        function = subject.target.function
        signature = subject.build_file.signature(subject.target)
        is_known = signature.arguments and not hasattr(function, "__wrapped__")
        node = subject.code.function(function) if is_known else None
        if node is None:
            return
        reads = _Reads(node, parameters(function)[0] if signature.takes_build else "")
        tagged = {name for tag in subject.target.settings.get("tags", ()) for name in placeholders(tag)}
        for name, argument in signature.arguments.items():
            if name not in tagged and not reads.has(argument, signature.arguments):
                detail = f"argument {name!r} of {subject.name!r} is never read; use it, or take it out"
                yield cls.found(detail, subject.code.parameter(function, argument.place[0]))


class _Reads:
    """What a function reads: names, and attributes of names."""

    def __init__(self, function: _ast.FunctionDef, build: str) -> None:
        below = [node for statement in function.body for node in walk(statement)]
        owners = {id(node.value) for node in below if isinstance(node, _ast.Attribute)}
        names = [node for node in below if isinstance(node, _ast.Name) and not isinstance(node.ctx, _ast.Store)]
        self.names = {node.id for node in names}
        self.whole = {node.id for node in names if id(node) not in owners}
        self.attributes = {
            (node.value.id, node.attr)
            for node in below
            if isinstance(node, _ast.Attribute) and isinstance(node.value, _ast.Name)
        }
        self.everything = not self.names.isdisjoint(_ALL_NAMES) or (build, "args") in self.attributes

    def has(self, argument: Argument, arguments: Mapping[str, Argument]) -> bool:
        """Whether an argument is read. A bundle may read its fields in methods of its own, so calling those is a read too."""
        place = argument.place
        if self.everything or len(place) == 1 or place[0] in self.whole:
            return self.everything or place[0] in self.names
        fields = {each.place[1] for each in arguments.values() if each.place[0] == place[0] and len(each.place) > 1}
        used = {attribute for owner, attribute in self.attributes if owner == place[0]}
        return place[1] in used or not used <= fields
