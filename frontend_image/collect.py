"""Gathers the files of the frontend image, with nothing but the image of Python that it runs in:

    python3 -X no_debug_ranges collect.py LLBPY OUT

The interpreter and setpriv, the libraries that they load, the standard library and llbpy as bytecode without docstrings and
columns (a fifth smaller, and quicker to load), llbpy's without the annotations of functions too. What is rarely needed of the
library is in a zip, and all of llbpy in one file: few files are quickly unpacked. The same base and sources give the same bytes,
times and modes.
"""

from __future__ import annotations

import ast
import marshal
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path
from types import CodeType
from zipfile import ZipFile, ZipInfo

NEED_A_LIBRARY = frozenset(
    "_curses _curses_panel _dbm _gdbm _hashlib _sqlite3 _ssl _tkinter _uuid _crypt nis readline"
    " crypt curses dbm idlelib sqlite3 ssl tkinter turtle turtledemo".split()
)
"""Modules whose library a build file has no use for; hashlib, hmac and uuid work without theirs."""
OF_NO_USE = frozenset("antigravity distutils ensurepip lib2to3 msilib ossaudiodev pydoc_data this venv".split())
STAND_INS = frozenset(("_pydatetime", "_pydecimal", "_pyio"))
"""Written in Python for where the compiled module is missing; here it is not."""
LEFT_OUT = NEED_A_LIBRARY | OF_NO_USE | STAND_INS
"""The modules of the standard library that the image lacks."""

OFTEN = (
    "__future__ abc ast base64 bisect calendar collections.abc configparser contextlib copy csv dataclasses datetime"
    " decimal difflib encodings.idna encodings.latin_1 enum faulthandler fcntl fnmatch fractions functools hashlib heapq"
    " hmac html importlib.machinery itertools json keyword logging math numbers operator os pathlib posixpath pprint"
    " random re resource secrets shlex signal statistics string subprocess tempfile textwrap time tomllib traceback types"
    " typing unicodedata urllib.parse uuid warnings zipimport".split()
)
"""Modules that lie in files of their own, with those that they load: build files import them, or llbpy does."""
UNCHECKED = (1).to_bytes(4, "little")
"""The flags of bytecode that is by a hash of its source, which nobody looks at (PEP 552)."""

CLIENT_SIDE = frozenset(("__main__", "bake", "cli", "client", "dockerfile", "proto", "session", "testing"))
"""The parts of llbpy that run on the user's machine, not in a build."""

LOAD = """\
import sys
sys.path.insert(0, sys.argv[1])
from llbpy.frontends.main import LATER
for names in LATER:
    for name in names:
        __import__(name)
"""
TIMED = re.compile(r"^import time: +\d+ \| +\d+ \|( +)(llbpy[\w.]*)$", re.MULTILINE)
"""A line of `-X importtime`, which has a module when it is loaded: two blanks more for each module that it is loaded by."""

HERE = Path(__file__).parent
STDLIB = Path(os.__file__).parent
STDLIB_INSTALLED = Path(f"/usr/lib/python{sys.version_info.major}.{sys.version_info.minor}")
"""Where the interpreter looks, seen from /usr/bin, wherever the base image had it."""
LLBPY_INSTALLED = Path("/usr/lib/llbpy")
ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
}
LISTED = re.compile(r"^\t(?:(\S+) => )?(/\S+|not found)", re.MULTILINE)
"""A line of ldd: the name that was asked for, if it was looked for, and where it is."""


def is_kept(module: str) -> bool:
    """Whether the image has a top-level module of the standard library; tests are none."""
    return module in sys.stdlib_module_names - LEFT_OUT


