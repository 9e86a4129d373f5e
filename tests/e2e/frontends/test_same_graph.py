"""The frontend solves the graph that `llbpy dump` writes: vertex by vertex, with the same metadata and the same lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from llbpy.frontends.requests.convertllb import convert
from llbpy.graph.definition import Definition
from tests.e2e.bed import Bed, Named
from tests.e2e.frontends.ways import ROOT, Builds, Way, gateway, syntax

pytestmark = pytest.mark.e2e

WIDE = '''\
from llbpy import *
from llbpy import Build

@target(default=True)
def app(build: Build, version: str = "1") -> State:
    """One of each kind."""
    base = image("busybox", inherit=False).env(VERSION=version, FOR=build.target_platform.architecture)
    tree = build.context(include=["src/**"], exclude=["**/*.log"])
    tools = git("https://git.example.com/tools.git", "v1", subdir="bin")
    archive = http("https://example.com/a.tar", checksum=f"sha256:{'0' * 64}", mode=0o644)
    native = image("busybox", platform=build.build_platform, inherit=False).run("uname -m > /machine", name="native")
    ran = base.dir("/src").user("nobody").hostname("here").extra_host("db", "10.0.0.1").ulimit("nofile", 10, 20).run(
        "make",
        mounts=[
            bind(tree, "/src"),
            cache("/cache", sharing="locked"),
            tmpfs("/tmp", size=1 << 20),
            secret("token", env="TOKEN"),
            secret("file", optional=True),
            ssh("deploy"),
            output("/out"),
        ],
        network="none",
    )
    files = scratch().mkdir("/d", mode=0o700).write("/d/f", version).symlink("/d/f", "/l").remove("/d/f")
    whole = merge(base, diff(base, ran), ran.output("/out"), files)
    whole = whole.copy(tools["/x"], "/bin/").copy(native["/machine"], "/", owner=(1, 2), link=True)
    return whole.copy(archive["/a.tar"], "/a", unpack=True).requires(native).config(cmd=["true"])
'''
IGNORED = "*.tmp\n!kept.tmp\n"


def graph(converted: Mapping[str, Any]) -> dict[str, Any]:
    """The vertices of a definition as JSON, by names that do not depend on the session of a client.

    Each has its op, its metadata, and its lines in the build file.
    """
    ops, names = converted["def"], dict[str, str]()
    locations = converted["source"].get("locations", {})

    def name(digest: str) -> str:
        if digest not in names:
            names[digest] = sha256(json.dumps(op(digest), sort_keys=True).encode()).hexdigest()
        return names[digest]

    def op(digest: str) -> dict[str, Any]:
        inputs = [{**each, "digest": name(each["digest"])} for each in ops[digest].get("inputs", ())]
        own = json.loads(json.dumps(ops[digest]))
        for attr in ("local.session", "local.unique"):
            own.get("source", {}).get("attrs", {}).pop(attr, None)
        return {**own, "inputs": inputs}

    def caps(metadata: Mapping[str, Any]) -> dict[str, Any]:
        known = metadata.get("caps", {})
        session = ("source.local.sessionid", "source.local.unique")
        return {**metadata, "caps": {cap: value for cap, value in known.items() if cap not in session}}

    return {
        name(digest): {
            "op": op(digest),
            "meta": caps(converted["metadata"].get(digest, {})),
            "at": locations.get(digest),
        }
        for digest in ops
    }


def solved(builds: Builds, folder: Path, *options: str, way: Way = gateway) -> dict[str, Any]:
    """The graph of the frontend."""
    said = builds.done(folder, "requestid=frontend.convertllb", *options, way=way)
    found: dict[str, Any] = json.JSONDecoder().raw_decode(said, said.index("\n{\n") + 1)[0]
    return found


def dumped(bed: Bed, folder: Path, target: str = "", platform: str = "", **args: str) -> dict[str, Any]:
    """The graph of the command."""
    data = bed.dump(Named(folder / "build.py", target), platform=platform, **args)
    found: dict[str, Any] = json.loads(convert(Definition.from_bytes(data))["result.json"])
    return found


@pytest.mark.parametrize("way", [gateway, syntax])
def test_the_graph_of_all_kinds_of_vertices_is_the_same(builds: Builds, bed: Bed, way: Way) -> None:
    folder = builds.write(WIDE, {"src/a": "", ".dockerignore": IGNORED})
    ours = graph(dumped(bed, folder, version="2"))
    assert graph(solved(builds, folder, "build-arg:version=2", way=way)) == ours
    assert len(ours) > 12


def test_the_graph_for_another_platform_is_the_same(builds: Builds, bed: Bed) -> None:
    folder = builds.write(WIDE.replace("platform=build.build_platform, ", ""))
    ours = graph(dumped(bed, folder, platform="linux/arm64"))
    assert graph(solved(builds, folder, "platform=linux/arm64")) == ours
    assert ours != graph(dumped(bed, folder, platform="linux/amd64"))


def test_the_graph_with_steps_on_the_machines_own_platform_is_the_same(builds: Builds, bed: Bed) -> None:
    folder = builds.write(WIDE)
    assert graph(solved(builds, folder, "platform=linux/arm64")) == graph(dumped(bed, folder, platform="linux/arm64"))


EXAMPLES = [
    *((file.parent.name, "") for file in sorted((ROOT / "examples").glob("*/build.py"))),
    *[("zipapp", "image"), ("multi-platform", "all"), ("debian-apt", "tools")],
]


@pytest.mark.parametrize(("name", "target"), EXAMPLES)
def test_the_graphs_of_the_examples_are_the_same(builds: Builds, bed: Bed, name: str, target: str) -> None:
    folder = ROOT / "examples" / name
    options = [f"target={target}"] if target else []
    assert graph(solved(builds, folder, *options)) == graph(dumped(bed, folder, target))


def test_the_daemon_solves_these_vertices_and_no_others(builds: Builds, bed: Bed) -> None:
    folder = ROOT / "examples" / "merge-diff"
    said = builds.done(folder, words=["--progress=rawjson", f"--output=type=local,dest={builds.fresh()}"])
    statuses = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    vertices = {vertex["digest"]: vertex["name"] for status in statuses for vertex in status.get("vertexes") or ()}
    internal = ("[internal] ", "resolve image config", f"docker-image://{builds.registry}/llbpy/", "exporting to")
    own = {digest: name for digest, name in vertices.items() if not name.startswith(internal)}
    definition = Definition.from_bytes(bed.dump(Named(folder / "build.py")))
    assert own.keys() == {*definition.digests[:-1]}, own  # the last one only points at the result
