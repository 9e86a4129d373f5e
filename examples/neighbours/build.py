# syntax=docker.io/llbpy/llbpy
"""More than one file: a build file imports what lies beside it, as any Python does.

    llbpy dump | buildctl build --output type=local,dest=out

What several build files share is a recipe: a function from State to State, and `apply` reads from left to right.
"""

from recipes import greeting, stamped, user

from llbpy import State, image, target


@target(default=True)
def server(version: str = "1.0") -> State:
    """An image with a user, a greeting and a stamp, each from a recipe."""
    return (
        image("busybox:1.35", inherit=False)
        .apply(user("app", id=1000))
        .apply(greeting("welcome"))
        .apply(stamped(version))
        .config(cmd=["cat", "/etc/motd"])
    )
