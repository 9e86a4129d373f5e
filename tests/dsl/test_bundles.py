"""Bundles: a frozen class as a parameter, whose fields are arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbpy import ArgumentError, BuildFileError
from llbpy.buildfile import BuildFile
from tests.dsl.written import loaded, said, write

ATTRS = """
import attrs
from typing import Annotated
from llbpy import Build, Doc, State, scratch, target

def _positive(instance: object, attribute: object, value: int) -> None:
    if value <= 0:
        raise ValueError(f"jobs={value}; give a number above 0")

@attrs.frozen
class Versions:
    go: str
    jobs: Annotated[int, Doc("at once")] = attrs.field(default=4, validator=_positive)
    extras: list[str] = attrs.field(factory=list)
    made: str = attrs.field(init=False, default="here")
"""
DATACLASS = """
from dataclasses import dataclass, field
from typing import Annotated
from llbpy import Build, Doc, State, scratch, target

@dataclass(frozen=True)
class Versions:
    go: str
    jobs: Annotated[int, Doc("at once")] = 4
    extras: list[str] = field(default_factory=list)
    made: str = field(init=False, default="here")

    def __post_init__(self) -> None:
        if self.jobs <= 0:
            raise ValueError(f"jobs={self.jobs}; give a number above 0")
"""
TARGET = """
@target
def app(build: Build, {parameters}) -> State:
    return scratch().write("/seen", repr({seen}))
"""
POSTPONED = "from __future__ import annotations\n"


@pytest.fixture(params=[ATTRS, DATACLASS], ids=["attrs", "dataclass"])
def bundle(request: pytest.FixtureRequest) -> str:
    text: str = request.param
    return text


def made(folder: Path, bundle: str, parameters: str = "v: Versions", seen: str = "v") -> BuildFile:
    return loaded(folder, bundle + TARGET.format(parameters=parameters, seen=seen))


def test_the_fields_of_a_bundle_are_arguments_and_it_comes_as_one_value(tmp_path: Path, bundle: str) -> None:
    build_file = made(tmp_path, bundle)
    assert said(build_file, go="1.26") == "Versions(go='1.26', jobs=4, extras=[], made='here')"
    assert (
        said(build_file, go="1", jobs="8", extras="a,b") == "Versions(go='1', jobs=8, extras=['a', 'b'], made='here')"
    )


def test_fields_have_types_defaults_and_docs(tmp_path: Path, bundle: str) -> None:
    arguments = made(tmp_path, bundle).find().signature.arguments
    assert [str(each) for each in arguments.values()] == [
        "'go' (str)",
        "'jobs' (int, default 4)",
        "'extras' (list[str], default [])",
    ]
    assert arguments["jobs"].doc == "at once"


def test_a_bundle_stands_beside_other_arguments(tmp_path: Path, bundle: str) -> None:
    build_file = made(tmp_path, bundle, "a: int, v: Versions, *, b: str = 'b'", "(a, v.go, b)")
    assert said(build_file, go="g", a="1") == "(1, 'g', 'b')"


def test_the_default_of_a_bundle_has_the_defaults_of_its_fields(tmp_path: Path, bundle: str) -> None:
    build_file = made(tmp_path, bundle, "v: Versions = Versions('1.26', 2)")
    assert said(build_file).startswith("Versions(go='1.26', jobs=2")
    assert said(build_file, jobs="3").startswith("Versions(go='1.26', jobs=3")


def test_a_missing_field_is_a_missing_argument(tmp_path: Path, bundle: str) -> None:
    with pytest.raises(ArgumentError, match=r"target 'app' needs argument 'go' \(str\); pass --arg go=…"):
        said(made(tmp_path, bundle))


def test_what_a_bundle_itself_refuses_is_an_argument_error(tmp_path: Path, bundle: str) -> None:
    with pytest.raises(ArgumentError, match="argument 'v': jobs=0; give a number above 0") as caught:
        said(made(tmp_path, bundle), go="1", jobs="0")
    assert isinstance(caught.value.__cause__, ValueError)


def test_two_arguments_of_one_name_are_refused(tmp_path: Path, bundle: str) -> None:
    with pytest.raises(BuildFileError, match="two arguments are called 'go'; names from outside must differ"):
        said(made(tmp_path, bundle, "go: str, v: Versions"), go="1")


def test_a_field_that_no_text_can_be_is_refused(tmp_path: Path) -> None:
    text = DATACLASS.replace("go: str", "go: dict")
    with pytest.raises(BuildFileError, match="argument 'go' is annotated dict; it can be"):
        said(made(tmp_path, text))


def test_a_bundle_may_come_from_a_neighbour(tmp_path: Path, bundle: str) -> None:
    write(tmp_path, bundle, "versions.py")
    head = "from llbpy import Build, State, scratch, target\nfrom versions import Versions\n"
    assert said(made(tmp_path, head, seen="v.go"), go="1") == "'1'"


def test_the_annotations_of_a_bundle_may_be_postponed(tmp_path: Path, bundle: str) -> None:
    assert said(made(tmp_path, POSTPONED + bundle, seen="v.go"), go="1") == "'1'"


def test_the_annotations_of_a_neighbours_bundle_may_be_postponed(tmp_path: Path, bundle: str) -> None:
    write(tmp_path, POSTPONED + bundle, "versions.py")
    head = "from llbpy import Build, State, scratch, target\nfrom versions import Versions\n"
    assert said(made(tmp_path, head, seen="v.go"), go="1") == "'1'"


def test_a_private_field_of_attrs_goes_by_its_alias(tmp_path: Path) -> None:
    text = ATTRS.replace("go: str", "_go: str")
    assert said(made(tmp_path, text, seen="v._go"), go="1") == "'1'"
