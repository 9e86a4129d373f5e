"""What a graph must know from outside: the questions of a marshal, and what answers change."""

from __future__ import annotations

import re
from typing import Any

import pytest

import llbpy
from llbpy import ImageQuestion, Platform, ResolvedImage, State, expand, files, git, image, merge, scratch
from llbpy.errors import GraphError, UnresolvedError
from llbpy.graph.marshal import Marshaller, check_answered
from llbpy.graph.marshal import marshal as marshal_output
from llbpy.graph.questions import HostKeysQuestion
from llbpy.graph.sourcemap import SourceFiles
from tests.graph.decoding import marshal, meta_of, op, ops, plain

AMD64 = Platform("linux", "amd64")
ALPINE = ImageQuestion("docker.io/library/alpine:latest", AMD64)
DIGEST = "sha256:" + "1" * 64
CONFIG = {
    "os": "linux",
    "architecture": "arm64",
    "variant": "v8",
    "config": {
        "Env": ["PATH=/bin", "LANG=C", "=odd", "LANG=C.UTF-8", "EMPTY="],
        "WorkingDir": "/src",
        "User": "app",
        "Shell": ["/bin/bash", "-c"],
    },
}


def answers(digest: str = "", config: Any = CONFIG) -> dict[Any, Any]:
    return {ALPINE: ResolvedImage(digest, config)}


def unanswered(state: State) -> UnresolvedError:
    with pytest.raises(UnresolvedError) as caught:
        marshal(state)
    return caught.value


def asked(*refs: str) -> tuple[ImageQuestion, ...]:
    return tuple([ImageQuestion(f"docker.io/library/{ref}:latest", AMD64) for ref in refs])


def test_all_images_are_asked_for_at_once_in_the_order_of_the_graph() -> None:
    base = image("a").run(["make"])
    state = merge(base, image("b").run(["make"]), base.run(["test"]), image("b").run(["other"]))
    assert unanswered(state).questions == asked("a", "b")
    assert unanswered(state).images == tuple(question.ref for question in asked("a", "b"))


def test_one_image_for_two_platforms_is_two_questions() -> None:
    state = merge(image("a").run(["make"]), image("a", platform="linux/arm64").run(["make"]))
    assert [
        str(question.platform) for question in unanswered(state).questions if isinstance(question, ImageQuestion)
    ] == [
        "linux/amd64",
        "linux/arm64",
    ]
    assert len(unanswered(state).images) == 1


def test_the_error_says_what_there_is_to_do_and_where_the_image_is() -> None:
    error = unanswered(image("alpine").run(["make"]))
    assert re.search(r"test_answers\.py:\d+$", error.where)
    assert error.message == (
        "the configs of these base images are read, and nobody is there to ask: docker.io/library/alpine:latest; "
        "pass inherit=False to image(), or a lock file that has them, or build with a daemon to ask"
    )


READS: list[tuple[str, State]] = [
    ("a command", image("alpine").run(["make"])),
    ("a command that sets all", image("alpine").run(["make"], dir="/", user="0", env={"A": "1"})),
    ("a relative destination", image("alpine").file(files.copy(plain("b"), "/x", "y"))),
    ("a relative folder", image("alpine").mkdir("y")),
    ("a relative source", plain("b").file(files.copy(image("alpine"), "x", "/y"))),
]
READS_NOT: list[tuple[str, State]] = [
    ("the image alone", image("alpine")),
    ("a mount", plain("b").run(["make"], mounts=[llbpy.bind(image("alpine"), "/a")])),
    ("a seed", plain("b").run(["make"], mounts=[llbpy.cache("/a", source=image("alpine")["/c"])])),
    ("an absolute source", plain("b").copy(image("alpine")["/x"], "/y")),
    ("a whole source", plain("b").copy(image("alpine"), "/y/")),
    ("absolute actions", image("alpine").write("/x", "").mkdir("/y").symlink("a", "/b").remove("/z")),
    ("a merge", merge(image("alpine"), plain("b"))),
    ("a diff", llbpy.diff(image("alpine"), plain("b"))),
    ("a definition", image("alpine").build()),
    ("a wait", plain("b").requires(image("alpine"))),
]


