"""A target as one build makes it: its states for each platform, their graphs, and the images that they come to."""

from __future__ import annotations

from llbpy.dsl.build import Build
from llbpy.dsl.targets import Outcome
from llbpy.frontends.uncached import uncached
from llbpy.gateway.attest import Extras, Scanner
from llbpy.gateway.contexts import NamedContexts
from llbpy.gateway.epoch import source_date_epoch
from llbpy.gateway.folders import MAIN
from llbpy.gateway.inquiry import Inquiry
from llbpy.graph.platforms import default, normalize
from llbpy.identity import new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from llbpy.buildfile import BuildFile
    from llbpy.dsl.paths import StatePath
    from llbpy.dsl.state import State
    from llbpy.dsl.targets import Target
    from llbpy.gateway.bridge import Bridge
    from llbpy.gateway.entry import Entry
    from llbpy.gateway.inquiry import Wanted
    from llbpy.gateway.options import Options
    from llbpy.graph.definition import Definition
    from llbpy.graph.history import Exported
    from llbpy.graph.platforms import Platform
    from llbpy.graph.sourcemap import SourceFiles
    from llbpy.lint.subject import Subject


class Making:
    """One target on its way. What is asked for is made when `make` has called the target."""

    def __init__(
        self, bridge: Bridge, options: Options, entry: Entry, build_file: BuildFile, target: Target, files: SourceFiles
    ) -> None:
        self.options = options
        self.entry = entry
        self.target = target
        self.build_file = build_file
        self.files = files
        self.native = normalize(default())
        self.platforms = options.platforms or (self.native,)
        self._uncached = uncached(options, build_file, target)
        self.inquiry = Inquiry(
            bridge,
            files,
            new_id(),
            defaults=options.defaults(self._uncached.rule()),
            resolve=options.resolve,
            cache_imports=options.cache_imports,
            ignore_files=entry.ignore_files,
        )
        self.wanted: list[Wanted] = []
        self.exit_codes: list[tuple[StatePath, Platform]] = []
        self.epoch: int | None = None
        self._extras: list[dict[str, State]] = []

    def make(self, watched: AbstractContextManager[None]) -> None:
        """Calls the target for each platform, its code within `watched`. Raises LLBError."""
        options, entry = self.options, self.entry
        named = NamedContexts(options, self.inquiry, entry.inputs, self.native, self.target.settings.get("contexts"))
        self.epoch = source_date_epoch(options, entry, named, self.inquiry.bridge)
        self._build = Build(
            target=self.target.name,
            target_platform=self.platforms[0],
            build_platform=self.native,
            args=options.args,
            labels=options.labels,
            revision=entry.revision,
            epoch=self.epoch,
            context=entry.context,
            ignored=entry.ignored,
            contexts=named,
            asker=self.inquiry,
        )
        with watched, self._uncached:
            made = [self._call(self.target, platform) for platform in self.platforms]
            self._extras = self._scanned_too()
        self.wanted = [*zip(map(_state, made), self.platforms, strict=True)]
        self.exit_codes = [
            (each.exit_code, platform)
            for each, platform in zip(made, self.platforms, strict=True)
            if isinstance(each, Outcome)
        ]

    def _call(self, target: Target, platform: Platform) -> State | Outcome:
        arguments = self.build_file.signature(target).arguments
        args = {name: value for name, value in self.options.args.items() if name in arguments}
        return self.build_file.call(target, self._build.on(platform), args)

    def _scanned_too(self) -> list[dict[str, State]]:
        """What an SBOM is to cover besides the result, for each platform."""
        extras = Extras(self.options)
        if not extras:
            return []
        others = [target for target in self.build_file.targets.values() if target is not self.target]
        targets = [*(others if extras.every else ()), *map(self.build_file.find, extras.targets)]
        found: list[dict[str, State]] = []
        for platform in self.platforms:
            states = {target.name: _state(self._call(target, platform)) for target in targets}
            found.append(states | ({MAIN: self._build.on(platform).context()} if extras.context else {}))
        return found

    def _scans(self) -> list[Wanted]:
        """The scans for an SBOM, one for each platform; none where they are left to the daemon."""
        if not self._extras:
            return []
        scanner = Scanner(self.options, self.inquiry, self.native)
        return [
            (scanner.scan(state, extras, str(platform)), platform)
            for (state, platform), extras in zip(self.wanted, self._extras, strict=True)
        ]

    def definitions(self) -> list[Definition]:
        """The graph for each platform, and then each scan's; what they ask is asked together. Raises GraphError, DaemonError."""
        return self.inquiry.marshal([*self.wanted, *self._scans()], configs=True)

    def images(self) -> list[Exported]:
        """What the image for each platform says of itself, once the graphs are there."""
        from llbpy.graph.history import exported

        labels = {**self.target.settings.get("labels", {}), **self.options.labels}
        return [
            exported(
                state.vertex, state.facts, self.inquiry.marshaller(platform), labels=labels or None, epoch=self.epoch
            )
            for state, platform in self.wanted
        ]

    def subject(self, definition: Definition, image: Exported) -> Subject:
        """What rules look at, of one platform."""
        from llbpy.lint.subject import Subject

        answers, args = self.inquiry.answers, self.options.args
        return Subject(self.build_file, self.target, definition, args=args, config=image.config, answers=answers)


def _state(made: State | Outcome) -> State:
    return made.state if isinstance(made, Outcome) else made
