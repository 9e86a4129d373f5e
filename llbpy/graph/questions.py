"""What a graph must know from outside, as values: the questions, and the mapping of answers that is passed in.

The pure core never asks. A marshal that misses answers raises UnresolvedError with all its questions; whoever runs the build
(a daemon's client, a frontend, a lock file, a test) answers them together and marshals again.
"""

from __future__ import annotations

from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    from llbpy.graph.definition import Definition
    from llbpy.graph.ops.frontend import FrontendOp
    from llbpy.graph.platforms import Platform

    Question: TypeAlias = "ImageQuestion | HostKeysQuestion | IgnoreQuestion"
    Answer: TypeAlias = "ResolvedImage | str | tuple[str, ...]"
    Answers: TypeAlias = Mapping[Question, Answer]
    """Images have a ResolvedImage, hosts their keys as known_hosts text, ignore files their patterns."""


class ImageQuestion(Value):
    """What is the config of this image for this platform? `ref` is normalised, `resolve` as in `image()`."""

    __slots__ = ("ref", "platform", "resolve")

    ref: str
    platform: Platform
    resolve: str

    def __init__(self, ref: str, platform: Platform, resolve: str = "default") -> None:
        set_field(self, "ref", ref)
        set_field(self, "platform", platform)
        set_field(self, "resolve", resolve)

    def __str__(self) -> str:
        return f"{self.ref} ({self.platform})"


class ResolvedImage(Value):
    """An answer: the image's `digest` (empty if unknown), and its `config`, the OCI image config as parsed JSON.

    With a digest the image is pinned to it in the graph. A daemon's policy may have put another source in the image's place:
    `identifier` is that source (`scheme://…`, empty: none), with its `attrs`.
    """

    __slots__ = ("digest", "config", "identifier", "attrs")

    digest: str
    config: Mapping[str, Any]
    identifier: str
    attrs: Mapping[str, str]

    def __init__(
        self,
        digest: str = "",
        config: Mapping[str, Any] | None = None,
        identifier: str = "",
        attrs: Mapping[str, str] | None = None,
    ) -> None:
        set_field(self, "digest", digest)
        set_field(self, "config", config or {})
        set_field(self, "identifier", identifier)
        set_field(self, "attrs", attrs or {})

    def __hash__(self) -> int:
        return hash((self.digest, self.identifier))


class FrontendQuestion(ImageQuestion):
    """What does this frontend make for this platform? `op` says which frontend, and what it is given."""

    __slots__ = ("op",)

    op: FrontendOp

    def __init__(self, op: FrontendOp, platform: Platform) -> None:
        super().__init__(op.frontend, platform)
        set_field(self, "op", op)

    def _fields(self) -> tuple[object, ...]:
        return self.op, self.platform


class ResolvedFrontend(ResolvedImage):
    """An answer: the `definition` of the frontend's result, with the image `config` that it came with."""

    __slots__ = ("definition",)

    definition: Definition

    def __init__(self, definition: Definition, config: Mapping[str, Any] | None = None) -> None:
        super().__init__("", config)
        set_field(self, "definition", definition)


class HostKeysQuestion(Value):
    """What are the keys of this ssh host (`host` or `host:port`)? Nobody has to know: without an answer they go unchecked."""

    __slots__ = ("host",)

    host: str

    def __init__(self, host: str) -> None:
        set_field(self, "host", host)


class IgnoreQuestion(Value):
    """What does the ignore file of this local folder name?"""

    __slots__ = ("folder",)

    folder: str

    def __init__(self, folder: str) -> None:
        set_field(self, "folder", folder)
