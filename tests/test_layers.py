"""The house's rules: who imports whom, what pure layers may not touch, and what importing llbpy costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import llbpy

ROOT = Path(llbpy.__file__).parent

BELOW_CLI = {"errors", "identity", "graph", "dsl", "llbpy", "neighbours", "mistakes", "buildfile", "explain", "lint"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "identity": set(),
    "proto": {"errors"},
    "graph": {"errors"},
    "dsl": {"errors", "identity", "graph"},
    "facade": {"errors", "graph", "dsl"},
    "llbpy": {"facade"},
    "std": {"llbpy"},
    "neighbours": {"errors"},
    "mistakes": {"errors", "graph", "dsl", "llbpy", "neighbours"},
    "buildfile": {"errors", "graph", "dsl", "neighbours", "mistakes"},
    "dockerfile": {"errors", "graph", "dsl", "llbpy"},
    "bake": {"errors", "graph", "dsl", "llbpy"},
    "explain": {"errors", "graph"},
    "lint": {"errors", "graph", "dsl", "buildfile", "mistakes", "explain"},
    "transport": {"errors", "graph"},
    "gateway": {"errors", "identity", "graph", "dsl", "transport"},
    "session": {"errors", "identity", "proto", "graph", "transport"},
    "client": {"errors", "identity", "proto", "graph", "explain", "transport", "gateway", "session"},
    "frontends": {
        "errors",
        "identity",
        "graph",
        "dsl",
        "neighbours",
        "mistakes",
        "buildfile",
        "explain",
        "lint",
        "transport",
        "gateway",
    },
    "testing": {"errors", "graph", "dsl", "llbpy", "buildfile", "explain"},
    "cli": BELOW_CLI | {"dockerfile", "bake", "transport", "gateway", "session", "client"},
    "__main__": {"cli"},
}
"""A layer, and those that it may import besides itself. `llbpy` is the façade."""

PURE = ("graph", "dsl", "explain", "lint")
IMPURE = {
    "os",
    "socket",
    "subprocess",
    "threading",
    "time",
    "random",
    "secrets",
    "grpc",
    "urllib",
    "http",
    "shutil",
    "tempfile",
}
EXCEPTIONS = {"llbpy.graph.platforms": {"os"}}  # this machine's platform is what a marshal is for unless it is told
OPENS_FILES = {"llbpy.graph.sourcemap"}  # the texts that locations point into, read when a definition is made

HEAVY = (
    "attrs attr cattrs google.protobuf grpc dataclasses inspect json typing re enum functools hashlib pathlib "
    "threading socket subprocess argparse ast importlib.metadata"
)


def layer_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "llbpy"


def imported_layer(name: str) -> str:
    """Of `llbpy.image` it is the façade: nothing but a name in it."""
    layer = layer_of(name)
    return layer if any(layer_of(module) == layer for module in sources()) else "llbpy"


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the project but generated ones, parsed."""
    files = [file for file in sorted(ROOT.rglob("*.py")) if not file.name.endswith("_pb2.py")]
    named = [(".".join(("llbpy", *file.relative_to(ROOT).with_suffix("").parts)), file) for file in files]
    return {name.removesuffix(".__init__"): ast.parse(file.read_text(encoding="utf-8")) for name, file in named}


