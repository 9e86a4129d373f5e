"""Images as they lie in an OCI archive or in a registry, read with nothing but the standard library."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

_KINDS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
_ATTESTED = "vnd.docker.reference.digest"

Read: TypeAlias = Callable[[dict[str, Any]], bytes]
"""What gives the bytes of a descriptor."""


class Layer:
    """One layer: `tar` is its bytes, uncompressed; `entries` are by name, without a slash at either end."""

    def __init__(self, blob: bytes) -> None:
        self.tar = gzip.decompress(blob)
        with self._open() as tar:
            self.entries = {entry.name.strip("/"): entry for entry in tar}

    @property
    def files(self) -> list[str]:
        """The names of all that is no folder, sorted."""
        return sorted(name for name, entry in self.entries.items() if not entry.isdir())

    def text(self, name: str) -> str:
        """A file's text without its last newline."""
        return self.data(name).decode().removesuffix("\n")

    def data(self, name: str) -> bytes:
        """A file's bytes."""
        with self._open() as tar:
            file = tar.extractfile(self.entries[name])
            assert file is not None, f"{name} is no file"
            return file.read()

    def _open(self) -> tarfile.TarFile:
        return tarfile.open(fileobj=io.BytesIO(self.tar))


@dataclass(frozen=True)
class Image:
    """An image of one platform: its config as parsed JSON, its layers, the lowest first, and its annotations by level."""

    config: dict[str, Any]
    layers: list[Layer]
    annotations: dict[str, dict[str, str]]

    @classmethod
    def from_archive(cls, path: Path) -> Image:
        """The only image of an OCI archive."""
        return Archive.read(path).only

    @classmethod
    def from_registry(cls, registry: str, name: str, tag: str = "latest") -> Image:
        """The only image of that name in a registry on this machine."""
        return Archive.pull(registry, name, tag).only

    @property
    def platform(self) -> str:
        """Its platform, as `linux/arm/v7`."""
        names = ("os", "architecture", "variant")
        return "/".join(self.config[name] for name in names if name in self.config)

    def layer_of(self, name: str) -> Layer:
        """The layer that has a file, the highest if there are several."""
        return next(layer for layer in reversed(self.layers) if name in layer.entries)

    def text(self, name: str) -> str:
        """A file's text without its last newline."""
        return self.layer_of(name).text(name)


class Archive:
    """Images of any number of platforms under one name, and what is attested of each: in-toto statements as parsed JSON."""

    def __init__(self, top: dict[str, Any], read: Read) -> None:
        self._read = read
        whole = json.loads(read(top))
        self.is_index = "manifests" in whole
        self.annotations = {"index": whole.get("annotations", {}), "index-descriptor": top.get("annotations", {})}
        self.digest: str = top["digest"]
        listed = self._manifests(top)
        attested = {entry.get("annotations", {}).get(_ATTESTED): entry for entry in listed}
        own = [entry for entry in listed if _ATTESTED not in entry.get("annotations", {})]
        images = [(self._image(entry), entry["digest"]) for entry in own]
        self.images = {image.platform: image for image, _ in images}
        self.statements = {
            image.platform: self._statements(attested[digest]) for image, digest in images if digest in attested
        }

    @classmethod
    def read(cls, path: Path) -> Archive:
        """What an OCI archive has."""
        with tarfile.open(path) as tar:

            def file(name: str) -> bytes:
                found = tar.extractfile(name)
                assert found is not None, f"{name} is no file of {path}"
                return found.read()

            (only,) = json.loads(file("index.json"))["manifests"]
            return cls(only, lambda blob: file(f"blobs/{blob['digest'].replace(':', '/')}"))

    @classmethod
    def pull(cls, registry: str, name: str, tag: str = "latest") -> Archive:
        """What a registry on this machine has under a name."""

        def get(path: str) -> bytes:
            request = urllib.request.Request(
                f"http://{registry}/v2/{name}/{path}", headers={"Accept": ", ".join(_KINDS)}
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                data: bytes = answer.read()
                return data

        def blob(wanted: dict[str, Any]) -> bytes:
            kind = "manifests" if wanted.get("mediaType") in _KINDS or wanted["digest"] == tag else "blobs"
            return get(f"{kind}/{wanted['digest']}")

        return cls({"digest": tag}, blob)

    @property
    def only(self) -> Image:
        """The image, if there is one alone."""
        (image,) = self.images.values()
        return image

    def _manifests(self, top: dict[str, Any]) -> list[dict[str, Any]]:
        """The descriptors of all manifests."""
        below = json.loads(self._read(top)).get("manifests")
        return [top] if below is None else [each for entry in below for each in self._manifests(entry)]

    def _image(self, entry: dict[str, Any]) -> Image:
        manifest = json.loads(self._read(entry))
        config = json.loads(self._read(manifest["config"]))
        annotations = {
            "manifest": manifest.get("annotations", {}),
            "manifest-descriptor": entry.get("annotations", {}),
        }
        return Image(config, [Layer(self._read(layer)) for layer in manifest["layers"] or ()], annotations)

    def _statements(self, entry: dict[str, Any]) -> list[dict[str, Any]]:
        return [json.loads(self._read(layer)) for layer in json.loads(self._read(entry))["layers"]]
