# syntax=docker.io/llbpy/llbpy
"""Independent layers: parts that are made side by side, and put together without copying a file.

    llbpy graph
    llbpy dump | buildctl build --output type=local,dest=out

In a Dockerfile each RUN stands on the one before it, so a change in the first makes all later ones run again. Here each
part stands on the base alone: `diff` is what a part added to it, and `merge` puts the parts on top of each other.
"""

from __future__ import annotations

from llbpy import State, diff, image, merge, target

BASE = image("busybox:1.35", inherit=False)

PARTS = {
    "user": "echo 'app:x:1000:1000::/var/lib/app:/bin/sh' >> /etc/passwd",
    "config": "mkdir -p /etc/app && echo 'answer = 42' > /etc/app/config.toml",
    "data": "mkdir -p /var/lib/app && seq 1 1000 > /var/lib/app/numbers",
}


def part(name: str) -> State:
    """What one part adds to the base: a layer of its own, made again only if its command changes."""
    return diff(BASE, BASE.run(PARTS[name], name=f"make {name}"), name=f"take {name}")


@target
def parts() -> State:
    """All parts without the base."""
    return merge(*[part(name) for name in PARTS], name="put the parts together")


@target(default=True)
def app() -> State:
    """The base with all parts: one layer each, in this order."""
    return merge(BASE, *[part(name) for name in PARTS], name="put base and parts together").user("app")
