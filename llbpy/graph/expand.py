"""`$NAME` in environment values: read from what the state and its image set, and never silently empty."""

from __future__ import annotations

from llbpy.errors import GraphError, near
from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FIRST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_REST = _FIRST | frozenset("0123456789")


class Expand(Value):
    """A template made by `expand()`: literal text and names of variables in turn, text first."""

    __slots__ = ("parts",)

    parts: tuple[str, ...]

    def __init__(self, parts: tuple[str, ...]) -> None:
        set_field(self, "parts", parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that it reads, in order."""
        return self.parts[1::2]

    def fill(self, lookup: Callable[[str], str | Expand | None]) -> str | Expand:
        """The template with the names replaced that `lookup` knows; a str once no name is left."""
        text = [self.parts[0]]
        for name, after in zip(self.parts[1::2], self.parts[2::2], strict=True):
            value = lookup(name)
            inner = (value,) if isinstance(value, str) else value.parts if value else ("", name, "")
            text[-1] += inner[0]
            text.extend(inner[1:])
            text[-1] += after
        return text[0] if len(text) == 1 else Expand(tuple(text))


def check_variable(verb: str, name: str) -> None:
    """Raises GraphError for a name that no environment can hold."""
    if not name or "=" in name or "\0" in name:
        raise GraphError(f"{verb} name {name!r} cannot be a variable; a name has no '=' and is not empty")


def unset(names: Iterable[str], known: Iterable[str]) -> GraphError:
    """The error for variables that an `expand()` reads and nobody sets."""
    choices = list(known)
    named = ", ".join(f"{name!r}{near(name, choices)}" for name in dict.fromkeys(names))
    return GraphError(f"expand() reads {named}, which neither the state nor its image sets; set it with .env() before")


def expand(template: str) -> Expand:
    """A value for `.env()` that reads variables set before, the base image's included: `$NAME` or `${NAME}`; `$$` is a dollar.

    Raises GraphError for a `$` that starts no name. Reading a variable that nobody sets fails when the value is needed.

    >>> expand("/opt/bin:$PATH").names
    ('PATH',)
    """
    parts = [""]
    at = 0
    while (found := template.find("$", at)) >= 0:
        parts[-1] += template[at:found]
        name, at = _name(template, found + 1)
        if name == "$":
            parts[-1] += "$"
        else:
            parts += [name, ""]
    parts[-1] += template[at:]
    return Expand(tuple(parts))


def _name(template: str, at: int) -> tuple[str, int]:
    if template[at : at + 1] == "$":
        return "$", at + 1
    braced = template[at : at + 1] == "{"
    start = end = at + braced
    while end < len(template) and template[end] in (_REST if end > start else _FIRST):
        end += 1
    if end == start or (braced and template[end : end + 1] != "}"):
        raise GraphError(
            f"expand({template!r}): the $ at position {at - 1} starts no $NAME or ${{NAME}}; write $$ for a dollar"
        )
    return template[start:end], end + braced
