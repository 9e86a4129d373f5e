"""Modules beside a build file, and what a build file must not ask for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from llbpy import scratch
from llbpy.buildfile import load_text
from llbpy.errors import BuildFileError, DaemonError
from llbpy.gateway.beside import Beside, check_dependencies, imported
from llbpy.gateway.bridge import Bridge
from llbpy.gateway.entry import read_entry
from llbpy.graph.gojson import string_array
from llbpy.transport.status import Status
from tests.gateway.daemon import Answer, Daemon
from tests.gateway.opened import SESSION, client, data_of, options
from tests.gateway.trees import Files, Link

IMAGE = "the frontend's image has Python's standard library; derive one from it that has more, and name that in the syntax line"
NEVER = string_array([f"**/{name}" for name in (".venv", "node_modules", ".git", "__pycache__")])
SYNC = "[internal] load modules beside build.py"
Open = Callable[..., Beside]


@pytest.fixture
def beside(tmp_path: Path) -> Open:
    """The modules beside the build file that a daemon has; its rounds begin anew."""

    def opened(daemon: Daemon, *texts: str) -> Beside:
        bridge, given = Bridge(daemon), options(*texts)
        entry = read_entry(bridge, given)
        daemon.rounds.clear()
        return Beside(bridge, given, entry, str(tmp_path))

    return opened


def brought(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# What is brought -------------------------------------------------------------------------------------------------------------

PACKAGE: Files = {
    "build.py": b"import gears\nfrom recipes.web import page\n",
    "gears.py": b"A = 1\n",
    "other.py": b"B = 2\n",
    "recipes/__init__.py": b"",
    "recipes/web.py": b"page = 3\n",
    "recipes/data/page.html": b"<html>",
    "recipes/__pycache__/web.pyc": b"no",
    "recipes/node_modules/x.js": b"no",
    "src/main.go": b"no",
    "README": b"no",
}
MODULES = {name: data for name, data in PACKAGE.items() if data != b"no"}


def test_nothing_is_brought_before_it_is_imported(beside: Open, tmp_path: Path) -> None:
    daemon = client(PACKAGE)
    beside(daemon)
    assert daemon.rounds == []
    assert brought(tmp_path) == {}


def test_all_that_the_file_imports_comes_with_the_first_import(beside: Open, tmp_path: Path) -> None:
    daemon = client(PACKAGE)
    bring = beside(daemon)
    assert bring("gears")
    assert brought(tmp_path) == MODULES
    assert bring("recipes")
    assert bring("other")
    assert daemon.shape[:4] == ["Solve", "ReadDir", "ReadDir", "ReadDir"]
    assert daemon.shape[4] == " ".join(["ReadFile"] * len(MODULES))


def test_it_is_a_sync_of_its_own(beside: Open) -> None:
    daemon = client(PACKAGE)
    beside(daemon)("gears")
    source = daemon.source(SYNC)
    assert source.identifier == "local://dockerfile"
    assert dict(source.attrs) == {
        "local.includepattern": string_array(["*.py", "gears/**", "recipes/**"]),
        "local.excludepatterns": NEVER,
        "local.sharedkeyhint": "dockerfile-modules",
        "local.session": SESSION,
    }


def test_the_session_and_the_folder_are_those_of_the_build_file(beside: Open) -> None:
    daemon = client({})
    daemon.files["local://other"] = PACKAGE
    beside(daemon, "dockerfilekey=other", "local-sessionid:other=o")("gears")
    attrs = daemon.source(SYNC).attrs
    assert (attrs["local.session"], attrs["local.sharedkeyhint"]) == ("o", "other-modules")


def test_what_a_neighbour_imports_is_brought_in_turn(beside: Open, tmp_path: Path) -> None:
    files = {"build.py": b"import a\n", "a.py": b"import b.c\n", "b/c.py": b"x = 1\n", "b/d/e.py": b"y = 1\n"}
    daemon = client(files)
    bring = beside(daemon)
    assert bring("a")
    assert brought(tmp_path) == {"build.py": files["build.py"], "a.py": files["a.py"]}
    daemon.rounds.clear()
    assert bring("b")
    assert brought(tmp_path) == files
    assert daemon.shape == ["Solve", "ReadDir", "ReadDir", "ReadDir", "ReadFile ReadFile"]


def test_folders_of_one_depth_are_listed_in_one_round(beside: Open) -> None:
    files = {"build.py": b"import a, b\n", **{f"{top}/{sub}/x.py": b"" for top in "ab" for sub in "cd"}}
    daemon = client(files)
    beside(daemon)("a")
    assert daemon.shape[1:4] == ["ReadDir", "ReadDir ReadDir", "ReadDir ReadDir ReadDir ReadDir"]


def test_a_build_file_in_a_folder_has_the_modules_of_that_folder(beside: Open, tmp_path: Path) -> None:
    files = {"ci/build.py": b"import a\n", "ci/a.py": b"", "ci/b/c.py": b"", "a.py": b"no"}
    daemon = client(files)
    bring = beside(daemon, "filename=ci/build.py")
    assert bring("a")
    patterns = daemon.source("[internal] load modules beside ci/build.py").attrs["local.includepattern"]
    assert patterns == string_array(["ci/*.py", "ci/a/**"])
    assert bring("b")
    assert sorted(brought(tmp_path)) == ["a.py", "b/c.py", "build.py"]


def test_a_context_has_its_modules_already(beside: Open, tmp_path: Path) -> None:
    daemon = Daemon({"git://h.example/a": PACKAGE})
    daemon.known["git://h.example/a"] = Answer()
    bring = beside(daemon, "context=git://h.example/a")
    assert bring("recipes")
    assert brought(tmp_path) == MODULES
    assert daemon.shape[0] == "ReadDir"


def test_an_input_too(beside: Open, tmp_path: Path) -> None:
    daemon = client({})
    daemon.inputs = {"dockerfile": data_of(scratch().write("/build.py", "import a").write("/a.py", "x"))}
    assert beside(daemon)("a")
    assert brought(tmp_path) == {"build.py": b"import a", "a.py": b"x"}


def test_links_to_nowhere_are_passed_over(beside: Open, tmp_path: Path) -> None:
    files: Files = {
        "build.py": b"import a\n",
        "a.py": Link("real.py"),
        "real.py": b"x",
        ".#build.py": Link("me@host.7"),
    }
    assert beside(client(files))("a")
    assert brought(tmp_path) == {"build.py": b"import a\n", "a.py": b"x", "real.py": b"x"}


# Links -----------------------------------------------------------------------------------------------------------------------

LINKED: Files = {
    "build.py": b"import one, pkg\n",
    "one.py": Link("lib/modules/one.py"),
    "pkg": Link("lib/pkg"),
    "lib/pkg/__init__.py": b"",
    "lib/pkg/more": Link("../more"),
    "lib/pkg/itself": Link("."),
    "lib/pkg/all": Link("../.."),
    "lib/pkg/away": Link("../../../x"),
    "lib/more/x.py": b"x",
    "lib/modules/one.py": b"1",
    "lib/unused.py": b"no",
    "src/main.go": b"no",
}


@pytest.mark.parametrize("context", ["", "git://h.example/a"])
def test_what_links_lead_to_comes_along(beside: Open, tmp_path: Path, context: str) -> None:
    daemon = client(LINKED)
    daemon.files["git://h.example/a"] = LINKED
    daemon.known["git://h.example/a"] = Answer()
    bring = beside(daemon, *([f"context={context}"] if context else ()))
    assert bring("one")
    assert bring("pkg")
    assert brought(tmp_path) == {
        "build.py": b"import one, pkg\n",
        "one.py": b"1",
        "lib/modules/one.py": b"1",
        "lib/pkg/__init__.py": b"",
        "lib/more/x.py": b"x",
    }
    assert (tmp_path / "pkg" / "itself" / "more" / "x.py").read_bytes() == b"x"
    assert (tmp_path / "pkg" / "all" / "one.py").read_bytes() == b"1"
    assert not (tmp_path / "pkg" / "away").is_symlink()


@pytest.mark.parametrize("name", ["pkg", "pkg.py"])
@pytest.mark.parametrize("target", ["../lib/pkg", "/lib/pkg", "nowhere", ".."])
def test_a_link_that_leads_away_is_said(beside: Open, name: str, target: str) -> None:
    files: Files = {"build.py": b"import pkg\n", name: Link(target)}
    with pytest.raises(ModuleNotFoundError) as caught:
        beside(client(files))("pkg")
    place = f"{name} is a link to {target!r}, which does not lie in the build file's folder"
    assert str(caught.value) == f"No module named 'pkg': {place}, and {IMAGE}"


def test_links_may_lead_through_links(beside: Open, tmp_path: Path) -> None:
    tree: Files = {"build.py": b"", "a": Link("b/c"), "b": Link("d"), "d/c/x.py": b"x", "d/y": b"no"}
    daemon = Daemon({"git://h.example/a": tree})
    daemon.known["git://h.example/a"] = Answer()
    assert beside(daemon, "context=git://h.example/a")("a")
    assert (tmp_path / "a" / "x.py").read_bytes() == b"x"
    assert sorted(brought(tmp_path)) == ["build.py", "d/c/x.py"]


def test_a_context_has_files_outside_of_the_build_files_folder(beside: Open, tmp_path: Path) -> None:
    tree: Files = {
        "ci/build.py": b"import a, pkg\n",
        "ci/a.py": Link("../shared/a.py"),
        "ci/pkg/b.py": Link("../../shared/b.py"),
        "ci/pkg/away": Link("../../shared"),
        "shared/a.py": b"a",
        "shared/b.py": b"b",
    }
    daemon = Daemon({"git://h.example/a": tree})
    daemon.known["git://h.example/a"] = Answer()
    bring = beside(daemon, "context=git://h.example/a", "filename=ci/build.py")
    assert bring("a")
    assert bring("pkg")
    assert brought(tmp_path) == {"build.py": b"import a, pkg\n", "a.py": b"a", "pkg/b.py": b"b"}


def test_links_in_circles_lead_nowhere(beside: Open) -> None:
    files: Files = {"build.py": b"import a\n", "a": Link("p/w"), "p": Link("q/z"), "q": Link("p/k")}
    daemon = Daemon({"git://h.example/a": files})
    daemon.known["git://h.example/a"] = Answer()
    with pytest.raises(ModuleNotFoundError, match="a is a link to 'p/w', which does not lie"):
        beside(daemon, "context=git://h.example/a")("a")


def test_a_program_of_a_modules_name_stays_where_it_is(beside: Open, tmp_path: Path) -> None:
    files = {"build.py": b"import gears\n", "gears.py": b"", "gears": bytes(9 << 20)}
    assert beside(client(files))("gears")
    assert sorted(brought(tmp_path)) == ["build.py", "gears.py"]


def test_a_daemon_that_refuses_is_quoted(beside: Open) -> None:
    daemon = client(PACKAGE)
    bring = beside(daemon)
    daemon.refused["ReadFile"] = Status(7, "denied")
    with pytest.raises(DaemonError, match="denied"):
        bring("gears")


def test_they_are_imported_as_python_does(beside: Open, tmp_path: Path) -> None:
    text = b"import gears\nfrom recipes.web import page\nfound = gears.A + page\ndef use():\n    import other\n    return other.B\n"
    files = {**PACKAGE, "build.py": text}
    path = str(tmp_path / "build.py")
    build_file = load_text(path, text, beside(client(files)))
    assert build_file.names() == []
    assert brought(tmp_path) == {**MODULES, "build.py": text}


# What is not there -----------------------------------------------------------------------------------------------------------


def test_a_module_that_nobody_has(beside: Open) -> None:
    daemon = client(PACKAGE)
    bring = beside(daemon)
    message = f"No module named 'requests': it does not lie beside build.py, and {IMAGE}"
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match=f"^{re.escape(message)}$") as caught:
            bring("requests")
        assert caught.value.name == "requests"
    assert len(daemon.requests("Solve")) == 2  # the second for a link of that name


@pytest.mark.parametrize("texts", [["filename=Dockerfile"], ["cmdline=llbpy/llbpy"]])
def test_a_file_from_stdin_has_no_neighbours(beside: Open, texts: list[str]) -> None:
    bring = beside(client({"Dockerfile": b"import gears\n"}), *texts)
    with pytest.raises(ModuleNotFoundError) as caught:
        bring("gears")
    assert str(caught.value) == (
        "No module named 'gears': no module lies beside Dockerfile (a file from stdin comes alone: pass its folder, "
        f"and its name with -f), and {IMAGE}"
    )


def test_a_build_file_alone_in_its_folder_is_not_from_stdin(beside: Open) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"it does not lie beside build\.py, and"):
        beside(client({"build.py": b"import gears\n"}))("gears")


def test_in_a_context_nothing_is_said_of_stdin(beside: Open) -> None:
    daemon = Daemon({"git://h.example/a": {"Dockerfile": b"import gears\n"}})
    daemon.known["git://h.example/a"] = Answer()
    with pytest.raises(ModuleNotFoundError, match="it does not lie beside Dockerfile, and"):
        beside(daemon, "context=git://h.example/a", "filename=Dockerfile")("gears")


# Too much --------------------------------------------------------------------------------------------------------------------


def test_too_large_modules_are_refused_with_the_largest(beside: Open, tmp_path: Path) -> None:
    data = {"pkg/a.bin": b"x" * (3 << 20), "pkg/b.bin": b"x" * (5 << 20), "pkg/c.py": b"x"}
    daemon = client({"build.py": b"import pkg\n", **data})
    bring = beside(daemon)
    with pytest.raises(BuildFileError) as caught:
        bring("pkg")
    assert str(caught.value) == (
        "build.py: the modules that it imports have more than 8 MiB, 'pkg/b.bin' 5.0; keep data in the context"
    )
    assert brought(tmp_path) == {}
    assert daemon.requests("ReadFile") == []


def test_as_much_as_is_allowed_is_brought(beside: Open) -> None:
    text = b"import pkg\n"
    assert beside(client({"build.py": text, "pkg/a.bin": b"x" * ((8 << 20) - len(text))}))("pkg")


def test_too_many_files_are_refused(beside: Open) -> None:
    files = {f"pkg/{number}": b"" for number in range(1000)}
    with pytest.raises(BuildFileError) as caught:
        beside(client({"build.py": b"import pkg, other", **files}))("pkg")
    assert str(caught.value) == "build.py: more than 1000 files lie in the packages that it imports (other, pkg)"


def test_a_thousand_files_are_brought(beside: Open) -> None:
    files = {f"pkg/{number}": b"" for number in range(999)}
    assert beside(client({"build.py": b"import pkg", **files}))("pkg")


# What a file says ------------------------------------------------------------------------------------------------------------


def test_imports_are_found_wherever_they_stand() -> None:
    text = b"""
