"""Build: what a target may ask."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from llbpy import Build, GraphError, ImageQuestion, Platform, PlatformError, ResolvedImage, StatePath, scratch
from tests.dsl.decoded import AMD64, BASE, actions, definition, inputs, only, source, titles, vertex


class Answers:
    """Whoever runs a build, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def resolve(self, question: ImageQuestion) -> ResolvedImage:
        self.asked.append(question)
        return ResolvedImage("sha256:1", {"config": {"User": "app"}})

    def read(self, path: StatePath, platform: Platform) -> bytes:
        self.asked.append(path.path)
        return b"1.2.3"

    def list(self, path: StatePath, platform: Platform) -> Sequence[str]:
        self.asked.append(path.path)
        return ["a", "b"]

    def stat(self, path: StatePath, platform: Platform) -> Mapping[str, object]:
        self.asked.append(path.path)
        return {"size": 5}


def attrs(build: Build, **given: Any) -> Mapping[str, str]:
    identifier, found = source(build.context(**given))
    assert identifier == "local://context"
    return found


# The main context


def test_the_context_is_the_folder_of_that_name() -> None:
    assert attrs(Build()) == {"local.unique": "test", "local.sharedkeyhint": "context"}


def test_patterns_say_what_is_taken() -> None:
    found = attrs(Build(), include=["*.go", "go.mod"], exclude=["*_test.go"])
    assert json.loads(found["local.includepattern"]) == ["*.go", "go.mod"]
    assert json.loads(found["local.excludepatterns"]) == ["*_test.go"]


def test_what_the_ignore_file_names_is_never_part_of_it() -> None:
    found = attrs(Build(ignored=lambda: [".git", "*.pyc"]), exclude=["docs"])
    assert json.loads(found["local.excludepatterns"]) == [".git", "*.pyc", "docs"]


def test_the_shared_key_is_derived_from_the_patterns() -> None:
    patterns: list[dict[str, Any]] = [
        {},
        {"include": ["a"]},
        {"include": ["b"]},
        {"exclude": ["a"]},
        {"include": ["a", "b"]},
    ]
    keys = [attrs(Build(), **given)["local.sharedkeyhint"] for given in patterns]
    assert len(set(keys)) == len(patterns)


def test_the_same_patterns_are_the_same_vertex() -> None:
    build = Build()
    one, two = (build.context(include=["*.go"]) for _ in range(2))
    assert definition(one).head == definition(two).head != definition(build.context()).head


def test_the_context_is_named_as_dockerfile_names_it_unless_told_otherwise() -> None:
    assert titles(Build().context()) == ["[internal] load build context"]
    assert titles(Build().context(name="sources")) == ["sources"]


def test_a_context_of_another_kind_is_taken_as_it_is() -> None:
    assert Build(context=BASE).context() is BASE


def test_patterns_of_a_context_of_another_kind_are_those_of_a_copy() -> None:
    state = Build(context=BASE).context(include=["*.go"], exclude=["docs"])
    found = only(state, "copy")
    assert (found["include_patterns"], found["exclude_patterns"], found["dest"]) == (["*.go"], ["docs"], "/")
    assert inputs(state) == ["docker-image://docker.io/library/alpine:latest"]
    assert vertex(state).title == "[internal] load build context"
    assert len(actions(state)) == 1


# Named contexts


def test_a_named_context_is_the_one_that_was_given() -> None:
    assert Build(contexts={"docs": BASE}).named_context("docs", default=scratch()) is BASE


def test_a_named_context_may_have_a_default_state_or_image() -> None:
    assert Build().named_context("docs", default=BASE) is BASE
    assert titles(Build().named_context("base", default="alpine")) == ["docker-image://docker.io/library/alpine:latest"]


def test_a_missing_named_context_says_how_to_give_it() -> None:
    with pytest.raises(GraphError, match="no context 'docs' was given; there are none; pass --named-context docs=…"):
        Build().named_context("docs")


def test_a_misspelt_named_context_has_a_near_miss() -> None:
    with pytest.raises(GraphError, match="no context 'dcos' was given; did you mean 'docs'"):
        Build(contexts={"docs": BASE}).named_context("dcos")


# Platforms and facts of the build


def test_the_build_platform_is_the_target_platform_unless_it_is_given() -> None:
    assert Build().build_platform == Build().target_platform == AMD64
    build = Build(target_platform="linux/arm64", build_platform="linux/amd64")
    assert (build.target_platform.architecture, build.build_platform) == ("arm64", AMD64)


def test_on_is_the_same_build_for_another_platform() -> None:
    asker = Answers()
    build = Build(target="app", args={"a": "1"}, context=BASE, revision="abc", asker=asker)
    other = build.on("linux/arm")
    assert (str(other.target_platform), build.target_platform, other.build_platform) == ("linux/arm/v7", AMD64, AMD64)
    assert (other.target, other.args, other.revision, other.context()) == ("app", {"a": "1"}, "abc", BASE)
    assert other.read(BASE["/version"]) == b"1.2.3"


def test_on_takes_a_platform_and_refuses_what_is_none() -> None:
    assert Build().on(Platform("linux", "s390x")).target_platform.architecture == "s390x"
    with pytest.raises(PlatformError):
        Build().on("linux/x")


def test_a_build_knows_what_it_was_given() -> None:
    build = Build(target="app", args={"v": "1"}, labels={"a": "b"}, revision="abc", epoch=3)
    assert (build.target, build.args, build.labels, build.revision, build.epoch) == (
        "app",
        {"v": "1"},
        {"a": "b"},
        "abc",
        3,
    )


def test_a_build_alone_has_nothing_given() -> None:
    build = Build()
    assert (build.target, build.args, build.labels, build.revision, build.epoch) == ("", {}, {}, None, None)


# The four questions


def test_the_verbs_that_ask_hand_on_the_question_and_the_answer() -> None:
    asker = Answers()
    build = Build(asker=asker)
    assert build.resolve("alpine").config == {"config": {"User": "app"}}
    assert (build.read(BASE["/v"]), build.list(BASE["/"]), build.stat(BASE["/v"])) == (
        b"1.2.3",
        ["a", "b"],
        {"size": 5},
    )
    assert asker.asked == [ImageQuestion("docker.io/library/alpine:latest", AMD64), "/v", "/", "/v"]


def test_an_image_is_resolved_for_the_target_platform_unless_told_otherwise() -> None:
    asker = Answers()
    build = Build(target_platform="linux/arm64", asker=asker)
    build.resolve("alpine")
    build.resolve("alpine", platform="linux/s390x")
    platforms = [question.platform.architecture for question in asker.asked if isinstance(question, ImageQuestion)]
    assert platforms == ["arm64", "s390x"]


@pytest.mark.parametrize("verb", ["resolve", "read", "list", "stat"])
def test_without_a_daemon_a_question_is_refused_with_its_verb(verb: str) -> None:
    given: Any = "alpine" if verb == "resolve" else BASE["/v"]
    with pytest.raises(GraphError, match=rf"build.{verb}\(\) is answered by a daemon while the build runs"):
        getattr(Build(), verb)(given)


def test_a_bad_reference_is_refused_before_anyone_is_asked() -> None:
    asker = Answers()
    with pytest.raises(GraphError, match="lowercase"):
        Build(asker=asker).resolve("Alpine")
    assert asker.asked == []


def test_a_question_about_text_says_that_a_path_needs_its_filesystem() -> None:
    with pytest.raises(GraphError, match="a path needs its filesystem"):
        Build(asker=Answers()).read("/version")  # type: ignore[arg-type]
