"""The history of an image: one entry for each layer, in order, as far as the layers are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest

from llbpy import (
    GraphError,
    Healthcheck,
    Platform,
    Proxy,
    State,
    bind,
    cache,
    definition,
    diff,
    expand,
    files,
    git,
    http,
    image,
    local,
    merge,
    oci_layout,
    output,
    scratch,
    secret,
    source,
    tmpfs,
)
from llbpy.graph.history import Exported
from llbpy.graph.history import exported as exported_output
from llbpy.graph.marshal import Marshaller
from llbpy.graph.questions import ImageQuestion, ResolvedImage
from llbpy.graph.sourcemap import SourceFiles

if TYPE_CHECKING:
    from llbpy.graph.questions import Answers, Question

AMD64 = Platform("linux", "amd64")
BASE: dict[str, Any] = {
    "os": "linux",
    "architecture": "amd64",
    "rootfs": {"type": "layers", "diff_ids": ["sha256:1", "sha256:2"]},
    "history": [
        {"created": "2026-01-01T00:00:00Z", "created_by": "ADD one"},
        {"created": "2026-01-02T00:00:00Z", "created_by": "ENV A=1", "empty_layer": True},
        {"created": "2026-01-03T00:00:00Z", "created_by": "RUN two", "comment": "buildkit.dockerfile.v0"},
        {"created": "2026-01-04T00:00:00Z", "created_by": "CMD three", "empty_layer": True},
    ],
    "config": {"Env": ["A=1"], "User": "app", "WorkingDir": "/w", "Cmd": ["serve"], "Labels": {"a": "1"}},
}
BASE_BY = ["ADD one", "ENV A=1", "RUN two", "CMD three"]
BASE_IMAGE = image("base")
OUTSIDE = image("other", inherit=False)


def known(**configs: dict[str, Any]) -> Answers:
    """What is known of images, by their short names."""
    answers: dict[Question, ResolvedImage | str] = {
        ImageQuestion(f"docker.io/library/{name}:latest", AMD64): ResolvedImage("", config)
        for name, config in configs.items()
    }
    return answers


KNOWN = known(base=BASE)


def exported(state: State, answers: Answers = KNOWN, **given: Any) -> Exported:
    marshaller = Marshaller(AMD64, "test", None, answers, SourceFiles())
    return exported_output(state.vertex, state.facts, marshaller, **given)


def entries(state: State, answers: Answers = KNOWN, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = exported(state, answers, **given).config["history"]
    return found


def created_by(state: State, answers: Answers = KNOWN) -> list[str]:
    """What made each entry; the state's facts leave no entries here."""
    return [entry["created_by"] for entry in entries(state, answers)]


def changes(state: State, answers: Answers = KNOWN) -> list[str]:
    """What the config changes say."""
    return [entry["created_by"] for entry in entries(state, answers) if entry.get("empty_layer")][-99:]


FIRST = scratch().mkdir("/first")
SECOND = scratch().mkdir("/second")
RUN = BASE_IMAGE.run(["make"])

# Layers


def test_scratch_has_none() -> None:
    assert entries(scratch()) == []
    assert exported(scratch()).complete


def test_an_entry_has_the_command_and_our_name() -> None:
    assert entries(scratch().run(["/make"])) == [{"created_by": "/make", "comment": "llbpy"}]


def test_each_command_and_each_file_vertex_is_one_entry() -> None:
    state = scratch().run(["/a"]).write("/b/c", "").copy(FIRST["/first"], "/d").run(["/e"]).remove("/d")
    assert created_by(state) == ["/a", "mkdir /b, write /b/c", "copy /first -> /d", "/e", "remove /d"]


def test_the_base_images_own_history_comes_first_as_it_is() -> None:
    found = exported(BASE_IMAGE.run(["make"]))
    assert found.config["history"] == [*BASE["history"], {"created_by": "make", "comment": "llbpy"}]
    assert (found.base, found.complete) == (BASE, True)


