"""Starts and stops the test bed's own buildkitd and registry; both listen on this machine alone.

usage: daemon.py start           start what does not run yet, fill the registry with the base images
       daemon.py env             print the shell's exports that lead to both
       daemon.py run COMMAND...  run a command with these exports; stop afterwards what was started for it
       daemon.py stop            end both, unmount what they left
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from functools import partial
from pathlib import Path
from types import FrameType

import emulation
import images
from server import STATE, Server
from testbed import BIN, DOCKER_CONFIG, ROOT, TOOLS, Failure, ask, cli, lock, say

BUILDKITD_TOML = STATE / "buildkitd.toml"
REGISTRY_YML = STATE / "registry.yml"
BINFMT = STATE / "binfmt"
PORT = STATE / "port"
DAEMON_LOCK = TOOLS / "daemon.lock"
LONGEST_SOCKET = "dockerd/data/tmp/.buildkit-ssh-sock4294967295/ssh_auth_sock"  # Docker Engine's, see compat.py
SOCKET_LIMIT = 107  # bytes of a unix socket's path
CAP_SYS_ADMIN = 21


def socket_folder() -> Path:
    """Where the sockets are: with the state, or in /var/tmp where that path would be too long."""
    if len(os.fsencode(STATE / LONGEST_SOCKET)) <= SOCKET_LIMIT:
        return STATE
    return Path("/var/tmp") / f"llbpy-{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:16]}"


ADDRESS = f"unix://{socket_folder() / 'buildkitd.sock'}"


def buildkitd_answers(address: str) -> bool:
    argv = ["timeout", "10", str(BIN / "buildctl"), "--addr", address, "debug", "workers"]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


def registry_answers() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port()}/v2/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


BUILDKITD_ARGV = (str(BIN / "buildkitd"), "--config", str(BUILDKITD_TOML))
BUILDKITD = Server("buildkitd", BUILDKITD_ARGV, partial(buildkitd_answers, ADDRESS))
REGISTRY = Server("registry", (str(BIN / "docker-registry"), "serve", str(REGISTRY_YML)), registry_answers)


def buildkitd_toml(root: Path, sockets: Path, registry: str) -> str:
    """A daemon's settings: no CNI, images from the loopback registry, nothing shared with another daemon."""
    return f"""\
root = "{root}"
insecure-entitlements = ["network.host", "security.insecure"]
[grpc]
  address = ["unix://{sockets}/buildkitd.sock"]
[otel]
  socketPath = "{sockets}/otel.sock"
[worker.oci]
  binary = "{BIN}/runc"
  networkMode = "host"
  platforms = ["linux/amd64", "linux/arm64"]
  gc = false
[worker.containerd]
  enabled = false
[registry."docker.io"]
  mirrors = ["{registry}"]
[registry."{registry}"]
  http = true
"""


def registry_yml() -> str:
    return f"""\
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: "{STATE}/registry"}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port()}"}}
"""


def port() -> int:
    """The registry's port, chosen at its first start."""
    try:
        return int(PORT.read_text())
    except FileNotFoundError:
        raise Failure("there is no daemon yet: make daemon") from None


def registry_name() -> str:
    return f"localhost:{port()}"


def choose_port() -> None:
    """Keeps the remembered port if it is free, else remembers a free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port()))
        except (Failure, OSError):
            probe.bind(("127.0.0.1", 0))
        PORT.write_text(f"{probe.getsockname()[1]}\n")


def exports() -> dict[str, str]:
    """What leads a client to the daemon and the registry."""
    return {
        "BUILDKIT_HOST": ADDRESS,
        "LLBPY_REGISTRY": registry_name(),
        "DOCKER_CONFIG": str(DOCKER_CONFIG),
    }


def client_env() -> dict[str, str]:
    """This environment with the exports, and the parts first on its PATH."""
    return os.environ | exports() | {"PATH": f"{BIN}:{os.environ['PATH']}"}


def need_rootful() -> None:
    """Raises Failure where a buildkitd with root's rights cannot run."""
    if not (BIN / "buildkitd").exists():
        raise Failure("there are no parts yet: make tools")
    if os.geteuid() != 0:
        raise Failure("the daemon needs root: it mounts and makes containers")
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    if not int(status["CapEff"], 16) >> CAP_SYS_ADMIN & 1:
        raise Failure("the daemon needs the capability CAP_SYS_ADMIN, which root lacks here")
    if "\toverlay\n" not in Path("/proc/filesystems").read_text():
        raise Failure("the daemon needs the kernel's overlay file system: modprobe overlay")


