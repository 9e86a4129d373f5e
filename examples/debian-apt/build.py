# syntax=docker.io/llbpy/llbpy
"""Debian packages: downloaded once, kept in cache mounts, and no package list in the image.

    llbpy dump | buildctl build --output type=local,dest=out
    llbpy dump tools --arg packages=jq,file | buildctl build --output type=oci,dest=tools.tar

What apt keeps in /var outlives a build, so another list of packages fetches only what is new in it.
"""

from __future__ import annotations

from collections.abc import Callable

from llbpy import State, cache, image, output, target

APT_CACHES = (cache("/var/cache/apt", sharing="locked"), cache("/var/lib/apt", sharing="locked"))
"""apt may not share its folders with another apt that runs at the same time."""


def apt(*packages: str) -> Callable[[State], State]:
    """A recipe: `image("debian:bookworm-slim").apply(apt("git", "curl"))`."""
    script = f"""
        rm -f /etc/apt/apt.conf.d/docker-clean
        apt-get update
        apt-get install --yes --no-install-recommends {" ".join(packages)}
        """
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}

    def install(state: State) -> State:
        return state.run(script, env=quiet, mounts=APT_CACHES, name=f"install {' '.join(packages)}")

    return install


def debian() -> State:
    return image("debian:bookworm-slim", inherit=False)


TOOLS = ["jq"]


@target(tags=["example/tools"])
def tools(packages: list[str] = TOOLS) -> State:
    """Debian with some packages on top.

    packages: names of Debian packages
    """
    return debian().apply(apt(*packages)).config(cmd=["bash"])


@target(default=True)
def report() -> State:
    """What jq makes of a list: a file made with a tool that is not in the result."""
    script = """jq --null-input --compact-output '[range(5) | {number: ., square: (. * .)}]' > /out/squares.json"""
    return tools().run(script, mounts=[output("/out")], name="compute").output("/out")
