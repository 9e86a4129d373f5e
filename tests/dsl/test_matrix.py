"""`matrix`: one target for each combination of values."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbpy import ArgumentError, BuildFileError
from llbpy.buildfile import BuildFile
from tests.dsl.written import loaded, said

TEXT = """
from llbpy import State, scratch, target

@target({settings})
def deb({parameters}) -> State:
    return scratch().write("/seen", f"{{distro}} {{arch}}")
"""
MATRIX = "matrix={'distro': ['sid', 'trixie'], 'arch': ('amd64', 'arm64')}"
BOTH = "distro: str, arch: str"


def made(folder: Path, settings: str, parameters: str = BOTH) -> BuildFile:
    return loaded(folder, TEXT.format(settings=settings, parameters=parameters))


def refused(folder: Path, settings: str, parameters: str = BOTH) -> str:
    with pytest.raises(BuildFileError) as caught:
        made(folder, settings, parameters)
    return str(caught.value)


def test_each_combination_is_a_target(tmp_path: Path) -> None:
    names = ["deb-sid-amd64", "deb-sid-arm64", "deb-trixie-amd64", "deb-trixie-arm64"]
    assert list(made(tmp_path, f"name='deb-{{distro}}-{{arch}}', {MATRIX}").targets) == names


def test_without_a_name_the_values_follow_the_function(tmp_path: Path) -> None:
    assert next(iter(made(tmp_path, MATRIX).targets)) == "deb-sid-amd64"


def test_the_name_of_the_function_is_their_group(tmp_path: Path) -> None:
    build_file = made(tmp_path, MATRIX)
    assert build_file.groups == {"deb": tuple(build_file.targets)}


def test_each_target_is_called_with_its_values(tmp_path: Path) -> None:
    build_file = made(tmp_path, MATRIX)
    assert [said(build_file, name) for name in list(build_file.targets)[1:3]] == ["sid arm64", "trixie amd64"]


def test_values_may_be_anything_whatever_the_annotation(tmp_path: Path) -> None:
    build_file = made(tmp_path, "matrix={'arch': [1, None]}", "arch, distro: str = 'sid'")
    assert [said(build_file, name) for name in build_file.targets] == ["sid 1", "sid None"]


def test_the_other_parameters_are_arguments(tmp_path: Path) -> None:
    build_file = made(tmp_path, "matrix={'arch': ['amd64']}")
    assert said(build_file, "deb-amd64", distro="sid") == "sid amd64"
    assert list(build_file.targets["deb-amd64"].signature.arguments) == ["distro"]


def test_a_key_cannot_be_overridden_from_outside(tmp_path: Path) -> None:
    build_file = made(tmp_path, MATRIX)
    with pytest.raises(ArgumentError, match="argument 'arch' of target 'deb-sid-amd64' is set by its matrix"):
        said(build_file, "deb-sid-amd64", arch="riscv64")


def test_a_tag_may_name_a_key(tmp_path: Path) -> None:
    found = made(tmp_path, f"tags=['deb:{{distro}}'], {MATRIX}").targets["deb-sid-amd64"]
    assert found.tags(found.bound) == ["deb:sid"]


def test_no_combination_is_the_default_by_itself(tmp_path: Path) -> None:
    with pytest.raises(BuildFileError, match="no target is marked default=True; name one of deb-sid-amd64"):
        made(tmp_path, MATRIX).find()


def test_a_matrix_of_one_is_one_target(tmp_path: Path) -> None:
    assert made(tmp_path, "name='only', matrix={'distro': ['sid'], 'arch': ['x']}").find().name == "only"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("matrix={'dsitro': ['sid']}", "matrix key 'dsitro' is no parameter of deb(); did you mean 'distro'?"),
        ("matrix={'distro': []}", "matrix key 'distro' has no values, so there is no target"),
        ("name='deb', matrix={'distro': ['a', 'b']}", "name='deb' lacks {distro}: its targets would share a name"),
        (
            "name='{distro}-{ach}', matrix={'distro': ['a'], 'arch': ['b']}",
            "reads {ach}, which is no key of the matrix; did you mean 'arch'?",
        ),
        ("matrix={'distro': ['a b']}", "target name 'deb-a b': letters, digits"),
        ("matrix={'distro': ['a', 'a']}", "two targets or groups are called 'deb-a'"),
    ],
)
def test_a_wrong_matrix_is_refused_at_the_target(tmp_path: Path, settings: str, problem: str) -> None:
    found = refused(tmp_path, settings)
    assert problem in found
    assert found.startswith(f"{tmp_path}/build.py:3: ")


def test_a_matrix_and_a_target_of_one_name_are_refused(tmp_path: Path) -> None:
    other = (
        "from llbpy import State, scratch, target\n@target(name='deb')\ndef other() -> State:\n    return scratch()\n"
    )
    with pytest.raises(BuildFileError, match="two targets or groups are called 'deb'"):
        loaded(tmp_path, other + TEXT.format(settings="matrix={'distro': ['sid']}", parameters=BOTH))


def test_the_only_target_of_a_matrix_may_have_the_name_of_its_function(tmp_path: Path) -> None:
    assert made(tmp_path, "name='deb', matrix={'distro': ['sid'], 'arch': ['x']}").find("deb").name == "deb"
