"""Modules and packages beside a build file, brought when it imports them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.bed import marked
from tests.e2e.frontends.ways import WAYS, Builds, Way

pytestmark = pytest.mark.e2e

IMPORTING = """\
from llbpy import State, scratch, target
from recipes import greeted
from tools.deep.words import WORD

@target
def app() -> State:
    return scratch().apply(greeted(WORD))
"""
BESIDE = {
    "recipes.py": """\
import shared
from llbpy import State

def greeted(word: str):
    return lambda state: state.write("/greeting", f"{shared.GREETING}, {word}")
""",
    "shared.py": 'GREETING = "hello"\n',
    "tools/__init__.py": "",
    "tools/deep/__init__.py": "",
    "tools/deep/words.py": 'from . import more\nWORD = more.WORD + open(__file__.replace("words.py", "word.txt")).read()\n',
    "tools/deep/more.py": 'WORD = "dear "\n',
    "tools/deep/word.txt": "world",
    "other/__init__.py": "raise SystemExit",
    "node_modules/large.py": "x" * (9 << 20),
}
SYNC = "[internal] load modules beside build.py"


@pytest.mark.parametrize("way", WAYS)
def test_modules_and_packages_are_imported(builds: Builds, way: Way) -> None:
    built = builds.export(builds.write(IMPORTING, BESIDE), way=way)
    assert (built.names, built.text("greeting")) == (["greeting"], "hello, dear world")
    assert built.progress.count(f"] {SYNC.removeprefix('[internal] ')}\n") == 1


def linked(folder: Path) -> None:
    """Moves what lies beside a build file, and puts links there: to a folder, through another link, to one in it, to a file."""
    links = {"tools": "away/lib/tools", "lib/tools/deep": "../deep", "away": ".", "shared.py": "lib/shared.py"}
    moves = {"tools": "lib/tools", "lib/tools/deep": "lib/deep", "shared.py": "lib/shared.py"}
    (folder / "lib").mkdir()
    for old, new in moves.items():
        (folder / old).rename(folder / new)
    for link, target in links.items():
        (folder / link).symlink_to(target)


@pytest.mark.parametrize("way", WAYS)
def test_links_are_followed(builds: Builds, way: Way) -> None:
    folder = builds.write(IMPORTING, BESIDE)
    linked(folder)
    assert builds.export(folder, way=way).text("greeting") == "hello, dear world"


def test_links_of_a_repository_are_followed(builds: Builds, remotes: str) -> None:
    repository = builds.repository()
    repository.commit({f"sub/{name}": text for name, text in {"build.py": IMPORTING, **BESIDE}.items()})
    linked(repository.folder / "sub")
    repository.commit({})
    for context, file in (("#main:sub", "build.py"), ("", "sub/build.py")):
        built = builds.elsewhere(f"{remotes}/{builds.salt}{context}", f"filename={file}")
        assert built.text("greeting") == "hello, dear world"


def test_a_link_that_leads_away_is_said_at_its_line(builds: Builds) -> None:
    folder, away = builds.write(IMPORTING, BESIDE), builds.fresh()
    (folder / "tools").rename(away)
    (folder / "tools").symlink_to(f"../{away.name}")
    said = builds.fails(folder)
    assert marked(said) == ["from tools.deep.words import WORD"]
    assert f"tools is a link to '../{away.name}', which does not lie in the build file's folder" in said


def test_a_change_of_a_module_is_a_change_of_the_build(builds: Builds) -> None:
    folder = builds.write(IMPORTING, BESIDE)
    assert builds.export(folder).text("greeting") == "hello, dear world"
    (folder / "shared.py").write_text('GREETING = "good bye"\n')
    assert builds.export(folder).text("greeting") == "good bye, dear world"


def test_modules_that_are_the_same_are_not_sent_again(builds: Builds) -> None:
    folder = builds.write(IMPORTING, {**BESIDE, "shared.py": f"GREETING = 'hello'\n# {builds.salt * 10_000}\n"})

    def sent() -> list[str]:
        return re.findall(r"transferring dockerfile: [\d.]+(.B|B)", builds.done(folder))

    assert "kB" in sent()
    assert {*sent()} == {"B"}


def test_nothing_is_brought_for_imports_of_python_itself(builds: Builds) -> None:
    text = "import dataclasses, json, pathlib, typing\nfrom llbpy import State, scratch, target\n"
    assert SYNC not in builds.done(builds.write(f"{text}@target\ndef app() -> State:\n    return scratch()\n"))


def test_a_repository_brings_them_along(builds: Builds, remotes: str) -> None:
    files = {f"sub/{name}": text for name, text in {"build.py": IMPORTING, **BESIDE}.items()}
    builds.repository().commit(files)
    url = f"{remotes}/{builds.salt}"
    assert builds.elsewhere(f"{url}#main:sub", "filename=build.py").text("greeting") == "hello, dear world"
    assert builds.elsewhere(url, "filename=sub/build.py").text("greeting") == "hello, dear world"


def test_a_module_that_is_not_there_is_said_at_its_line(builds: Builds) -> None:
    said = builds.fails(builds.write("import yaml\n" + IMPORTING, BESIDE))
    assert marked(said) == ["import yaml"]
    assert (
        "No module named 'yaml': it does not lie beside build.py, and the frontend's image has Python's standard library"
        in said
    )


def test_a_build_file_from_stdin_comes_alone(builds: Builds) -> None:
    text = f"# syntax={builds.frontend}\n{IMPORTING}"
    said = builds.typed("--file=-", str(builds.files(BESIDE)), input=text.encode(), code=1).progress
    assert marked(said) == ["from recipes import greeted"]
    assert "a file from stdin comes alone: pass its folder, and its name with -f" in said


def test_packages_that_are_too_large_are_named(builds: Builds) -> None:
    said = builds.fails(builds.write("import big\n", {"big/__init__.py": "", "big/data.bin": "x" * (9 << 20)}))
    assert "the modules that it imports have more than 8 MiB, 'big/data.bin' 9.0; keep data in the context" in said


def test_dependencies_of_a_script_are_refused_by_name(builds: Builds) -> None:
    block = '# /// script\n# dependencies = ["requests<3", "rich"]\n# ///\n'
    said = builds.fails(builds.write(block + IMPORTING, BESIDE))
    assert marked(said) == ["# /// script"]
    assert "it depends on requests<3, rich; the frontend's image has Python's standard library" in said


def test_an_error_in_a_module_is_shown_with_the_lines_of_both_files(builds: Builds) -> None:
    said = builds.fails(builds.write(IMPORTING, {**BESIDE, "shared.py": "GREETING = undefined\n"}))
    assert marked(said) == ["from recipes import greeted", "import shared", "GREETING = undefined"]
    assert said.index("\nbuild.py:3\n") < said.index("\nrecipes.py:1\n") < said.index("\nshared.py:1\n")