def test_a_merge_has_the_entries_of_its_inputs_in_turn() -> None:
    state = merge(FIRST.run(["/a"]), merge(SECOND, FIRST), BASE_IMAGE).run(["/z"])
    assert created_by(state) == ["mkdir /first", "/a", "mkdir /second", "mkdir /first", *BASE_BY, "/z"]


def test_an_image_above_other_layers_is_no_base() -> None:
    assert exported(merge(FIRST, BASE_IMAGE)).base is None


def test_a_linked_copy_is_an_entry_of_its_own() -> None:
    state = RUN.copy(FIRST["/first"], "/x", link=True).run(["after"])
    assert created_by(state) == [*BASE_BY, "make", "copy /first -> /x", "after"]


def test_what_was_left_in_a_mount_goes_on_with_what_was_mounted() -> None:
    run = BASE_IMAGE.run(
        ["make"],
        mounts=[
            output("/c"),
            bind(FIRST.write("/x", ""), "/b", writable=True),
            bind(SECOND, "/ro"),
            tmpfs("/a"),
            cache("/d"),
        ],
    )
    assert created_by(run.output("/c")) == ["make # /c"]
    assert created_by(run.output("/b")) == ["mkdir /first", "write /x", "make # /b"]
    assert created_by(run.output("/ro")) == ["mkdir /second"]
    assert created_by(run) == [*BASE_BY, "make"]


def test_outputs_count_from_the_first_mount_where_the_root_is_read_only() -> None:
    mounts = [output("/a"), bind(FIRST, "/b", writable=True)]
    run = BASE_IMAGE.run(["make"], mounts=mounts, readonly_root=True)
    assert created_by(run) == BASE_BY
    assert created_by(run.output("/a")) == ["make # /a"]
    assert created_by(run.output("/b")) == ["mkdir /first", "make # /b"]


def test_waiting_for_others_adds_nothing() -> None:
    assert created_by(RUN.requires(FIRST, SECOND).run(["after"])) == [*BASE_BY, "make", "after"]


SOURCES = [
    (local("context"), "local context"),
    (git("https://me:pw@github.com/moby/buildkit.git", "v1"), "git github.com/moby/buildkit.git#v1"),
    (git("git@github.com:moby/buildkit.git", known_hosts=""), "git github.com/moby/buildkit.git"),
    (http("https://me:pw@example.com/a.tgz?token=hidden"), "https example.com/a.tgz"),
]


@pytest.mark.parametrize(("state", "words"), SOURCES, ids=[words for _, words in SOURCES])
def test_files_from_outside_are_one_layer_and_show_no_password(state: State, words: str) -> None:
    assert created_by(state.mkdir("/x")) == [words, "mkdir /x"]


UNKNOWN = {
    "a diff": diff(FIRST, FIRST.mkdir("/x")),
    "a definition": definition(FIRST.marshal(unique_id="x")),
    "a definition that is built": FIRST.build(),
    "an image whose config nobody read": OUTSIDE,
    "an image of another source": source("docker-image+blob://example.com/x@sha256:" + "0" * 64, {}),
    "a layout whose config nobody read": oci_layout("example.com/x@sha256:" + "0" * 64),
}


@pytest.mark.parametrize("unknown", UNKNOWN.values(), ids=UNKNOWN)
def test_nothing_is_said_from_the_first_vertex_on_whose_layers_nobody_can_count(unknown: State) -> None:
    state = merge(RUN, unknown, FIRST).run(["after"]).config(cmd=["x"])
    assert created_by(state) == [*BASE_BY, "make"]
    assert not exported(state).complete
    assert created_by(unknown.run(["after"]).env(A="1")) == []


def test_a_layout_whose_config_is_known_is_an_image() -> None:
    ref = "example.com/x@sha256:" + "0" * 64
    answers: dict[Question, ResolvedImage | str] = {
        ImageQuestion(f"oci-layout://{ref}", AMD64): ResolvedImage("", BASE)
    }
    assert created_by(oci_layout(ref).run(["make"]), answers) == [*BASE_BY, "make"]


