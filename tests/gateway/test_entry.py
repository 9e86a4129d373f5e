"""How a build file is found, and what comes along with it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from llbpy import Definition, State, scratch
from llbpy.errors import BuildFileError, DaemonError
from llbpy.graph.gojson import string_array
from llbpy.proto import ops_pb2
from llbpy.transport.status import Status
from tests.gateway.daemon import Answer, Daemon
from tests.gateway.opened import SESSION, TEXT, client, data_of, entry, excluded
from tests.gateway.trees import Files
from tests.graph.decoding import marshal, ops

OTHER = b"other = 1\n"
LOCAL_ROUNDS = ["Solve Solve Inputs", "ReadFile ReadFile"]


def load(name: str) -> str:
    return f"[internal] load build definition from {name}"


def attrs(source: Any) -> dict[str, str]:
    return dict(source.attrs)


# From the client -------------------------------------------------------------------------------------------------------------


def test_a_build_file_of_the_client_takes_two_rounds() -> None:
    daemon = client({"build.py": TEXT})
    found = entry(daemon)
    assert (found.filename, found.text) == ("build.py", TEXT)
    assert (found.context, found.revision, found.inputs, found.is_local) == (None, None, {}, True)
    assert daemon.shape == LOCAL_ROUNDS


def test_the_folders_are_synced_as_docker_dockerfile_does() -> None:
    daemon = client({"app.py": TEXT})
    entry(daemon, "filename=app.py")
    assert attrs(daemon.source(load("app.py"))) == {
        "local.followpaths": string_array(["app.py", "app.py.dockerignore"]),
        "local.session": SESSION,
        "local.sharedkeyhint": "dockerfile",
        "local.differ": "none",
    }
    ignoring = daemon.source("[internal] load .dockerignore")
    assert ignoring.identifier == "local://context"
    assert attrs(ignoring) == {
        "local.followpaths": string_array([".dockerignore"]),
        "local.session": SESSION,
        "local.sharedkeyhint": "context-.dockerignore",
        "local.differ": "none",
    }


def test_the_definition_is_the_one_that_brought_the_file() -> None:
    daemon = client({"build.py": TEXT})
    found = entry(daemon)
    assert daemon.requests("Solve")[0].Definition == ops_pb2.Definition.FromString(found.definition.to_bytes())
    assert found.ref == "ref0"


FOUND: list[tuple[list[str], str, str]] = [
    ([], "build.py", "build.py"),
    (["filename=app.py"], "app.py", "app.py"),
    (["filename=deep/app.py"], "deep/app.py", "deep/app.py"),
    (["cmdline=llbpy/llbpy"], "Dockerfile", "Dockerfile"),
    (["cmdline=llbpy/llbpy"], "Dockerfile", "dockerfile"),
    (["cmdline=llbpy/llbpy", "filename=build.py"], "build.py", "build.py"),
    (["filename=Dockerfile"], "Dockerfile", "dockerfile"),
    (["filename=deep/Dockerfile"], "deep/Dockerfile", "deep/dockerfile"),
]


@pytest.mark.parametrize(("texts", "filename", "file"), FOUND)
def test_the_file_is_found(texts: list[str], filename: str, file: str) -> None:
    found = entry(client({file: TEXT, "another.py": OTHER}), *texts)
    assert (found.filename, found.text) == (filename, TEXT)


def test_of_two_dockerfiles_the_capital_one_counts() -> None:
    assert entry(client({"Dockerfile": TEXT, "dockerfile": OTHER}), "filename=Dockerfile").text == TEXT


@pytest.mark.parametrize(
    ("name", "other"), [("Dockerfile", "dockerfile"), ("./Dockerfile", "dockerfile"), ("a/Dockerfile", "a/dockerfile")]
)
def test_a_dockerfile_is_synced_under_both_names(name: str, other: str) -> None:
    daemon = client({other: TEXT})
    entry(daemon, f"filename={name}")
    assert attrs(daemon.source(load(name)))["local.followpaths"] == string_array([name, f"{name}.dockerignore", other])
    assert daemon.shape == ["Solve Solve Inputs", "ReadFile ReadFile ReadFile"]


def test_an_empty_build_file_is_one() -> None:
    assert entry(client({"build.py": b""})).text == b""


MISSING: list[tuple[list[str], str]] = [
    ([], "there is no 'build.py' in the folder given as 'dockerfile'; name the build file with -f (option filename=…)"),
    (["filename=a.py", "dockerfilekey=other"], "there is no 'a.py' in the folder given as 'other'; name"),
    (["cmdline=x"], "there is no 'Dockerfile' in the folder given as 'dockerfile'; name"),
    (["context=git://h.example/a"], "there is no 'build.py' in the context; name"),
]


@pytest.mark.parametrize(("texts", "message"), MISSING)
def test_a_missing_file_is_said(texts: list[str], message: str) -> None:
    daemon = client({"README": b""})
    daemon.files["local://other"] = daemon.files["git://h.example/a"] = {"README": b""}
    daemon.known["git://h.example/a"] = Answer()
    with pytest.raises(BuildFileError, match=f"^{re.escape(message)}"):
        entry(daemon, *texts)


def test_a_folder_is_no_build_file() -> None:
    with pytest.raises(DaemonError, match="is not a regular file"):
        entry(client({"build.py/x": TEXT}))


def test_what_a_daemon_refuses_is_raised() -> None:
    daemon = client({"build.py": TEXT})
    daemon.refused["Inputs"] = Status(7, "denied")
    with pytest.raises(DaemonError, match="denied"):
        entry(daemon)


def test_folders_have_their_own_sessions() -> None:
    daemon = client({"build.py": TEXT})
    entry(daemon, "local-sessionid:dockerfile=d", "local-sessionid:context=c")
    assert daemon.source(load("build.py")).attrs["local.session"] == "d"
    assert daemon.source("[internal] load .dockerignore").attrs["local.session"] == "c"


def test_the_folder_of_the_build_file_may_have_another_name() -> None:
    daemon = client({})
    daemon.files["local://other"] = {"build.py": TEXT}
    assert entry(daemon, "dockerfilekey=other").text == TEXT
    assert daemon.source(load("build.py")).attrs["local.sharedkeyhint"] == "other"


# Ignore files ----------------------------------------------------------------------------------------------------------------

IGNORED: list[tuple[Files, Files, list[str]]] = [
    ({}, {".dockerignore": b"# no\n/a\n!b/\n"}, ["a", "!b"]),
    ({"build.py.dockerignore": b"own\n"}, {".dockerignore": b"a\n"}, ["own"]),
    ({"build.py.dockerignore": b""}, {".dockerignore": b"a\n"}, []),
    ({"build.py.dockerignore": b"own\n"}, {}, ["own"]),
    ({".dockerignore": b"beside the build file\n"}, {}, []),
    ({}, {"build.py.dockerignore": b"in the context\n"}, []),
]


@pytest.mark.parametrize(("beside", "context", "ignored"), IGNORED)
def test_the_file_s_own_ignore_file_counts_even_if_empty(beside: Files, context: Files, ignored: list[str]) -> None:
    daemon = client({"build.py": TEXT, **beside}, context)
    found = entry(daemon)
    assert excluded(daemon, found) == ignored
    is_its_own = "build.py.dockerignore" in beside
    assert daemon.shape == LOCAL_ROUNDS + ([] if is_its_own else ["ReadFile"])


def test_the_context_s_ignore_file_is_read_when_a_graph_needs_it() -> None:
    daemon = Daemon({"local://dockerfile": {"build.py": TEXT}})
    found = entry(daemon)
    assert found.text == TEXT
    with pytest.raises(DaemonError, match="local://context: not found"):
        excluded(daemon, found)


def test_a_context_that_nobody_has_does_not_count_if_the_file_has_its_own_ignore_file() -> None:
    daemon = Daemon({"local://dockerfile": {"build.py": TEXT, "build.py.dockerignore": b"own"}})
    assert excluded(daemon, entry(daemon)) == ["own"]


# Inputs ----------------------------------------------------------------------------------------------------------------------


def given(**states: State) -> Daemon:
    daemon = client({"build.py": TEXT}, {".dockerignore": b"a\n"})
    daemon.inputs = {name: data_of(state) for name, state in states.items()}
    return daemon


def test_a_graph_may_be_the_context() -> None:
    daemon = given(context=scratch().write("/file", "x").write("/.dockerignore", "b"))
    found = entry(daemon)
    assert (found.text, found.is_local) == (TEXT, True)
    assert found.context is not None
    assert marshal(found.context).ops == marshal(scratch().write("/file", "x").write("/.dockerignore", "b")).ops
    assert daemon.shape == ["Solve Solve Inputs", "ReadFile ReadFile"]


def test_a_folder_of_such_a_graph_may_be_the_context() -> None:
    found = entry(given(context=scratch().write("/file", "x")), "contextsubdir=/sub")
    assert found.context is not None
    assert ops(found.context)[-2]["file"]["actions"][0]["copy"]["src"] == "/sub"


def test_a_graph_may_have_the_build_file() -> None:
    daemon = given(dockerfile=scratch().write("/build.py", OTHER).write("/build.py.dockerignore", "b"))
    found = entry(daemon)
    assert (found.text, found.is_local) == (OTHER, False)
    assert excluded(daemon, found) == ["b"]
    assert daemon.shape == ["Solve Solve Inputs", "Solve", "ReadFile ReadFile"]
    assert found.definition.to_bytes() == daemon.inputs["dockerfile"]


def test_a_client_may_insist_on_its_folder() -> None:
    daemon = given(dockerfile=scratch().write("/build.py", OTHER))
    assert entry(daemon, "dockerfilekey=dockerfile").text == TEXT


def test_other_inputs_are_kept_for_named_contexts() -> None:
    daemon = given(base=scratch().write("/file", "x"))
    (given_base,) = entry(daemon).inputs.values()
    assert Definition.from_bytes(given_base).ops == Definition.from_bytes(daemon.inputs["base"]).ops
