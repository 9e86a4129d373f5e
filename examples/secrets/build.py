# syntax=docker.io/llbpy/llbpy
"""Secrets: a command sees them, and no layer, history, cache key or progress does.

    echo correct-horse > key
    llbpy dump | buildctl build --secret id=signing-key,src=key --output type=local,dest=out
    TOKEN=… llbpy dump | buildctl build --secret id=signing-key,src=key --secret id=release-token,env=TOKEN --output …

A secret is named by an id. Its value is given to the build and never to the build file.
"""

from llbpy import State, image, output, secret, target

SIGN = """
    echo "llbpy $VERSION" > /out/release.txt
    cat /run/secrets/signing-key /out/release.txt | sha256sum | cut -d' ' -f1 > /out/release.txt.signature
    if [ -n "$RELEASE_TOKEN" ]; then echo published > /out/status; else echo draft > /out/status; fi
"""


@target(default=True)
def release(version: str = "1.0") -> State:
    """A release note, its signature, and whether there was a token to publish it with."""
    signed = image("busybox:1.35", inherit=False).run(
        SIGN,
        env={"VERSION": version},
        mounts=[
            secret("signing-key"),  # a file, /run/secrets/signing-key
            secret("release-token", env="RELEASE_TOKEN", optional=True),  # a variable, empty if nobody gives it
            output("/out"),
        ],
        name=f"sign {version}",
    )
    return signed.output("/out")