def test_an_image_whose_config_is_known_need_not_be_inherited() -> None:
    assert created_by(OUTSIDE.run(["make"]), known(other=BASE)) == [*BASE_BY, "make"]


def test_layers_without_an_entry_in_their_image_get_one() -> None:
    short = {**BASE, "rootfs": {"diff_ids": ["1", "2", "3", "4"]}}
    bare = {"rootfs": {"diff_ids": ["1"]}}
    layer = "layer of docker.io/library/base:latest"
    assert created_by(RUN, known(base=short)) == [*BASE_BY, layer, layer, "make"]
    assert created_by(RUN, known(base=bare)) == [layer, "make"]


def test_entries_without_a_layer_in_their_image_are_left_out() -> None:
    assert created_by(RUN, known(base={**BASE, "rootfs": {"diff_ids": ["1"]}})) == ["ADD one", "ENV A=1", "make"]
    assert created_by(RUN, known(base={**BASE, "rootfs": {"diff_ids": None}})) == ["make"]


@pytest.mark.parametrize(("limit", "expected"), [(1, BASE_BY[:2]), (2, BASE_BY), (9, BASE_BY)])
def test_of_an_image_with_a_limit_only_the_first_layers_count(limit: int, expected: list[str]) -> None:
    assert created_by(image("base", layer_limit=limit).run(["make"])) == [*expected, "make"]


def test_an_answer_without_layers_is_no_answer() -> None:
    assert created_by(RUN, known(base={"config": {}})) == []


# Commands and files, in words

COMMANDS = [
    (["make", "-j", "A=1", "/x:/y"], "make -j A=1 /x:/y"),
    (["sh", "-c", "echo $A"], "sh -c 'echo $A'"),
    (["echo", "it's", ""], "echo 'it'\\''s' ''"),
    ("make && make install", "/bin/sh -c make && make install"),
    ("\n    make\n    make install\n", "/bin/sh -c set -e\nmake\nmake install\n"),
    (["echo", "ümläut"], "echo 'ümläut'"),
]


@pytest.mark.parametrize(("command", "words"), COMMANDS)
def test_a_command_reads_as_it_would_be_given_to_a_shell(command: Any, words: str) -> None:
    assert created_by(BASE_IMAGE.run(command))[-1] == words


def test_text_runs_in_the_shell_of_the_state_or_of_its_image() -> None:
    on_scratch = scratch().shell("/x/bash", "-c").run("make", mounts=[bind(FIRST, "/x")])
    assert created_by(on_scratch)[0] == "/x/bash -c make"
    base = {**BASE, "config": {"Shell": ["/ash", "-c"]}}
    assert created_by(BASE_IMAGE.run("make"), known(base=base))[-1] == "/ash -c make"


ACTIONS = [
    (files.mkdir("a/b"), "mkdir a/b"),
    (files.mkfile("/f", 0o644, b"x"), "write /f"),
    (files.symlink("../x", "/l"), "symlink /l -> ../x"),
    (files.rm("/tmp/*", allow_wildcard=True), "remove /tmp/*"),
    (files.copy(FIRST, "/first", "."), "copy /first -> ."),
    (files.copy(files.on(FIRST, files.mkdir("/x")), "/x", "/y/"), "copy /x -> /y/"),
]


@pytest.mark.parametrize(("action", "words"), ACTIONS, ids=[words for _, words in ACTIONS])
def test_an_action_reads_as_it_was_written(action: Any, words: str) -> None:
    assert created_by(FIRST.file(action))[-1] == words


def test_of_many_actions_the_first_are_named() -> None:
    state = scratch().copy([FIRST[f"/{number}"] for number in range(7)], "/x/")
    assert created_by(state) == ["copy /0 -> /x/, copy /1 -> /x/, copy /2 -> /x/, copy /3 -> /x/ and 3 more"]


def test_relative_paths_ask_for_no_config() -> None:
    marshaller = Marshaller(AMD64, "test", None, {}, SourceFiles())
    state = FIRST.reset(scratch()).file(files.copy(image("unread"), "x", "y"))
    exported_output(state.vertex, state.facts, marshaller)
    assert marshaller.unanswered == {}


