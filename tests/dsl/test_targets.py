"""`@target`: marking functions, their settings, names and groups."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from llbpy import BuildFileError, PathError, State, Target, TargetNotFound, outcome, scratch, target
from llbpy.buildfile import BuildFile
from tests.dsl.decoded import BASE, titles
from tests.dsl.written import call, loaded, said

IMPORTS = "from llbpy import Build, State, group, outcome, scratch, target\n"


def made(folder: Path, text: str) -> BuildFile:
    """A build file whose first line has the imports, so that the text starts on line 2."""
    return loaded(folder, IMPORTS + text)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(BuildFileError) as caught:
        made(folder, text)
    return str(caught.value).removeprefix(f"{folder}/")


def one(folder: Path, settings: str, parameters: str = "") -> BuildFile:
    return made(folder, f"@target({settings})\ndef app({parameters}) -> State:\n    return scratch()\n")


def test_a_target_stays_the_function_that_it_was() -> None:
    def plain(version: str = "dev") -> State:
        """Doc."""
        return scratch()

    assert target(plain) is plain
    assert target(default=True)(plain) is plain
    assert plain("1").vertex is None


def test_calling_a_target_is_calling_the_function(tmp_path: Path) -> None:
    text = """
def helper() -> State:
    return scratch().write("/h", "")

@target
def base() -> State:
    return helper()

@target
def app() -> State:
    return base().write("/a", "")
"""
    assert len(titles(call(made(tmp_path, text), "app"))) == 2


def test_targets_are_listed_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "".join(f"@target\ndef {name}() -> State:\n    return scratch()\n" for name in ("b", "a", "c"))
    assert list(made(tmp_path, text).targets) == ["b", "a", "c"]


def test_a_target_may_have_another_name_than_its_function(tmp_path: Path) -> None:
    assert list(one(tmp_path, "name='my-app.v2'").targets) == ["my-app.v2"]


SETTINGS: dict[str, Any] = {
    "tags": ["a:1"],
    "platforms": ["linux/amd64"],
    "exports": ["type=local,dest=out"],
    "annotations": ["a=b"],
    "labels": {"a": "b"},
    "attest": ["type=sbom"],
    "cache_from": ["type=gha"],
    "cache_to": ["type=gha"],
    "contexts": {"docs": "./docs"},
    "secrets": ["id=token"],
    "ssh": ["default"],
    "allow": ["network.host"],
    "no_cache": True,
}


def test_every_setting_is_kept(tmp_path: Path) -> None:
    settings = ", ".join(f"{name}={value!r}" for name, value in SETTINGS.items())
    assert dict(one(tmp_path, settings).targets["app"].settings) == SETTINGS


def test_no_cache_may_name_steps(tmp_path: Path) -> None:
    assert one(tmp_path, "no_cache=['compile']").targets["app"].settings["no_cache"] == ["compile"]


def test_an_unknown_setting_is_refused_with_a_near_miss(tmp_path: Path) -> None:
    assert refused_one(tmp_path, "tag=['x']") == "build.py:2: @target has no setting 'tag'; did you mean 'tags'?"


def refused_one(folder: Path, settings: str, parameters: str = "") -> str:
    return refused(folder, f"@target({settings})\ndef app({parameters}) -> State:\n    return scratch()\n")


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "no_cache"])
def test_a_setting_of_the_wrong_type_is_refused_with_the_right_one(tmp_path: Path, name: str) -> None:
    right = "a dict" if isinstance(SETTINGS[name], dict) else "a list"
    assert refused_one(tmp_path, f"{name}='x'") == f"build.py:2: @target setting {name}='x' is str; give {right}"


def test_tags_are_checked_where_the_target_is_marked(tmp_path: Path) -> None:
    problem = "a tag of target 'app' reads {versoin}, which is no argument of it; did you mean 'version'?"
    assert refused_one(tmp_path, "tags=['a:{versoin}']", "version: str") == f"build.py:2: {problem}"


def test_tags_are_filled_with_arguments(tmp_path: Path) -> None:
    found = one(tmp_path, "tags=['a:{version}', 'a:{{x}}']", "version: str").targets["app"]
    assert found.tags({"version": "1"}) == ["a:1", "a:{x}"]


@pytest.mark.parametrize("tag", ["a:{}", "a:{0}", "a:{version!r}", "a:{version.x}", "a:{version"])
def test_a_tag_takes_names_alone(tmp_path: Path, tag: str) -> None:
    assert "is no {argument}; write {{ for a brace" in refused_one(tmp_path, f"tags=[{tag!r}]", "version: str")


@pytest.mark.parametrize("name", ["my app", "a/b", "a:1", "ü"])
def test_a_name_that_no_command_line_should_have_is_refused(tmp_path: Path, name: str) -> None:
    assert f"target name {name!r}: letters, digits" in refused_one(tmp_path, f"name={name!r}")


def test_a_name_as_a_positional_is_refused_with_the_keyword(tmp_path: Path) -> None:
    assert "@target(name='app')" in refused_one(tmp_path, "'app'")


def test_a_doc_is_the_first_paragraph_on_one_line(tmp_path: Path) -> None:
    text = '@target\ndef app() -> State:\n    """The app,\n    built.\n\n    More.\n    """\n    return scratch()\n'
    assert made(tmp_path, text).targets["app"].doc == "The app, built."


def test_a_target_knows_its_line(tmp_path: Path) -> None:
    assert one(tmp_path, "").targets["app"].where == f"{tmp_path}/build.py:2"


# The default


TWO = "@target{}\ndef one() -> State:\n    return scratch()\n@target{}\ndef two() -> State:\n    return scratch()\n"


def test_the_only_target_is_the_default(tmp_path: Path) -> None:
    assert one(tmp_path, "").find().name == "app"


def test_the_marked_target_is_the_default(tmp_path: Path) -> None:
    assert made(tmp_path, TWO.format("", "(default=True)")).find().name == "two"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TWO.format("", ""), "no target is marked default=True; name one of one, two"),
        (TWO.format("(default=True)", "(default=True)"), "2 targets are marked default=True: one, two"),
        ("", "it has no targets; mark a function with @target"),
    ],
)
def test_without_one_default_a_target_must_be_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BuildFileError, match=problem):
        made(tmp_path, text).find()


def test_an_unknown_target_is_refused_with_a_near_miss_and_all_there_are(tmp_path: Path) -> None:
    with pytest.raises(TargetNotFound, match=r"no target 'oen'; did you mean 'one'\? \(targets: one, two\)") as caught:
        made(tmp_path, TWO.format("", "")).find("oen")
    assert (caught.value.name, caught.value.available) == ("oen", ("one", "two"))


# Groups


def test_a_group_names_functions_and_names(tmp_path: Path) -> None:
    build_file = made(tmp_path, TWO.format("", "") + "group(one, 'two', name='all')\ngroup('all', name='more')\n")
    assert build_file.groups == {"all": ("one", "two"), "more": ("one", "two")}
    assert build_file.names() == ["one", "two", "all", "more"]


def test_a_group_is_not_one_target(tmp_path: Path) -> None:
    build_file = made(tmp_path, TWO.format("", "") + "group(one, two, name='all')\n")
    with pytest.raises(BuildFileError, match="'all' is a group of 2; name one: one, two"):
        build_file.find("all")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("group('oen', name='all')", "no target 'oen'; did you mean 'one'"),
        ("group(len, name='all')", "group 'all' has len, which is no target here; mark it with @target"),
        ("group(one, name='one')", "two targets or groups are called 'one'"),
        ("group(one, name='a b')", "target name 'a b'"),
    ],
)
def test_a_wrong_group_is_refused_at_its_line(tmp_path: Path, line: str, problem: str) -> None:
    found = refused(tmp_path, TWO.format("", "") + line + "\n")
    assert problem in found
    assert found.startswith("build.py:8: ")


def test_a_group_may_stand_before_its_targets(tmp_path: Path) -> None:
    assert made(tmp_path, "group('one', name='all')\n" + TWO.format("", "")).groups == {"all": ("one",)}


# Outcomes


def test_an_outcome_has_a_state_and_the_path_of_an_exit_code() -> None:
    state = BASE.run("make test; echo $? > /code")
    made = outcome(state, exit_code=state["/code"])
    assert (made.state, made.exit_code.path) == (state, "/code")


def test_a_target_may_return_an_outcome(tmp_path: Path) -> None:
    text = """
