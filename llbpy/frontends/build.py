"""A build in a frontend: from its options to the result, in as few rounds as it takes."""

from __future__ import annotations

import os

from llbpy.buildfile import load_text
from llbpy.frontends.making import Making
from llbpy.gateway import bridge as calls
from llbpy.gateway.beside import Beside, check_dependencies
from llbpy.graph.sourcemap import SourceFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.buildfile import BuildFile
    from llbpy.dsl.targets import Target
    from llbpy.frontends.failures import Failures
    from llbpy.frontends.watch import WatchedChannel
    from llbpy.gateway.bridge import Bridge, Request
    from llbpy.gateway.entry import Entry
    from llbpy.gateway.options import Options
    from llbpy.lint.subject import Subject


class FrontendBuild:
    """One build. Its code runs with `watched`; `failures` come to know what there is to show of it."""

    def __init__(
        self, bridge: Bridge, watched: WatchedChannel, options: Options, failures: Failures, entry: Entry
    ) -> None:
        self._bridge = bridge
        self._watched = watched
        self._options = options
        self._failures = failures
        self._entry = entry
        self._name = os.path.basename(entry.filename)
        self._path = os.path.join(failures.folder, self._name)

    def run(self) -> Request:
        """The call that ends the build. Raises LLBError."""
        entry, failures = self._entry, self._failures
        failures.files = SourceFiles(failures.folder, {self._path: entry.text}, entry.definition.to_bytes())
        return calls.give_back(result=self._answer() if self._options.request else self._build())

    def _build(self) -> bytes:
        """The result of a target."""
        build_file = self._load()
        target = self._failures.target = build_file.find(self._options.target)
        making = self._make(build_file, target)
        definitions = making.definitions()
        from llbpy.frontends.ending import end  # loaded while the daemon was asked for what graphs need

        return end(making, definitions)

    def _answer(self) -> bytes:
        """The result of a request about the build file."""
        from llbpy.frontends.requests.answer import answer
        from llbpy.frontends.requests.available import Available
        from llbpy.gateway import result

        options = self._options

        def file() -> BuildFile:
            return self._failures.build_file or self._load()

        def subject(target: Target) -> Subject:
            making = self._make(file(), target)
            return making.subject(making.definitions()[0], making.images()[0])

        source = self._failures.files.info(self._path)
        assert source is not None, "the build file has been read"
        available = Available(source, file, subject, target=options.target, args=options.args, check=options.check)
        return result.answer(answer(options.request, available))

    def _load(self) -> BuildFile:
        check_dependencies(self._entry.text, self._name)
        self._watched.prepare(self._entry.text)
        beside = Beside(self._bridge, self._options, self._entry, self._failures.folder)
        with self._watched:
            build_file = load_text(self._path, self._entry.text, beside)
        self._failures.build_file = build_file
        return build_file

    def _make(self, build_file: BuildFile, target: Target) -> Making:
        making = Making(self._bridge, self._options, self._entry, build_file, target, self._failures.files)
        making.make(self._watched)
        return making