def imports(node: ast.AST) -> Iterator[str]:
    """The names that code imports wherever it stands, but for annotations alone (`if TYPE_CHECKING:`)."""
    if isinstance(node, ast.Import):
        yield from [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        yield from [f"{node.module}.{alias.name}" for alias in node.names]
    for child in branches(node):
        yield from imports(child)


def branches(node: ast.AST) -> Iterable[ast.AST]:
    """What stands in a piece of code; of `if TYPE_CHECKING:`, what a program runs."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return node.orelse
    return ast.iter_child_nodes(node)


def calls(tree: ast.Module, name: str) -> bool:
    found = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(isinstance(each, ast.Name) and each.id == name for each in found)


MODULES = sorted(sources())
PURE_MODULES = [name for name in MODULES if layer_of(name) in PURE]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_layers_below_its_own(module: str) -> None:
    layer = layer_of(module)
    assert layer in MAY_IMPORT, f"give {layer!r} its place in MAY_IMPORT"
    ours = [name for name in imports(sources()[module]) if name.split(".")[0] == "llbpy"]
    strays = [name for name in ours if imported_layer(name) not in {layer, *MAY_IMPORT[layer]}]
    assert strays == []


def test_no_two_layers_import_each_other() -> None:
    order = list(MAY_IMPORT)
    upward = [
        (layer, below)
        for layer, allowed in MAY_IMPORT.items()
        for below in allowed
        if order.index(below) >= order.index(layer)
    ]
    assert upward == []


def test_the_frontend_knows_nothing_of_the_client() -> None:
    assert not MAY_IMPORT["frontends"] & {"client", "session", "cli", "proto"}


@pytest.mark.parametrize("module", PURE_MODULES)
def test_a_pure_module_reads_no_machine_no_clock_and_no_chance(module: str) -> None:
    touched = {name.split(".")[0] for name in imports(sources()[module])} & IMPURE
    assert touched == EXCEPTIONS.get(module, set())


@pytest.mark.parametrize("module", PURE_MODULES)
def test_a_pure_module_opens_no_file(module: str) -> None:
    assert calls(sources()[module], "open") == (module in OPENS_FILES)


def test_what_is_random_is_imported_by_the_dsl_alone_among_pure_layers() -> None:
    users = [name for name in PURE_MODULES if any("llbpy.identity" in each for each in imports(sources()[name]))]
    assert users == ["llbpy.dsl.state"]


SNIPPET = """
import a.b
if TYPE_CHECKING:
    import unseen
else:
    import c
def f():
    from d import e
    try:
        import g
    except ImportError:
        pass
"""


def test_the_reader_of_imports_sees_them_wherever_they_stand() -> None:
    assert list(imports(ast.parse(SNIPPET))) == ["a.b", "c", "d.e", "g"]


# What an import costs


def loaded(code: str) -> set[str]:
    """The modules that are loaded after a program, in a process of its own."""
    program = f"{code}\nimport sys\nprint(*sorted(sys.modules))"
    command = [sys.executable, "-S", "-c", program]  # -S: what site-packages' own .pth files load is not ours
    done = subprocess.run(command, cwd=ROOT.parent, capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


MARSHAL = """
import llbpy
context = llbpy.local("context", include=["*.py"])
run = llbpy.image("alpine", inherit=False).run(["make"], mounts=[llbpy.bind(context, "/src"), llbpy.output("/out")])
llbpy.scratch().copy(run.output("/out")["/app"], "/app").marshal().to_bytes()
"""
PROGRAMS = {
    "importing llbpy": "import llbpy",
    "marshalling": MARSHAL,
    "importing the loader": "import llbpy.buildfile",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_hot_path_loads_nothing_heavy(program: str) -> None:
    already = loaded("")
    assert not (loaded(program) - already) & set(HEAVY.split())


SMALL = set(
    "__future__ _collections_abc _sha2 _sha256 genericpath itertools gc os os.path posix posixpath stat _stat".split()
)


def test_the_hot_path_loads_few_modules_of_others() -> None:
    others = {name for name in loaded(MARSHAL) - loaded("") if name.split(".")[0] != "llbpy"}
    assert others <= SMALL


# The façade

NAMES = sorted(dir(llbpy))


def test_the_facade_has_what_build_files_are_written_in() -> None:
    words = "image local git http oci_layout scratch source definition merge diff State target group outcome Build bind cache"
    assert set((words + " output secret ssh tmpfs device expand words files Platform LLBError").split()) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_documented(name: str) -> None:
    value: Any = getattr(llbpy, name)
    is_alias = not isinstance(value, type) and type(value).__module__ in ("types", "typing")
    assert is_alias or (value.__doc__ or "").strip()


def test_the_facade_says_each_name_as_itself() -> None:
    """`import x as x` is how type checkers know that a name is public."""
    nodes = [
        node
        for node in sources()["llbpy.facade"].body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
    ]
    aliases = [alias for node in nodes for alias in node.names]
    assert [alias.asname for alias in aliases] == [alias.asname or alias.name for alias in aliases]
    assert len({alias.asname for alias in aliases}) == len(aliases)
