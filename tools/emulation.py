"""Lets this machine's kernel run arm64 programs while the daemon runs.

Without it buildkitd puts its emulator only before a step's first program, and what that starts fails.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from testbed import BIN, ROOT, Failure, ask, say

EMULATOR = BIN / "buildkit-qemu-aarch64"
# The kernel has one list for the whole machine: each clone has its own entry, the youngest is used.
ENTRY = f"llbpy-aarch64-{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]}"
MAGIC = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00"  # a 64-bit little-endian ELF program for aarch64
MASK = b"\xff" * 7 + b"\x00" + b"\xff" * 8 + b"\xfe\xff\xff\xff"  # any ABI; a shared object is a program as well
FLAGS = "PF"  # keep the program's own name; open the emulator now, so that containers need no copy


def enable(folder: Path) -> None:
    """Registers the emulator, through a mount of binfmt_misc on the folder."""
    folder.mkdir(exist_ok=True)
    try:
        if not (folder / "register").exists():
            ask("mount", "-t", "binfmt_misc", "binfmt_misc", folder)
        if not (folder / ENTRY).exists():
            (folder / "register").write_text(f":{ENTRY}:M::{escaped(MAGIC)}:{escaped(MASK)}:{EMULATOR}:{FLAGS}")
    except (Failure, OSError) as error:
        say(f"arm64 steps can run one program each, not what that starts: binfmt_misc is not to be had ({error})")


def disable(folder: Path) -> None:
    """Takes the registration back; the folder stays mounted."""
    if (folder / ENTRY).exists():
        (folder / ENTRY).write_text("-1")


def escaped(data: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in data)