# Changes of the config

SETTINGS: list[tuple[State, list[str]]] = [
    (scratch().env(A="1", B="two words"), ['ENV A=1 B="two words"']),
    (scratch().env(A='a "b" $C \\'), ['ENV A="a \\"b\\" \\$C \\\\"']),
    (scratch().env(A=""), ['ENV A=""']),
    (scratch().env(A="1").env(A=None), []),
    (scratch().dir("/srv/app"), ["WORKDIR /srv/app"]),
    (scratch().user("app:app"), ["USER app:app"]),
    (scratch().shell("/bin/bash", "-c"), ['SHELL ["/bin/bash", "-c"]']),
    (scratch().config(entrypoint=["/app", 'a "b"']), ['ENTRYPOINT ["/app", "a \\"b\\""]']),
    (scratch().config(entrypoint="exec app"), ['ENTRYPOINT ["/bin/sh", "-c", "exec app"]']),
    (scratch().config(cmd=["a", "b\n"]), ['CMD ["a", "b\\n"]']),
    (scratch().config(cmd="serve").shell("/ash"), ['SHELL ["/ash"]', 'CMD ["/ash", "serve"]']),
    (scratch().config(entrypoint=None, cmd=None), ["ENTRYPOINT []", "CMD []"]),
    (scratch().config(labels={"a": "1", "b c": "d e"}), ['LABEL a=1 "b c"="d e"']),
    (scratch().config(labels={"a": None, "b": "2"}), ["LABEL b=2", "unset LABEL a"]),
    (scratch().config(labels=None, expose=None, volumes=None), ["unset LABEL", "unset EXPOSE", "unset VOLUME"]),
    (scratch().config(expose=[80, "53/udp"]), ["EXPOSE 80/tcp 53/udp"]),
    (scratch().config(volumes=["/a", "/b c"]), ['VOLUME ["/a", "/b c"]']),
    (scratch().config(stop_signal="SIGINT"), ["STOPSIGNAL SIGINT"]),
    (scratch().config(stop_signal=None), ["unset STOPSIGNAL"]),
    (scratch().config(healthcheck=Healthcheck("curl -f x")), ["HEALTHCHECK CMD curl -f x"]),
    (scratch().config(healthcheck=Healthcheck([])), ["HEALTHCHECK NONE"]),
    (scratch().config(healthcheck=None), ["unset HEALTHCHECK"]),
    (
        scratch().config(healthcheck=Healthcheck(["a", "b"], interval=30, timeout=1.5, start_period=2, retries=3)),
        ['HEALTHCHECK --interval=30s --timeout=1.5s --start-period=2s --retries=3 CMD ["a", "b"]'],
    ),
    (scratch().config(author="me", onbuild=["RUN x"]), []),
]


@pytest.mark.parametrize(("state", "words"), SETTINGS, ids=[str(words) for _, words in SETTINGS])
def test_a_change_of_the_config_reads_as_in_a_dockerfile(state: State, words: list[str]) -> None:
    assert sorted(changes(state)) == sorted(words)


def test_changes_come_last_and_make_no_layer() -> None:
    expected = {"created_by": "ENV B=2", "comment": "llbpy", "empty_layer": True}
    assert entries(BASE_IMAGE.env(B="2").run(["make"]))[4:] == [{"created_by": "make", "comment": "llbpy"}, expected]


def test_nothing_is_said_of_what_the_image_set() -> None:
    assert created_by(BASE_IMAGE) == BASE_BY
    state = BASE_IMAGE.env(B=expand("$A/b"), A=None).dir("sub").user("root")
    assert created_by(state)[4:] == ["ENV B=1/b", "unset ENV A", "WORKDIR /w/sub", "USER root"]


def test_a_dir_that_is_set_back_to_the_root_is_a_change() -> None:
    assert changes(BASE_IMAGE.dir("/"))[2:] == ["WORKDIR /"]


