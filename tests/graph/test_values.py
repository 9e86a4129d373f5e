"""Values: equal by their fields, frozen, copied and pickled; and the questions and answers among them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from llbpy import (
    Healthcheck,
    ImageQuestion,
    Platform,
    ProgressGroup,
    Proxy,
    ResolvedImage,
    Resources,
    Ulimit,
    expand,
)
from llbpy.graph.ops.exec import ShellText
from llbpy.graph.questions import HostKeysQuestion, IgnoreQuestion
from llbpy.graph.sourcemap import SourceInfo
from llbpy.graph.values import NOT_GIVEN, Value, set_field

AMD64 = Platform("linux", "amd64")
VALUES: list[tuple[Value, Value]] = [
    (Platform("linux", "arm", "v7", "1", ["b", "a"]), Platform("linux", "arm", "v7", "1", ["a", "b"])),
    (ProgressGroup("n", "i", True), ProgressGroup("n", "i")),
    (Resources(1, 2, 3, 4, 5, "6", "7"), Resources(1, 2, 3, 4, 5, "6")),
    (Ulimit("nofile", 1, 2), Ulimit("nofile", 1, 3)),
    (Proxy("h", "s", "f", "n", "a"), Proxy("h", "s", "f", "n")),
    (Healthcheck(["a"], interval=1), Healthcheck("a", interval=1)),
    (ShellText("a", True), ShellText("a")),
    (expand("$A b"), expand("$B b")),
    (SourceInfo("f", b"d", "Python", b"x"), SourceInfo("f", b"d")),
    (ImageQuestion("a", AMD64, "pull"), ImageQuestion("a", AMD64)),
    (ResolvedImage("sha256:1", {"os": "linux"}), ResolvedImage("sha256:1")),
    (HostKeysQuestion("a"), HostKeysQuestion("b")),
    (IgnoreQuestion("a"), IgnoreQuestion("b")),
]
NAMED = [pytest.param(*pair, id=type(pair[0]).__name__) for pair in VALUES]


@pytest.mark.parametrize(("value", "other"), NAMED)
def test_a_value_is_equal_to_its_copies(value: Value, other: Value) -> None:
    for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert type(twin) is type(value)
        assert (twin, hash(twin), repr(twin)) == (value, hash(value), repr(value))


@pytest.mark.parametrize(("value", "other"), NAMED)
def test_a_value_differs_if_one_of_its_fields_does(value: Value, other: Value) -> None:
    assert value != other
    assert len({value: 1, other: 2}) == 2


@pytest.mark.parametrize(("value", "other"), NAMED)
def test_a_value_is_none_of_another_kind(value: Value, other: Value) -> None:
    fields = tuple([getattr(value, name) for name in value.__slots__])
    assert value != fields
    assert value.__eq__(fields) is NotImplemented
    assert [pair for pair in VALUES if pair[0] == value] == [(value, other)]


@pytest.mark.parametrize(("value", "other"), NAMED)
def test_a_value_cannot_be_changed(value: Value, other: Value) -> None:
    name, kind = value.__slots__[0], type(value).__name__
    with pytest.raises(AttributeError, match=f"^{kind} is immutable; make a new one instead of setting '{name}'$"):
        setattr(value, name, getattr(other, name))
    with pytest.raises(AttributeError, match=f"^{kind} is immutable; '{name}' cannot be deleted$"):
        delattr(value, name)
    with pytest.raises(AttributeError):
        value.new = 1


@pytest.mark.parametrize(("value", "other"), NAMED)
def test_a_value_shows_its_fields(value: Value, other: Value) -> None:
    shown = repr(value)
    assert shown.startswith(f"{type(value).__name__}({value.__slots__[0]}=")
    assert all(f"{name}={getattr(value, name)!r}" in shown for name in value.__slots__)


def test_a_new_value_is_its_slots() -> None:
    class Pair(Value):
        __slots__ = ("one", "two")

        def __init__(self, one: Any, two: Any) -> None:
            set_field(self, "one", one)
            set_field(self, "two", two)

    class Other(Value):
        __slots__ = ("one", "two")
        __init__ = Pair.__init__

    assert Pair(1, 2) == Pair(1, 2)
    assert hash(Pair(1, 2)) == hash(Pair(1, 2))
    assert Pair(1, 2) != Other(1, 2)
    assert repr(Pair(1, "2")) == "Pair(one=1, two='2')"


def test_features_of_a_platform_are_kept_as_a_tuple() -> None:
    assert Platform("windows", "amd64", os_features=iter(["a", "b"])).os_features == ("a", "b")


def test_a_question_shows_the_image_and_the_platform() -> None:
    assert (
        str(ImageQuestion("docker.io/library/a:1", Platform("linux", "arm", "v7")))
        == "docker.io/library/a:1 (linux/arm/v7)"
    )


def test_questions_are_keys() -> None:
    answers = {ImageQuestion("a", AMD64): 1, HostKeysQuestion("a"): 2}
    assert answers[ImageQuestion("a", Platform("linux", "amd64"), "default")] == 1
    assert answers[HostKeysQuestion("a")] == 2
    assert ImageQuestion("a", Platform("linux", "arm64")) not in answers


def test_an_answer_may_know_nothing() -> None:
    assert (ResolvedImage().digest, dict(ResolvedImage().config)) == ("", {})
    assert ResolvedImage("", None) == ResolvedImage("", {})


def test_not_given_says_so() -> None:
    assert repr(NOT_GIVEN) == "NOT_GIVEN"
