"""Rules on images that a build starts from."""

from __future__ import annotations

from llbpy.graph.platforms import format_all, normalize
from llbpy.graph.questions import ImageQuestion, ResolvedImage
from llbpy.lint.rules.rule import Rule
from llbpy.lint.subject import where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llbpy.explain.graph import Vertex
    from llbpy.graph.platforms import Platform
    from llbpy.lint.finding import Finding
    from llbpy.lint.subject import Subject


class LatestTag(Rule):
    """What that tag stands for is another image from one day to the next, major versions included: a build that worked stops
    working with no change of yours, and nobody can say what an old image was made from.

    Bad:

        @target
        def app() -> State:
            return image("python", inherit=False)

    Good:

        @target
        def app() -> State:
            return image("python:3.13-slim", inherit=False)
    """

    DESCRIPTION = "An image is taken by the tag `latest`, or by no tag, which means the same"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for vertex, ref, attrs in subject.sources("docker-image"):
            if not _is_pinned(ref, attrs) and _tag(ref) in ("", "latest"):
                name = familiar(ref).removesuffix(":latest")
                detail = f"image {name!r} is whatever the tag latest means that day; name a version: '{name}:…'"
                yield cls.found(detail, where(vertex))


class UnpinnedImage(Rule):
    """Tags can be moved: the publisher rebuilds them for security updates, and so could whoever takes the publisher's account over.
    A digest is one image for ever. The price is that somebody, or a bot, has to raise it; many projects rightly live with tags,
    so this rule is experimental: it finds something only where it is asked for, as BuildKit does with rules that most files
    would break.

    Bad:

        @target
        def app() -> State:
            return image("alpine:3.22", inherit=False)

    Good:

        DIGEST = "sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1"


        @target
        def app() -> State:
            return image(f"alpine:3.22@{DIGEST}", inherit=False)
    """

    DESCRIPTION = "An image is taken by its tag alone, without a digest"

    EXPERIMENTAL = True

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for vertex, ref, attrs in subject.sources("docker-image"):
            if not _is_pinned(ref, attrs):
                name = familiar(ref)
                yield cls.found(f"image {name!r} has no digest; pin it: '{name}@sha256:…'", where(vertex))


class InvalidBaseImagePlatform(Rule):
    """A registry hands out an image of one platform to whoever asks, whatever they asked for. Its programs then run under
    emulation, or not at all, and the result claims a platform that its files are not for. Found only where the image's config
    is known, so not for `inherit=False`.

    Bad:

        @target
        def app() -> State:
            return image("example.com/only-for-arm64:1")

    Good:

        @target
        def app() -> State:
            return image("example.com/for-all:1")
    """

    DESCRIPTION = "An image is there for another platform only than the one that it is wanted for"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for question, answer in subject.answers.items():
            if not isinstance(question, ImageQuestion) or not isinstance(answer, ResolvedImage):
                continue
            wanted, config = question.platform, answer.config
            has = config.get("os") or wanted.os, config.get("architecture") or wanted.architecture
            if has != (wanted.os, wanted.architecture):
                detail = f"image {familiar(question.ref)!r} is for {'/'.join(has)}, and {wanted} is wanted; use one for {wanted}"
                yield from [cls.found(detail, where(vertex)) for vertex in _asked(subject, question.ref, wanted)]


def familiar(ref: str) -> str:
    """A full reference as people write it."""
    return ref.removeprefix("docker.io/library/").removeprefix("docker.io/")


def _asked(subject: Subject, ref: str, platform: Platform) -> list[Vertex]:
    """The vertices of an image for a platform, pinned or not."""
    shown = format_all(normalize(platform))
    found = [(vertex, name) for vertex, name, _ in subject.sources("docker-image") if vertex.platform == shown]
    return [vertex for vertex, name in found if name == ref or name.startswith(f"{ref}@")]


def _tag(ref: str) -> str:
    return ref.rpartition("/")[2].partition(":")[2]


def _is_pinned(ref: str, attrs: Mapping[str, str]) -> bool:
    return "@" in ref or "image.checksum" in attrs
