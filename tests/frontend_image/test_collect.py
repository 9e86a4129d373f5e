"""The script that gathers the image's files, on the Python that runs the tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from frontend_image import collect

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "frontend_image" / "collect.py"
README = (ROOT / "frontend_image" / "README.md").read_text()
linux = pytest.mark.skipif(sys.platform != "linux", reason="collects an interpreter for Linux with ldd and setpriv")

LDD = """\
/usr/bin/python3.11:
\tlinux-vdso.so.1 (0x00007ffd)
\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f36)
\tlibpython3.13.so.1.0 => /usr/local/bin/../lib/libpython3.13.so.1.0 (0x00007f36)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f36)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f36)
"""


def gathered(out: Path, seed: str) -> Path:
    """What the script makes of the running Python and of this llbpy, under an order of sets."""
    command = [sys.executable, "-X", "no_debug_ranges", str(SCRIPT), str(ROOT / "llbpy"), str(out)]
    subprocess.run(command, check=True, env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": seed})
    return out


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gathered(tmp_path_factory.mktemp("collect") / "out", "1")


def sums(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


@linux
def test_two_runs_give_the_same_files_in_whatever_order_sets_are(out: Path, tmp_path: Path) -> None:
    first = sums(out)
    assert first == sums(gathered(tmp_path / "second", "2"))
    assert len(first) > 250


@linux
def test_the_interpreter_finds_its_library_where_it_was_moved_to(out: Path) -> None:
    code = "import sys, json; print(sys.prefix, json.__file__, json.loads.__doc__)"
    python = [str(out / "usr/bin/python3"), "-P", "-s", "-S", "-c", code]
    said = subprocess.run(python, check=True, capture_output=True, text=True, env={})
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert (said.stdout, said.stderr) == (f"{out}/usr {out}/usr/lib/python{version}/json/__init__.pyc None\n", "")


def test_libraries_go_beside_libc_under_the_names_that_are_asked_for() -> None:
    assert collect.placed(collect.LISTED.findall(LDD)) == {
        Path("/lib/x86_64-linux-gnu/libm.so.6"): Path("/lib/x86_64-linux-gnu/libm.so.6"),
        Path("/usr/local/bin/../lib/libpython3.13.so.1.0"): Path("/lib/x86_64-linux-gnu/libpython3.13.so.1.0"),
        Path("/lib/x86_64-linux-gnu/libc.so.6"): Path("/lib/x86_64-linux-gnu/libc.so.6"),
        Path("/lib64/ld-linux-x86-64.so.2"): Path("/lib64/ld-linux-x86-64.so.2"),
    }


def test_a_library_that_the_base_lacks_is_named() -> None:
    listed = collect.LISTED.findall(LDD + "\tlibffi.so.8 => not found\n")
    with pytest.raises(SystemExit, match=r"lacks libffi\.so\.8"):
        collect.placed(listed)


def test_an_alpine_image_is_refused() -> None:
    with pytest.raises(SystemExit, match="glibc"):
        collect.placed([("libc.musl-x86_64.so.1", "/lib/ld-musl-x86_64.so.1")])


def test_a_base_without_setpriv_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="setpriv"):
        collect.programs()


@pytest.mark.parametrize("name", ["json", "typing", "asyncio", "_decimal", "encodings", "zoneinfo"])
def test_the_standard_library_is_kept(name: str) -> None:
    assert collect.is_kept(name)


@pytest.mark.parametrize("name", ["ssl", "_hashlib", "test", "_testcapi", "site-packages", "sitecustomize", "requests"])
def test_what_is_left_out_or_was_added_is_not(name: str) -> None:
    assert not collect.is_kept(name)


def test_modules_are_taken_in_order_and_without_their_tests(tmp_path: Path) -> None:
    for name in ("b.py", "a/__init__.py", "a/test/test_a.py", "a/data.txt", "tests/b.py", "c/d.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    taken = [str(file.relative_to(tmp_path)) for file in collect.modules(tmp_path, lambda name: name != "c")]
    assert taken == ["a/__init__.py", "b.py"]


def test_the_readme_lists_what_is_left_out() -> None:
    paragraph = README.partition("A build file can import all")[2].partition("`hashlib` has")[0]
    public = {name for name in collect.LEFT_OUT if not name.startswith("_")}
    assert set(re.findall(r"`(\w+)`", paragraph)) == public
