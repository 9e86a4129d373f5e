"""What `make test-compat` needs beside the one daemon: older ones, and Docker Engine.

usage: compat.py parts       bring their programs into .tools/bin
       compat.py serve NAME  run one, print its address once it answers, end it when stdin ends
"""

from __future__ import annotations

import json
import subprocess
import sys

from daemon import buildkitd_answers, buildkitd_toml, registry_name, socket_folder
from parts import GoPart, bring, first_known
from sealed import Sealed
from testbed import BIN, DOCKER_CONFIG, ROOT, Failure, cli

OLDER = tuple(sorted(folder.name for folder in (ROOT / "tools" / "go").glob("buildkitd-*")))
GO_PARTS = (
    *(GoPart(name, "github.com/moby/buildkit", {"buildkitd": name}) for name in OLDER),
    GoPart(
        "containerd",
        "github.com/containerd/containerd/v2",
        {"containerd": "containerd", "containerd-shim-runc-v2": "containerd-shim-runc-v2"},
        tags="no_btrfs",
    ),
    GoPart(
        "docker",
        "github.com/moby/moby/v2",
        {"dockerd": "dockerd", "docker-proxy": "docker-proxy"},
        tags="exclude_graphdriver_btrfs,exclude_graphdriver_devicemapper,no_systemd",
        version_package="dockerversion",
    ),
)


def bring_parts() -> None:
    """Brings the programs; `docker build` of a docker command that is older than buildx is made to be buildx as well."""
    docker = first_known("docker-cli", "docker.io")
    bring({"tini": ("usr/bin/tini-static", "docker-init"), docker: ("usr/bin/docker", "docker")}, GO_PARTS)
    (DOCKER_CONFIG / "config.json").write_text(json.dumps({"aliases": {"builder": "buildx"}}))


def older(name: str) -> Sealed:
    """An older buildkitd."""
    folder = socket_folder() / name
    toml = folder / "buildkitd.toml"
    return Sealed(
        name,
        (str(BIN / name), "--config", str(toml)),
        f"unix://{folder}/buildkitd.sock",
        folder,
        settings={toml: buildkitd_toml(folder / "root", folder, registry_name())},
        answers=buildkitd_answers,
    )


def dockerd() -> Sealed:
    """Docker Engine without networks of its own: what it runs has the machine's, and only if it asks for that."""
    folder = socket_folder() / "dockerd"
    json_file, address = folder / "daemon.json", f"unix://{folder}/docker.sock"
    settings = {
        "data-root": f"{folder}/data",
        "exec-root": f"{folder}/exec",
        "pidfile": f"{folder}/docker.pid",
        "hosts": [address],
        "bridge": "none",
        "iptables": False,
        "ip6tables": False,
        "insecure-registries": [registry_name()],
        "registry-mirrors": [f"http://{registry_name()}"],
    }
    return Sealed(
        "dockerd",
        (str(BIN / "dockerd"), "--config-file", str(json_file)),
        address,
        folder,
        settings={json_file: json.dumps(settings)},
        answers=dockerd_answers,
    )


def dockerd_answers(address: str) -> bool:
    argv = ["timeout", "10", str(BIN / "docker"), "--host", address, "version"]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


def serve(name: str) -> None:
    """Runs a server for as long as stdin lasts."""
    if name != "dockerd" and name not in OLDER:
        raise Failure(f"there is no server {name}; there are dockerd, {', '.join(OLDER)}")
    if not (BIN / name).exists():
        raise Failure(f"there is no {name} yet: python3 tools/compat.py parts")
    server = dockerd() if name == "dockerd" else older(name)
    with server.running():
        print(server.address, flush=True)
        sys.stdin.read()


def main(words: list[str]) -> None:
    match words:
        case ["parts"]:
            bring_parts()
        case ["serve", name]:
            serve(name)
        case _:
            raise Failure("usage: compat.py parts | serve NAME")


if __name__ == "__main__":
    cli(main)
