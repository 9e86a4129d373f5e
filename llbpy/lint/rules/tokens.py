"""Rules on credentials that are written into a graph."""

from __future__ import annotations

from llbpy.graph.paths import clean
from llbpy.lint.credentials import holds_token
from llbpy.lint.rules.rule import Rule
from llbpy.lint.subject import where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbpy.explain.graph import Vertex
    from llbpy.lint.finding import Finding
    from llbpy.lint.subject import Subject

_LONGEST = 1 << 16
"""Bytes of a written file that are looked at."""
_CREDENTIALS = ("id_rsa", "id_ecdsa", "id_ed25519", ".netrc", ".pypirc", ".git-credentials", ".pgpass", ".htpasswd")
_BELOW = (".aws/credentials", ".docker/config.json", ".kube/config")


class SecretInCommand(Rule):
    """The words of a command are in the image's history, in the cache and in the build's log and record.

    Bad:

        @target
        def app() -> State:
            command = "curl -H 'Authorization: Bearer 0123456789abcdef' https://example.com"
            return image("alpine:3.22", inherit=False).run(command)

    Good:

        @target
        def app() -> State:
            command = 'curl -H "Authorization: Bearer $TOKEN" https://example.com'
            return image("alpine:3.22", inherit=False).run(command, mounts=[secret("token", env="TOKEN")])
    """

    DESCRIPTION = "A command has a token in its own words"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for command in subject.commands:
            if any(map(holds_token, command.argv)):
                detail = "a command has what looks like a token in its words; name a secret instead: mounts=[secret('…', env='…')]"
                yield cls.found(detail, where(command.vertex))


class SecretInFile(Rule):
    """It stays in its layer even if a later step removes it, and everybody who can see the image can read it.

    Bad:

        @target
        def app(build: Build) -> State:
            return image("alpine:3.22", inherit=False).copy(build.context()["/id_ed25519"], "/root/.ssh/id_ed25519")

    Good:

        @target
        def app() -> State:
            mounts = [secret("deploy-key", target="/root/.ssh/id_ed25519")]
            return image("alpine:3.22", inherit=False).run("git clone git@example.com:app.git /app", mounts=mounts)
    """

    DESCRIPTION = "A file that holds credentials is written or copied"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for vertex in subject.graph.vertices:
            for path, what in _suspects(vertex):
                advice = "mount it where it is needed: mounts=[secret('…', target='…')]"
                yield cls.found(f"{path!r} {what}; {advice}", where(vertex))


def _suspects(vertex: Vertex) -> Iterator[tuple[str, str]]:
    """The paths of files that a vertex writes or copies and that hold credentials, and why that is thought."""
    for action in vertex.op.get("file", {}).get("actions", ()):
        written, source = action.get("mkfile", {}), clean(action.get("copy", {}).get("src", "/"))
        if holds_token(written.get("data", b"")[:_LONGEST].decode("utf-8", "replace")):
            yield written.get("path", ""), "is written with what looks like a token"
        if source.endswith(tuple([f"/{name}" for name in (*_CREDENTIALS, *_BELOW)])):
            yield source, "holds credentials, by its name, and is copied"
