"""Errors: the tree, the facts they carry, and how a build file's mistakes point at its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

import llbpy
from llbpy import (
    ArgumentError,
    BuildFileError,
    GraphError,
    ImageQuestion,
    LLBError,
    MountError,
    OptionError,
    PathError,
    Platform,
    PlatformError,
    TargetNotFound,
    UnresolvedError,
    errors,
)
from llbpy.buildfile import load
from tests.dsl.written import loaded, said, write

HEAD = "from llbpy import State, bind, image, scratch, target\n"


def failure(folder: Path, text: str, **neighbours: str) -> BuildFileError:
    """The error of a build file, loaded and called."""
    with pytest.raises(BuildFileError) as caught:
        said(loaded(folder, text, **neighbours))
    return caught.value


def message(folder: Path, text: str, **neighbours: str) -> str:
    return str(failure(folder, text, **neighbours)).removeprefix(f"{folder}/")


# The tree


@pytest.mark.parametrize(
    ("error", "parents"),
    [
        (PlatformError, (GraphError, LLBError)),
        (PathError, (GraphError, LLBError)),
        (MountError, (GraphError, LLBError)),
        (UnresolvedError, (GraphError, LLBError)),
        (TargetNotFound, (BuildFileError, LLBError)),
        (ArgumentError, (BuildFileError, LLBError)),
        (OptionError, (LLBError,)),
    ],
)
def test_an_except_clause_is_chosen_from_the_tree(error: type[Exception], parents: tuple[type[Exception], ...]) -> None:
    assert error.__mro__[1 : len(parents) + 1] == parents
    assert issubclass(LLBError, Exception)


def test_every_error_is_exported_and_drawn() -> None:
    own = [name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)]
    assert [name for name in own if getattr(llbpy, name, None) is not getattr(errors, name)] == []
    assert [name for name in own if name not in (errors.__doc__ or "")] == []


def test_facts_are_attributes_and_the_sentence_is_made_of_them() -> None:
    missing = TargetNotFound("ap", ["app", "web"], "build.py")
    assert (missing.name, missing.available, missing.where) == ("ap", ("app", "web"), "build.py")
    assert str(missing) == "build.py: no target 'ap'; did you mean 'app'? (targets: app, web)"
    wrong = ArgumentError(["one", "two"])
    assert (wrong.problems, wrong.where, str(wrong)) == (("one", "two"), "", "one; two")
    assert OptionError("no", "--arg").option == "--arg"


def test_without_any_target_the_advice_is_to_mark_one() -> None:
    assert str(TargetNotFound("app", [])) == "no target 'app' (it has no targets; mark a function with @target)"


def test_unresolved_images_are_named_once() -> None:
    questions = [ImageQuestion("a", Platform("linux", cpu)) for cpu in ("amd64", "arm64")]
    assert UnresolvedError(questions).images == ("a",)


def test_a_near_miss_is_near() -> None:
    assert errors.near("versoin", ["tags", "version"]) == "; did you mean 'version'?"
    assert errors.near("x", ["version"]) == ""


# A build file that cannot be loaded


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(BuildFileError, match=r"nowhere\.py: cannot be read: No such file or directory") as caught:
        load(str(tmp_path / "nowhere.py"))
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_a_folder_is_no_build_file(tmp_path: Path) -> None:
    with pytest.raises(BuildFileError, match="cannot be read: Is a directory"):
        load(str(tmp_path))


def test_a_syntax_error_is_at_its_line(tmp_path: Path) -> None:
    error = failure(tmp_path, HEAD + "\ndef app(:\n")
    assert error.where == f"{tmp_path}/build.py:3"
    assert "build.py:3: syntax error: invalid syntax" in str(error)
    assert isinstance(error.__cause__, SyntaxError)


def test_a_syntax_error_of_a_neighbour_is_at_the_neighbours_line(tmp_path: Path) -> None:
    found = message(tmp_path, "import neighbour\n", neighbour="x = 1\ny = (\n")
    assert found.startswith("neighbour.py:2: syntax error:")


def test_bytes_that_are_no_python_are_refused(tmp_path: Path) -> None:
    (tmp_path / "build.py").write_bytes(b"x = 1\0\n")
    with pytest.raises(
        BuildFileError, match=r"build.py.*: (is no Python source|syntax error): source code .*null bytes"
    ):
        load(str(tmp_path / "build.py"))


def test_a_raising_file_is_at_its_line_with_what_it_raised(tmp_path: Path) -> None:
    error = failure(tmp_path, "x = 1\nraise KeyError('who')\n")
    assert (error.where, str(error)) == (f"{tmp_path}/build.py:2", f"{tmp_path}/build.py:2: KeyError: 'who'")
    assert isinstance(error.__cause__, KeyError)


def test_a_raising_neighbour_is_at_the_innermost_line(tmp_path: Path) -> None:
    found = message(tmp_path, "from neighbour import f\n\nf()\n", neighbour="def f():\n    return [][1]\n")
    assert found == "neighbour.py:2: IndexError: list index out of range"


def test_an_error_below_the_users_code_is_at_the_users_line(tmp_path: Path) -> None:
    assert message(tmp_path, "import json\njson.loads('{')\n").startswith("build.py:2: JSONDecodeError:")


def test_a_missing_module_says_which(tmp_path: Path) -> None:
    assert message(tmp_path, "\nimport nowhere\n") == "build.py:1: ModuleNotFoundError: No module named 'nowhere'"


CYCLES = [
    (
        "import one\n",
        {"one": "from two import b\na = 1\n", "two": "from one import a\nb = 2\n"},
        "one.py imports two.py imports one.py",
    ),
    (
        "import one\n",
        {"one": "import two\na = 1\n", "two": "import one\none.a\n"},
        "one.py imports two.py imports one.py",
    ),
]


@pytest.mark.parametrize(("text", "neighbours", "chain"), CYCLES)
def test_an_import_cycle_names_the_chain(tmp_path: Path, text: str, neighbours: dict[str, str], chain: str) -> None:
    found = message(tmp_path, text, **neighbours)
    assert "import cycle: " in found
    assert chain in found
    assert "move what they share to a module of its own" in found


def test_an_import_cycle_through_the_build_file_names_the_chain(tmp_path: Path) -> None:
    found = message(tmp_path, "import one\nNAME = 1\n", one="from build import NAME\n")
    assert "import cycle: build.py imports one.py imports build.py" in found


# A target that fails


def target(body: str) -> str:
    return HEAD + f"\n@target\ndef app() -> State:\n    {body}\n"


def test_a_misuse_is_at_the_users_line_with_its_cause(tmp_path: Path) -> None:
    error = failure(tmp_path, target("return scratch().run('ls')"))
    assert error.where == f"{tmp_path}/build.py:5"
    assert isinstance(error.__cause__, GraphError)
    assert str(error).endswith(str(error.__cause__))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            "return scratch().run(['x'], mounts=[bind(scratch(), '/x', writeable=True)])",
            "bind() has no option 'writeable'; did you mean 'writable'?",
        ),
        ("return scratch().config(entrypont=['x'])", "config() has no option 'entrypont'; did you mean 'entrypoint'?"),
        ("return image('a', inhreit=False)", "image() has no option 'inhreit'; did you mean 'inherit'?"),
    ],
)
def test_a_misspelt_keyword_has_a_near_miss(tmp_path: Path, body: str, found: str) -> None:
    assert message(tmp_path, target(body)) == f"build.py:5: {found}"


def test_a_misspelt_keyword_of_anothers_function_is_left_to_python(tmp_path: Path) -> None:
    body = "return sorted([], kye=len)"
    assert message(tmp_path, target(body)).startswith("build.py:5: TypeError: ")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            "import llbpy; llbpy.Healthcheck('x', intervall=3)",
            "Healthcheck() has no option 'intervall'; did you mean 'interval'?",
        ),
        (
            "from llbpy import files; files.mkdir('/a', parent=True)",
            "mkdir() has no option 'parent'; did you mean 'parents'?",
        ),
    ],
)
def test_a_misspelt_keyword_of_a_value_or_an_action_has_a_near_miss(tmp_path: Path, body: str, found: str) -> None:
    assert message(tmp_path, target(body)) == f"build.py:5: {found}"


@pytest.mark.parametrize(
    ("body", "what"),
    [("pass", "None"), ("return 'x'", "str 'x'"), ("return scratch()['/x']", "StatePath <State scratch>['/x']")],
)
def test_a_target_that_returns_no_state_is_refused_at_its_line(tmp_path: Path, body: str, what: str) -> None:
    found = message(tmp_path, target(body))
    assert found == f"build.py:3: target 'app' returned {what}; a target returns a State"


def test_two_targets_of_one_name_are_refused_with_both_lines(tmp_path: Path) -> None:
    text = target("return scratch()") + "@target\ndef app() -> State:\n    return scratch()\n"
    found = message(tmp_path, text)
    assert found == f"build.py:6: two targets or groups are called 'app'; the other is at {tmp_path}/build.py:3"


HIDING = (
    HEAD
    + """
