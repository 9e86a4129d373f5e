"""Rules on folders of the client: the build context and others."""

from __future__ import annotations

from llbpy.graph.ignore import Matcher
from llbpy.graph.jsontext import loads
from llbpy.graph.paths import clean
from llbpy.lint.commands import BIND, CACHE
from llbpy.lint.installs import install_of
from llbpy.lint.lineage import carriers
from llbpy.lint.rules.rule import Rule
from llbpy.lint.subject import where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from llbpy.explain.graph import Vertex
    from llbpy.lint.commands import Command
    from llbpy.lint.finding import Finding
    from llbpy.lint.subject import Subject

_INCLUDE, _EXCLUDE, _FOLLOW = "local.includepattern", "local.excludepatterns", "local.followpaths"


class WholeContextBeforeInstall(Rule):
    """A command is taken from the cache as long as what it sees is the same. Give the install the few files that say what to
    install, and bring the rest in afterwards. Commands that have a cache mount are left alone: they run again, but fetch
    nothing again.

    Bad:

        @target
        def app(build: Build) -> State:
            return image("node:22", inherit=False).dir("/app").copy(build.context(), ".").run(["npm", "ci"])

    Good:

        @target
        def app(build: Build) -> State:
            lists = build.context(include=["package.json", "package-lock.json"])
            installed = image("node:22", inherit=False).dir("/app").copy(lists, ".").run(["npm", "ci"])
            return installed.copy(build.context(), ".")
    """

    DESCRIPTION = (
        "Dependencies are installed with the whole context at hand, so that a change of any file installs them again"
    )

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        copied = carriers(subject.graph, _copies_whole)
        for command in subject.commands:
            installs = [found for call in command.calls if (found := install_of(call)) is not None]
            if not installs or any(mount.kind == CACHE for mount in command.mounts):
                continue
            how = "mounted" if _mounts_whole(command) else "copied" if command.vertex.digest in copied else ""
            if how:
                first = installs[0]
                files = f"context(include={[*first.reads]!r})" if first.reads else "nothing of it"
                detail = f"the whole context is {how} before {first.shown!r}, so any change installs anew; give it {files} first"
                yield cls.found(detail, where(command.vertex))


def _mounts_whole(command: Command) -> bool:
    binds = [mount for mount in command.mounts if mount.kind == BIND and mount.selector == "/"]
    return any(mount.source is not None and _is_whole(mount.source) for mount in binds)


def _copies_whole(vertex: Vertex) -> bool:
    copies = [(copy, source) for copy, source in _copies(vertex) if not copy.get("include_patterns")]
    return any(_is_whole(source) and clean(copy.get("src") or "/") == "/" for copy, source in copies)


def _is_whole(vertex: Vertex) -> bool:
    """Whether it is a folder of the client with nothing said about what of it is taken."""
    fields: Mapping[str, Any] = vertex.op.get("source", {})
    attrs: Mapping[str, str] = fields.get("attrs", {})
    return str(fields.get("identifier", "")).startswith("local://") and _INCLUDE not in attrs and _FOLLOW not in attrs


class CopyIgnoredFile(Rule):
    """An ignore file, `exclude` or `include` keeps it from being sent, so the build ends with "not found" though it lies there.

    Bad:

        @target
        def app(build: Build) -> State:
            return scratch().copy(build.context(include=["src"])["/README.md"], "/README.md")

    Good:

        @target
        def app(build: Build) -> State:
            return scratch().copy(build.context(include=["src", "README.md"])["/README.md"], "/README.md")
    """

    DESCRIPTION = "A file is copied or mounted that the context leaves out"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for vertex, path, source in _taken(subject):
            why = _missing(path, source.op.get("source", {}).get("attrs", {}))
            if why:
                yield cls.found(f"{path!r} of the context is not sent: {why}", where(vertex))


def _taken(subject: Subject) -> Iterator[tuple[Vertex, str, Vertex]]:
    """Literal paths that vertices take from folders of the client, with those."""
    for vertex in subject.graph.vertices:
        for copy, source in _copies(vertex):
            is_pattern = copy.get("allowWildcard") and not {*"*?["}.isdisjoint(copy.get("src", ""))
            if not is_pattern and _is_local(source):
                yield vertex, clean(copy.get("src") or "/"), source
    for command in subject.commands:
        for mount in command.mounts:
            if mount.kind == BIND and mount.source is not None and _is_local(mount.source):
                yield command.vertex, mount.selector, mount.source


def _is_local(vertex: Vertex) -> bool:
    return str(vertex.op.get("source", {}).get("identifier", "")).startswith("local://")


def _copies(vertex: Vertex) -> Iterator[tuple[Mapping[str, Any], Vertex]]:
    """The copies of a file vertex, each with the vertex that it takes from, unless that is an action of its own."""
    for action in vertex.op.get("file", {}).get("actions", ()):
        number: int = action.get("secondaryInput", 0)
        if "copy" in action and 0 <= number < len(vertex.inputs):
            yield action["copy"], vertex.inputs[number].vertex


def _missing(path: str, attrs: Mapping[str, str]) -> str:
    """Why a path cannot be in a folder as it is sent, empty if it can."""
    name = path.strip("/")
    if name in ("", ".") or _FOLLOW in attrs:
        return ""
    excluded, included = (_patterns(attrs.get(option, "")) for option in (_EXCLUDE, _INCLUDE))
    left_out = Matcher(excluded)
    if left_out.matches(name) and not left_out.may_reinclude_below(name):
        return "an ignore file or exclude= leaves it out; take it back with '!' there"
    taken = Matcher(included)
    if included and not taken.matches(name) and not taken.may_match_below(name):
        return f"include= does not name it; add {name!r} there"
    return ""


def _patterns(text: str) -> Sequence[str]:
    """The strings of a JSON array."""
    if not text:
        return ()
    found: list[str] = loads(text.encode())
    return found
