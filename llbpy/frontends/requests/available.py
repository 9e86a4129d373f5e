"""What an answer is made from."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llbpy.buildfile import BuildFile
    from llbpy.dsl.targets import Target
    from llbpy.graph.definition import Definition
    from llbpy.graph.sourcemap import SourceInfo
    from llbpy.lint.subject import Subject


class Available:
    """What is known of a build file; what takes work is worked out when a request needs it.

    `source` is the file as shown, with its text. `file` loads it, and `subject` calls a target and marshals its graph;
    both raise LLBError for what is wrong with the file. `target` is the name that was asked for (None:
    the default), `args` are the arguments from outside, `check` is BUILDKIT_DOCKERFILE_CHECK if it was given. `graphs` has
    definitions that are known already, by target: the list of targets then names the images that they start from.
    """

    def __init__(
        self,
        source: SourceInfo,
        file: Callable[[], BuildFile],
        subject: Callable[[Target], Subject],
        *,
        target: str | None = None,
        args: Mapping[str, str] | None = None,
        check: str | None = None,
        graphs: Mapping[str, Definition] | None = None,
    ) -> None:
        self.source = source
        self.file = file
        self.subject = subject
        self.target = target
        self.args: Mapping[str, str] = args or {}
        self.check = check
        self.graphs: Mapping[str, Definition] = graphs or {}

    def lacks_arguments(self, file: BuildFile, target: Target) -> bool:
        """Whether a target needs arguments that were not given, so that it cannot be called. Raises BuildFileError."""
        arguments = file.signature(target).arguments.values()
        return any(argument.required and argument.name not in self.args for argument in arguments)
