"""The image is the same by Dockerfile and by llbpy, small, reproducible, and holds nothing that it should not."""

from __future__ import annotations

import json
import marshal
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.oci import Image
from tests.frontend_image.conftest import Pair, by_dockerfile

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

MB = 1_000_000
LIBRARIES = {
    "libbz2",
    "libc",
    "libcap-ng",
    "libexpat",
    "libffi",
    "liblzma",
    "libm",
    "libz",
    "ld-linux-x86-64",
    "ld-linux-aarch64",
}


def config(image: Image) -> dict[str, Any]:
    """The image's config, its environment by name."""
    found = image.config["config"]
    return {**found, "Env": dict(line.split("=", 1) for line in found["Env"])}


def test_both_ways_give_the_same_layer_to_the_byte(pair: Pair) -> None:
    (dockerfile,), (described,) = pair.dockerfile.layers, pair.described.layers
    assert sorted(dockerfile.entries) == sorted(described.entries)
    assert dockerfile.tar == described.tar
    assert pair.dockerfile.config["rootfs"] == pair.described.config["rootfs"]


def test_both_ways_give_the_same_config(pair: Pair) -> None:
    assert config(pair.dockerfile) == config(pair.described)
    assert pair.dockerfile.config["architecture"] == pair.described.config["architecture"]


def test_the_daemon_is_told_what_the_frontend_can_and_that_it_needs_no_network(pair: Pair) -> None:
    labels = config(pair.dockerfile)["Labels"]
    caps = labels.pop("moby.buildkit.frontend.caps").split(",")
    assert labels == {"moby.buildkit.frontend.network.none": "true"}
    assert caps == [f"moby.buildkit.frontend.{cap}" for cap in ("inputs", "subrequests", "contexts", "gitquerystring")]


def test_the_entry_point_gives_privileges_up_before_it_is_python(pair: Pair) -> None:
    entrypoint = config(pair.dockerfile)["Entrypoint"]
    python = entrypoint.index("/usr/bin/python3")
    assert entrypoint[0] == "/usr/bin/setpriv"
    assert {"--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--clear-groups"} < set(entrypoint[1:python])
    assert entrypoint[python + 1 :] == ["-P", "-s", "-S", "/usr/lib/llbpy/start.pyc"]


def test_environment_fixes_the_order_of_sets_and_writes_no_bytecode(pair: Pair) -> None:
    env = config(pair.dockerfile)["Env"]
    assert (env["PYTHONHASHSEED"], env["PYTHONDONTWRITEBYTECODE"]) == ("0", "1")


def test_all_belongs_to_root_and_is_as_old_as_time(pair: Pair) -> None:
    entries = pair.dockerfile.layers[0].entries
    assert {(entry.uid, entry.gid, entry.mtime) for entry in entries.values()} == {(0, 0, 0)}
    modes = {name: entry.mode for name, entry in entries.items()}
    assert modes.pop("tmp") == 0o1777
    assert set(modes.values()) == {0o755, 0o644}


def test_there_are_only_bytecode_compiled_modules_and_the_libraries_they_load(pair: Pair) -> None:
    files = [Path(name) for name in pair.dockerfile.layers[0].files]
    libraries = {
        file.name.partition(".")[0] for file in files if ".so" in file.name and "lib-dynload" not in file.parts
    }
    assert libraries <= LIBRARIES
    assert {
        file.suffix for file in files if "llbpy" in file.parts or file.parts[:3] == ("usr", "lib", "python3.11")
    } == {".modules", ".pyc", ".so", ".zip"}
    assert {str(file) for file in files if file.parts[0] in ("etc", "tmp") or file.parts[:2] == ("usr", "bin")} == {
        *("etc/group", "etc/passwd", "usr/bin/python3", "usr/bin/setpriv")
    }


def test_llbpy_is_there_without_its_client_side(pair: Pair) -> None:
    data = pair.dockerfile.layers[0].data("usr/lib/llbpy/llbpy.modules")
    listed, loaded = marshal.loads(data[4:])
    packages = {name: is_package for name, (is_package, *_) in listed.items()}
    assert {"llbpy", "llbpy.buildfile", "llbpy.dsl.state", "llbpy.graph.ops.exec"} < set(packages)
    assert (packages["llbpy.graph.ops"], packages["llbpy.graph.ops.exec"]) == (True, False)
    assert [name for name in packages if name.startswith(("llbpy.cli", "llbpy.proto", "llbpy.__main__"))] == []
    assert len(loaded["llbpy.frontends.main"]) > 30 < len(loaded["llbpy.frontends.build"])
    assert {each for before in loaded.values() for each in before} < set(packages)


def test_few_files_are_quickly_unpacked(pair: Pair) -> None:
    assert len(pair.dockerfile.layers[0].files) < 350


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/arm64"])
@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_it_weighs_less_than_nine_megabytes(registry: str, tmp_path: Path, platform: str, compression: str) -> None:
    output = f",compression={compression},force-compression=true"
    archive = by_dockerfile(tmp_path / "image.tar", platform, output=output)
    with tarfile.open(archive) as tar:

        def read(name: str) -> Any:
            file = tar.extractfile(name)
            assert file is not None
            return json.load(file)

        (only,) = read("index.json")["manifests"]
        (layer,) = read(f"blobs/{only['digest'].replace(':', '/')}")["layers"]
    assert layer["mediaType"].endswith(compression)
    assert 5 * MB < layer["size"] < 9 * MB


def test_it_is_reproducible(pair: Pair, registry: str, tmp_path: Path) -> None:
    platform = f"linux/{pair.dockerfile.config['architecture']}"
    again = Image.from_archive(by_dockerfile(tmp_path / "image.tar", platform, "--no-cache"))
    assert again.config["rootfs"] == pair.dockerfile.config["rootfs"]
