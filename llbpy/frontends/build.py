"""A build in a frontend: from its options to the result, in as few rounds as it takes."""

from __future__ import annotations

import os

from llbpy.buildfile import load_text
from llbpy.errors import BuildFileError
from llbpy.frontends.making import Making
from llbpy.gateway import bridge as calls
from llbpy.gateway import denials, result
from llbpy.gateway.attest import attestation
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
        definitions, images = making.definitions(), making.images()
        subject = making.subject(definitions[0], images[0])
        own = self._entry.definition
        from llbpy.frontends.remarks import remarks

        told, violation = remarks(subject, self._options, self._failures.files, own.head, making.epoch)
        if violation is not None:
            self._bridge.ask(*told)
            raise violation
        refs = denials.solve(making.inquiry, definitions, *told, at_hand=own)
        _check_exit_codes(making)
        parts = [
            result.Part(platform, ref, image.config, base=image.base, epoch=making.epoch)
            for platform, ref, image in zip(making.platforms, refs, images, strict=False)
        ]
        for part, scan in zip(parts, refs[len(parts) :], strict=False):
            part.attestations = [attestation(scan)]
        annotations = target.annotations()
        if self._options.multi_platform:
            return result.several(parts, annotations)
        return result.single(parts[0], annotations)

    def _answer(self) -> bytes:
        """The result of a request about the build file."""
        from llbpy.frontends.requests.answer import answer
        from llbpy.frontends.requests.available import Available

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


def _check_exit_codes(making: Making) -> None:
    """Raises BuildFileError for an outcome that is not 0: what was made cannot be exported and fail all the same, as it can be
    with a client that is asked for both."""
    for path, platform in making.exit_codes:
        code = making.inquiry.read(path, platform).decode(errors="replace").strip()
        if code != "0":
            raise BuildFileError(
                f"target {making.target.name!r} ended with {code!r} in {path.path}, so nothing is exported",
                making.target.where,
            )
