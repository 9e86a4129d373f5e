"""A target's arguments: what a signature says about them, and values from the text of `--arg NAME=VALUE`.

A new kind of argument is a new class here; each knows how to recognise its annotation, to read a value, and to say what is right.
"""

from __future__ import annotations

import sys

from llbpy.errors import ArgumentError, BuildFileError, near
from llbpy.graph.values import NOT_GIVEN, Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, ClassVar


class Doc(Value):
    """What an argument is for: `version: Annotated[str, Doc("what the binary reports")]`."""

    __slots__ = ("documentation",)

    documentation: str

    def __init__(self, documentation: str) -> None:
        set_field(self, "documentation", documentation)


class Kind:
    """The type of an argument. `shown` is how help calls it, with the values that there are to choose from."""

    __slots__ = ("shown",)

    kinds: ClassVar[list[type[Kind]]] = []

    shown: str

    def __init_subclass__(cls) -> None:
        Kind.kinds.append(cls)

    @classmethod
    def of(cls, annotation: Any) -> Kind | None:
        """The kind, if the annotation is of this class."""
        raise NotImplementedError

    def read(self, text: str) -> Any:
        """The value of a text. Raises ValueError, which says what would be right."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """The text that reads as this value."""
        return str(value)


class TextKind(Kind):
    __slots__ = ()
    shown = "str"

    @classmethod
    def of(cls, annotation: Any) -> Kind | None:
        return cls() if annotation is str else None

    def read(self, text: str) -> Any:
        return text


class NumberKind(Kind):
    __slots__ = ("_type",)

    def __init__(self, type: type[int | float]) -> None:
        self._type = type
        self.shown = type.__name__

    @classmethod
    def of(cls, annotation: Any) -> Kind | None:
        return cls(annotation) if annotation in (int, float) else None

    def read(self, text: str) -> Any:
        try:
            return self._type(text)
        except ValueError:
            raise ValueError("a whole number" if self._type is int else "a number") from None


class FlagKind(Kind):
    __slots__ = ()
    shown = "bool"
    _values: ClassVar[dict[str, bool]] = {
        **dict.fromkeys(("1", "true", "yes", "on"), True),
        **dict.fromkeys(("0", "false", "no", "off"), False),
    }

    @classmethod
    def of(cls, annotation: Any) -> Kind | None:
        return cls() if annotation is bool else None

    def read(self, text: str) -> Any:
        if text.lower() not in self._values:
            raise ValueError("true or false")
        return self._values[text.lower()]

    def write(self, value: Any) -> str:
        return "true" if value else "false"


class PathKind(Kind):
    __slots__ = ("_type",)
    shown = "Path"

    def __init__(self, type: Callable[[str], Any]) -> None:
        self._type = type

    @classmethod
    def of(cls, annotation: Any) -> Kind | None:
        pathlib = sys.modules.get("pathlib")
        return (
            cls(annotation)
            if pathlib and isinstance(annotation, type) and issubclass(annotation, pathlib.PurePath)
            else None
        )

    def read(self, text: str) -> Any:
        return self._type(text)


class LiteralKind(Kind):
    __slots__ = ("_choices",)

    def __init__(self, values: tuple[Any, ...]) -> None:
        self._choices = {str(value): value for value in values}
        self.shown = " | ".join([repr(value) for value in values])

    @classmethod
    def of(cls, annotation: Any) -> Kind | None:
        typing = sys.modules.get("typing")
        is_literal = typing and getattr(annotation, "__origin__", None) is typing.Literal
        return cls(annotation.__args__) if is_literal else None

    def read(self, text: str) -> Any:
        if text not in self._choices:
            raise ValueError(f"one of {', '.join(self._choices)}")
        return self._choices[text]


class EnumKind(Kind):
    """By a member's value or its name."""

    __slots__ = ("_choices",)

    def __init__(self, members: Any) -> None:
        self._choices = {
            **{member.name: member for member in members},
            **{str(member.value): member for member in members},
        }
        self.shown = " | ".join([repr(str(member.value)) for member in members])

    @classmethod
    def of(cls, annotation: Any) -> Kind | None:
        enum = sys.modules.get("enum")
        return cls(annotation) if enum and isinstance(annotation, type) and issubclass(annotation, enum.Enum) else None

    def read(self, text: str) -> Any:
        if text not in self._choices:
            values = dict.fromkeys([str(member.value) for member in self._choices.values()])
            raise ValueError(f"one of {', '.join(values)}")
        return self._choices[text]

    def write(self, value: Any) -> str:
        return str(value.value)


