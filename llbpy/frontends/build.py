"""A build in a frontend: from its options to the result, in as few rounds as it takes."""

from __future__ import annotations

import os

from llbpy.buildfile import load_text
from llbpy.dsl.build import Build
from llbpy.dsl.targets import Outcome
from llbpy.errors import near
from llbpy.gateway import bridge as calls
from llbpy.gateway.beside import Beside, check_dependencies
from llbpy.gateway.contexts import NamedContexts
from llbpy.gateway.entry import read_entry
from llbpy.gateway.epoch import source_date_epoch
from llbpy.gateway.inquiry import Inquiry
from llbpy.gateway.options import PROXIES
from llbpy.graph.platforms import default, normalize
from llbpy.graph.sourcemap import SourceFiles, encode_span
from llbpy.identity import new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from llbpy.buildfile import BuildFile
    from llbpy.dsl.state import State
    from llbpy.dsl.targets import Target
    from llbpy.frontends.failures import Failures
    from llbpy.frontends.watch import WatchedChannel
    from llbpy.gateway.bridge import Bridge, Request
    from llbpy.gateway.entry import Entry
    from llbpy.gateway.options import Options
    from llbpy.graph.ops.op import Op

_PLATFORM_ARGS = frozenset(
    [f"{which}{what}" for which in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "ARCH", "VARIANT", "OSVERSION")]
)
_ALWAYS_GIVEN = _PLATFORM_ARGS | {*PROXIES, "TARGETSTAGE", "SOURCE_DATE_EPOCH"}
"""Arguments that builders pass whether or not a build file has them."""


class FrontendBuild:
    """One build. Its code runs with `watched`; `failures` come to know what there is to show of it."""

    def __init__(self, bridge: Bridge, watched: WatchedChannel, options: Options, failures: Failures) -> None:
        self._bridge = bridge
        self._watched = watched
        self._options = options
        self._failures = failures
        self._native = normalize(default())
        self._platforms = options.platforms or (self._native,)

    def run(self) -> Request:
        """The call that ends the build. Raises LLBError."""
        entry = read_entry(self._bridge, self._options)
        build_file = self._load(entry)
        target = self._failures.target = build_file.find(self._options.target)
        inquiry = self._inquire(target)
        made = self._make(entry, build_file, target, inquiry)
        states = [each.state if isinstance(each, Outcome) else each for each in made]
        wanted = list(zip(states, self._platforms, strict=True))
        refs = inquiry.solve(inquiry.marshal(wanted, configs=True))
        self._warn(entry, build_file, target)
        from llbpy.gateway import messages as gw

        return calls.give_back(result=gw.Result.ref.write(gw.Ref.id.write(refs[0])))

    def _load(self, entry: Entry) -> BuildFile:
        folder, name = self._failures.folder, entry.filename.rpartition("/")[2]
        path = os.path.join(folder, name)
        self._failures.files = SourceFiles(folder, {path: entry.text}, entry.definition.to_bytes())
        check_dependencies(entry.text, name)
        with self._watched:
            build_file = load_text(path, entry.text, Beside(self._bridge, self._options, entry, folder))
        self._failures.build_file = build_file
        return build_file

    def _inquire(self, target: Target) -> Inquiry:
        options = self._options
        return Inquiry(
            self._bridge,
            self._failures.files,
            new_id(),
            defaults=options.defaults(self._uncached(target)),
            resolve=options.resolve,
            cache_imports=options.cache_imports,
        )

    def _make(self, entry: Entry, build_file: BuildFile, target: Target, inquiry: Inquiry) -> list[State | Outcome]:
        """What the target makes for each platform."""
        options = self._options
        named = NamedContexts(options, inquiry, entry.inputs, self._native)
        signature = build_file.signature(target)
        args = {name: value for name, value in options.args.items() if name in signature.arguments}
        build = Build(
            target=target.name,
            target_platform=self._platforms[0],
            build_platform=self._native,
            args=options.args,
            labels=options.labels,
            revision=entry.revision,
            epoch=source_date_epoch(options, entry, named, self._bridge),
            context=entry.context,
            ignored=entry.ignored,
            contexts=named,
            asker=inquiry,
        )
        with self._watched:
            return [build_file.call(target, build.on(platform), args) for platform in self._platforms]

    def _uncached(self, target: Target) -> Callable[[Op], bool] | None:
        """Which vertices are built anew: all, or those that the functions of the targets that were named make."""
        options, build_file = self._options, self._failures.build_file
        if options.no_cache is None or build_file is None:
            return None
        named = [each for each in build_file.targets.values() if options.ignores_cache(each.name)]
        codes = {id(each.function.__code__) for each in named}
        return lambda op: not options.no_cache or any(id(part) in codes for part in op.site)

    # Warnings

    def _warn(self, entry: Entry, build_file: BuildFile, target: Target) -> None:
        notes = [(note.text, note.url, note.where) for note in build_file.notes]
        stray = self._stray(target)
        if stray:
            notes.append((stray, "", target.where))
        head = entry.definition.head
        self._bridge.ask(*[self._note(head, text, url, where) for text, url, where in notes])

    def _note(self, digest: str, text: str, url: str, where: str) -> Request:
        path, _, line = where.rpartition(":")
        info = self._failures.files.info(path)
        if info is None:
            return calls.warn(digest, text, url=url)
        place = (int(line), 0)
        return calls.warn(digest, text, url=url, info=info.to_bytes(), ranges=[encode_span((place, place))])

    def _stray(self, target: Target) -> str:
        """What there is to say about arguments that the target does not have; empty if there are none."""
        known = target.signature.arguments
        stray = [
            name
            for name in self._options.args
            if name not in known and name.upper() not in _ALWAYS_GIVEN and not name.startswith("BUILDKIT_")
        ]
        named = ", ".join([f"{name!r}{near(name, known)}" for name in stray])
        return f"target {target.name!r} takes no build argument {named}" if stray else ""
