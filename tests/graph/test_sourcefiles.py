"""Source maps at the edges: bare threads, the loader of build files, scripts, and files that were read before."""

from __future__ import annotations

import _thread
import subprocess
import sys
from collections.abc import Callable
from operator import methodcaller
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

import llbpy
from llbpy import Definition, State, image
from llbpy.graph.marshal import Marshaller
from llbpy.graph.marshal import marshal as marshal_output
from llbpy.graph.platforms import Platform
from llbpy.graph.sourcemap import Location, SourceFiles, SourceInfo
from tests.graph.decoding import marshal, plain
from tests.graph.userfiles import ALPINE, Folder, locations


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def on_a_bare_thread(function: Callable[..., object], *args: object, until: Callable[[], object]) -> None:
    """Calls a function with no frame below it, and waits until it has done what it is for."""
    _thread.start_new_thread(function, args)
    end = monotonic() + 10
    while not until():
        assert monotonic() < end
        sleep(0.001)


def test_a_function_that_a_thread_starts_with_has_no_callers(folder: Folder) -> None:
    made: list[State] = []
    work = folder.run("def work():\n    made.append(llbpy.image('alpine', inherit=False))\n", made=made)["work"]
    on_a_bare_thread(work, until=lambda: made)
    assert list(map(str, locations(made[0]))) == [f"{folder.path}/build.py:2"]


def test_a_function_below_it_has_one_caller(folder: Folder) -> None:
    made: list[State] = []
    defined = folder.run(
        """\
        def make():
            return llbpy.image("alpine", inherit=False)
        def work():
            made.append(make())
        """,
        made=made,
    )
    on_a_bare_thread(defined["work"], until=lambda: made)
    assert list(map(str, locations(made[0]))) == [f"{folder.path}/build.py:{line}" for line in (2, 4)]


def test_a_vertex_that_no_line_made_has_no_place() -> None:
    made: list[State] = []
    recipe = methodcaller("run", ["make"])
    on_a_bare_thread(made.extend, map(plain().apply, [recipe]), until=lambda: made)
    assert locations(made[0]) == ()


def test_a_call_with_no_frame_below_it_has_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[State] = []
    failures: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", failures.append)
    on_a_bare_thread(made.extend, map(image, ["alpine"]), until=lambda: made or failures)
    assert [locations(state) for state in made] == [()]


def test_frames_end_at_the_loader_of_build_files(folder: Folder) -> None:
    make = folder.run("def make():\n    return llbpy.image('alpine', inherit=False)\n")["make"]
    names: dict[str, Any] = {"make": make}
    exec(compile("base = make()", str(Path(llbpy.__file__).with_name("buildfile.py")), "exec"), names)
    assert list(map(str, locations(names["base"]))) == [f"{folder.path}/build.py:2"]


def test_a_definition_read_back_shares_its_files_with_what_goes_on_from_it(folder: Folder) -> None:
    defined = folder.run(
        """\
        base = llbpy.image("alpine", inherit=False)
        done = llbpy.definition(base.marshal().to_bytes()).run(["make"])
        """
    )
    infos = [info.filename for info in marshal(defined["done"]).source.infos]
    assert infos.count(str(folder.path / "build.py")) == 1


def marshalled(state: State, files: SourceFiles) -> Definition:
    return marshal_output(state.vertex, Marshaller(Platform("linux", "amd64"), "unique", None, {}, files))


def test_names_are_shown_below_the_root(folder: Folder) -> None:
    base = folder.run(ALPINE, "sub/build.py")["base"]
    infos = marshalled(base, SourceFiles(str(folder.path))).source.infos
    assert infos[0] == SourceInfo("sub/build.py", ALPINE.encode(), "Python")


def test_texts_that_were_read_already_are_not_read_again(folder: Folder) -> None:
    base = folder.run(ALPINE)["base"]
    file = str(folder.path / "build.py")
    infos = marshalled(base, SourceFiles(str(folder.path), {file: b"as it was"})).source.infos
    assert infos[0] == SourceInfo("build.py", b"as it was", "Python")


SCRIPT = """\
import llbpy
base = llbpy.image("alpine",
                   inherit=False)
definition = base.marshal(platform="linux/amd64")
for place in definition.source.locations[definition.head]:
    print(place, *place.ranges)
"""


@pytest.mark.parametrize(
    ("flags", "shown"),
    [((), "build.py:2 ((2, 7), (3, 33))"), (("-X", "no_debug_ranges"), "build.py:2 ((2, 0), (2, 0))")],
    ids=["with columns", "without columns"],
)
def test_a_script_shows_names_beside_it_and_lines_even_without_columns(
    tmp_path: Path, flags: tuple[str, ...], shown: str
) -> None:
    script = tmp_path / "build.py"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, *flags, str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.splitlines() == [shown]


def test_places_are_equal_by_file_and_ranges() -> None:
    span = ((1, 0), (1, 4))
    one, two = SourceInfo("a", b"text"), SourceInfo("a", b"text")
    assert Location(one, (span,)) == Location(two, (span,))
    assert hash(Location(one, (span,))) == hash(Location(two, (span,)))
    assert Location(one, (span,)) != Location(SourceInfo("b", b"text"), (span,))
    assert Location(one, (span,)) != Location(one, ())
    assert Location(one, ()) != "a:0"
