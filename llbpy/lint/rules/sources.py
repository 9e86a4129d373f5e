"""Rules on what a build fetches besides images."""

from __future__ import annotations

from llbpy.lint.rules.rule import Rule
from llbpy.lint.subject import where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llbpy.lint.finding import Finding
    from llbpy.lint.subject import Subject

_HEX = frozenset("0123456789abcdef")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class PlaintextHttp(Rule):
    """Anybody on the way can put something else in its place. Use https, or say what must come: a file's `checksum`, a
    repository's commit.

    Bad:

        @target
        def app() -> State:
            return http("http://example.com/tool.tar.gz")

    Good:

        @target
        def app() -> State:
            return http("https://example.com/tool.tar.gz")
    """

    DESCRIPTION = "A file or a repository is fetched over an unencrypted connection, and nothing checks what comes"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for vertex, rest, attrs in subject.sources("http"):
            if "http.checksum" not in attrs and not _is_loopback(rest):
                advice = "use https://, or pass checksum='sha256:…'"
                yield cls.found(f"'http://{rest}' comes unencrypted and unchecked; {advice}", where(vertex))
        for vertex, rest, attrs in subject.sources("git"):
            url = attrs.get("git.fullurl", "")
            if url.startswith(("http://", "git://")) and not _is_commit(rest, attrs) and not _is_loopback(rest):
                advice = "use https://, or name the commit"
                yield cls.found(f"{url!r} comes unencrypted and unchecked; {advice}", where(vertex))


class GitWithoutCommit(Rule):
    """Branches move with every push, and tags can be moved. A commit, as `ref` or as `checksum`, is the same files for ever.
    Experimental for the same reason as UnpinnedImage: many build files mean the branch.

    Bad:

        @target
        def app() -> State:
            return git("https://github.com/example/app", "main")

    Good:

        @target
        def app() -> State:
            return git("https://github.com/example/app", "v1.2", checksum="8d2a1f9c0b7e4d3a6f5e2b1c9a8d7e6f5a4b3c2d")
    """

    DESCRIPTION = "A git repository is taken at a branch or a tag, or at whatever its default branch is"

    EXPERIMENTAL = True

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for vertex, rest, attrs in subject.sources("git"):
            if not _is_commit(rest, attrs):
                ref = _ref(rest)
                at = f"at {ref!r}" if ref else "at its default branch"
                advice = "name the commit: git(…, checksum='…')"
                yield cls.found(f"{rest.partition('#')[0]!r} is taken {at}, which can move; {advice}", where(vertex))


def _ref(rest: str) -> str:
    """The ref of a git identifier without scheme."""
    return rest.partition("#")[2].partition(":")[0]


def _is_commit(rest: str, attrs: Mapping[str, str]) -> bool:
    ref = _ref(rest)
    return "git.checksum" in attrs or (len(ref) in (40, 64) and _HEX.issuperset(ref))


def _is_loopback(rest: str) -> bool:
    host = rest.partition("/")[0].rpartition("@")[2]
    return host in _LOOPBACK or host.startswith(tuple([f"{each}:" for each in _LOOPBACK]))