class ListKind(Kind):
    """Values with commas between; empty text is the empty list."""

    __slots__ = ("_item",)

    def __init__(self, item: Kind) -> None:
        self._item = item
        self.shown = f"list[{item.shown}]"

    @classmethod
    def of(cls, annotation: Any) -> Kind | None:
        if getattr(annotation, "__origin__", None) is not list:
            return None
        item = kind_of(annotation.__args__[0])
        return None if item is None else cls(item)

    def read(self, text: str) -> Any:
        return [self._item.read(part.strip()) for part in text.split(",")] if text else []

    def write(self, value: Any) -> str:
        return ",".join([self._item.write(item) for item in value])


class OptionalKind(Kind):
    """`T | None`: empty text is None."""

    __slots__ = ("_item",)

    def __init__(self, item: Kind) -> None:
        self._item = item
        self.shown = f"{item.shown} | None"

    @classmethod
    def of(cls, annotation: Any) -> Kind | None:
        parts: tuple[Any, ...] = getattr(annotation, "__args__", ())
        if getattr(annotation, "__origin__", None) in (list, tuple, dict) or type(None) not in parts or len(parts) != 2:
            return None
        item = kind_of(parts[0] if parts[1] is type(None) else parts[1])
        return None if item is None else cls(item)

    def read(self, text: str) -> Any:
        return self._item.read(text) if text else None

    def write(self, value: Any) -> str:
        return "" if value is None else self._item.write(value)


def kind_of(annotation: Any) -> Kind | None:
    """The kind of an annotation, or None if it is none that an argument can have."""
    if hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    return next((found for kind in Kind.kinds if (found := kind.of(annotation)) is not None), None)


class Argument(Value):
    """One argument of a target: `default` is NOT_GIVEN if it is required, `doc` may be empty.

    `place` is the parameter that it fills, and the field of it if that is a bundle.
    """

    __slots__ = ("name", "kind", "default", "doc", "place")

    name: str
    kind: Kind
    default: Any
    doc: str
    place: tuple[str, ...]

    def __init__(self, name: str, kind: Kind, default: Any, doc: str, place: tuple[str, ...]) -> None:
        set_field(self, "name", name)
        set_field(self, "kind", kind)
        set_field(self, "default", default)
        set_field(self, "doc", doc)
        set_field(self, "place", place)

    @property
    def required(self) -> bool:
        return self.default is NOT_GIVEN

    @property
    def plain_default(self) -> Any:
        """The default as JSON has it, or as text that `--arg` takes; None if the argument is required."""
        plain = self.default is None or type(self.default) in (str, int, float, bool, list)
        return None if self.required else self.default if plain else self.kind.write(self.default)

    def __str__(self) -> str:
        return f"{self.name!r} ({self.kind.shown}{'' if self.required else f', default {self.plain_default!r}'})"


class Signature:
    """A target function's parameters: whether it takes a Build first, its arguments, and its bundles of arguments.

    `positional` are the parameters that cannot be given by name.
    """

    __slots__ = ("arguments", "bundles", "positional", "takes_build")

    def __init__(
        self,
        takes_build: bool,
        arguments: Mapping[str, Argument],
        bundles: Mapping[str, Callable[..., Any]],
        positional: tuple[str, ...],
    ) -> None:
        self.takes_build = takes_build
        self.arguments = arguments
        self.bundles = bundles
        self.positional = positional


