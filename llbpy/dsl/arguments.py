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
    """The type of an argument. `shown` is how help calls it; `read` raises ValueError, which says what would be right."""

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
        raise NotImplementedError


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
        self.shown = members.__name__

    @classmethod
    def of(cls, annotation: Any) -> Kind | None:
        enum = sys.modules.get("enum")
        return cls(annotation) if enum and isinstance(annotation, type) and issubclass(annotation, enum.Enum) else None

    def read(self, text: str) -> Any:
        if text not in self._choices:
            values = dict.fromkeys([str(member.value) for member in self._choices.values()])
            raise ValueError(f"one of {', '.join(values)}")
        return self._choices[text]


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

    def __str__(self) -> str:
        return f"{self.name!r} ({self.kind.shown}{'' if self.required else f', default {self.default!r}'})"


class Signature:
    """A target function's parameters: whether it takes a Build first, its arguments, and its bundles of arguments."""

    __slots__ = ("arguments", "bundles", "takes_build")

    def __init__(
        self, takes_build: bool, arguments: Mapping[str, Argument], bundles: Mapping[str, Callable[..., Any]]
    ) -> None:
        self.takes_build = takes_build
        self.arguments = arguments
        self.bundles = bundles


def signature(function: Callable[..., Any], build_type: type, bound: Mapping[str, Any]) -> Signature:
    """What a target function takes; `bound` parameters are filled already.

    Raises BuildFileError for a parameter that could not be given from outside.
    """
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    annotations = _annotations(function)
    takes_build = bool(names) and annotations.get(names[0]) is build_type
    docs = _documented(function.__doc__ or "")
    defaults = _defaults(function, names)
    arguments: dict[str, Argument] = {}
    bundles: dict[str, Callable[..., Any]] = {}
    for name in names[takes_build:]:
        if name in bound:
            continue
        annotation = annotations.get(name)
        fields = _fields(annotation)
        if annotation is None or fields is None:
            found = [_argument(function, name, annotation, defaults.get(name, NOT_GIVEN), docs.get(name, ""), (name,))]
        else:
            bundles[name] = annotation
            found = [_field(function, name, *field, given=defaults.get(name, NOT_GIVEN), docs=docs) for field in fields]
        for argument in found:
            if argument.name in arguments:
                raise _error(function, f"two arguments are called {argument.name!r}; names from outside must differ")
            arguments[argument.name] = argument
    return Signature(takes_build, arguments, bundles)


def _argument(
    function: Callable[..., Any], name: str, annotation: Any, default: Any, doc: str, place: tuple[str, ...]
) -> Argument:
    kind = kind_of(annotation)
    if kind is None:
        what = "has no annotation" if annotation is None else f"is annotated {_shown(annotation)}"
        kinds = "str, int, float, bool, Path, Literal[…], an Enum, list[…], … | None, or a frozen class of those"
        raise _error(function, f"argument {name!r} {what}; it can be {kinds}")
    notes = [note.documentation for note in getattr(annotation, "__metadata__", ()) if hasattr(note, "documentation")]
    return Argument(name, kind, default, notes[0] if notes else doc, place)


def _field(
    function: Callable[..., Any],
    parameter: str,
    name: str,
    annotation: Any,
    default: Any,
    given: Any,
    docs: Mapping[str, str],
) -> Argument:
    default = getattr(given, name) if given is not NOT_GIVEN else default
    return _argument(function, name, annotation, default, docs.get(name, ""), (parameter, name))


def _fields(annotation: Any) -> list[tuple[str, Any, Any]] | None:
    """Name, annotation and default of each field of a bundle: an attrs class or a dataclass."""
    if not isinstance(annotation, type):
        return None
    attrs = getattr(annotation, "__attrs_attrs__", None)
    if attrs is not None:
        nothing = sys.modules["attr"].NOTHING
        return [
            (each.name, _evaluated(each.type, annotation), _default(each.default, nothing))
            for each in attrs
            if each.init
        ]
    fields = getattr(annotation, "__dataclass_fields__", None)
    if fields is None:
        return None
    missing = sys.modules["dataclasses"].MISSING
    return [
        (each.name, _evaluated(each.type, annotation), _default(_made(each, missing), missing))
        for each in fields.values()
        if each.init
    ]


def _made(field: Any, missing: object) -> Any:
    return field.default if field.default_factory is missing else field.default_factory()


def _default(value: Any, nothing: object) -> Any:
    if value is nothing:
        return NOT_GIVEN
    factory = getattr(value, "factory", None)  # attrs keeps a factory as the default
    return value if factory is None else factory()


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    found = dict(function.__annotations__)
    for name, annotation in found.items():
        if isinstance(annotation, str) and name != "return":
            try:
                found[name] = eval(annotation, function.__globals__)
            except NameError as error:
                problem = f"the annotation of {name!r} reads {error.name!r}, which is not there when it runs"
                raise _error(function, problem) from error
    return found


def _evaluated(annotation: Any, owner: type) -> Any:
    return eval(annotation, vars(sys.modules[owner.__module__])) if isinstance(annotation, str) else annotation


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
    values: dict[str, Any] = {}
    for name, argument in signature.arguments.items():
        if name in given:
            try:
                values[name] = argument.kind.read(given[name])
            except ValueError as error:
                problems.append(f"argument {name!r} of target {target!r} is {given[name]!r}; give {error}")
        elif argument.required:
            problems.append(f"target {target!r} needs argument {argument}; pass --arg {name}=…")
        else:
            values[name] = argument.default
    if problems:
        raise ArgumentError(problems)
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
            raise ArgumentError([f"argument {name!r}: {error}"]) from error
    return keywords
