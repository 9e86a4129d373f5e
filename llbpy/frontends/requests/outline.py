"""`frontend.outline`: what a target takes: arguments, secrets, ssh agents, caches."""

from __future__ import annotations

from llbpy.frontends.requests.places import Sources
from llbpy.frontends.requests.request import Request
from llbpy.frontends.requests.results import present, result
from llbpy.frontends.requests.tables import table
from llbpy.graph.tokens import masked
from llbpy.lint.commands import CACHE, SECRET, SSH
from llbpy.lint.subject import Subject, where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from llbpy.dsl.arguments import Argument
    from llbpy.explain.graph import Vertex
    from llbpy.frontends.requests.available import Available
    from llbpy.graph.sourcemap import Location, SourceInfo

    Row = Mapping[str, Any]

_HEAD_PADDING, _PADDING = 1, 3
_USUAL = ("GIT_AUTH_TOKEN", "GIT_AUTH_HEADER")
"""Secrets that every git source may use, if the client has them."""
_AUTH = ("git.authtokensecret", "git.authheadersecret", "http.authheadersecret")


class Outline(Request):
    NAME = "frontend.outline"
    DESCRIPTION = "List all parameters current build target supports"
    OPTS = (("target", "Target build stage"),)

    @classmethod
    def answer(cls, available: Available) -> dict[str, bytes]:
        file = available.file()
        target = file.find(available.target)
        if available.lacks_arguments(file, target):
            return outline(available.source, Subject(file, target, args=available.args))
        return outline(available.source, available.subject(target))


def outline(source: SourceInfo, subject: Subject) -> dict[str, bytes]:
    """The result for a target. Without its graph, as when arguments are missing, it has the arguments alone."""
    sources, target = Sources(source), subject.target
    arguments = subject.build_file.signature(target).arguments.values()
    found = {
        "name": target.name,
        "description": target.doc,
        "args": [_argument(argument, subject, sources) for argument in arguments],
        "secrets": _listed(_secrets(subject), sources),
        "ssh": _listed(_agents(subject), sources),
        "cache": _caches(subject, sources),
    }
    return result(Outline.VERSION, present(**found, sources=sources.texts), _text(present(**found)))


def _argument(argument: Argument, subject: Subject, sources: Sources) -> Row:
    location = subject.code.parameter(subject.target.function, argument.place[0])
    value = subject.args.get(argument.name, "" if argument.required else argument.kind.write(argument.default))
    doc, kind = " ".join(argument.doc.split()), f"{argument.kind.shown}{', required' if argument.required else ''}"
    return {
        "name": argument.name,
        **present(
            description=f"{doc} ({kind})" if doc else kind,
            value=masked(value),
            location=None if location is None else sources.place(location),
        ),
    }


class _Use:
    """One use of something that a client provides."""

    __slots__ = ("location", "name", "required")

    def __init__(self, name: str, required: bool, vertex: Vertex) -> None:
        self.name = name
        self.required = required
        self.location: Location | None = where(vertex)

    def order(self) -> tuple[str, int]:
        return ("", 0) if self.location is None else (self.location.info.filename, self.location.line)


def _secrets(subject: Subject) -> Iterator[_Use]:
    for command in subject.commands:
        mounted = [mount.option("secretOpt") for mount in command.mounts if mount.kind == SECRET]
        for secret in (*mounted, *command.vertex.op["exec"].get("secretenv", ())):
            yield _Use(secret.get("ID", ""), not secret.get("optional", False), command.vertex)
    for vertex, _, attrs in subject.sources("git", "http", "https"):
        for attr in _AUTH:
            if attr in attrs and attrs[attr] not in _USUAL:
                yield _Use(attrs[attr], False, vertex)


def _agents(subject: Subject) -> Iterator[_Use]:
    for command in subject.commands:
        for ssh in [mount.option("SSHOpt") for mount in command.mounts if mount.kind == SSH]:
            yield _Use(ssh.get("ID") or "default", not ssh.get("optional", False), command.vertex)
    for vertex, _, attrs in subject.sources("git"):
        if "git.mountsshsock" in attrs:
            yield _Use(attrs["git.mountsshsock"], True, vertex)


def _caches(subject: Subject, sources: Sources) -> list[Row]:
    found: dict[str, Row] = {}
    for command in subject.commands:
        for mount in command.mounts:
            id = str(mount.option("cacheOpt").get("ID") or mount.target)
            if mount.kind == CACHE and id not in found:
                found[id] = {"ID": id, **_place(where(command.vertex), sources)}
    return [*found.values()]


def _listed(uses: Iterable[_Use], sources: Sources) -> list[Row]:
    """Each name once, at its first line; it is required if some use is."""
    first: dict[str, _Use] = {}
    listed = sorted(uses, key=_Use.order)
    for use in listed:
        first.setdefault(use.name, use)
    needed = {use.name for use in listed if use.required}
    return [
        {"name": name, **present(required=name in needed), **_place(use.location, sources)}
        for name, use in first.items()
    ]


def _place(location: Location | None, sources: Sources) -> Row:
    return {} if location is None else {"location": sources.place(location)}


def _text(found: Mapping[str, Any]) -> str:
    description = [("DESCRIPTION:", found["description"])] if "description" in found else []
    blocks = [table([("TARGET:", found["name"]), *description], _HEAD_PADDING)]
    if "args" in found:
        rows = [(each["name"], each.get("value", ""), each.get("description", "")) for each in found["args"]]
        blocks.append(table([("BUILD ARG", "VALUE", "DESCRIPTION"), *rows], _PADDING))
    for key, title in (("secrets", "SECRET"), ("ssh", "SSH")):
        if key in found:
            blocks.append(table([(title, "REQUIRED"), *_needs(found[key])], _PADDING))
    return "".join([f"{block}\n" for block in blocks])


def _needs(listed: Sequence[Row]) -> list[tuple[str, str]]:
    return [(each["name"], "true" if "required" in each else "") for each in listed]
