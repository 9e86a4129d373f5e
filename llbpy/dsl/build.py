"""Build: what a target may ask about the build that it is part of."""

from __future__ import annotations

from llbpy.dsl import checks
from llbpy.dsl.paths import StatePath
from llbpy.dsl.sources import image, scratch
from llbpy.dsl.state import fresh
from llbpy.errors import GraphError, near
from llbpy.graph import references
from llbpy.graph.constraints import Constraints
from llbpy.graph.gojson import string_array
from llbpy.graph.ops.source import local_op
from llbpy.graph.platforms import as_platform
from llbpy.graph.questions import IgnoreQuestion, ImageQuestion
from llbpy.graph.sourcemap import here

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Protocol

    from llbpy.dsl.state import State
    from llbpy.graph.platforms import Platform
    from llbpy.graph.questions import ResolvedImage

    class Contexts(Protocol):
        """Contexts by name, or by `name::platform`."""

        def __iter__(self) -> Iterator[str]: ...
        def __contains__(self, key: str, /) -> bool: ...
        def __getitem__(self, key: str, /) -> State: ...

    class Asker(Protocol):
        """Whoever runs the build: it answers what only the outside knows, while the target waits."""

        def resolve(self, question: ImageQuestion) -> ResolvedImage: ...
        def read(self, path: StatePath, platform: Platform) -> bytes: ...
        def list(self, path: StatePath, platform: Platform) -> Sequence[str]: ...
        def stat(self, path: StatePath, platform: Platform) -> Mapping[str, object]: ...


class Build:
    """The build that asks for a target. A target whose first parameter is annotated `Build` is given one.

    >>> from llbpy import Build, State, target
    >>> @target
    ... def app(build: Build) -> State:
    ...     return build.context(include=["*.py"])
    >>> app(Build()).facts.dir
    '/'
    """

    def __init__(
        self,
        *,
        target: str = "",
        target_platform: Platform | str = "linux/amd64",
        build_platform: Platform | str | None = None,
        args: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        revision: str | None = None,
        epoch: int | None = None,
        context: State | None = None,
        ignored: Callable[[], Sequence[str]] | IgnoreQuestion = tuple,
        contexts: Contexts | Mapping[str, State] | None = None,
        asker: Asker | None = None,
    ) -> None:
        self.target = target
        """The name of the target that was asked for."""
        self.target_platform = as_platform(target_platform)
        """What the result is for."""
        self.build_platform = self.target_platform if build_platform is None else as_platform(build_platform)
        """What the daemon's machine runs without emulation."""
        self.args = args or {}
        """The arguments as they were given, text by name."""
        self.labels = labels or {}
        """Labels that were given from outside."""
        self.revision = revision
        """The commit of the main context, where it is known."""
        self.epoch = epoch
        """SOURCE_DATE_EPOCH, seconds since 1970, if it was given."""
        self._context = context
        self._ignored = ignored
        self._contexts: Contexts | Mapping[str, State] = {} if contexts is None else contexts
        self._asker = asker

    def on(self, platform: Platform | str) -> Build:
        """The same build for another platform, so that one target can gather others' results. Raises PlatformError."""
        build = object.__new__(Build)
        vars(build).update(vars(self), target_platform=as_platform(platform))
        return build

    def context(
        self, *, include: Sequence[str] = (), exclude: Sequence[str] = (), name: str = "[internal] load build context"
    ) -> State:
        """The main context: the folder of the build file unless the command line says otherwise, a git repository, a tarball.

        `include` and `exclude` are patterns of what is taken; what the ignore file names is never part of it.
        """
        if self._context is None:
            return self._folder(include, exclude, name)
        if not include and not exclude:
            return self._context
        return scratch().copy(self._context, "/", include=include, exclude=exclude, name=name)

    def _folder(self, include: Sequence[str], exclude: Sequence[str], name: str) -> State:
        patterns = (include, exclude) if include or exclude else ()
        key = "context" + "".join([string_array(checks.texts("context() pattern", part)) for part in patterns])
        ignored = self._ignored
        question, known = (ignored, ()) if isinstance(ignored, IgnoreQuestion) else (None, ignored())
        op = local_op(
            "context",
            include=include,
            exclude=(*known, *exclude),
            shared_key=key,
            constraints=Constraints(name=name),
            site=here(),
            ignoring=question,
        )
        return fresh((op, 0))

    def named_context(self, name: str, *, default: State | str | None = None) -> State:
        """The context that was given under a name (and for the platform, if some were), else the default: a state, or an image.

        Raises GraphError if there is neither.
        """
        for key in (f"{name}::{self.target_platform}", name):
            if key in self._contexts:
                return self._contexts[key]
        if default is None:
            known = near(name, self._contexts) or f"; there are {', '.join(self._contexts) or 'none'}"
            raise GraphError(f"no context {name!r} was given{known}; pass --named-context {name}=…")
        return image(default) if isinstance(default, str) else default

    def resolve(self, ref: str, *, platform: Platform | str | None = None) -> ResolvedImage:
        """The digest and the config of an image, now. Raises GraphError where nobody can be asked, or for a bad reference."""
        wanted = self.target_platform if platform is None else as_platform(platform)
        return self._ask("resolve").resolve(ImageQuestion(references.normalize(ref), wanted))

    def read(self, path: StatePath) -> bytes:
        """The bytes of a file, solved now, so that a graph can depend on what a step made. Raises GraphError without a daemon."""
        return self._ask("read", path).read(path, self.target_platform)

    def list(self, path: StatePath) -> Sequence[str]:
        """The names in a folder, solved now. Raises GraphError without a daemon."""
        return self._ask("list", path).list(path, self.target_platform)

    def stat(self, path: StatePath) -> Mapping[str, object]:
        """Mode, size, owner and time of a file, solved now. Raises GraphError without a daemon."""
        return self._ask("stat", path).stat(path, self.target_platform)

    def _ask(self, verb: str, path: object = None) -> Asker:
        if path is not None and not isinstance(path, StatePath):
            raise checks.not_a_path(verb, path)
        if self._asker is None:
            raise GraphError(f"build.{verb}() is answered by a daemon while the build runs, and this run has none")
        return self._asker
