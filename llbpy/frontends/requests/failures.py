"""An error's place in the user's files."""

from __future__ import annotations

import os

from llbpy.graph.sourcemap import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.buildfile import BuildFile
    from llbpy.dsl.targets import Target
    from llbpy.errors import LLBError
    from llbpy.graph.sourcemap import SourceInfo


def place_of(error: LLBError, source: SourceInfo, file: BuildFile | None, target: Target | None) -> Location | None:
    """The line that an error names; without one, the first of the target's function. None if that is in no file at hand."""
    has_line = error.where.rpartition(":")[2].isdigit()
    path, _, line = (error.where if has_line or target is None else target.where).rpartition(":")
    info = _file(path, source, file) if line.isdigit() else None
    return None if info is None else Location(info, (((int(line), 0), (int(line), 0)),))


def _file(path: str, source: SourceInfo, file: BuildFile | None) -> SourceInfo | None:
    if f"/{path}".endswith(f"/{source.filename}"):
        return source
    return None if file is None else file.source_files().info(os.path.join(file.folder, path))
