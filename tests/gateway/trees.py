"""Files in memory: what sources and file actions make of them, and what a daemon says of them."""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from json import loads
from typing import Any, Literal

from llbpy.graph.ignore import Matcher
from llbpy.proto import ops_pb2

FOLDER = 1 << 31
LINK = 1 << 27


class Link(str):
    """A symlink: where it leads, from its own folder."""


Files = Mapping[str, "bytes | Link"]
"""Contents by path, without a slash in front; folders are those that the paths need."""


def archive_of(
    files: Mapping[str, bytes], times: Mapping[str, int] | None = None, mode: Literal["w:", "w:gz"] = "w:"
) -> bytes:
    """A tarball; `times` of files in seconds since 1970."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mtime = (times or {}).get(name, 0)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


# What a graph makes of files -------------------------------------------------------------------------------------------------


def ops_of(definition: Any) -> dict[str, Any]:
    """The pb.Op of each vertex of a pb.Definition, by digest."""
    data: Iterable[bytes] = getattr(definition, "def")
    return {f"sha256:{sha256(op).hexdigest()}": ops_pb2.Op.FromString(op) for op in data}


def synced(tree: Files, attrs: Mapping[str, str]) -> Files:
    """What of a folder a client sends."""
    wanted = _patterns(attrs, "local.includepattern", "local.followpaths")
    unwanted = Matcher(_patterns(attrs, "local.excludepatterns"))
    matcher = Matcher(wanted or ["*"])
    return {path: data for path, data in tree.items() if matcher.matches(path) and not unwanted.matches(path)}


def _patterns(attrs: Mapping[str, str], *names: str) -> list[str]:
    return [pattern for name in names for pattern in loads(attrs.get(name, "[]"))]


def acted(action: Any, trees: Sequence[Files]) -> Files:
    """What a file action makes of its inputs."""
    base = dict(trees[action.input]) if action.input >= 0 else {}
    if action.HasField("mkfile"):
        return {**base, relative(action.mkfile.path): action.mkfile.data}
    if action.HasField("mkdir"):
        return base
    assert action.HasField("copy"), "of file actions only mkfile, mkdir and copy are there"
    return base | _copied(action.copy, trees[action.secondaryInput])


def _copied(copy: Any, tree: Files) -> dict[str, bytes | Link]:
    source, dest = relative(copy.src), relative(copy.dest)
    if copy.attemptUnpackDockerCompatibility:
        return {posixpath.join(dest, path): data for path, data in _unpacked(tree[source]).items()}
    assert copy.dirCopyContents, "of a folder its content is copied"
    return {posixpath.join(dest, path): tree[posixpath.join(source, path)] for path in below(tree, source)}


def _unpacked(data: Any) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        files = {member.name: archive.extractfile(member) for member in archive}
        return {name: file.read() for name, file in files.items() if file is not None}


# What a daemon says of them --------------------------------------------------------------------------------------------------


def relative(path: str) -> str:
    """The path from the root, empty for the root itself."""
    return posixpath.normpath(f"/{path}").lstrip("/")


def below(tree: Files, folder: str) -> list[str]:
    """The paths of the files in a folder, from there."""
    start = f"{folder}/" if folder else ""
    return [path.removeprefix(start) for path in tree if path.startswith(start)]


def content(tree: Files, path: str) -> bytes | None:
    """What a file has, a symlink followed once; None for a folder or nothing."""
    data = tree.get(path)
    if isinstance(data, Link):
        data = tree.get(relative(posixpath.join(posixpath.dirname(path), data)))
    return data if isinstance(data, bytes) else None


def why_not(tree: Files, path: str) -> str:
    """Why a file cannot be read, or a folder listed."""
    if path in tree and not isinstance(tree[path], Link):
        return "not a directory"
    return "is not a regular file" if below(tree, path) else "no such file or directory"


def describe(tree: Files, path: str, stat: Any) -> None:
    """Fills a Stat."""
    data = tree.get(path)
    stat.path = posixpath.basename(path)
    if data is None:
        stat.mode = FOLDER | 0o755
    elif isinstance(data, Link):
        stat.mode, stat.linkname = LINK | 0o777, data
    else:
        stat.mode, stat.size = 0o644, len(data)
