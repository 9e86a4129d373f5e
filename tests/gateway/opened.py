"""Beginnings of builds on the daemon in memory."""

from __future__ import annotations

from collections.abc import Mapping
from json import loads
from typing import Any

from llbpy import Build, Platform, State
from llbpy.gateway.bridge import Bridge
from llbpy.gateway.contexts import NamedContexts
from llbpy.gateway.entry import Entry, read_entry
from llbpy.gateway.inquiry import Inquiry
from llbpy.gateway.options import Options
from llbpy.graph import messages as pb
from llbpy.graph.sourcemap import SourceFiles
from tests.gateway.daemon import Answer, Daemon
from tests.gateway.trees import Files
from tests.graph.decoding import marshal

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
TEXT = b"from llbpy import *\n"
SESSION = "s"
DIGEST = "sha256:" + "1" * 64
CONFIG = {"os": "linux", "architecture": "amd64", "config": {"Env": ["PATH=/bin"], "WorkingDir": "/srv", "User": "app"}}


def client(files: Files, context: Files | None = None) -> Daemon:
    """A daemon whose client has a folder with the build file, which is the context too unless another is given."""
    return Daemon({"local://dockerfile": files, "local://context": files if context is None else context})


def options(*texts: str) -> Options:
    """Options as they are written: NAME=VALUE."""
    return Options({name: value for name, _, value in [text.partition("=") for text in texts]}, SESSION)


def entry(daemon: Daemon, *texts: str) -> Entry:
    return read_entry(Bridge(daemon), options(*texts))


def inquiry(daemon: Daemon) -> Inquiry:
    return Inquiry(Bridge(daemon), SourceFiles(), "unique")


def excluded(daemon: Daemon, found: Entry) -> list[str]:
    """The patterns of what the context leaves out, with what the daemon is asked for them."""
    asking = Inquiry(Bridge(daemon), SourceFiles(), "unique", ignore_files=found.ignore_files)
    (definition,) = asking.marshal([(Build(ignored=found.ignored).context(exclude=["last"]), AMD64)])
    attrs = pb.Op.decode(definition.ops[0])["source"]["attrs"]
    *patterns, last = loads(attrs["local.excludepatterns"])
    assert last == "last"
    return patterns


def named(daemon: Daemon, *texts: str, usual: Mapping[str, str] | None = None) -> NamedContexts:
    """The named contexts of a build for linux/amd64."""
    return NamedContexts(options(*texts), inquiry(daemon), daemon.inputs, AMD64, usual)


def data_of(state: State) -> bytes:
    """A state as an input: the bytes of its definition."""
    return marshal(state).to_bytes()


def identifier(name: str) -> str:
    """The source of an official image."""
    return f"docker-image://docker.io/library/{name}:latest"


def images(*names: str) -> Daemon:
    """A daemon that knows these images."""
    daemon = Daemon()
    daemon.known = {identifier(name): Answer(DIGEST, CONFIG) for name in names}
    return daemon


def built(contexts: NamedContexts, state: State, platform: Platform = AMD64) -> list[dict[str, Any]]:
    """The ops of a state, with what the daemon was asked for it."""
    (definition,) = contexts.inquiry.marshal([(state, platform)])
    return [pb.Op.decode(op) for op in definition.ops]
