# syntax=docker.io/llbpy/llbpy
"""The frontend image, described in llbpy itself: the same files and the same config as Dockerfile.frontend gives.

llbpy dump -f frontend_image/build.py --metadata-file meta.json > frontend.llb
config=$(jq -r '."buildctl.output"' meta.json)
buildctl build --local context=. --output "type=image,name=…,push=true,$config" < frontend.llb
"""

from __future__ import annotations

from typing import Annotated

from llbpy import Build, Doc, State, bind, image, output, scratch, target

CAPS = ("inputs", "subrequests", "contexts", "gitquerystring")
LABELS = {
    "moby.buildkit.frontend.network.none": "true",
    "moby.buildkit.frontend.caps": ",".join(f"moby.buildkit.frontend.{cap}" for cap in CAPS),
}
UNPRIVILEGED = (
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--no-new-privs",
    "--bounding-set=-all",
    "--inh-caps=-all",
)
ENTRYPOINT = ["/usr/bin/setpriv", *UNPRIVILEGED, "/usr/bin/python3", "-P", "-s", "-S", "/usr/lib/llbpy/start.pyc"]

Base = Annotated[str, Doc("the image whose Python goes in; one of Debian's, 3.11 or later")]


@target
def files(build: Build, python: Base = "python:3.13-slim") -> State:
    """The files of the image."""
    sources = build.context(include=["llbpy", "frontend_image"], exclude=["**/__pycache__"])
    collected = (
        image(python, inherit=False)
        .env(PATH="/usr/local/bin:/usr/bin:/bin", PYTHONHASHSEED="0")
        .run(
            ["python3", "-X", "no_debug_ranges", "/src/frontend_image/collect.py", "/src/llbpy", "/out"],
            mounts=[bind(sources, "/src"), output("/out")],
            network="none",
            name="collect the interpreter, the standard library and llbpy",
        )
    )
    return scratch().copy(collected.output("/out"), "/")


@target(default=True, tags=["llbpy/llbpy"])
def frontend(build: Build, python: Base = "python:3.13-slim") -> State:
    """The image that a `# syntax=` line names."""
    ready = files(build, python).env(PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1")
    return ready.config(entrypoint=ENTRYPOINT, labels=LABELS)
