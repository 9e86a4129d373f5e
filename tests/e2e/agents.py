"""An ssh agent of a test's own, and a program that asks an agent which keys it has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator
from pathlib import Path

ASK = """
import os, socket, struct
with socket.socket(socket.AF_UNIX) as agent:
    agent.connect(os.environ["SSH_AUTH_SOCK"])
    agent.sendall(struct.pack(">IB", 1, 11))  # SSH_AGENTC_REQUEST_IDENTITIES
    (length,) = struct.unpack(">I", agent.recv(4, socket.MSG_WAITALL))
    answer = agent.recv(length, socket.MSG_WAITALL)
kind, count = struct.unpack(">BI", answer[:5])
fields, rest = [], answer[5:]
while rest:
    (length,) = struct.unpack(">I", rest[:4])
    fields.append(rest[4 : 4 + length])
    rest = rest[4 + length :]
with open("/out/agent", "w") as out:
    print(kind, count, os.environ["SSH_AUTH_SOCK"], file=out)
    print(*[comment.decode() for comment in fields[1::2]], sep="\\n", file=out)
"""
"""Speaks the agent's own protocol; writes to /out/agent the answer's kind, how many keys, the socket, and the keys' comments."""


def running(folder: Path, comment: str) -> Generator[Path]:
    """The socket of an agent with one key, which has the comment."""
    socket, key = folder / "agent.sock", folder / "key"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # it says where it listens once it does
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", key], check=True)
    subprocess.run(["ssh-add", "-q", key], env={**os.environ, "SSH_AUTH_SOCK": str(socket)}, check=True)
    yield socket
    process.terminate()
    process.communicate(timeout=10)
