"""A target's arguments: what a signature says, and values from text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llbpy import ArgumentError, BuildFileError, Doc
from llbpy.buildfile import BuildFile
from tests.dsl.written import loaded, said

TEXT = """
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Annotated, List, Literal, Optional, Union
import llbpy
from llbpy import Build, Doc, State, scratch, target

class Flavour(Enum):
    SLIM = "slim"
    FULL = 2

class Note:
    documentation = "anything with documentation"

@target
def app({parameters}) -> State:
    {doc}
    return scratch().write("/seen", repr({seen}))
"""


def made(folder: Path, parameters: str, seen: str = "value", doc: str = "'Doc.'", head: str = "") -> BuildFile:
    return loaded(folder, head + TEXT.format(parameters=parameters, seen=seen, doc=doc))


def read(folder: Path, annotation: str, text: str) -> str:
    """The repr of what a target is given for a text."""
    return said(made(folder, f"value: {annotation}"), value=text)


def problems(build_file: BuildFile, **args: str) -> tuple[str, ...]:
    with pytest.raises(ArgumentError) as caught:
        said(build_file, **args)
    return caught.value.problems


READ = [
    ("str", "", "''"),
    ("str", " 1 ", "' 1 '"),
    ("int", "-12", "-12"),
    ("float", "1.5", "1.5"),
    ("bool", "true", "True"),
    ("bool", "YES", "True"),
    ("bool", "on", "True"),
    ("bool", "1", "True"),
    ("bool", "False", "False"),
    ("bool", "no", "False"),
    ("bool", "off", "False"),
    ("bool", "0", "False"),
    ("Path", "a/b", "PosixPath('a/b')"),
    ("PurePosixPath", "/a", "PurePosixPath('/a')"),
    ("Literal['a', 'b']", "b", "'b'"),
    ("Literal[1, 2]", "2", "2"),
    ("Flavour", "slim", "<Flavour.SLIM: 'slim'>"),
    ("Flavour", "FULL", "<Flavour.FULL: 2>"),
    ("Flavour", "2", "<Flavour.FULL: 2>"),
    ("list[str]", "a, b,c", "['a', 'b', 'c']"),
    ("List[int]", "1,2", "[1, 2]"),
    ("list[int]", "", "[]"),
    ("list[Literal['x', 'y']]", "y,x", "['y', 'x']"),
    ("int | None", "", "None"),
    ("int | None", "3", "3"),
    ("None | str", "x", "'x'"),
    ("Optional[float]", "1", "1.0"),
    ("Union[Path, None]", "p", "PosixPath('p')"),
    ("list[str] | None", "a", "['a']"),
    ("Annotated[int, Doc('how many')]", "5", "5"),
    ("Annotated[int | None, 'anything']", "", "None"),
    ("'int'", "5", "5"),
]


@pytest.mark.parametrize(("annotation", "text", "expected"), READ)
def test_a_text_is_read_as_the_annotation_says(tmp_path: Path, annotation: str, text: str, expected: str) -> None:
    assert read(tmp_path, annotation, text) == expected


@pytest.mark.parametrize(
    ("annotation", "text", "right"),
    [
        ("int", "1.5", "a whole number"),
        ("int", "", "a whole number"),
        ("float", "fast", "a number"),
        ("bool", "maybe", "true or false"),
        ("Literal['a', 'b']", "c", "one of a, b"),
        ("Flavour", "huge", "one of slim, 2"),
        ("list[int]", "1,x", "a whole number"),
        ("list[int]", "1,,2", "a whole number"),
        ("int | None", "x", "a whole number"),
    ],
)
def test_a_bad_value_says_which_what_and_what_would_be_right(
    tmp_path: Path, annotation: str, text: str, right: str
) -> None:
    [problem] = problems(made(tmp_path, f"value: {annotation}"), value=text)
    assert problem == f"argument 'value' of target 'app' is {text!r}; give {right}"


@pytest.mark.parametrize("head", ["", "from __future__ import annotations\n"], ids=["evaluated", "postponed"])
@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        ("dict", "dict"),
        ("bytes", "bytes"),
        ("int | str", "int | str"),
        ("list", "list"),
        ("list[dict]", r"list\[dict\]"),
    ],
)
def test_an_annotation_that_no_text_can_be_is_refused(tmp_path: Path, annotation: str, shown: str, head: str) -> None:
    with pytest.raises(
        BuildFileError, match=f"target 'app': argument 'value' is annotated {shown}; it can be str, int"
    ):
        said(made(tmp_path, f"value: {annotation}", head=head))


def test_an_argument_needs_an_annotation(tmp_path: Path) -> None:
    with pytest.raises(
        BuildFileError, match=r"build.py:1\d: target 'app': argument 'value' has no annotation; it can be str, int"
    ):
        said(made(tmp_path, "value"))


def test_an_annotation_that_names_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(
        BuildFileError, match=r"build.py:1\d: .*the annotation of 'value' cannot be evaluated .*Missing"
    ):
        said(made(tmp_path, "value: 'Missing'"))


@pytest.mark.parametrize("annotation", ["llbpy.Missing", "in t", "1 / 0"])
def test_an_annotation_that_cannot_be_evaluated_is_refused(tmp_path: Path, annotation: str) -> None:
    with pytest.raises(BuildFileError, match="the annotation of 'value'"):
        said(made(tmp_path, f"value: {annotation!r}"))


def test_a_quoted_annotation_may_be_postponed_too(tmp_path: Path) -> None:
    assert said(made(tmp_path, "value: 'int'", head="from __future__ import annotations\n"), value="5") == "5"


def test_annotations_may_be_postponed(tmp_path: Path) -> None:
    parameters = "build: Build, value: Literal['a'] | None = None, other: list[Flavour] = []"
    build_file = made(tmp_path, parameters, "(build.target, value, other)", head="from __future__ import annotations\n")
    assert said(build_file, value="a", other="slim") == "('app', 'a', [<Flavour.SLIM: 'slim'>])"


# Defaults and the Build


def test_a_default_is_what_the_function_says(tmp_path: Path) -> None:
    build_file = made(tmp_path, "a: int = 1, *, b: Path = Path('x'), c: str = 'c'", "(a, b, c)")
    assert said(build_file) == "(1, PosixPath('x'), 'c')"
    assert said(build_file, b="y", a="2") == "(2, PosixPath('y'), 'c')"


@pytest.mark.parametrize("annotation", ["Build", "llbpy.Build", "'Build'"])
def test_a_first_parameter_annotated_build_is_given_one(tmp_path: Path, annotation: str) -> None:
    build_file = made(tmp_path, f"build: {annotation}, value: str", "(build.target, build.args, value)")
    assert said(build_file, value="x") == "('app', {'value': 'x'}, 'x')"


def test_a_target_may_take_nothing(tmp_path: Path) -> None:
    assert said(made(tmp_path, "", "'nothing'")) == "'nothing'"


def test_a_build_that_is_not_first_is_told_to_be(tmp_path: Path) -> None:
    with pytest.raises(BuildFileError, match="the first parameter"):
        said(made(tmp_path, "value: str, build: Build"), value="x")


# What is said of them


DOCUMENTED = '''"""Builds.

    Args:
        a: from the docstring
        other: of no argument
    :param b: from a field
    """'''


def test_an_argument_is_documented_by_its_annotation_or_the_docstring(tmp_path: Path) -> None:
    parameters = "a: str, b: int, c: Annotated[int, Doc('from the annotation')], d: Annotated[str, Note()], e: str"
    build_file = made(tmp_path, parameters, "a", DOCUMENTED)
    docs = {name: argument.doc for name, argument in build_file.find().signature.arguments.items()}
    assert docs == {
        "a": "from the docstring",
        "b": "from a field",
        "c": "from the annotation",
        "d": "anything with documentation",
        "e": "",
    }


def test_a_doc_is_a_value() -> None:
    assert Doc("x") == Doc("x")
    assert Doc("x").documentation == "x"


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        ("str", "str"),
        ("Path", "Path"),
        ("Literal['a', 1]", "'a' | 1"),
        ("list[int]", "list[int]"),
        ("Optional[int]", "int | None"),
        ("Annotated[float, 'x']", "float"),
    ],
)
def test_help_calls_a_type_as_python_does(tmp_path: Path, annotation: str, shown: str) -> None:
    assert made(tmp_path, f"value: {annotation}").find().signature.arguments["value"].kind.shown == shown


def test_help_lists_the_choices_of_an_enum(tmp_path: Path) -> None:
    shown: Any = made(tmp_path, "value: Flavour").find().signature.arguments["value"].kind.shown
    assert "slim" in shown


# What goes wrong


def test_a_required_argument_says_how_to_pass_it(tmp_path: Path) -> None:
    expected = ("target 'app' needs argument 'value' (int); pass --arg value=…",)
    assert problems(made(tmp_path, "value: int")) == expected


def test_an_unknown_argument_has_a_near_miss_with_its_type_and_default(tmp_path: Path) -> None:
    [problem] = problems(made(tmp_path, "version: str = 'dev'", "version"), versoin="1")
    assert problem == "target 'app' has no argument 'versoin'; did you mean 'version' (str, default 'dev')?"


def test_an_unknown_argument_far_from_all_lists_them(tmp_path: Path) -> None:
    [problem] = problems(made(tmp_path, "a: int = 1, b: int = 2", "a"), zzz="1")
    assert problem == "target 'app' has no argument 'zzz'; it has a, b"


def test_an_argument_of_a_target_without_any_says_so(tmp_path: Path) -> None:
    assert problems(made(tmp_path, "", "1"), a="1") == ("target 'app' has no argument 'a'; it has none",)


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    found = problems(made(tmp_path, "a: int, b: bool, c: str", "a"), a="x", b="y", d="z")
    assert len(found) == 4
    for part in ("no argument 'd'", "'a' of target 'app' is 'x'", "'b' of target 'app' is 'y'", "needs argument 'c'"):
        assert any(part in problem for problem in found)
