"""What the friendly verbs check where they are called, so that the traceback shows the user's line."""

from __future__ import annotations

from llbpy.errors import GraphError
from llbpy.graph.expand import Expand, check_variable
from llbpy.graph.facts import SHELL
from llbpy.graph.fileactions import named
from llbpy.graph.mounts import not_a_path as not_a_path
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


def texts(what: str, values: Sequence[str]) -> Sequence[str]:
    """The values, if they are a list of str; raises GraphError for one str, whose letters would be taken for values."""
    if isinstance(values, str):
        raise GraphError(f"{what}={values!r} is a str; give a list: [{values!r}]")
    return values


def text(what: str, value: object) -> str:
    """A str, or the text of a path; raises GraphError for anything else."""
    if isinstance(value, str):
        return value
    if hasattr(value, "__fspath__"):
        return str(value)
    raise GraphError(f"{what} {value!r} is {type(value).__name__}; give a str")


def numbers(what: str, *values: object) -> None:
    """Raises GraphError unless all values are whole numbers."""
    for value in values:
        if not isinstance(value, int):
            raise GraphError(f"{what} {value!r} is {type(value).__name__}; give a whole number")


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
        argv = tuple([text("run() argument", word) for word in argv])
    if not argv:
        raise GraphError("run() needs a command: arguments are required, and the list is empty")
    return argv  # type: ignore[return-value]


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


def exit_codes(codes: Iterable[int]) -> tuple[int, ...]:
    """The codes that count as success. Raises GraphError for what is no whole number, or for none at all."""
    listed = (codes,) if isinstance(codes, int) else tuple(codes)
    numbers("run() exit code", *listed)
    return listed


def environment(mapping: Mapping[str, Variable] | None, values: Mapping[str, Variable]) -> dict[str, Variable]:
    """The variables that `env()` was given. Raises GraphError for a name or a value that no environment can hold."""
    env = {**(mapping or {}), **values}
    for name, value in env.items():
        check_variable("env()", name)
        if value is not None and not isinstance(value, (str, Expand)):
            raise GraphError(f"env() {name}={value!r} is {type(value).__name__}; a variable's value is a str")
    return env


def choice(what: str, value: str, choices: Iterable[str]) -> str:
    """The value, if it is one of the choices; raises GraphError that lists them if not."""
    if value not in choices:
        raise GraphError(f"{what} {value!r} is unknown; it is one of {', '.join(map(repr, choices))}")
    return value


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
