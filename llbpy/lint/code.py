"""The text of a build file as Python's syntax tree, for what a graph does not say.

The tree is made by the compiler itself; the module `ast`, which adds nothing that is needed here, takes as long to import as a
small graph to marshal.
"""

from __future__ import annotations

import _ast

from llbpy.dsl.arguments import unwrapped
from llbpy.graph.sourcemap import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from llbpy.graph.sourcemap import SourceFiles, SourceInfo


class Code:
    """Files as syntax trees, each parsed when it is first needed."""

    def __init__(self, files: SourceFiles) -> None:
        self._files = files
        self._trees: dict[str, _ast.Module | None] = {}

    def tree(self, filename: str) -> _ast.Module | None:
        """The tree of a file by its full name, None if it is not the user's or no Python."""
        if filename not in self._trees:
            info = self._files.info(filename)
            self._trees[filename] = None if info is None else parsed(info.data)
        return self._trees[filename]

    def function(self, function: Callable[..., Any]) -> _ast.FunctionDef | None:
        """The definition of a function, None where its text is not at hand."""
        code = unwrapped(function).__code__
        tree = self.tree(code.co_filename)
        for node in () if tree is None else walk(tree):
            if isinstance(node, _ast.FunctionDef) and node.name == code.co_name and _first(node) == code.co_firstlineno:
                return node
        return None

    def parameter(self, function: Callable[..., Any], name: str) -> Location | None:
        """Where a function names a parameter, None where its text is not at hand."""
        node = self.function(function)
        if node is None:
            return None
        listed = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        found = [each for each in listed if each.arg == name]
        return self.location(function, found[0]) if found else None

    def head(self, function: Callable[..., Any]) -> Location | None:
        """The lines of a function from its first decorator to its name, None where its text is not at hand."""
        node = self.function(function)
        info = self._info(function)
        if node is None or info is None:
            return None
        return Location(info, (((_first(node), 0), (node.lineno, 0)),))

    def location(self, function: Callable[..., Any], node: Any) -> Location | None:
        """Where a node of the file that a function stands in is."""
        info = self._info(function)
        return None if info is None else place(info, node)

    def _info(self, function: Callable[..., Any]) -> SourceInfo | None:
        return self._files.info(unwrapped(function).__code__.co_filename)


def parsed(text: bytes) -> _ast.Module | None:
    """The tree of a text, None if it is no Python."""
    try:
        tree = compile(text, "<text>", "exec", _ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError):
        return None  # a file that only locations point into may be anything
    return tree if isinstance(tree, _ast.Module) else None


def place(info: SourceInfo, node: Any) -> Location:
    """Where a node of a file is."""
    return Location(info, (((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)),))


def walk(node: _ast.AST) -> Iterator[_ast.AST]:
    """A node and all below it, in the order of the text."""
    todo = [node]
    while todo:
        each = todo.pop()
        yield each
        todo += reversed([*_children(each)])


def _children(node: _ast.AST) -> Iterator[_ast.AST]:
    for name in node._fields:
        value: Any = getattr(node, name, None)
        items: list[Any] = value if _is_list(value) else [value]
        yield from [item for item in items if isinstance(item, _ast.AST)]


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _first(node: _ast.FunctionDef) -> int:
    """The line that a code object counts as a function's first: its decorator's, if it has one."""
    return min([node.lineno, *[each.lineno for each in node.decorator_list]])
