"""What the tests run inside the frontend image and inside its base."""

from __future__ import annotations

from pathlib import Path

from frontend_image import build as described
from frontend_image.collect import LEFT_OUT
from llbpy import Build, State, image, output, scratch, target

BASE = "python:3.11-slim"
HERE = Path(__file__).parent
EVERY_MODULE = (HERE / "every_module.py").read_text()
LLBPY = "/usr/lib/llbpy"
REPLACE = """
import marshal
with open("/usr/lib/llbpy/llbpy.modules", "rb") as file:
    listed, loaded = marshal.loads(file.read(int.from_bytes(file.read(4), "big")))
    modules = file.read()
with open("/told.py") as file:
    code = marshal.dumps(compile(file.read(), "/told.py", "exec"))
listed["llbpy.frontends.main"] = False, len(modules), len(code)
del loaded["llbpy.frontends.main"]
head = marshal.dumps((listed, loaded))
with open("/usr/lib/llbpy/llbpy.modules", "wb") as file:
    file.write(len(head).to_bytes(4, "big") + head + modules + code)
"""


def imports(state: State, python: list[str], folder: str, left_out: list[str]) -> State:
    ran = state.run([*python, "-c", EVERY_MODULE, folder, "/out/modules.json", *left_out], mounts=[output("/out")])
    return ran.output("/out")


@target
def base_modules() -> State:
    """What of the standard library can be imported in the base image."""
    return imports(image(BASE, inherit=False), ["/usr/bin/python3"], "/usr/lib/python3.11", sorted(LEFT_OUT))


@target
def own_modules(build: Build) -> State:
    """The same in the frontend image."""
    python = ["/usr/bin/python3", "-P", "-s", "-S"]
    return imports(described.files(build, BASE), python, "/usr/lib/python3.11", sorted(LEFT_OUT))


@target
def llbpy_modules(build: Build) -> State:
    """What of llbpy can be imported in the frontend image."""
    return imports(described.files(build, BASE), ["/usr/bin/python3", "-P", "-s", "-S"], LLBPY, ["start"])


@target
def told(build: Build) -> State:
    """What a frontend sees that the entry point has started, in an image with a module more."""
    ready = (
        described.frontend(build, BASE)
        .write("/told.py", (HERE / "told.py").read_text())
        .run(["/usr/bin/python3", "-P", "-s", "-S", "-c", REPLACE])
        .write(f"{LLBPY}/extra.py", "VALUE = 'more'\n")
    )
    return scratch().copy(ready.run(described.ENTRYPOINT, network="none")["/tmp/told.json"], "/")
