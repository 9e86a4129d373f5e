"""The options that all verbs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import llbpy
from llbpy import Platform, ProgressGroup, Resources, State, files, image, local, merge, scratch
from llbpy.errors import GraphError, PlatformError
from llbpy.graph.constraints import UNCONSTRAINED, Constraints, OpOptions, constraints
from tests.graph.decoding import plain


def verb(first: str, *, second: int = 0, **options: Any) -> Constraints:
    """A verb as others are."""
    return constraints(options, verb)  # type: ignore[arg-type]


def test_without_options_all_verbs_share_one_value() -> None:
    assert verb("") is UNCONSTRAINED
    assert (UNCONSTRAINED.name, UNCONSTRAINED.description, UNCONSTRAINED.platform) == (None, None, None)
    assert (UNCONSTRAINED.ignore_cache, UNCONSTRAINED.export_cache, UNCONSTRAINED.worker_filters) == (False, None, ())
    assert (UNCONSTRAINED.progress_group, UNCONSTRAINED.resources) == (None, None)


def test_each_option_is_kept() -> None:
    group, limits = ProgressGroup("g"), Resources(memory=1)
    given: Any = {
        "ignore_cache": True,
        "export_cache": False,
        "worker_filters": ["a", "b"],
        "progress_group": group,
        "resources": limits,
    }
    found = verb("", platform="linux/aarch64", **given)
    assert {name: getattr(found, name) for name in given} == given | {"worker_filters": ("a", "b")}
    assert found.platform == Platform("linux", "arm64")


def test_every_option_of_the_type_is_one_of_the_verb() -> None:
    assert set(OpOptions.__annotations__) == set(Constraints.__init__.__kwdefaults__ or {})


@pytest.mark.parametrize(
    ("options", "description"),
    [
        ({"name": "n"}, {"llb.customname": "n"}),
        ({"name": ""}, {"llb.customname": ""}),
        ({"description": {"a": "b"}}, {"a": "b"}),
        ({"name": "n", "description": {"a": "b", "llb.customname": "other"}}, {"a": "b", "llb.customname": "n"}),
        ({"description": {}}, None),
        ({"ignore_cache": True}, None),
    ],
)
def test_a_name_is_a_description(options: Any, description: Any) -> None:
    found = verb("", **options)
    assert found.described == description
    assert found.name == (description or {}).get("llb.customname")


def test_a_description_is_kept_as_it_was_when_it_was_given() -> None:
    given = {"a": "b"}
    found = verb("", description=given)
    given["a"] = "c"
    assert found.description == {"a": "b"}


UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({"nmae": "x"}, "verb() has no option 'nmae'; did you mean 'name'?"),
    ({"secnd": 1}, "verb() has no option 'secnd'; did you mean 'second'?"),
    ({"frist": 1}, "verb() has no option 'frist'; did you mean 'first'?"),
    ({"zzz": 1}, "verb() has no option 'zzz'"),
    (
        {"zzz": 1, "name": "x", "ignore_cach": 1},
        "verb() has no option 'zzz', 'ignore_cach'; did you mean 'ignore_cache'?",
    ),
]


@pytest.mark.parametrize(("options", "problem"), UNKNOWN)
def test_an_unknown_option_is_refused_with_the_nearest_there_is(options: Any, problem: str) -> None:
    with pytest.raises(GraphError) as caught:
        verb("", **options)
    assert str(caught.value) == problem


base = plain()
VERBS: dict[str, Callable[..., State]] = {
    "image": lambda **given: image("a", **given),
    "local": lambda **given: local("a", **given),
    "git": lambda **given: llbpy.git("https://a/b.git", **given),
    "http": lambda **given: llbpy.http("https://a/b", **given),
    "oci_layout": lambda **given: llbpy.oci_layout("a@sha256:" + "0" * 64, **given),
    "source": lambda **given: llbpy.source("a://b", {}, **given),
    "merge": lambda **given: merge(base, plain("b"), **given),
    "diff": lambda **given: llbpy.diff(base, plain("b"), **given),
    "run": lambda **given: base.run(["a"], **given),
    "copy": lambda **given: base.copy(plain("b"), "/", **given),
    "mkdir": lambda **given: base.mkdir("/a", **given),
    "write": lambda **given: base.write("/a", "", **given),
    "symlink": lambda **given: base.symlink("a", "/b", **given),
    "remove": lambda **given: base.remove("/a", **given),
    "file": lambda **given: base.file(files.rm("/a"), **given),
    "build": lambda **given: base.build(**given),
    "requires": lambda **given: base.requires(plain("b"), **given),
}


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_takes_the_options_and_names_itself_for_others(name: str) -> None:
    assert repr(VERBS[name](name="called")).endswith(" called>")
    with pytest.raises(GraphError) as caught:
        VERBS[name](ignore_cahce=True)
    assert str(caught.value) == f"{name}() has no option 'ignore_cahce'; did you mean 'ignore_cache'?"


def test_an_unknown_platform_is_refused() -> None:
    with pytest.raises(PlatformError, match="unknown architecture 'amd46'; did you mean 'amd64'"):
        verb("", platform="linux/amd46")


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(GraphError) as caught:
        verb("", name=5)
    assert str(caught.value) == "name=5 is int; give a str"


def test_worker_filters_are_a_list() -> None:
    with pytest.raises(GraphError, match="give a list"):
        verb("", worker_filters="label.a==b")


def test_a_value_of_the_wrong_type_is_no_unknown_option() -> None:
    with pytest.raises(TypeError, match="int"):
        verb("", worker_filters=5)


def test_a_group_has_its_name_as_id_unless_it_has_one() -> None:
    assert ProgressGroup("n") == ProgressGroup("n", id="n", weak=False)
    assert ProgressGroup("n", id="").id == ""


def test_scratch_has_no_vertex_to_constrain() -> None:
    assert merge(scratch(), base, name="lost") is base


DESCRIPTIONS: dict[str, tuple[Any, str]] = {
    "no mapping": ("app", "description='app' is str; give a dict of str to str"),
    "a value that is no text": ({"a": 1}, "description 'a': 1 is int; give a str"),
    "a key that is no text": ({1: "a"}, "description key 1 is int; give a str"),
    "no Unicode": ({"a": "\udcff"}, r"description 'a': '\udcff' cannot be written as UTF-8 (character 0)"),
}


@pytest.mark.parametrize("case", DESCRIPTIONS)
def test_a_description_that_cannot_be_written_is_refused(case: str) -> None:
    description, message = DESCRIPTIONS[case]
    with pytest.raises(GraphError) as caught:
        verb("", description=description)
    assert str(caught.value) == message
