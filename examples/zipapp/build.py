# syntax=docker.io/llbpy/llbpy
"""A Python program on its way: compiled, tested, packed into one file, and put into an image.

    llbpy dump | buildctl build --local context=. --output type=local,dest=out
    ./out/wordcount.pyz build.py

The image has a config, which is no part of a definition; `--metadata-file` writes it as `buildctl build` takes it:

    llbpy dump image --arg version=1.0 --metadata-file meta.json > image.llb
    config=$(jq -r '."buildctl.output"' meta.json)
    buildctl build --local context=. --output "type=image,name=…,push=true,$config" < image.llb
"""

from __future__ import annotations

from typing import Annotated

from llbpy import Build, Doc, State, bind, cache, image, output, scratch, target

Version = Annotated[str, Doc("what `wordcount --version` says")]

PYTHON = image("python:3.11-slim", inherit=False).dir("/src")
ZIPAPP = ["--python=/usr/bin/env python3", "--main=wordcount.__main__:main", "--output=/out/wordcount.pyz"]


def sources(build: Build, version: str) -> State:
    """The program without its tests, and the version in it. Nothing else of the folder can make a step run again."""
    files = build.context(include=["wordcount/*.py"], exclude=["**/test_*.py"])
    return (
        scratch().copy(files, "/", name="take the sources").write("/wordcount/version.py", f"VERSION = {version!r}\n")
    )


@target
def test(build: Build) -> State:
    """The report of the tests. They run beside the other steps, and only if sources or tests have changed."""
    ran = PYTHON.run(
        "python3 -m unittest -v wordcount.test_count 2> /out/report.txt || { cat /out/report.txt; exit 1; }",
        mounts=[bind(build.context(include=["wordcount/*.py"]), "/src"), output("/out")],
        network="none",
        name="test",
    )
    return ran.output("/out")


@target(default=True)
def app(build: Build, version: Version = "dev", compress: bool = True) -> State:
    """wordcount.pyz: one file that any Python runs. Made only if the tests pass.

    compress: make it small instead of quick to start
    """
    source = bind(sources(build, version), "/src")
    compiled = PYTHON.run(
        ["python3", "-W", "error", "-m", "compileall", "-q", "wordcount"],
        env={"PYTHONPYCACHEPREFIX": "/cache"},
        mounts=[source, cache("/cache", id="wordcount-bytecode")],  # what has not changed is not compiled again
        name="compile",
    )
    flags = ["--compress"] if compress else []
    packed = PYTHON.run(
        ["python3", "-m", "zipapp", ".", *flags, *ZIPAPP],
        mounts=[source, output("/out")],
        name=f"pack {version}",
    )
    result = scratch().copy(packed.output("/out")["/wordcount.pyz"], "/wordcount.pyz", mode=0o755)
    return result.requires(compiled, test(build), name="wait for the checks")


@target(name="image", tags=["example/wordcount:{version}"])
def packaged(build: Build, version: Version = "dev") -> State:
    """The program in an image of Python, with a config that says how to run it."""
    return (
        image("python:3.11-slim", inherit=False)
        .copy(app(build, version)["/wordcount.pyz"], "/usr/local/bin/wordcount", link=True)
        .user("nobody")
        .dir("/data")
        .config(
            entrypoint=["python3", "/usr/local/bin/wordcount"],
            cmd=["--help"],
            labels={"org.opencontainers.image.title": "wordcount", "org.opencontainers.image.version": version},
            volumes=["/data"],
        )
    )
