"""A daemon of its own to measure: it has nothing but these builds, and what it has can be taken away without anybody missing it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.processes import ENV, testbed

SETTINGS = """\
root = "{root}"
[grpc]
  address = ["{address}"]
[otel]
  socketPath = "{otel}"
[worker.oci]
  binary = "{bin}/runc"
  networkMode = "host"
  gc = false
[worker.containerd]
  enabled = false
[registry."docker.io"]
  mirrors = ["{registry}"]
[registry."{registry}"]
  http = true
"""


class Daemon(NamedTuple):
    """Where it listens, and where it writes what frontends say on stderr."""

    address: str
    log: Path

    def buildctl(self, *words: str) -> tuple[str, ...]:
        return ("buildctl", "--addr", self.address, *words)

    def answers(self) -> bool:
        return (
            subprocess.run(self.buildctl("debug", "workers"), check=False, env=ENV, capture_output=True).returncode == 0
        )


@contextmanager
def own_daemon() -> Generator[Daemon]:
    """A fresh one, beside the test bed's registry; gone afterwards, with all that it has. Others who want one wait."""
    bed, server, tools = testbed("daemon"), testbed("server"), testbed("testbed")
    folder, root, settings = bed.socket_folder(), server.STATE / "bench", server.STATE / "bench.toml"
    address, otel = f"unix://{folder}/bench.sock", Path(folder, "bench-otel.sock")
    name, argv = "buildkitd-bench", (str(bed.BIN / "buildkitd"), "--config", str(settings))
    daemon = Daemon(address, server.LOGS / f"{name}.log")
    buildkitd = server.Server(name, argv, daemon.answers)
    places = {"root": root, "address": address, "otel": otel, "bin": bed.BIN, "registry": ENV["LLBPY_REGISTRY"]}
    with tools.lock(tools.TOOLS / "bench.lock"):
        settings.write_text(SETTINGS.format_map(places))
        try:
            buildkitd.start()
            yield daemon
        finally:
            buildkitd.stop()
            bed.unmount_below(root)
            shutil.rmtree(root, ignore_errors=True)
            for left in (settings, otel):
                left.unlink(missing_ok=True)