def signature(function: Callable[..., Any], build_type: type, bound: Mapping[str, Any]) -> Signature:
    """What a target function takes; `bound` parameters are filled already.

    Raises BuildFileError for a parameter that could not be given from outside.
    """
    function = unwrapped(function)
    names = parameters(function)
    annotations = _annotations(function)
    takes_build = bool(names) and annotations.get(names[0]) is build_type
    found = _Found(function, _defaults(function, names), _documented(function.__doc__ or ""))
    bundles: dict[str, Callable[..., Any]] = {}
    for name in names[takes_build:]:
        if name in bound:
            continue
        annotation = annotations.get(name)
        if annotation is build_type:
            raise _error(function, f"parameter {name!r} is a Build; only the first parameter can be one")
        fields = None if annotation is None else _fields(annotation, function)
        if annotation is None or fields is None:
            found.add(name, annotation, found.defaults.get(name, NOT_GIVEN), (name,))
            continue
        bundles[name] = annotation
        given = found.defaults.get(name, NOT_GIVEN)
        for field, kind, default in fields:
            found.add(field, kind, default if given is NOT_GIVEN else getattr(given, field), (name, field))
    positional = names[: function.__code__.co_posonlyargcount]
    return Signature(takes_build, found.arguments, bundles, positional[takes_build:])


def unwrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function that decorators which use `functools.wraps` stand for."""
    inner = getattr(function, "__wrapped__", None)
    return function if inner is None else unwrapped(inner)


def parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters."""
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


class _Found:
    """The arguments of a function as they are found."""

    def __init__(self, function: Callable[..., Any], defaults: Mapping[str, Any], docs: Mapping[str, str]) -> None:
        self.arguments: dict[str, Argument] = {}
        self.defaults = defaults
        self._function = function
        self._docs = docs

    def add(self, name: str, annotation: Any, default: Any, place: tuple[str, ...]) -> None:
        if name in self.arguments:
            raise _error(self._function, f"two arguments are called {name!r}; names from outside must differ")
        kind = kind_of(annotation)
        if kind is None:
            what = "has no annotation" if annotation is None else f"is annotated {_shown(annotation)}"
            kinds = "str, int, float, bool, Path, Literal[…], an Enum, list[…], … | None, or a frozen class of those"
            raise _error(self._function, f"argument {name!r} {what}; it can be {kinds}")
        notes = [
            note.documentation for note in getattr(annotation, "__metadata__", ()) if hasattr(note, "documentation")
        ]
        self.arguments[name] = Argument(name, kind, default, notes[0] if notes else self._docs.get(name, ""), place)


def _fields(annotation: Any, function: Callable[..., Any]) -> list[tuple[str, Any, Any]] | None:
    """Name, annotation and default of each field of a bundle: an attrs class or a dataclass."""
    if not isinstance(annotation, type):
        return None
    owner = sys.modules.get(annotation.__module__)
    names = function.__globals__ if owner is None else vars(owner)
    attrs = getattr(annotation, "__attrs_attrs__", None)
    if attrs is not None:
        nothing = sys.modules["attr"].NOTHING
        listed = [(each.alias or each.name, each.type, _default(each.default, nothing)) for each in attrs if each.init]
    else:
        fields = getattr(annotation, "__dataclass_fields__", None)
        if fields is None:
            return None
        missing = sys.modules["dataclasses"].MISSING
        listed = [
            (each.name, each.type, _default(_made(each, missing), missing)) for each in fields.values() if each.init
        ]
    return [(name, _evaluated(kind, names, name, function), default) for name, kind, default in listed]


def _made(field: Any, missing: object) -> Any:
    return field.default if field.default_factory is missing else field.default_factory()