@target
def image() -> State:
    return scratch()

@target(default=True)
def app() -> State:
    return {call}
"""
)


def test_a_target_that_hides_one_of_our_functions_says_where_it_is_called(tmp_path: Path) -> None:
    advice = "rename the function and keep the name with @target(name='image')"
    assert message(tmp_path, HIDING.format(call="image('alpine')")) == (
        f"build.py:3: target 'image' hides llbpy.image, called on line 9; {advice}"
    )


def test_the_hint_comes_before_what_the_call_raised(tmp_path: Path) -> None:
    found = message(tmp_path, HIDING.format(call="scratch()") + "\nBASE = image('alpine')\n")
    assert "target 'image' hides llbpy.image, called on line 11" in found


def test_a_target_may_have_the_name_of_one_of_our_functions_if_nothing_calls_ours(tmp_path: Path) -> None:
    assert load(write(tmp_path, HIDING.format(call="scratch()"))).names() == ["image", "app"]


def test_a_target_hides_what_a_star_imported_too(tmp_path: Path) -> None:
    text = HIDING.replace("from llbpy import State, bind, image, scratch, target", "from llbpy import *")
    assert "target 'image' hides llbpy.image" in message(tmp_path, text.format(call="image('alpine')"))


@pytest.mark.parametrize("text", ["import sys\nsys.exit(3)\n", target("raise SystemExit")], ids=["file", "target"])
def test_a_build_file_that_exits_is_refused_at_its_line(tmp_path: Path, text: str) -> None:
    assert "sys.exit(" in message(tmp_path, text)


def test_an_error_is_never_its_own_cause(tmp_path: Path) -> None:
    error = failure(tmp_path, HEAD + "@target(tag=['x'])\ndef app() -> State: ...\n")
    assert error.__cause__ is not error
