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
from typing import Any

_MANIFEST = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"


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
        with self._open() as tar:
            file = tar.extractfile(self.entries[name])
            assert file is not None, f"{name} is no file"
            return file.read().decode().removesuffix("\n")

    def _open(self) -> tarfile.TarFile:
        return tarfile.open(fileobj=io.BytesIO(self.tar))


@dataclass(frozen=True)
class Image:
    """An image of one platform: its config as parsed JSON, and its layers, the lowest first."""

    config: dict[str, Any]
    layers: list[Layer]

    @classmethod
    def from_archive(cls, path: Path) -> Image:
        """The only image of an OCI archive."""
        with tarfile.open(path) as tar:

            def read(name: str) -> bytes:
                file = tar.extractfile(name)
                assert file is not None, f"{name} is no file of {path}"
                return file.read()

            def blob(digest: str) -> bytes:
                return read(f"blobs/{digest.replace(':', '/')}")

            (only,) = json.loads(read("index.json"))["manifests"]
            return cls._from_manifest(json.loads(blob(only["digest"])), blob)

    @classmethod
    def from_registry(cls, registry: str, name: str, tag: str = "latest") -> Image:
        """An image of a registry on this machine."""

        def get(path: str) -> bytes:
            request = urllib.request.Request(f"http://{registry}/v2/{name}/{path}", headers={"Accept": _MANIFEST})
            with urllib.request.urlopen(request, timeout=10) as answer:
                data: bytes = answer.read()
                return data

        return cls._from_manifest(json.loads(get(f"manifests/{tag}")), lambda digest: get(f"blobs/{digest}"))

    @classmethod
    def _from_manifest(cls, manifest: dict[str, Any], blob: Callable[[str], bytes]) -> Image:
        config = json.loads(blob(manifest["config"]["digest"]))
        return cls(config, [Layer(blob(layer["digest"])) for layer in manifest["layers"]])
