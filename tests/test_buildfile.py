"""Loading a build file: its neighbours, and what stays as it was."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from llbpy import BuildFileError, TargetNotFound
from llbpy.buildfile import find_build_file, load
from llbpy.cli import main
from tests.dsl.written import loaded, said, write

IMPORTS = "from llbpy import State, scratch, target\n"
SAYS = """
@target
def app() -> State:
    {lazy}
    return scratch().write("/seen", {said})
"""


def saying(expression: str, head: str = "", lazy: str = "pass") -> str:
    """A build file whose target writes what an expression says; `lazy` is a line of the target itself."""
    return IMPORTS + head + SAYS.format(said=expression, lazy=lazy)


# Neighbours


def test_a_build_file_may_import_a_module_beside_it(tmp_path: Path) -> None:
    assert (
        said(loaded(tmp_path, saying("neighbour.NAME", "import neighbour\n"), neighbour="NAME = 'beside'")) == "beside"
    )


def test_a_build_file_may_import_a_package_in_its_folder(tmp_path: Path) -> None:
    write(tmp_path, "from .names import NAME\n", "parts/__init__.py")
    write(tmp_path, "NAME = 'in a package'\n", "parts/names.py")
    assert said(loaded(tmp_path, saying("NAME", "from parts import NAME\n"))) == "in a package"


def test_a_target_may_import_lazily(tmp_path: Path) -> None:
    build_file = loaded(tmp_path, saying("neighbour.NAME", lazy="import neighbour"), neighbour="NAME = 'late'")
    assert said(build_file) == "late"
    assert "neighbour" not in sys.modules


def test_a_module_imported_twice_is_one_module(tmp_path: Path) -> None:
    text = saying("str(neighbour is again)", "import neighbour\n", "import neighbour as again")
    build_file = loaded(tmp_path, text, neighbour="")
    assert (said(build_file), said(build_file)) == ("True", "True")


def test_a_neighbour_may_import_the_build_file(tmp_path: Path) -> None:
    text = "NAME = 'mine'\n" + saying("neighbour.name()", "import neighbour\n")
    assert said(loaded(tmp_path, text, neighbour="def name():\n    import build\n    return build.NAME\n")) == "mine"


@pytest.mark.parametrize("lazy", [False, True], ids=["at the top", "in the target"])
def test_neighbours_of_one_name_in_two_folders_never_mix(tmp_path: Path, lazy: bool) -> None:
    text = saying("neighbour.NAME", lazy="import neighbour") if lazy else saying("neighbour.NAME", "import neighbour\n")
    files = [loaded(tmp_path / name, text, neighbour=f"NAME = {name!r}\n") for name in ("one", "two")]
    assert [said(each) for each in (*files, *reversed(files))] == ["one", "two", "two", "one"]


def test_packages_of_one_name_in_two_folders_never_mix(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, "", "parts/__init__.py")
        write(tmp_path / name, f"NAME = {name!r}\n", "parts/names.py")
    files = [loaded(tmp_path / name, saying("NAME", lazy="from parts.names import NAME")) for name in ("one", "two")]
    assert [said(each) for each in files] == ["one", "two"]


def test_packages_without_init_in_two_folders_never_mix(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, f"NAME = {name!r}\n", "bare/names.py")
    try:
        files = [loaded(tmp_path / name, saying("names.NAME", "from bare import names\n")) for name in ("one", "two")]
        assert [said(each) for each in files] == ["one", "two"]
    finally:
        sys.modules.pop("bare", None)


def test_targets_of_a_neighbour_count_if_imported_by_name(tmp_path: Path) -> None:
    neighbour = (
        IMPORTS
        + "@target\ndef one() -> State:\n    return scratch()\n@target\ndef two() -> State:\n    return scratch()\n"
    )
    build_file = loaded(tmp_path, "from neighbour import one\nimport neighbour\n", neighbour=neighbour)
    assert list(build_file.targets) == ["one"]
    assert build_file.targets["one"].where == f"{tmp_path}/neighbour.py:2"


def test_all_targets_of_a_matrix_come_with_their_function(tmp_path: Path) -> None:
    neighbour = (
        IMPORTS + "@target(matrix={'n': ['1', '2']})\ndef deb(n: str) -> State:\n    return scratch().write('/n', n)\n"
    )
    build_file = loaded(tmp_path, "from neighbour import deb\n", neighbour=neighbour)
    assert (list(build_file.targets), said(build_file, "deb-2")) == (["deb-1", "deb-2"], "2")


# What stays as it was


def test_no_bytecode_is_written(tmp_path: Path) -> None:
    text = saying("lazy.NAME", "import neighbour\n", "import lazy")
    said(loaded(tmp_path, text, neighbour="", lazy="NAME = ''"))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["build.py", "lazy.py", "neighbour.py"]


@pytest.mark.parametrize(
    "text",
    [
        saying("''", "import neighbour\n"),
        "import neighbour\nraise ValueError\n",
        "import neighbour\nimport missing\n",
        "import neighbour\nimport broken\n",
    ],
    ids=["loaded", "raised", "missing", "broken"],
)
def test_the_interpreter_is_left_as_it_was(tmp_path: Path, text: str) -> None:
    before = (list(sys.path), set(sys.modules), sys.dont_write_bytecode)
    try:
        said(loaded(tmp_path, text, neighbour="", broken="def ("))
    except BuildFileError:
        assert "neighbour\n" in text
    assert (list(sys.path), sys.dont_write_bytecode) == (before[0], before[2])
    assert {name for name in set(sys.modules) - before[1] if not name.startswith("llbpy.")} == set()


def test_a_failing_target_leaves_the_interpreter_as_it_was(tmp_path: Path) -> None:
    build_file = loaded(tmp_path, saying("missing", lazy="import neighbour"), neighbour="")
    before = list(sys.path)
    with pytest.raises(BuildFileError, match="NameError"):
        said(build_file)
    assert list(sys.path) == before
    assert "neighbour" not in sys.modules


def test_a_module_of_the_name_that_is_loaded_already_comes_back(tmp_path: Path) -> None:
    mine = sys.modules["build"] = type(sys)("build")
    try:
        assert said(loaded(tmp_path, saying("''"))) == ""
        assert sys.modules["build"] is mine
    finally:
        del sys.modules["build"]


def test_what_a_build_file_adds_to_the_path_does_not_stay(tmp_path: Path) -> None:
    before = list(sys.path)
    try:
        loaded(tmp_path, saying("''", "import sys\nsys.path.append('/nowhere')\n"))
        assert sys.path == before
    finally:
        sys.path[:] = before


def test_a_build_file_may_take_its_folder_out_of_the_path(tmp_path: Path) -> None:
    before = list(sys.path)
    try:
        assert said(loaded(tmp_path, saying("''", "import sys\ndel sys.path[0]\n"))) == ""
    finally:
        sys.path[:] = before


# Which file


def test_build_py_comes_before_buildfile_py(tmp_path: Path) -> None:
    write(tmp_path, "", "buildfile.py")
    assert find_build_file(str(tmp_path)) == f"{tmp_path}/buildfile.py"
    write(tmp_path, "", "build.py")
    assert find_build_file(str(tmp_path)) == f"{tmp_path}/build.py"


def test_a_folder_without_a_build_file_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "build.py").mkdir()
    with pytest.raises(BuildFileError, match=f"no build.py or buildfile.py in {tmp_path}; name a file with -f"):
        find_build_file(str(tmp_path))


def test_any_name_will_do(tmp_path: Path) -> None:
    assert load(write(tmp_path, saying("__name__"), "Dockerfile")).name == "Dockerfile"
    assert said(load(write(tmp_path, saying("__name__"), "my-app.build.py"))) == "my-app"


def test_a_relative_path_is_read_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, saying("__file__"))
    monkeypatch.chdir(tmp_path)
    build_file = load("build.py")
    assert (build_file.path, build_file.folder, said(build_file)) == (
        f"{tmp_path}/build.py",
        str(tmp_path),
        f"{tmp_path}/build.py",
    )


@pytest.mark.parametrize(
    "head",
    [b"\xef\xbb\xbf", b"#!/usr/bin/env llbpy\r\n", b"# coding: latin-1\n# \xe9\n"],
    ids=["bom", "crlf", "coding"],
)
def test_a_build_file_is_read_as_python_reads_it(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "build.py"
    path.write_bytes(head + saying("'read'").encode())
    assert said(load(str(path))) == "read"


# Lines and ignore files


def test_lines_point_into_files_named_as_seen_from_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "", "parts/__init__.py")
    write(
        tmp_path,
        "from llbpy import State\n\ndef add(state: State) -> State:\n    return state.mkdir('/a')\n",
        "parts/recipes.py",
    )
    build_file = loaded(
        tmp_path, saying("'x'", "from parts.recipes import add\n").replace("scratch()", "add(scratch())")
    )
    assert main(["graph", "-f", build_file.path, "--format", "json"]) == 0
    vertices = json.loads(capsys.readouterr().out)["vertices"]
    places = [
        [(place["file"], place["ranges"][0]["start"]["line"]) for place in vertex["locations"]] for vertex in vertices
    ]
    assert places == [[("parts/recipes.py", 4), ("build.py", 7)], [("build.py", 7)]]


def test_the_ignore_file_of_the_build_file_comes_first(tmp_path: Path) -> None:
    build_file = loaded(tmp_path, saying("''"))
    assert build_file.ignored() == []
    write(tmp_path, "*.log\n# no\n\n!keep.log\n", ".dockerignore")
    assert build_file.ignored() == ["*.log", "!keep.log"]
    write(tmp_path, "dist\n", "build.py.dockerignore")
    assert build_file.ignored() == ["dist"]


def test_another_context_has_an_ignore_file_of_its_own(tmp_path: Path) -> None:
    build_file = loaded(tmp_path / "a", saying("''"))
    write(tmp_path / "b", "other\n", ".dockerignore")
    assert build_file.ignored(str(tmp_path / "b")) == ["other"]


def test_a_target_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetNotFound, match=r"build\.py: no target 'web'"):
        loaded(tmp_path, saying("''")).find("web")
