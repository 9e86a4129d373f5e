# syntax=docker.io/llbpy/llbpy
"""The smallest build that shows something: one command, and the file that it leaves."""

from llbpy import State, image, output, scratch, target


@target(default=True)
def hello(name: str = "world") -> State:
    """A greeting in a file of its own."""
    greeted = image("busybox", inherit=False).run(f"echo 'hello, {name}' > /out/hello.txt", mounts=[output("/out")])
    return scratch().copy(greeted.output("/out")["/hello.txt"], "/hello.txt")
