"""The keys of ssh hosts, asked of the hosts themselves: what `known_hosts=None` of `git()` leaves to whoever runs the build."""

from __future__ import annotations

import subprocess

_SECONDS = 5


def scan(host: str) -> str | None:
    """A host's keys (`host` or `host:port`) as known_hosts text; None if it does not tell, or if there is no ssh-keyscan."""
    name, _, port = host.partition(":")
    command = ["ssh-keyscan", "-T", str(_SECONDS), "-p", port or "22", "--", name]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    except FileNotFoundError:
        return None
    return "\n".join(sorted(done.stdout.splitlines())) or None  # they come in whatever order the host answered
