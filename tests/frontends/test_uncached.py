"""Which vertices are built anew: those that the functions of named targets make, however far below them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from llbpy import Build, State
from llbpy.buildfile import BuildFile
from llbpy.dsl.targets import Outcome
from llbpy.frontends.uncached import uncached
from llbpy.graph.fileactions import Mkfile
from llbpy.graph.ops.file import FileOp
from llbpy.graph.ops.op import Op
from tests.dsl.written import loaded
from tests.gateway.opened import options

TEXT = """\
from llbpy import State, merge, scratch, target
from shared import deep

@target
def base() -> State:
    return deep(lambda: scratch().write("/base", ""))

@target(default=True{setting})
def app() -> State:
    return merge(deep(lambda: base().write("/app", "")), MADE)

MADE = deep(lambda: scratch().write("/module", ""))
"""
SHARED = """\
def deep(make, calls=10):
    return deep(make, calls - 1) if calls else make()

def written(state, path):
    return deep(lambda: state.write(path, ""))
"""
ONE_HELPER = """\
from llbpy import State, merge, scratch, target
from shared import written

@target
def base() -> State:
    return written(scratch(), "/base")

@target(default=True)
def app() -> State:
    return merge(written(base(), "/app"), written(scratch(), "/too"), MADE)

MADE = written(scratch(), "/module")
"""


def anew(folder: Path, *given: str, setting: str = "", text: str = TEXT) -> list[str]:
    """The files that are written anew by the default target."""
    build_file = loaded(folder, text.format(setting=setting), shared=SHARED)
    target = build_file.find()
    said = uncached(options(*given), build_file, target)
    with said:
        made = state(build_file)
    rule = said.rule()
    return sorted(path for path, op in written(made).items() if rule is not None and rule(op))


def state(build_file: BuildFile) -> State:
    made = build_file.call(build_file.find(), Build(target="app"), {})
    assert not isinstance(made, Outcome)
    return made


def written(made: State) -> dict[str, Op]:
    assert made.vertex is not None
    found: dict[str, Op] = {}
    left = [made.vertex[0]]
    while left:
        op = left.pop()
        if isinstance(op, FileOp):
            (action,) = op.actions
            assert isinstance(action, Mkfile)
            found[action.path] = op
        left += op.inputs()
    return found


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ((), []),
        (("no-cache=app",), ["/app"]),
        (("no-cache=BASE",), ["/base"]),
        (("no-cache=base,app",), ["/app", "/base"]),
        (("no-cache=other",), []),
        (("no-cache=",), ["/app", "/base", "/module"]),
    ],
)
def test_the_innermost_target_makes_what_its_helpers_do(
    tmp_path: Path, given: tuple[str, ...], names: list[str]
) -> None:
    assert anew(tmp_path, *given) == names


@pytest.mark.parametrize(("name", "names"), [("app", ["/app", "/too"]), ("base", ["/base"])])
def test_vertices_of_one_line_are_told_apart_by_the_target_far_above(
    tmp_path: Path, name: str, names: list[str]
) -> None:
    assert anew(tmp_path, f"no-cache={name}", text=ONE_HELPER) == names


def test_a_target_may_name_others_itself(tmp_path: Path) -> None:
    assert anew(tmp_path, setting=", no_cache=['base']") == ["/base"]
    assert anew(tmp_path, setting=", no_cache=True") == ["/app", "/base", "/module"]


def test_nobody_looks_on_when_it_is_over_or_nobody_is_named(tmp_path: Path) -> None:
    build_file = loaded(tmp_path, TEXT.format(setting=""), shared=SHARED)
    before = sys.getprofile()
    with uncached(options(), build_file, build_file.find()):
        assert sys.getprofile() is before
    with uncached(options("no-cache=app"), build_file, build_file.find()):
        assert sys.getprofile() is not before
    assert sys.getprofile() is None