@pytest.mark.parametrize("state", [row[1] for row in READS], ids=[row[0] for row in READS])
def test_what_needs_the_config_asks_for_it(state: State) -> None:
    assert unanswered(state).questions == (ALPINE,)


@pytest.mark.parametrize("state", [row[1] for row in READS_NOT], ids=[row[0] for row in READS_NOT])
def test_an_image_whose_config_nothing_reads_is_not_asked(state: State) -> None:
    assert marshal(state).head


def test_a_config_is_applied_with_the_last_of_each_variable() -> None:
    meta = meta_of(image("alpine").run("make"), answers=answers())
    assert meta["env"] == ["PATH=/bin", "LANG=C.UTF-8", "EMPTY="]
    assert (meta["cwd"], meta["user"], meta["args"]) == ("/src", "app", ["/bin/bash", "-c", "make"])


def test_a_command_runs_on_the_platform_of_the_config() -> None:
    assert op(image("alpine").run(["make"]), answers=answers())["platform"] == {"Architecture": "arm64", "OS": "linux"}


def test_an_answer_may_name_version_and_features_of_the_platform() -> None:
    config = {"os": "windows", "architecture": "amd64", "os.version": "10.0", "os.features": ["win32k"]}
    fields = op(image("alpine").run("dir"), answers=answers(config=config))
    assert fields["platform"] == {
        "Architecture": "amd64",
        "OS": "windows",
        "OSVersion": "10.0",
        "OSFeatures": ["win32k"],
    }
    assert fields["exec"]["meta"]["args"] == ["cmd", "/S", "/C", "dir"]


@pytest.mark.parametrize("config", [{}, {"config": None}, {"config": {}}, {"os": "linux"}, {"config": {"Env": None}}])
def test_a_config_that_says_nothing_leaves_the_defaults(config: Any) -> None:
    fields = op(image("alpine").run("make"), answers=answers(config=config))
    assert fields["exec"]["meta"] == {
        "args": ["/bin/sh", "-c", "make"],
        "cwd": "/",
        "removeMountStubsRecursive": True,
    }
    assert fields["platform"] == {"Architecture": "amd64", "OS": "linux"}


def test_what_the_state_sets_is_on_top_and_ordered_by_its_assignment() -> None:
    state = image("alpine").env(LANG="de", NEW="1").env(EMPTY=None).dir("sub").user("root").shell("sh", "-ec")
    meta = meta_of(state.run("make"), answers=answers())
    assert meta["env"] == ["PATH=/bin", "LANG=de", "NEW=1"]
    assert (meta["cwd"], meta["user"], meta["args"]) == ("/src/sub", "root", ["sh", "-ec", "make"])


def test_the_same_state_sees_each_answer_of_its_own_marshal() -> None:
    state = image("alpine").run("make")
    for user in ("one", "two", "one"):
        assert meta_of(state, answers=answers(config={"config": {"User": user}}))["user"] == user


def test_an_answer_with_a_digest_pins_the_image() -> None:
    name = f"docker-image://docker.io/library/alpine:latest@{DIGEST}"
    assert op(image("alpine"), answers=answers(DIGEST))["source"]["identifier"] == name
    assert op(plain("alpine"), answers=answers(DIGEST))["source"]["identifier"] == name


def test_an_image_that_has_a_digest_is_not_pinned_again() -> None:
    pinned = f"docker.io/library/alpine@{DIGEST}"
    given = {ImageQuestion(pinned, AMD64): ResolvedImage("sha256:" + "2" * 64)}
    assert op(plain(f"alpine@{DIGEST}"), answers=given)["source"]["identifier"] == f"docker-image://{pinned}"


def test_an_answer_without_a_digest_pins_nothing() -> None:
    assert op(plain(), answers=answers())["source"]["identifier"] == "docker-image://docker.io/library/alpine:latest"


