"""A web service: its front end and back end are built apart and meet in a small image."""

from __future__ import annotations

import llbpy
from llbpy import State, files

source = llbpy.local("context", include=["cmd", "web", "go.mod", "go.sum"], shared_key="app")
go = llbpy.image("golang:1.26-alpine", inherit=False).dir("/src")
node = llbpy.image("node:24-alpine", inherit=False).dir("/web")


def packages(base: State, *names: str) -> State:
    return base.run(["apk", "add", "--no-cache", *names], mounts=[llbpy.cache("/var/cache/apk", sharing="locked")])


tools = packages(go, "git", "openssh")
modules = tools.file(files.copy(source, "/go.mod", "/src/"), files.copy(source, "/go.sum", "/src/")).run(
    ["go", "mod", "download"],
    mounts=[llbpy.cache("/go/pkg/mod"), llbpy.secret("netrc", target="/root/.netrc"), llbpy.ssh()],
    name="fetch the modules",
)
binary = modules.run(
    """
    go vet ./...
    go build -trimpath -o /out/app ./cmd/app
    """,
    mounts=[
        llbpy.bind(source, "/src"),
        llbpy.output("/out"),
        llbpy.cache("/go/pkg/mod"),
        llbpy.cache("/root/.cache/go-build"),
    ],
    network="none",
).output("/out")

pages = node.run(
    ["npm", "run", "build"],
    mounts=[llbpy.bind(source["/web"], "/web"), llbpy.output("/dist")],
    ignore_cache=True,
).output("/dist")

certificates = packages(llbpy.image("alpine:3.22", inherit=False), "ca-certificates")
image = certificates.file(
    files.copy(binary, "/app", "/usr/bin/app"),
    files.copy(pages, "/", "/srv/www", owner="nobody"),
    files.mkfile("/etc/motd", 0o644, "built with llbpy\n"),
)
