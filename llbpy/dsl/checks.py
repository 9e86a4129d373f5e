"""What the friendly verbs check where they are called, so that the traceback shows the user's line."""

from __future__ import annotations

from llbpy.errors import GraphError, PathError
from llbpy.graph.expand import Expand
from llbpy.graph.facts import SHELL
from llbpy.graph.fileactions import named
from llbpy.graph.ops.exec import ShellText, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike
    from typing import TypeAlias

    from llbpy.graph.facts import Facts
    from llbpy.graph.fileactions import Owner
    from llbpy.graph.mounts import Mount
    from llbpy.graph.ops.op import Output

    Variable: TypeAlias = str | Expand | None

# Modes that people write, read as decimal by mistake. Those of them that are real modes as they stand (0o620) nobody uses.
_DECIMAL_MODES = frozenset(
    (
        *(400, 440, 444, 500, 544, 550, 555, 600, 640, 644, 660, 664, 666, 700, 710, 711, 740, 744, 750, 751, 754, 755),
        *(760, 764, 770, 771, 774, 775, 776, 777, 1777, 2755, 2775, 4711, 4755, 6755),
    )
)


def check_mode(mode: int | str | None) -> None:
    """Raises GraphError for a mode that was meant as octal, or is out of range."""
    if isinstance(mode, int):
        if mode in _DECIMAL_MODES:
            raise GraphError(f"mode={mode} is decimal ({mode:#o}); did you mean 0o{mode}?")
        if not 0 <= mode <= 0o7777:
            raise GraphError(f"mode={mode:#o} is out of range; permissions go from 0 to 0o7777")


def command(words: Sequence[str | PathLike[str]] | str) -> tuple[str, ...] | ShellText:
    """What `run()` was given: a list is an argv, text is for the shell, and text on lines of its own is a script."""
    if isinstance(words, str):
        if not words.strip():
            raise GraphError("run() needs a command, and this one is blank; give text for the shell or a list")
        return ShellText(dedent(words), True) if words[0] == "\n" else ShellText(words)
    argv = tuple(words)
    try:
        "".join(argv)  # type: ignore[arg-type]
    except TypeError:
        argv = tuple([_word(word) for word in argv])
    if not argv:
        raise GraphError("run() needs a command: arguments are required, and the list is empty")
    return argv  # type: ignore[return-value]


def _word(word: object) -> str:
    if isinstance(word, str):
        return word
    if hasattr(word, "__fspath__"):
        return str(word)
    raise GraphError(f"run() argument {word!r} is {type(word).__name__}; each word of a command is a str")


def dedent(script: str) -> str:
    """A script without its first line's break and the indent that all its lines share.

    >>> dedent('''
    ...     make
    ...       install
    ... ''')
    'make\\n  install\\n'
    """
    lines = script[1:].split("\n")
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
    shared = min(indents, key=len)
    while not all(indent.startswith(shared) for indent in indents):
        shared = shared[:-1]
    return "\n".join([line[len(shared) :] if line.strip() else "" for line in lines])


def address(host: str, ip: str) -> tuple[str, str]:
    """An entry of /etc/hosts, the address in the form in which Go writes it. Raises GraphError if it is none."""
    from ipaddress import ip_address

    try:
        parsed = ip_address(ip)
    except ValueError as error:
        raise GraphError(f"extra host {host!r}: {ip!r} is no IP address") from error
    mapped = getattr(parsed, "ipv4_mapped", None)
    return host, str(mapped or parsed)


def environment(mapping: Mapping[str, Variable] | None, values: Mapping[str, Variable]) -> dict[str, Variable]:
    """The variables that `env()` was given. Raises GraphError for a name or a value that no environment can hold."""
    env = {**(mapping or {}), **values}
    for name, value in env.items():
        if not name or "=" in name or "\0" in name:
            raise GraphError(f"env() name {name!r} cannot be a variable; a name has no '=' and is not empty")
        if value is not None and not isinstance(value, (str, Expand)):
            raise GraphError(f"env() {name}={value!r} is {type(value).__name__}; a variable's value is a str")
    return env


def choice(what: str, value: str, choices: Iterable[str]) -> str:
    """The value, if it is one of the choices; raises GraphError that lists them if not."""
    if value not in choices:
        raise GraphError(f"{what} {value!r} is unknown; it is one of {', '.join(map(repr, choices))}")
    return value


def not_a_path(verb: str, value: object) -> PathError:
    """The error for a source that is no place in a filesystem."""
    if isinstance(value, str):
        advice = f"build.context()[{value!r}], or state[{value!r}]"
        return PathError(f"{verb}() source {value!r} is a str; a path needs its filesystem: {advice}")
    return PathError(
        f"{verb}() source {value!r} is {type(value).__name__}; give a State, or a path in one: state['/path']"
    )


def check_owner(verb: str, owner: Owner | None, base: Output | None, link: bool = False) -> None:
    """Raises GraphError for an owner by name where there are no users to look it up in."""
    if base is not None or not named(owner):
        return
    if link:
        raise GraphError(
            f"copy(link=True) starts from scratch and cannot look up owner {owner!r}; use (uid, gid) or link=False"
        )
    raise GraphError(f"{verb}() owner {owner!r} is a name, and scratch() has no users to look it up in; use (uid, gid)")


def shell_on_scratch(command: ShellText, facts: Facts, mounts: Sequence[Mount]) -> None:
    """Raises GraphError if text is to run where no shell can be: on scratch, with no mount that could bring one."""
    shell = (facts.shell or SHELL)[0]
    if not any(mount.target and f"{shell}/".startswith(mount.target.rstrip("/") + "/") for mount in mounts):
        raise GraphError(
            f"run {shown(command)!r} needs {shell}, but the filesystem is scratch(); give an argv list or start from an image"
        )