@target
def app() -> State:
    done = scratch().write('/code', '0')
    return outcome(done, exit_code=done['/code'])
"""
    assert said(made(tmp_path, text)) == "0"


def test_an_exit_code_as_text_says_that_a_path_needs_its_filesystem() -> None:
    with pytest.raises(PathError, match="a path needs its filesystem"):
        outcome(BASE, exit_code="/code")  # type: ignore[arg-type]


# What a target is not


def test_a_target_is_not_pickled(tmp_path: Path) -> None:
    for each in (one(tmp_path, "").targets["app"], one(tmp_path, "").targets["app"].function):
        with pytest.raises((TypeError, pickle.PicklingError)):
            pickle.dumps(each)


def test_a_target_copies_as_itself(tmp_path: Path) -> None:
    found: Target = one(tmp_path, "").targets["app"]
    assert copy.copy(found) is found


WRAPPED = """
import functools

def logged(function):
    @functools.wraps(function)
    def call(*positional, **keywords):
        return function(*positional, **keywords)
    return call

@target
@logged
def app(build: Build, version: str = "dev") -> State:
    return scratch().write("/v", version)
"""


def test_a_decorated_function_keeps_its_parameters(tmp_path: Path) -> None:
    assert said(made(tmp_path, WRAPPED), version="1") == "1"


def test_a_parameter_may_be_positional_only(tmp_path: Path) -> None:
    text = "@target\ndef app(build: Build, version: str, /) -> State:\n    return scratch().write('/v', version)\n"
    assert said(made(tmp_path, text), version="1") == "1"


def test_only_a_function_can_be_a_target(tmp_path: Path) -> None:
    assert "is no function" in refused(tmp_path, "@target\nclass App: ...\n")
