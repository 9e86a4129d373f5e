"""Generate llbpy/proto/*_pb2.py and *_pb2.pyi from the .proto files beside them.

`python tools/protoc.py` writes the generated files. With `--check` it writes nothing, prints what differs, and exits 1
if anything does.
"""

from __future__ import annotations

import argparse
import difflib
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTO = Path("llbpy/proto")  # relative to the root: it is the prefix of every descriptor's file name

# Generated code refuses a protobuf runtime older than its generator and accepts newer ones, so the generator stays at
# the oldest runtime that pyproject.toml allows. It cannot be installed beside protobuf 7: hence its own environment.
GENERATOR = "grpcio-tools==1.75.1"
ENVIRONMENT = ROOT / ".tools" / "protoc"

Files = dict[str, str]


def generator() -> Path:
    """Python of the environment that holds the pinned generator, which is made first where it is missing or stale."""
    python = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = ENVIRONMENT / "generator.txt"  # written last, so that half an environment does not count as one
    if not (python.exists() and stamp.exists() and stamp.read_text() == GENERATOR):
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", GENERATOR], check=True)
        stamp.write_text(GENERATOR)
    return python


def generate() -> Files:
    """What the generator makes of the .proto files: file name to text."""
    sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / PROTO).glob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        options = ["-I.", f"--python_out={folder}", f"--pyi_out={folder}"]
        subprocess.run([generator(), "-m", "grpc_tools.protoc", *options, *sources], cwd=ROOT, check=True)
        return read(Path(folder) / PROTO)


def read(folder: Path) -> Files:
    """The generated files in a folder: file name to text."""
    return {path.name: path.read_bytes().decode() for path in sorted(folder.glob("*_pb2.py*"))}


def differences(kept: Files, fresh: Files) -> Iterator[str]:
    """Lines of a unified diff that turns the kept files into the fresh ones; none if they are equal."""
    for name in sorted(kept | fresh):
        old, new = (files.get(name, "").splitlines(keepends=True) for files in (kept, fresh))
        yield from difflib.unified_diff(old, new, f"{name} (checked in)", f"{name} (generated)")


def write(kept: Files, fresh: Files) -> None:
    """Bring the tree to the fresh files, dropping those whose .proto is gone."""
    for name in kept.keys() - fresh.keys():
        (ROOT / PROTO / name).unlink()
    for name, text in fresh.items():
        (ROOT / PROTO / name).write_bytes(text.encode())


def main() -> int:
    parser = argparse.ArgumentParser(description="Generate the protobuf modules of llbpy.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the checked-in files differ")
    check: bool = parser.parse_args().check
    kept, fresh = read(ROOT / PROTO), generate()
    if not check:
        write(kept, fresh)
        return 0
    lines = list(differences(kept, fresh))
    print("".join(lines) or f"{len(kept)} generated files are up to date")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
