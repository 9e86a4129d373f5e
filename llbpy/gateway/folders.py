"""Folders of the client, and the single files that a build reads from them first.

This needs nothing of the language, so that a frontend can ask for them while it still loads the rest.
"""

from __future__ import annotations

from llbpy.gateway.bridge import if_there
from llbpy.graph.constraints import Constraints
from llbpy.graph.marshal import Marshaller, marshal
from llbpy.graph.ops.source import local_op
from llbpy.graph.platforms import default
from llbpy.graph.sourcemap import SourceFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llbpy.gateway.options import Options
    from llbpy.graph.definition import Definition
    from llbpy.graph.ops.op import Output
    from llbpy.transport.status import Status

MAIN = "context"
"""The name of the main context among local folders and inputs, and of a download's one file."""
IGNORE_FILE = ".dockerignore"


def solvable(output: Output | None) -> Definition:
    """The definition of sources of files, which is the same for every platform."""
    return marshal(output, Marshaller(default(), "", None, {}, SourceFiles()))


def build_file(options: Options, name: str, others: list[str]) -> Output:
    """The build file and what may lie beside it: the same source as docker/dockerfile's, so that a daemon which came here by a
    syntax line has it already."""
    return _files(
        options, options.file_key, [name, *others], options.file_key, f"[internal] load build definition from {name}"
    )


def ignore_file(name: str, options: Options, shared_key: str, label: str) -> Output:
    """The ignore file of a folder, alone."""
    return _files(options, name, [IGNORE_FILE], shared_key, f"{label} load {IGNORE_FILE}")


def ignored(read: Mapping[str, Any] | Status) -> tuple[str, ...]:
    """The patterns in the reply of a call that reads an ignore file; none if there is no such file. Raises DaemonError."""
    from llbpy.graph import ignore

    return tuple(ignore.parse((if_there(read) or {}).get("Data", b"")))


def _files(options: Options, folder: str, paths: list[str], shared_key: str, label: str) -> Output:
    op = local_op(
        folder,
        follow=paths,
        shared_key=shared_key,
        session=options.local_session(folder) or None,
        differ="none",
        constraints=Constraints(name=label),
    )
    return op, 0