def start() -> bool:
    """Starts both unless they run; returns whether it did."""
    need_rootful()
    with lock(DAEMON_LOCK):
        if BUILDKITD.healthy() and REGISTRY.healthy():
            return False
        stop_both()
        start_both()
    return True


def fill() -> None:
    """Pushes the base images that the registry lacks."""
    with lock(DAEMON_LOCK):
        images.push_missing(registry_name(), client_env())


def start_both() -> None:
    own_folder(STATE)
    own_folder(socket_folder())
    choose_port()
    REGISTRY_YML.write_text(registry_yml())
    BUILDKITD_TOML.write_text(buildkitd_toml(STATE / "buildkit", socket_folder(), registry_name()))
    emulation.enable(BINFMT)
    REGISTRY.start()
    BUILDKITD.start()
    say(f"buildkitd at {ADDRESS}, registry at {registry_name()}")


def own_folder(folder: Path) -> None:
    """Makes the folder, closed to others; raises Failure if another user made it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise Failure(f"{folder} belongs to another user")


def stop_both() -> None:
    BUILDKITD.stop()
    end_containers()
    REGISTRY.stop()
    emulation.disable(BINFMT)
    unmount_below(STATE)
    if socket_folder() != STATE:
        shutil.rmtree(socket_folder(), ignore_errors=True)


def end_containers() -> None:
    """Ends the steps that a daemon ended by force has left running."""
    runc = BIN / "runc"
    if runc.exists():
        containers: list[dict[str, str]] = json.loads(ask(runc, "list", "--format", "json")) or []
        for container in containers:
            if container["bundle"].startswith(f"{STATE}/"):
                ask(runc, "delete", "--force", container["id"])


def unmount_below(folder: Path) -> None:
    """Unmounts whatever is left below the folder, the innermost first."""
    mounts = json.loads(ask("findmnt", "--json", "--list", "--output", "TARGET"))["filesystems"]
    left = [mount["target"] for mount in mounts if mount["target"].startswith(f"{folder}/")]
    for target in sorted(left, reverse=True):
        ask("umount", "--lazy", target)


def end_on_signal(number: int, _: FrameType | None) -> None:
    """Ends this command as a signal would, but through its `finally`."""
    sys.exit(128 + number)


def run_with_daemon(command: list[str]) -> int:
    """Runs a command beside the daemon; returns its exit code."""
    signal.signal(signal.SIGTERM, end_on_signal)
    started = start()
    try:
        fill()
        return subprocess.run(command, check=False, env=client_env()).returncode
    finally:
        if started:
            stop()


def stop() -> None:
    if STATE.exists():
        with lock(DAEMON_LOCK):
            stop_both()


def print_env() -> None:
    if BUILDKITD.pid() is None or REGISTRY.pid() is None:
        raise Failure("the daemon does not run: make daemon")
    for name, value in exports().items():
        print(f"export {name}={shlex.quote(value)}")
    print(f'export PATH={shlex.quote(str(BIN))}:"$PATH"')


def main(words: list[str]) -> int:
    match words:
        case ["start"]:
            start()
            fill()
        case ["env"]:
            print_env()
        case ["run", *command] if command:
            return run_with_daemon(command)
        case ["stop"]:
            stop()
        case _:
            raise Failure("usage: daemon.py start | env | run COMMAND... | stop")
    return 0


if __name__ == "__main__":
    cli(main)
