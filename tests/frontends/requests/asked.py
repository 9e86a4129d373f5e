"""A build file written for a test, and what requests about it are answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llbpy import Definition
from llbpy.buildfile import BuildFile, load
from llbpy.dsl.targets import Target
from llbpy.frontends.requests.answer import answer
from llbpy.frontends.requests.available import Available
from llbpy.graph.sourcemap import SourceInfo
from llbpy.lint.subject import Subject
from tests.dsl.written import write
from tests.lint.checked import subject

BUILD = '''\
# syntax=docker.io/llbpy/llbpy
from typing import Annotated, Literal

from llbpy import Build, Doc, State, bind, cache, http, image, scratch, secret, ssh, target


@target(default=True, platforms=["linux/amd64", "linux/arm64"])
def app(
    build: Build,
    version: Annotated[str, Doc("what <the app> reports")] = "dev",
    mode: Literal["debug", "release"] = "release",
    parts: list[str] | None = None,
) -> State:
    """The app,
    alone in its image & small.

    parts: which parts there are
    """
    made = image("alpine:3.22").run(
        f"make {version} {mode} {parts}",
        mounts=[
            bind(build.context(include=["Makefile"]), "/src"),
            secret("signing-key"),
            secret("release", env="RELEASE", optional=True),
            ssh(),
            cache("/root/.cache", id="app"),
        ],
    )
    return made.run("publish", mounts=[secret("release", env="RELEASE"), cache("/var/tmp/publish")])


@target
def report(name: str) -> State:
    """What is known of somebody."""
    return scratch().copy(http("https://example.com/"), f"/{name}")


@target(matrix={"distro": ["sid", "trixie"]})
def deb(distro: str) -> State:
    return image(f"debian:{distro}", inherit=False)
'''


class Asked:
    """Answers about one build file; `calls` notes each target that was called, and `loads` how often the file was loaded."""

    def __init__(self, folder: Path, text: str = BUILD, **neighbours: str) -> None:
        for name, content in neighbours.items():
            write(folder, content, f"{name}.py")
        (folder / "build.py").write_text(text, encoding="utf-8")
        self.source = SourceInfo("build.py", text.encode())
        self.path = str(folder / "build.py")
        self.calls: list[str] = []
        self.loads = 0

    def file(self) -> BuildFile:
        self.loads += 1
        return load(self.path)

    def result(
        self,
        request: str,
        target: str | None = None,
        check: str | None = None,
        graphs: Mapping[str, Definition] | None = None,
        **args: str,
    ) -> dict[str, bytes]:
        def call(target: Target) -> Subject:
            self.calls.append(target.name)
            return subject(load(self.path), target.name, base=None, **args)

        return answer(
            f"frontend.{request}",
            Available(self.source, self.file, call, target=target, args=args, check=check, graphs=graphs),
        )

    def text(self, request: str, target: str | None = None, **args: str) -> str:
        return self.result(request, target, None, None, **args)["result.txt"].decode()

    def value(self, request: str, target: str | None = None, check: str | None = None, **args: str) -> Any:
        return json.loads(self.result(request, target, check, None, **args)["result.json"])


def lines(location: Mapping[str, Any]) -> tuple[int, int, int]:
    """File, first and last line of a location."""
    [span] = location["ranges"]
    return location.get("sourceIndex", 0), span["start"]["line"], span["end"]["line"]
