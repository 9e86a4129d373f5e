"""Other frontends: what they are given, and what becomes of what they make."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llbpy import DaemonError, Definition, GraphError, State, frontend, image, merge, scratch
from llbpy.graph import messages as pb
from llbpy.proto import gateway_pb2
from tests.gateway.daemon import Daemon
from tests.gateway.opened import AMD64, ARM64, CONFIG, data_of, images, inquiry

MADE = scratch().write("/made", "by another").mkdir("/more")
DOCKERFILE = scratch().write("/Dockerfile", "FROM scratch")


def result(state: State, config: Any = None) -> bytes:
    """What a frontend gives back."""
    made = gateway_pb2.Result()
    made.ref.id = "another"
    getattr(made.ref, "def").ParseFromString(data_of(state))
    if config is not None:
        made.metadata["containerimage.config"] = json.dumps(config).encode()
    return made.SerializeToString()


def daemon(made: bytes, name: str = "dockerfile.v0") -> Daemon:
    answering = images("base")
    answering.frontends = {name: made}
    return answering


def ops(definition: Definition) -> list[dict[str, Any]]:
    return [pb.Op.decode(op) for op in definition.ops]


def test_its_graph_takes_its_place() -> None:
    wanted = frontend("dockerfile.v0").run(["/made"])
    (definition,) = inquiry(daemon(result(MADE, CONFIG))).marshal([(wanted, AMD64)])
    (expected,) = inquiry(Daemon()).marshal([(MADE, AMD64)])
    assert definition.ops[: len(expected.ops) - 1] == expected.ops[:-1]
    run = ops(definition)[-2]
    assert run["inputs"] == ops(expected)[-1]["inputs"]
    assert (run["exec"]["meta"]["cwd"], run["exec"]["meta"]["user"]) == ("/srv", "app")


def test_it_may_be_the_whole_result() -> None:
    (definition,) = inquiry(daemon(result(MADE))).marshal([(frontend("dockerfile.v0"), AMD64)], configs=True)
    (expected,) = inquiry(Daemon()).marshal([(MADE, AMD64)])
    assert definition.ops == expected.ops
    assert definition.metadata[definition.digests[0]].caps == expected.metadata[expected.digests[0]].caps


def test_an_output_of_a_command_is_one_too() -> None:
    from llbpy import output

    ran = scratch().run(["/x"], mounts=[output("/out")]).output("/out")
    (definition,) = inquiry(daemon(result(ran))).marshal([(frontend("dockerfile.v0").mkdir("/y"), AMD64)])
    assert ops(definition)[-2]["inputs"][0]["index"] == 1


def test_it_is_given_options_inputs_and_the_platform() -> None:
    answering = daemon(result(MADE))
    given = frontend(
        "dockerfile.v0", inputs={"dockerfile": DOCKERFILE, "context": image("base").run(["x"])}, opts={"target": "app"}
    )
    inquiry(answering).marshal([(given, ARM64)])
    solve = answering.requests("Solve")[-1]
    assert dict(solve.FrontendOpt) == {"target": "app", "platform": "linux/arm64"}
    given_file = Definition.from_bytes(solve.FrontendInputs["dockerfile"].SerializeToString())
    assert given_file.ops == Definition.from_bytes(data_of(DOCKERFILE)).ops
    assert answering.shape == ["ResolveSourceMeta", "Solve"]


def test_other_names_are_images() -> None:
    answering = daemon(result(MADE), "docker.io/docker/dockerfile:1")
    inquiry(answering).marshal([(frontend("docker/dockerfile:1", opts={"platform": "linux/s390x"}), AMD64)])
    (solve,) = answering.requests("Solve")
    assert solve.Frontend == "gateway.v0"
    assert dict(solve.FrontendOpt) == {"source": "docker.io/docker/dockerfile:1", "platform": "linux/s390x"}


def test_all_run_at_once_and_each_once_a_platform() -> None:
    answering = daemon(result(MADE))
    one, two = frontend("dockerfile.v0"), frontend("dockerfile.v0", opts={"target": "two"})
    asking = inquiry(answering)
    asking.marshal([(merge(one, two, one.mkdir("/x")), AMD64), (one, ARM64)])
    asking.marshal([(two, AMD64)])
    assert answering.shape == ["Solve Solve Solve"]


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (result(scratch()), "frontend 'dockerfile.v0' made an empty filesystem, which has no files to use"),
        (
            gateway_pb2.Result(refs=gateway_pb2.RefMap()).SerializeToString(),
            "frontend 'dockerfile.v0' made several platforms, and one filesystem was asked for",
        ),
    ],
)
def test_what_is_no_filesystem_is_refused_at_its_line(made: bytes, problem: str) -> None:
    wanted = frontend("dockerfile.v0").run(["/made"])
    with pytest.raises(GraphError) as caught:
        inquiry(daemon(made)).marshal([(wanted, AMD64)])
    assert caught.value.message == problem
    assert "test_nested.py:" in caught.value.where


def test_what_it_says_is_said_at_its_line() -> None:
    with pytest.raises(DaemonError, match=r"there is no frontend other\.v0") as caught:
        inquiry(daemon(b"")).marshal([(frontend("other.v0"), AMD64)])
    assert "test_nested.py:" in caught.value.where
