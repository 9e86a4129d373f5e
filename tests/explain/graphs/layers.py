"""Merges and diffs, one output on two platforms, and a vertex that only waits."""

from __future__ import annotations

import llbpy

base = llbpy.image("debian:bookworm-slim", inherit=False)
arm = llbpy.image("debian:bookworm-slim", inherit=False, platform="linux/arm64")
parts = [llbpy.diff(base, base.run(["apt-get", "install", "-y", name])) for name in ("git", "curl", "jq")]
foreign = llbpy.scratch().run(["/bin/true"], mounts=[llbpy.bind(arm["/bin"], "/bin")])
cleared = llbpy.diff(base, llbpy.scratch())
check = base.run(["git", "--version"], security="insecure", exit_codes=[0, 1], export_cache=False)
image = llbpy.merge(base, *parts, cleared, foreign).requires(check, id="tested")