def test_an_answer_for_another_platform_or_way_to_resolve_is_none() -> None:
    state = image("alpine", resolve="pull").run(["make"])
    with pytest.raises(UnresolvedError) as caught:
        marshal(state, answers=answers())
    assert caught.value.questions == (ImageQuestion(ALPINE.ref, AMD64, "pull"),)
    with pytest.raises(UnresolvedError):
        marshal(image("alpine").run(["make"]), platform="linux/arm64", answers=answers())


def test_an_answer_of_the_wrong_kind_is_none() -> None:
    with pytest.raises(UnresolvedError):
        marshal(image("alpine").run(["make"]), answers={ALPINE: "keys"})


def test_expand_reads_the_config_and_what_was_set_before() -> None:
    state = image("alpine").env(PATH=expand("/opt:$PATH")).env(PATH=expand("${PATH}:/last"), A=expand("$$$LANG"))
    assert meta_of(state.run(["make"]), answers=answers())["env"] == [
        "LANG=C.UTF-8",
        "EMPTY=",
        "PATH=/opt:/bin:/last",
        "A=$C.UTF-8",
    ]


def test_expand_of_a_name_that_the_config_lacks_is_refused_with_a_near_miss() -> None:
    state = image("alpine").env(A=expand("$PTAH and $NOWHERE")).run(["make"])
    with pytest.raises(GraphError) as caught:
        marshal(state, answers=answers())
    assert caught.value.message == (
        "expand() reads 'PTAH'; did you mean 'PATH'?, 'NOWHERE', which neither the state nor its image sets; "
        "set it with .env() before"
    )
    assert re.search(r"test_answers\.py:\d+$", caught.value.where)


def test_expand_of_a_variable_that_was_unset_is_refused_at_the_call() -> None:
    with pytest.raises(GraphError, match=r"expand.* reads 'PATH', which neither"):
        scratch().env(PATH="/bin").env(PATH=None).env(PATH=expand("$PATH"))


def test_expand_of_an_inherited_variable_that_was_unset_does_not_read_the_image() -> None:
    with pytest.raises(GraphError, match=r"expand.* reads 'PATH', which neither"):
        image("alpine").env(PATH=None).env(A=expand("$PATH"))


def test_expand_of_an_expanded_variable_outlives_what_it_read() -> None:
    state = image("alpine").env(A=expand("$PATH:/a")).env(PATH=None).env(B=expand("$A:/b")).run(["make"])
    found = meta_of(state, answers=answers(config={"config": {"Env": ["PATH=/bin"]}}))["env"]
    assert found == ["A=/bin:/a", "B=/bin:/a:/b"]


HOST = HostKeysQuestion("github.com")
REPOSITORY = "git@github.com:moby/buildkit.git"


def known_hosts(state: State, **how: Any) -> str | None:
    found: str | None = ops(state, **how)[0]["source"]["attrs"].get("git.knownsshhosts")
    return found


def test_keys_of_an_ssh_host_come_from_an_answer_or_are_left_out() -> None:
    assert known_hosts(git(REPOSITORY)) is None
    assert known_hosts(git(REPOSITORY), answers={HOST: "github.com ssh-ed25519 A\n"}) == "github.com ssh-ed25519 A\n"


def test_keys_that_were_given_are_not_asked_for() -> None:
    assert known_hosts(git(REPOSITORY, known_hosts="own"), answers={HOST: "other"}) == "own\n"
    assert known_hosts(git(REPOSITORY, known_hosts=""), answers={HOST: "other"}) is None


def test_a_marshal_tells_the_hosts_whose_keys_nobody_gave() -> None:
    state = merge(git(REPOSITORY), git(REPOSITORY, "main"), git("ssh://git@example.com:22/a.git", known_hosts=""))
    marshaller = Marshaller(AMD64, "unique", None, {}, SourceFiles())
    marshal_output(state.vertex, marshaller)
    assert list(marshaller.unknown_hosts) == [HOST]
    check_answered(marshaller)
