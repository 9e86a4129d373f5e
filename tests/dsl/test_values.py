"""A state is a value: what Python may do with it, and what it may not."""

from __future__ import annotations

import copy
import pickle

import pytest

import llbpy
from llbpy import (
    Definition,
    GraphError,
    Healthcheck,
    Platform,
    ProgressGroup,
    Proxy,
    Resources,
    Ulimit,
    output,
    scratch,
    words,
)
from tests.dsl.decoded import BASE, FOLDER, definition

VALUES = [
    Platform("linux", "arm", "v7"),
    Ulimit("nofile", 1, 2),
    Proxy(http="http://p"),
    ProgressGroup("group", weak=True),
    Resources(memory=1),
    Healthcheck(["true"], interval=1),
]


def test_a_state_is_no_sequence() -> None:
    with pytest.raises(TypeError, match=r"state\['/path'\] names one"):
        list(BASE)


def test_a_state_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match="compare with `is None`"):
        assert BASE


def test_a_state_is_not_pickled() -> None:
    for state in (BASE, BASE.run(["x"])):
        with pytest.raises(TypeError, match=r"marshal it: state.marshal\(\).to_bytes\(\)"):
            pickle.dumps(state)


def test_a_state_copies_as_itself() -> None:
    for state in (BASE, scratch(), BASE.run(["x"], mounts=[output("/out")])):
        assert copy.copy(state) is state
        assert copy.deepcopy({"state": state})["state"] is state


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (scratch(), "<State scratch>"),
        (BASE, "<State source>"),
        (BASE.run(["x"]), "<ExecState exec>"),
        (BASE.run(["x"], name="compile"), "<ExecState compile>"),
        (BASE["/etc"], "<State source>['/etc']"),
        (BASE.glob("*.py"), "<State source>.glob('*.py')"),
    ],
)
def test_a_repr_says_what_it_is(state: object, shown: str) -> None:
    assert repr(state) == shown


# Paths


def test_a_path_keeps_its_text() -> None:
    assert BASE["./a//[b]/../c"].path == "./a//[b]/../c"


def test_a_path_goes_on_below() -> None:
    etc = BASE["/etc"]
    assert [etc["passwd"].path, (etc / "ssl" / "certs").path, BASE["/"]["a"].path] == [
        "/etc/passwd",
        "/etc/ssl/certs",
        "/a",
    ]


def test_an_absolute_path_starts_from_the_root_again() -> None:
    assert BASE["/etc"]["/usr"].path == "/usr"


def test_a_path_has_the_files_and_facts_of_its_state() -> None:
    path = BASE.dir("/x")["y"]
    assert (path.vertex, path.facts.dir) == (BASE.vertex, "/x")


def test_a_path_is_not_listed_while_the_graph_is_built() -> None:
    with pytest.raises(TypeError, match=r"build.list\(\) of a target can"):
        list(BASE["/etc"])


# Small values


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_small_value_is_equal_by_its_fields_copies_and_pickles(value: object) -> None:
    for twin in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert (twin, hash(twin)) == (value, hash(value))
    assert repr(value).startswith(f"{type(value).__name__}(")


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_small_value_is_immutable(value: object) -> None:
    name = type(value).__slots__[0]  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="is immutable"):
        setattr(value, name, None)
    with pytest.raises(AttributeError, match="cannot be deleted"):
        delattr(value, name)


def test_a_platform_reads_and_shows_text() -> None:
    assert str(Platform.parse("linux/arm/v7")) == "linux/arm/v7"


# Words


def test_words_are_those_of_a_shell() -> None:
    assert words("go build -o '/out/my app' # all") == ["go", "build", "-o", "/out/my app"]


def test_words_are_strict_unless_told_to_be_go() -> None:
    with pytest.raises(GraphError, match="the ' is never closed"):
        words("echo 'a")
    assert words("echo 'a", strict=False) == ["echo"]


# Definitions


def test_a_definition_has_ops_digests_and_a_head() -> None:
    made = definition(BASE.run(["x"]))
    assert len(made.ops) == len(made.digests) == 3
    assert made.head == made.digests[1]
    assert set(made.metadata) == set(made.digests)


def test_a_definition_of_another_platform_is_another_one() -> None:
    assert definition(BASE, platform="linux/arm64").head != definition(BASE).head


def test_the_platform_of_this_machine_is_the_default() -> None:
    from llbpy.graph.platforms import default

    assert BASE.marshal().digests == BASE.marshal(platform=default()).digests


def test_caps_of_a_daemon_decide_who_sets_the_path() -> None:
    old, new = (definition(BASE.run(["x"]), caps=caps) for caps in ([], ["exec.meta.setsdefaultpath"]))
    assert b"PATH=" in old.ops[1]
    assert b"PATH=" not in new.ops[1]


def test_a_definition_comes_back_from_its_bytes() -> None:
    made = definition(FOLDER.run(["x"], name="n"))
    again = Definition.from_bytes(made.to_bytes())
    assert (again.ops, again.digests, again.head) == (made.ops, made.digests, made.head)
    assert again.metadata[again.head].description == {"llb.customname": "n"}


def test_a_definition_has_json() -> None:
    assert callable(getattr(Definition, "to_json"))  # noqa: B009


# The façade


@pytest.mark.parametrize("name", ["Owner", "NumericOwner"])
def test_small_values_have_types_that_are_exported(name: str) -> None:
    assert hasattr(llbpy, name)


def test_the_words_of_a_build_file_come_from_one_place() -> None:
    words = """Build Definition Doc ExecState Facts Healthcheck Platform ProgressGroup Proxy Resources State StatePath Ulimit
    bind cache definition device diff expand files git group http image local merge oci_layout outcome output scratch secret source
    ssh target tmpfs words"""
    assert [word for word in words.split() if not hasattr(llbpy, word)] == []
