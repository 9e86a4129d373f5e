"""How the image's modules are found, and run in the order that was noted when the image was made."""

from __future__ import annotations

import marshal
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from frontend_image import collect

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="frontends run on Linux")

ROOT = Path(__file__).parents[2]
RUN: list[str] = []
"""The modules that have run, in order."""
SOURCES = {
    "shelf": (True, ""),
    "shelf.first": (False, "VALUE = 1"),
    "shelf.deep": (True, ""),
    "shelf.deep.second": (False, "from shelf.first import VALUE"),
    "shelf.rare": (False, "VALUE = 2"),
    "shelf.main": (False, "from shelf import first\nfrom shelf.deep.second import VALUE"),
}
LOADED = {"shelf.main": ("shelf", "shelf.first", "shelf.deep", "shelf.deep.second")}
HEAD = "from tests.frontend_image.test_start import RUN\nRUN.append(__name__)\n"


@pytest.fixture(params=[LOADED, {}], ids=["in order", "one by one"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """A package in one file, whose order is known or is not."""
    from frontend_image.start import Modules

    loaded: Mapping[str, tuple[str, ...]] = request.param
    files = {
        name: (is_package, marshal.dumps(compile(HEAD + text, f"/there/{name}.py", "exec")))
        for name, (is_package, text) in SOURCES.items()
    }
    (tmp_path / "modules").write_bytes(collect.in_one(files, loaded))
    finder = Modules(str(tmp_path / "modules"))
    RUN.clear()
    sys.meta_path.insert(0, finder)
    yield
    sys.meta_path.remove(finder)
    for name in SOURCES:
        sys.modules.pop(name, None)


def told(module: ModuleType) -> dict[str, object]:
    """What Python tells of a module that it has imported."""
    names = ("__name__", "__package__", "__file__", "__path__")
    spec = module.__spec__
    assert spec is not None
    shown = {name: getattr(module, name, None) for name in names}
    return shown | {"spec": (spec.name, spec.parent, spec.submodule_search_locations), "loader": type(spec.loader)}


@pytest.mark.usefixtures("shelf")
def test_a_module_is_loaded_with_all_that_it_imports_each_once() -> None:
    main = import_module("shelf.main")
    assert main.VALUE == 1
    assert sorted(RUN) == sorted(set(SOURCES) - {"shelf.rare"})


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("name", ["shelf", "shelf.first", "shelf.deep", "shelf.deep.second", "shelf.main"])
def test_a_module_is_as_if_python_had_imported_it(name: str) -> None:
    import_module("shelf.main")
    ran = told(sys.modules[name])
    for each in SOURCES:
        sys.modules.pop(each, None)
    for each in SOURCES:  # from the first on, so that there is nothing to be run before
        import_module(each)
    assert ran == told(sys.modules[name])
    package, _, last = name.rpartition(".")
    assert not package or getattr(sys.modules[package], last) is sys.modules[name]


@pytest.mark.usefixtures("shelf")
def test_what_was_imported_before_is_not_run_again() -> None:
    first = import_module("shelf.first")
    first.VALUE = 5  # type: ignore[attr-defined]
    assert import_module("shelf.main").VALUE == 5
    assert RUN.count("shelf.first") == 1


@pytest.mark.usefixtures("shelf")
def test_what_no_order_names_can_be_imported_all_the_same() -> None:
    import_module("shelf.main")
    assert import_module("shelf.rare").VALUE == 2


def test_a_frontend_starts_with_few_modules_and_loads_the_others_while_it_waits() -> None:
    """In which order they can run: what a module imports at its head comes before it."""
    loaded = collect.loaded_by(ROOT / "llbpy")
    order = [name for trigger, before in loaded.items() for name in (*before, trigger)]
    assert len(order) == len(set(order)) > 100
    assert order.index("llbpy.graph.wire") < order.index("llbpy.graph.messages") < order.index("llbpy.frontends.main")
    assert order.index("llbpy.frontends.main") < order.index("llbpy.dsl.state") < order.index("llbpy.frontends.build")
    assert order.index("llbpy.facade") < order.index("llbpy.lint.check") < order.index("llbpy.lint.rules")
