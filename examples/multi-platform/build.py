# syntax=docker.io/llbpy/llbpy
"""Several platforms: one function, a target for each, and one result that gathers them.

    llbpy targets
    llbpy dump --platform linux/arm64 | buildctl build --output type=local,dest=out
    llbpy dump all | buildctl build --output type=local,dest=out

A command of another platform runs under emulation. What only *writes for* a platform should run on the daemon's own:
`build.build_platform` is that one, `build.target_platform` the one that the result is for.
"""

from __future__ import annotations

from llbpy import Build, State, image, output, scratch, target

ARCHITECTURES = ["amd64", "arm64"]


@target(default=True)
def machine(build: Build) -> State:
    """What a machine of the platform calls itself."""
    busybox = image("busybox:1.35", inherit=False, platform=build.target_platform)
    asked = busybox.run("uname -m > /out/machine", mounts=[output("/out")], name=f"ask {build.target_platform}")
    return asked.output("/out")


@target(name="machine-{arch}", matrix={"arch": ARCHITECTURES})
def machine_of(build: Build, arch: str) -> State:
    """The same for one platform, whatever is being built."""
    return machine(build.on(f"linux/{arch}"))


@target(name="all")
def gathered(build: Build) -> State:
    """One folder for each platform."""
    result = scratch()
    for arch in ARCHITECTURES:
        result = result.copy(machine(build.on(f"linux/{arch}")), f"/{arch}/", name=f"gather {arch}")
    return result
