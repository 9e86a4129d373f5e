"""Targets: functions of a build file that can be built by name.

`@target` leaves a function as it is and notes it in its own file, so that files never mix; the loader reads the notes.
"""

from __future__ import annotations

import sys

from llbpy.dsl.arguments import parameters, signature, unwrapped
from llbpy.dsl.build import Build
from llbpy.dsl.checks import not_a_path
from llbpy.dsl.paths import StatePath
from llbpy.errors import BuildFileError, near

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType
    from typing import Any, NoReturn, TypeAlias, TypeVar, overload

    from llbpy.dsl.annotations import Annotation
    from llbpy.dsl.arguments import Signature
    from llbpy.dsl.state import State

    Built: TypeAlias = "State | Outcome"
    F = TypeVar("F", bound=Callable[..., Built])

NOTES = "__llbpy_targets__"
"""The name in a build file's globals under which its targets and groups are noted."""
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


class Outcome:
    """A state that is exported first; then the build fails if the file at `exit_code` holds anything but 0."""

    __slots__ = ("exit_code", "state")

    def __init__(self, state: State, exit_code: StatePath) -> None:
        self.state = state
        self.exit_code = exit_code


def outcome(state: State, *, exit_code: StatePath) -> Outcome:
    """A result for reports that come out of a red build: `state` is exported, then `exit_code` decides.

    `exit_code` is the path of a file with a number as text, as `echo $? > /code` writes it. A frontend cannot export and then fail:
    there, nothing is exported but of 0, and another target that returns the outcome's `state` hands it out.
    """
    if not isinstance(exit_code, StatePath):
        raise not_a_path("outcome", exit_code)
    return Outcome(state, exit_code)


class Target:
    """A function of a build file, by the name under which it is built.

    `settings` are those that `@target` was given, by name. `bound` are the parameters that its matrix sets; `family` is the name
    that all targets of one matrix share, else empty.
    """

    __slots__ = ("_signature", "bound", "default", "family", "function", "name", "settings")

    def __init__(
        self,
        function: Callable[..., Built],
        name: str,
        default: bool,
        settings: Mapping[str, Any],
        bound: Mapping[str, Any],
        family: str,
    ) -> None:
        self.function = function
        self.name = name
        self.default = default
        self.settings = settings
        self.bound = bound
        self.family = family
        self._signature: Signature | None = None

    @property
    def signature(self) -> Signature:
        """What it takes. Raises BuildFileError for a parameter that could not be given from outside."""
        if self._signature is None:
            self._signature = signature(self.function, Build, self.bound)
        return self._signature

    @property
    def doc(self) -> str:
        """The first paragraph of the function's docstring, as one line."""
        return " ".join((self.function.__doc__ or "").strip().partition("\n\n")[0].split())

    @property
    def where(self) -> str:
        """File and line of its definition."""
        code = unwrapped(self.function).__code__
        return f"{code.co_filename}:{code.co_firstlineno}"

    def __copy__(self) -> Target:
        return self

    def __deepcopy__(self, memo: object) -> Target:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Target is not pickled; marshal the State that it makes")

    def tags(self, values: Mapping[str, Any]) -> list[str]:
        """Its tags with the names of arguments replaced."""
        return [tag.format_map(values) for tag in self.settings.get("tags", ())]

    def annotations(self) -> list[Annotation]:
        """Its images' annotations. Raises BuildFileError for what is none."""
        texts: Sequence[str] = self.settings.get("annotations") or ()
        if not texts:
            return []
        from llbpy.dsl.annotations import parse

        return [each for text in texts for each in parse(text, self.where)]


class Group:
    """Several targets under one name: functions, or names."""

    __slots__ = ("members", "name", "where")

    def __init__(self, name: str, members: tuple[Callable[..., Built] | str, ...], where: str) -> None:
        self.name = name
        self.members = members
        self.where = where


if TYPE_CHECKING:

    @overload
    def target(function: F, /) -> F: ...

    @overload
    def target(
        *,
        default: bool = False,
        name: str | None = None,
        tags: Sequence[str] = (),
        platforms: Sequence[str] = (),
        exports: Sequence[str] = (),
        annotations: Sequence[str] = (),
        labels: Mapping[str, str] | None = None,
        attest: Sequence[str] = (),
        cache_from: Sequence[str] = (),
        cache_to: Sequence[str] = (),
        contexts: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        ssh: Sequence[str] = (),
        allow: Sequence[str] = (),
        no_cache: bool | Sequence[str] = False,
        matrix: Mapping[str, Sequence[Any]] | None = None,
    ) -> Callable[[F], F]: ...


def target(
    function: F | None = None,
    /,
    *,
    default: bool = False,
    name: str | None = None,
    matrix: Mapping[str, Sequence[Any]] | None = None,
    **settings: Any,
) -> F | Callable[[F], F]:
    """Marks a function that makes a State as one that can be built by name; calling it stays calling it.

    `name` defaults to the function's, `default` marks the one that is built when none is named. `matrix` maps parameters to
    values: each combination is a target, `name` then has `{parameter}` for each, and the function's own name is their group.
    The rest is what `docker buildx bake` can say of a target: `tags` (where `{argument}` is filled in), `platforms`, `exports` (as
    `-o`), `annotations`, `labels`, `attest`, `cache_from`, `cache_to`, `contexts`, `secrets`, `ssh`, `allow`, `no_cache` (True,
    or names of targets). Raises BuildFileError for a setting, a name or an argument in `{}` that does not exist.

    >>> from llbpy import State, scratch, target
    >>> @target(tags=["example/app:{version}"])
    ... def app(version: str = "dev") -> State:
    ...     return scratch().write("/version", version)
    >>> app("1.0")
    <State file>
    """

    def mark(function: F) -> F:
        _check_function(function)
        for made in _targets(function, name, default, settings, matrix):
            _note(function.__globals__, made)
        return function

    if isinstance(function, str):
        raise BuildFileError(f"@target({function!r}) marks no function; write @target(name={function!r})", _caller())
    return mark if function is None else mark(function)


