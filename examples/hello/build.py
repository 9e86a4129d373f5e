# syntax=docker.io/llbpy/llbpy
"""The smallest build that shows something: one command, and the file that it leaves.

    llbpy targets
    llbpy dump | buildctl build --output type=local,dest=out
    llbpy dump --arg name=you | buildctl build --output type=local,dest=out

The second build of one name comes from the cache; another name is another graph.
"""

from llbpy import State, image, output, scratch, target


@target(default=True)
def hello(name: str = "world") -> State:
    """A greeting in a file of its own."""
    busybox = image("busybox:1.35", inherit=False).env(NAME=name)
    greeted = busybox.run('echo "hello, $NAME" > /out/hello.txt', mounts=[output("/out")])
    return scratch().copy(greeted.output("/out")["/hello.txt"], "/hello.txt")
