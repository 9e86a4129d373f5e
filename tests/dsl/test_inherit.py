"""What an image passes on: asked once, together, and only where a build reads it."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import (
    GraphError,
    ImageQuestion,
    Platform,
    ResolvedImage,
    State,
    UnresolvedError,
    bind,
    expand,
    image,
    scratch,
)
from tests.dsl.decoded import AMD64, BASE, FOLDER, definition, inner, meta, op, source, titles, variables

PYTHON = image("python:3.13")
DIGEST = "sha256:" + "b" * 64
INHERITED = {
    "Env": ["PATH=/usr/bin", "LANG=C"],
    "WorkingDir": "/app",
    "User": "app",
    "Shell": ["/bin/bash", "-c"],
    "Cmd": ["python3"],
    "Labels": {"a": "1"},
}


def question(
    ref: str = "docker.io/library/python:3.13", platform: Platform = AMD64, resolve: str = "default"
) -> ImageQuestion:
    return ImageQuestion(ref, platform, resolve)


def answers(digest: str = "", **config: Any) -> dict[ImageQuestion, ResolvedImage]:
    return {question(): ResolvedImage(digest, {"config": {**INHERITED, **config}})}


def test_a_command_on_an_image_sees_its_config() -> None:
    found = meta(PYTHON.run("x"), answers=answers())
    assert (found["env"], found["cwd"], found["user"]) == (["PATH=/usr/bin", "LANG=C"], "/app", "app")
    assert found["args"] == ["/bin/bash", "-c", "x"]


def test_what_a_state_sets_is_on_top() -> None:
    state = PYTHON.env(LANG="de", PORT="80").dir("sub").user("me").shell("/bin/sh", "-c")
    found = meta(state.run("x"), answers=answers())
    assert found["env"] == ["PATH=/usr/bin", "LANG=de", "PORT=80"]
    assert (found["cwd"], found["user"], found["args"][0]) == ("/app/sub", "me", "/bin/sh")


def test_an_inherited_variable_can_be_unset() -> None:
    assert variables(PYTHON.env(PATH=None).run("x"), answers=answers()) == ["LANG=C"]


def test_without_a_config_there_are_defaults() -> None:
    found = meta(PYTHON.run("x"), answers={question(): ResolvedImage()})
    assert (found["cwd"], found["args"][:2]) == ("/", ["/bin/sh", "-c"])


def test_a_script_stops_in_an_inherited_posix_shell() -> None:
    assert meta(PYTHON.run("\nmake\n"), answers=answers())["args"][-1] == "set -e\nmake\n"


def test_a_script_in_an_inherited_other_shell_is_left_alone() -> None:
    assert meta(PYTHON.run("\nmake\n"), answers=answers(Shell=["pwsh", "-Command"]))["args"][-1] == "make\n"


def test_a_relative_path_is_below_the_inherited_dir() -> None:
    assert titles(PYTHON.write("f", ""), answers=answers())[1] == "mkdir /app, mkfile /app/f"


def test_an_answer_with_a_digest_pins_the_image() -> None:
    identifier, _ = source(PYTHON, answers=answers(DIGEST))
    assert identifier == f"docker-image://docker.io/library/python:3.13@{DIGEST}"


def test_an_answer_pins_an_image_that_does_not_inherit_too() -> None:
    identifier, _ = source(image("python:3.13", inherit=False), answers=answers(DIGEST))
    assert identifier.endswith(f"@{DIGEST}")


def test_a_question_names_the_platform_and_how_to_resolve() -> None:
    state = image("python:3.13", platform="linux/arm64", resolve="pull").run("x")
    with pytest.raises(UnresolvedError) as caught:
        definition(state)
    assert caught.value.questions == (question(platform=Platform("linux", "arm64"), resolve="pull"),)


def test_without_a_platform_the_question_is_for_the_one_that_is_built() -> None:
    with pytest.raises(UnresolvedError) as caught:
        definition(PYTHON.run("x"), platform="linux/s390x")
    assert caught.value.questions == (question(platform=Platform("linux", "s390x")),)


def test_all_unanswered_images_are_named_at_once_with_the_ways_out() -> None:
    state = PYTHON.run("x", mounts=[bind(image("node").run("y"), "/node")])
    with pytest.raises(UnresolvedError) as caught:
        definition(state)
    assert set(caught.value.images) == {"docker.io/library/python:3.13", "docker.io/library/node:latest"}
    for part in (*caught.value.images, "inherit=False", "lock", "daemon"):
        assert part in str(caught.value)


def test_the_same_image_is_asked_once() -> None:
    with pytest.raises(UnresolvedError) as caught:
        definition(PYTHON.run("x").run("y").copy(image("python:3.13").run("z"), "/"))
    assert len(caught.value.questions) == 1


@pytest.mark.parametrize(
    "state",
    [
        PYTHON,
        scratch().copy(PYTHON["/usr"], "/"),
        BASE.run(["x"], mounts=[bind(PYTHON, "/python")]),
        PYTHON.write("/f", ""),
        PYTHON.copy(FOLDER, "/src"),
    ],
)
def test_an_image_used_for_its_files_alone_is_not_asked(state: State) -> None:
    assert len(definition(state).ops) > 1


def test_a_relative_path_in_an_image_asks_for_its_dir() -> None:
    with pytest.raises(UnresolvedError):
        definition(scratch().copy(PYTHON["usr"], "/"))


def test_inherit_false_starts_with_nothing() -> None:
    found = meta(image("python:3.13", inherit=False).run("x"), answers=answers())
    assert ("env" in found, found["cwd"], found["args"][0]) == (False, "/", "/bin/sh")


def test_an_inherited_platform_is_that_of_the_commands() -> None:
    given = {question(): ResolvedImage("", {"os": "linux", "architecture": "arm64", "config": {}})}
    assert op(PYTHON.run("x"), answers=given)["platform"]["Architecture"] == "arm64"


# expand


def test_expand_reads_the_inherited_value() -> None:
    state = PYTHON.env(PATH=expand("/opt/bin:${PATH}:$$X")).run("x")
    assert variables(state, answers=answers()) == ["LANG=C", "PATH=/opt/bin:/usr/bin:$X"]


def test_expand_reads_what_the_state_set_before() -> None:
    state = BASE.env(A="1").env(B=expand("$A-$A"), A="2").env(A="3")
    assert dict(state.facts.env) == {"B": "1-1", "A": "3"}


def test_expand_reads_through_an_expand() -> None:
    state = PYTHON.env(A=expand("$LANG")).env(B=expand("<$A>"))
    assert variables(state.run("x"), answers=answers())[-1] == "B=<C>"


def test_expand_of_what_nobody_sets_fails_at_the_call_where_no_image_could_set_it() -> None:
    with pytest.raises(
        GraphError, match=r"expand\(\) reads 'PATHS'; did you mean 'PATH'\?, which neither the state nor its image sets"
    ):
        BASE.env(PATH="/bin").env(PATH=expand("/opt:$PATHS"))


def test_expand_of_what_the_image_does_not_set_fails_at_its_line() -> None:
    state = PYTHON.env(PATH=expand("/opt:$HOME")).run("x")
    with pytest.raises(GraphError, match=r"test_inherit.py:\d+: expand\(\) reads 'HOME'"):
        definition(state, answers=answers())


@pytest.mark.parametrize("template", ["$", "$1", "${A", "${}", "a$ b", "${A-b}"])
def test_a_dollar_that_starts_no_name_is_refused_with_its_place(template: str) -> None:
    with pytest.raises(GraphError, match=rf"the \$ at position {template.index('$')} starts no"):
        expand(template)


def test_expand_names_what_it_reads() -> None:
    assert expand("$A/${B_1}.$A$$C").names == ("A", "B_1", "A")


# The config that comes out


def test_the_config_goes_on_from_the_inherited_one() -> None:
    found = inner(PYTHON.env(A="1").config(labels={"b": "2"}), {"config": INHERITED})
    assert found["Env"] == ["PATH=/usr/bin", "LANG=C", "A=1"]
    assert (found["Labels"], found["Cmd"], found["Shell"]) == ({"a": "1", "b": "2"}, ["python3"], ["/bin/bash", "-c"])


def test_a_new_entrypoint_drops_the_inherited_cmd() -> None:
    assert "Cmd" not in inner(PYTHON.config(entrypoint=["/app"]), {"config": INHERITED})


def test_a_new_entrypoint_keeps_a_cmd_of_ones_own() -> None:
    for state in (PYTHON.config(cmd=["x"]).config(entrypoint=["/app"]), PYTHON.config(entrypoint=["/app"], cmd=["x"])):
        assert inner(state, {"config": INHERITED})["Cmd"] == ["x"]


def test_a_text_cmd_runs_in_the_inherited_shell() -> None:
    assert inner(PYTHON.config(cmd="serve"), {"config": INHERITED})["Cmd"] == ["/bin/bash", "-c", "serve"]