def _check_function(function: Any) -> None:
    if not hasattr(function, "__code__"):
        raise BuildFileError(f"@target marks {function!r}, which is no function", _caller())
    if function.__code__.co_flags & _ASYNC:
        raise BuildFileError(
            f"target {function.__name__!r} is async; a target only describes, so a plain function does", _caller()
        )


_ASYNC = 0x80 | 0x200  # CO_COROUTINE, CO_ASYNC_GENERATOR


def _caller() -> str:
    """File and line of the call into this module."""
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None and frame.f_code.co_filename == _caller.__code__.co_filename:
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def group(*members: Callable[..., Built] | str, name: str) -> Group:
    """Several targets of a build file under one name: their functions, or names. Raises BuildFileError for a bad name."""
    made = Group(name, members, _caller())
    _check_name(name, made.where)
    _note(sys._getframe(1).f_globals, made)  # pyright: ignore[reportPrivateUsage] - of the file that has the group
    return made


_SETTINGS: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("tags", "platforms", "exports", "annotations", "attest", "cache_from", "cache_to"), (list, tuple)),
    **dict.fromkeys(("secrets", "ssh", "allow"), (list, tuple)),
    **dict.fromkeys(("labels", "contexts"), dict),
    "no_cache": (bool, list, tuple),
}


def _targets(
    function: Callable[..., Built],
    name: str | None,
    default: bool,
    settings: Mapping[str, Any],
    matrix: Mapping[str, Sequence[Any]] | None,
) -> list[Target]:
    whole = Target(function, name or function.__name__, default, settings, {}, "")
    for setting, value in settings.items():
        if setting not in _SETTINGS:
            raise BuildFileError(
                f"@target has no setting {setting!r}{near(setting, (*_SETTINGS, 'matrix', 'name'))}", whole.where
            )
        if value is not None and not isinstance(value, _SETTINGS[setting]):
            right = "a dict" if _SETTINGS[setting] is dict else "a list"
            raise BuildFileError(
                f"@target setting {setting}={value!r} is {type(value).__name__}; give {right}", whole.where
            )
    whole.annotations()  # are checked so
    if not matrix:
        _check_name(whole.name, whole.where)
        _check_tags(whole)
        return [whole]
    template = name or "-".join([function.__name__, *[f"{{{key}}}" for key in matrix]])
    _check_matrix(whole, matrix, template)
    combined: list[dict[str, Any]] = [{}]
    for key, values in matrix.items():
        combined = [{**bound, key: value} for bound in combined for value in values]
    made = [
        Target(function, template.format_map(bound), default, settings, bound, function.__name__) for bound in combined
    ]
    for each in made:
        _check_name(each.name, each.where)
        _check_tags(each)
    return made


def _check_matrix(whole: Target, matrix: Mapping[str, Sequence[Any]], template: str) -> None:
    known = parameters(unwrapped(whole.function))
    for key, values in matrix.items():
        if key not in known:
            function = whole.function.__name__
            raise BuildFileError(f"matrix key {key!r} is no parameter of {function}(){near(key, known)}", whole.where)
        if not values:
            raise BuildFileError(f"matrix key {key!r} has no values, so there is no target", whole.where)
        if key not in placeholders(template, whole.where) and len(values) > 1:
            raise BuildFileError(f"name={template!r} lacks {{{key}}}: its targets would share a name", whole.where)
    for key in placeholders(template, whole.where):
        if key not in matrix:
            problem = f"name={template!r} reads {{{key}}}, which is no key of the matrix{near(key, matrix)}"
            raise BuildFileError(problem, whole.where)


def _check_tags(made: Target) -> None:
    tags = made.settings.get("tags", ())
    used = [name for tag in tags for name in placeholders(tag, made.where)]
    if not used:
        return
    known = {*made.signature.arguments, *made.bound}
    for name in used:
        if name not in known:
            problem = f"a tag of target {made.name!r} reads {{{name}}}, which is no argument of it{near(name, known)}"
            raise BuildFileError(problem, made.where)


def placeholders(text: str, where: str = "") -> list[str]:
    """The names in braces, `{version}`; doubled braces are literal ones. Raises BuildFileError for anything else in braces.

    >>> placeholders("example/{name}:{version}")
    ['name', 'version']
    """
    found: list[str] = []
    for part in text.replace("{{", "").replace("}}", "").split("{")[1:]:
        name, closed, _ = part.partition("}")
        if not closed or not name.isidentifier():
            raise BuildFileError(f"{text!r}: {{{name}}} is no {{argument}}; write {{{{ for a brace", where)
        found.append(name)
    return found


def _check_name(name: str, where: str) -> None:
    if not name or not _NAME.issuperset(name):
        raise BuildFileError(f"target name {name!r}: letters, digits, '_', '-' and '.' make a name", where)


def _note(namespace: dict[str, Any], made: Target | Group) -> None:
    namespace.setdefault(NOTES, []).append(made)