def programs() -> dict[Path, Path]:
    """What the entry point runs, and where that goes. Raises SystemExit for a base image without setpriv."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        sys.exit("collect.py: no setpriv on PATH: the base image must have util-linux, as Debian's images do")
    return {Path(sys.executable).resolve(): Path("/usr/bin/python3"), Path(setpriv): Path("/usr/bin/setpriv")}


def extensions() -> dict[Path, Path]:
    """Compiled modules that are not built into the interpreter, and where they go."""
    files = sorted((STDLIB / "lib-dynload").glob("*.so"))
    return {
        file: STDLIB_INSTALLED / "lib-dynload" / file.name for file in files if is_kept(file.name.partition(".")[0])
    }


def libraries(binaries: Iterable[Path]) -> dict[Path, Path]:
    """The libraries that binaries load, and where they go: beside libc, where the loader looks without being told."""
    listed = subprocess.run(["ldd", *binaries], check=True, stdout=subprocess.PIPE, text=True).stdout
    return placed(LISTED.findall(listed))


def placed(needed: Iterable[tuple[str, str]]) -> dict[Path, Path]:
    """Where libraries go, by where they are. Raises SystemExit for one that is missing."""
    found = dict(needed)
    missing = sorted(name for name, path in found.items() if not path.startswith("/"))
    if missing:
        sys.exit(f"collect.py: the base image lacks {', '.join(missing)}")
    if "libc.so.6" not in found:
        sys.exit("collect.py: the base image's Python does not run on glibc; take one of Debian's, not Alpine's")
    folder = Path(found["libc.so.6"]).parent
    return {Path(path): folder / name if name else Path(path) for name, path in needed}


def often() -> frozenset[str]:
    """The top-level modules that are loaded by loading those of OFTEN."""
    code = f"import sys, {', '.join(OFTEN)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-S", "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout
    return frozenset([name.partition(".")[0] for name in loaded.split()])


def standard_library(out: Path) -> None:
    """What is kept of it: the modules that are often needed one by one, the others in a zip."""
    names, archive = often(), below(out, LLBPY_INSTALLED / "python.zip")
    with ZipFile(archive, "w") as rarely:
        for file in modules(STDLIB, stdlib_keeps):
            path = file.relative_to(STDLIB).with_suffix(".pyc")
            if path.parts[0].removesuffix(".pyc") in names:
                below(out, STDLIB_INSTALLED / path).write_bytes(
                    bytecode(file, STDLIB_INSTALLED / file.relative_to(STDLIB))
                )
            else:
                rarely.writestr(ZipInfo(str(path)), bytecode(file, LLBPY_INSTALLED / "python.zip" / path))


def llbpy_modules(llbpy: Path, out: Path) -> None:
    """All of llbpy but its client side, in one file that start.py reads."""
    found: dict[str, tuple[bool, bytes]] = {}
    for file in modules(llbpy, lambda module: module not in CLIENT_SIDE):
        path = file.relative_to(llbpy.parent)
        is_package = path.stem == "__init__"
        name = ".".join((path.parent if is_package else path.with_suffix("")).parts)
        tree = Bare().visit(ast.parse(file.read_bytes()))
        found[name] = is_package, marshal.dumps(compiled(tree, LLBPY_INSTALLED / path))
    below(out, LLBPY_INSTALLED / "llbpy.modules").write_bytes(in_one(found, loaded_by(llbpy)))


def loaded_by(llbpy: Path) -> dict[str, tuple[str, ...]]:
    """What each module that a frontend asks for makes Python load before it, in the order in which that can be run."""
    command = [sys.executable, "-S", "-X", "importtime", "-c", LOAD, llbpy.parent]
    said = subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True).stderr
    found: dict[str, tuple[str, ...]] = {}
    before: list[str] = []
    for blanks, name in TIMED.findall(said):
        if len(blanks) > 1:
            before.append(name)
        else:
            found[name], before = tuple(before), []
    return found


def in_one(found: Mapping[str, tuple[bool, bytes]], loaded: Mapping[str, tuple[str, ...]]) -> bytes:
    """Modules as one file: two lists, after their size, and bytecode. The first says of each whether it is a package, and where its
    bytecode is; the second is `loaded`."""
    listed: dict[str, tuple[bool, int, int]] = {}
    at = 0
    for name, (is_package, code) in found.items():
        listed[name] = is_package, at, len(code)
        at += len(code)
    head = marshal.dumps((listed, loaded))
    return b"".join([len(head).to_bytes(4, "big"), head, *[code for _, code in found.values()]])


class Bare(ast.NodeTransformer):
    """Takes the annotations of functions away. Those of classes stay: what they name is looked up."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node


def compiled(source: bytes | ast.Module, installed: Path) -> CodeType:
    """A module without docstrings and assertions, for the place where it will be said to be."""
    code: CodeType = compile(source, str(installed), "exec", dont_inherit=True, optimize=2)
    return code


def bytecode(file: Path, installed: Path) -> bytes:
    """A module as Python keeps it in a file."""
    source = file.read_bytes()
    return MAGIC_NUMBER + UNCHECKED + source_hash(source) + marshal.dumps(compiled(source, installed))


def modules(source: Path, keeps: Callable[[str], bool]) -> Iterator[Path]:
    """The modules below a folder whose top-level name is kept, without their tests, in order."""
    for file in sorted(source.rglob("*.py")):
        parts = file.relative_to(source).parts
        if keeps(parts[0].removesuffix(".py")) and not {"test", "tests"}.intersection(parts):
            yield file


def stdlib_keeps(module: str) -> bool:
    """Like `is_kept`, and so for the module in which sysconfig finds its values, whose name tells the platform."""
    sysconfig.get_config_vars()
    return is_kept(module) or (module.startswith("_sysconfigdata") and module in sys.modules)


def below(out: Path, path: Path) -> Path:
    """A path of the image as a path here, in a folder that exists."""
    here = out / path.relative_to("/")
    here.parent.mkdir(parents=True, exist_ok=True)
    return here


def put(file: Path, target: Path) -> None:
    shutil.copyfile(file, target)
    target.chmod(0o755)


def settle(out: Path) -> None:
    """Folders that all may read, a /tmp that all may write; every file as old as time."""
    (out / "tmp").mkdir()
    for path in (out, *sorted(out.rglob("*"))):
        if path.is_dir():
            path.chmod(0o1777 if path == out / "tmp" else 0o755)
        os.utime(path, (0, 0))


def collect(llbpy: Path, out: Path) -> None:
    """Fills an empty folder with the files of the image; `llbpy` is the package's folder."""
    os.umask(0o022)
    binaries = programs() | extensions()
    for file, path in (binaries | libraries(binaries)).items():
        put(file, below(out, path))
    (out / STDLIB_INSTALLED.relative_to("/") / "lib-dynload").mkdir(exist_ok=True)
    standard_library(out)
    llbpy_modules(llbpy, out)
    start = below(out, LLBPY_INSTALLED / "start.pyc")
    start.write_bytes(bytecode(HERE / "start.py", LLBPY_INSTALLED / "start.py"))
    for name, text in ACCOUNTS.items():
        below(out, Path("/", name)).write_text(text)
    settle(out)


if __name__ == "__main__":
    collect(*map(Path, sys.argv[1:]))
