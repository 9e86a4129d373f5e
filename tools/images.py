"""Fills the test bed's registry with base images made of Debian packages, each for amd64 and arm64."""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path

from rootfs import Root
from testbed import BIN, Failure, cached, run, say

DOCKERFILE = """\
FROM scratch
ARG TARGETARCH
ADD rootfs-$TARGETARCH.tar /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["COMMAND"]
"""
INDEX = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"


@dataclass(frozen=True)
class Image:
    """A base image: its name as build files have it, its command, its root for each architecture, more tags of it."""

    name: str
    command: str
    roots: dict[str, Root]
    more_tags: tuple[str, ...] = ()

    @property
    def repository(self) -> str:
        return self.name.partition(":")[0]

    @property
    def tag(self) -> str:
        return self.name.partition(":")[2]

    @property
    def label(self) -> str:
        return self.name.replace("/", "-").replace(":", "-")

    @property
    def dockerfile(self) -> str:
        return DOCKERFILE.replace("COMMAND", self.command)

    @property
    def key(self) -> str:
        """A digest of all that goes into the image; the registry has it as another tag."""
        recipe = [self.dockerfile, {arch: root.recipe for arch, root in self.roots.items()}, *self.more_tags]
        return hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:16]


# Programs of another architecture do not run while a root is made, so for arm64 the packages are only unpacked.
SLIM = tuple(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("doc", "man", "locale"))
NATIVE = ("--variant=apt", *SLIM)
MERGED_USR = "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"
UNPACKED = ("--variant=extract", "--include=?essential", MERGED_USR, *SLIM)
PYTHON = "--include=python3,ca-certificates"
BUSYBOX = Root(("--variant=extract", "--include=busybox-static", "--skip=cleanup"), ("busybox",))

IMAGES = (
    Image("library/busybox:latest", "sh", {"amd64": BUSYBOX, "arm64": BUSYBOX}, ("1.35",)),
    Image(
        "library/debian:bookworm-slim",
        "bash",
        {"amd64": Root(NATIVE), "arm64": Root(UNPACKED, ("unpacked",))},
    ),
    Image(
        "library/python:3.11-slim",
        "python3",
        {"amd64": Root((*NATIVE, PYTHON), ("python",)), "arm64": Root((*UNPACKED, PYTHON), ("unpacked", "python"))},
    ),
)


def push_missing(registry: str, env: Mapping[str, str]) -> None:
    """Makes and pushes the images that the registry lacks; env leads buildctl to the daemon."""
    for image in IMAGES:
        if not is_pushed(registry, image):
            push(registry, image, cached(f"image-{image.label}-{image.key}", partial(make_context, image)), env)


def is_pushed(registry: str, image: Image) -> bool:
    """Whether what the registry has under the image's name is what this recipe made."""
    found = digest(registry, image.repository, image.tag)
    return found is not None and found == digest(registry, image.repository, image.key)


def digest(registry: str, repository: str, tag: str) -> str | None:
    """The digest of an index in the registry, None if it is not there."""
    url = f"http://{registry}/v2/{repository}/manifests/{tag}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD", headers={"Accept": INDEX})) as answer:
            return str(answer.headers["Docker-Content-Digest"])
    except urllib.error.URLError as error:
        if isinstance(error, urllib.error.HTTPError) and error.code == HTTPStatus.NOT_FOUND:
            return None
        raise Failure(f"the registry does not answer {url}: {error.reason}") from None


def make_context(image: Image, folder: Path) -> None:
    """Fills a build context: the Dockerfile and a root for each architecture."""
    (folder / "Dockerfile").write_text(image.dockerfile)
    for arch, root in image.roots.items():
        say(f"making {image.name} for {arch} (once; kept in the user's cache folder)")
        root.make(arch, folder / f"rootfs-{arch}.tar")


def push(registry: str, image: Image, context: Path, env: Mapping[str, str]) -> None:
    """Builds the image from its context and pushes it under its tag and its key."""
    say(f"pushing {image.name}")
    tags = (image.tag, *image.more_tags, image.key)
    names = ",".join(f"{registry}/{image.repository}:{tag}" for tag in tags)
    run(
        *(BIN / "buildctl", "build", "--progress=plain", "--frontend=dockerfile.v0"),
        f"--opt=platform={','.join(f'linux/{arch}' for arch in image.roots)}",
        *(f"--local=context={context}", f"--local=dockerfile={context}"),
        f'--output=type=image,"name={names}",push=true,compression-level=1',
        log=f"push-{image.label}",
        env=env,
    )