def test_facts_of_one_command_are_no_changes() -> None:
    state = scratch().run(["/make"], env={"A": "1"}, dir="/x", user="me")
    assert created_by(state) == ["/make"]


# What must not be in it


def test_secrets_and_proxies_are_nowhere_in_it() -> None:
    mounts = [secret("pw-of-registry", env="PASSWORD"), secret("key-of-registry", target="/key")]
    state = BASE_IMAGE.run(["make"], mounts=mounts, proxy=Proxy(http="http://me:hidden@proxy"))
    assert created_by(state) == [*BASE_BY, "make"]


TOKEN = "ghp_0123456789abcdefABCDEF0123456789abcd"


def test_what_looks_like_a_credential_is_cut_out() -> None:
    state = (
        BASE_IMAGE.run(["curl", "-H", f"Authorization: Bearer {TOKEN}"])
        .run(f"git clone https://x:{TOKEN}@github.com/a/b")
        .symlink(TOKEN, "/x")
        .env(TOKEN=TOKEN)
        .config(labels={"t": TOKEN}, cmd=["serve", TOKEN], healthcheck=Healthcheck(TOKEN))
    )
    words = created_by(state)[4:]
    assert len(words) == 7
    assert [word for word in words if "…" not in word] == []
    assert TOKEN[8:] not in str(words)


# Times, labels, size


def test_there_is_no_time_without_an_epoch() -> None:
    assert "created" not in exported(RUN).config
    assert "created" not in entries(RUN)[-1]


def test_an_epoch_is_the_time_of_what_the_file_does_and_not_of_the_base() -> None:
    found = exported(RUN.env(A="2"), epoch=1_700_000_000).config
    assert found["created"] == "2023-11-14T22:13:20Z"
    assert [entry["created"] for entry in found["history"]] == [
        *[entry["created"] for entry in BASE["history"]],
        "2023-11-14T22:13:20Z",
        "2023-11-14T22:13:20Z",
    ]


@pytest.mark.parametrize(
    ("epoch", "text"),
    [(0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (253402300799, "9999-12-31T23:59:59Z")],
)
def test_an_epoch_is_written_as_go_writes_it(epoch: int, text: str) -> None:
    assert exported(scratch(), epoch=epoch).config["created"] == text


@pytest.mark.parametrize("epoch", [253402300800, 10**30, -(10**30)])
def test_an_epoch_that_no_date_has_is_refused(epoch: int) -> None:
    with pytest.raises(GraphError, match=f"epoch {epoch} is no time that an image can bear"):
        exported(scratch(), epoch=epoch)


def test_labels_from_outside_are_in_the_config_alone() -> None:
    found = exported(BASE_IMAGE.config(labels={"b": "2", "c": "3"}), labels={"c": "outside"}).config
    assert found["config"]["Labels"] == {"a": "1", "b": "2", "c": "outside"}
    assert "outside" not in str(found["history"])


def test_the_config_is_that_of_what_the_facts_inherit_and_the_base_that_of_the_layers() -> None:
    other = {**BASE, "config": {"Env": ["OTHER=1"]}, "history": []}
    state = RUN.reset(image("other"))
    found = exported(state, known(base=BASE, other=other))
    assert "OTHER=1" in found.config["config"]["Env"]
    assert found.base is BASE


def test_an_unanswered_config_is_noted_as_in_a_marshal() -> None:
    marshaller = Marshaller(AMD64, "test", None, {}, SourceFiles())
    exported_output(BASE_IMAGE.vertex, BASE_IMAGE.facts, marshaller)
    assert marshaller.unanswered == {ImageQuestion("docker.io/library/base:latest", AMD64): ANY}


def test_long_chains_are_walked_without_recursion() -> None:
    state = BASE_IMAGE
    for number in range(20_000):
        state = state.run([f"/{number}"]) if number % 2 else merge(state, FIRST)
    words = created_by(state)
    assert words == BASE_BY + [f"/{number}" if number % 2 else "mkdir /first" for number in range(20_000)]