import os, llbpy, a.b, c as d
from e.f import g
from . import h
from .i import j
from llbpy import State
def target():
    if True:
        import k
"""
    assert imported(text) == {"a", "c", "e", "k"}


BLOCK = b"#!/usr/bin/env python\n# /// script\n# requires-python = '>=3.11'\n%s# ///\nimport rich\n"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"import rich\n",
        b"x = '# /// script'\n",
        BLOCK % b"",
        BLOCK % b"# dependencies = []\n",
        BLOCK.replace(b"\n", b"\r\n") % b"",
        b"# /// script\n# ///\n# dependencies = ['rich']\n",
        b"# /// script\n",
    ],
)
def test_a_file_without_dependencies_is_fine(text: bytes) -> None:
    check_dependencies(text, "build.py")


@pytest.mark.parametrize(
    "block",
    [
        BLOCK % b"# dependencies = ['rich', 'httpx<1']\n",
        BLOCK % b"# dependencies = [\n#   'rich',\n#\n#   'httpx<1',\n# ]\n",
        (BLOCK % b"# dependencies = ['rich', 'httpx<1']\n").replace(b"\n", b"\r\n"),
    ],
)
def test_dependencies_are_refused_by_name(block: bytes) -> None:
    with pytest.raises(BuildFileError) as caught:
        check_dependencies(block, "build.py")
    assert str(caught.value) == f"build.py:2: it depends on rich, httpx<1; {IMAGE}"


def test_a_block_that_is_no_toml_is_said() -> None:
    with pytest.raises(BuildFileError, match=r"^build\.py:2: its script block is no TOML: "):
        check_dependencies(BLOCK % b"# dependencies = [\n", "build.py")
