"""The formats of a graph. A file in this folder is one: it is named as its NAME, and has `render(definition, width)`."""

from __future__ import annotations

from llbpy.errors import OptionError, near

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from llbpy.graph.definition import Definition

    class Format(Protocol):
        """A way to show a definition."""

        NAME: str

        def render(self, definition: Definition, width: int | None = None) -> str:
            """The definition as text that ends in a newline.

            `width` is the most characters of a line on a terminal (None: as many as it has); formats that other programs read
            do not heed it. Raises GraphError for a definition that is cut short.
            """
            ...


def names() -> list[str]:
    """The names of all formats, sorted."""
    from pkgutil import iter_modules

    return sorted(module.name for module in iter_modules(__path__))


def find(name: str) -> Format:
    """The format of a name. Raises OptionError, which lists those there are."""
    from importlib import import_module

    if name not in names():
        raise OptionError(f"format {name!r} is none of {', '.join(names())}{near(name, names())}")
    module: Any = import_module(f"{__name__}.{name}")
    found: Format = module
    return found


def render(definition: Definition, format: str = "text", width: int | None = None) -> str:
    """A definition in the format of that name; see `Format.render`. Raises GraphError, OptionError."""
    return find(format).render(definition, width)