def _default(value: Any, nothing: object) -> Any:
    if value is nothing:
        return NOT_GIVEN
    factory = getattr(value, "factory", None)  # attrs keeps a factory as the default
    return value if factory is None else factory()


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    named = {name: annotation for name, annotation in function.__annotations__.items() if name != "return"}
    return {name: _evaluated(each, function.__globals__, name, function) for name, each in named.items()}


def _evaluated(annotation: Any, names: dict[str, Any], name: str, function: Callable[..., Any]) -> Any:
    """What an annotation in quotes, or one of `from __future__ import annotations`, stands for."""
    while isinstance(annotation, str):
        try:
            annotation = eval(annotation, names)
        except Exception as error:
            problem = f"the annotation of {name!r} cannot be evaluated when it runs: {error}"
            raise _error(function, problem) from None
    return annotation


def _defaults(function: Callable[..., Any], names: tuple[str, ...]) -> dict[str, Any]:
    positional = names[: function.__code__.co_argcount]
    given = function.__defaults__ or ()
    return {
        **dict(zip(positional[len(positional) - len(given) :], given, strict=True)),
        **(function.__kwdefaults__ or {}),
    }


def _documented(docstring: str) -> dict[str, str]:
    """What a docstring says of arguments: lines `name: text` (below `Args:`) or `:param name: text`."""
    found: dict[str, str] = {}
    for line in docstring.splitlines():
        head, colon, text = line.strip().removeprefix(":param ").partition(":")
        if colon and text.strip() and head.isidentifier():
            found[head] = text.strip()
    return found


def _shown(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _error(function: Callable[..., Any], problem: str) -> BuildFileError:
    code = function.__code__
    return BuildFileError(f"target {function.__name__!r}: {problem}", f"{code.co_filename}:{code.co_firstlineno}")


def fill(signature: Signature, given: Mapping[str, str], target: str, fixed: Iterable[str] = ()) -> dict[str, Any]:
    """The keyword arguments for a target's function, from text. Raises ArgumentError with everything that is wrong.

    `fixed` are names that the target's matrix sets, and nobody else.
    """
    problems = [_stray(name, signature, target, fixed) for name in given if name not in signature.arguments]
    names: list[str] = []
    values: dict[str, Any] = {}
    for name, argument in signature.arguments.items():
        if name in given:
            try:
                values[name] = argument.kind.read(given[name])
            except ValueError as error:
                names.append(name)
                problems.append(f"argument {name!r} of target {target!r} is {given[name]!r}; give {error}")
        elif argument.required:
            names.append(name)
            problems.append(f"target {target!r} needs argument {argument}; pass --arg {name}=…")
        else:
            values[name] = argument.default
    if problems:
        raise ArgumentError(problems, names=names)
    return _bundled(signature, values)


def _stray(name: str, signature: Signature, target: str, fixed: Iterable[str]) -> str:
    if name in fixed:
        return f"argument {name!r} of target {target!r} is set by its matrix; build another of its targets instead"
    close = near(name, signature.arguments)
    for argument in signature.arguments.values():
        if repr(argument.name) in close:
            close = f"; did you mean {argument}?"
    known = close or (f"; it has {', '.join(signature.arguments)}" if signature.arguments else "; it has none")
    return f"target {target!r} has no argument {name!r}{known}"


def _bundled(signature: Signature, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by parameter: those of a bundle's fields are made into one."""
    keywords: dict[str, Any] = {}
    fields: dict[str, dict[str, Any]] = {name: {} for name in signature.bundles}
    for name, value in values.items():
        place = signature.arguments[name].place
        if len(place) == 1:
            keywords[name] = value
        else:
            fields[place[0]][place[1]] = value
    for name, make in signature.bundles.items():
        try:
            keywords[name] = make(**fields[name])
        except (ValueError, TypeError) as error:  # the class's own checks of its values
            raise ArgumentError([f"argument {name!r}: {error}"], names=[name]) from error
    return keywords
