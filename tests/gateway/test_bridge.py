"""The calls of the service: what each asks, and what comes back when several are asked at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from llbpy import Platform, scratch
from llbpy.errors import DaemonError, GraphError
from llbpy.gateway import bridge as calls
from llbpy.gateway import messages as gw
from llbpy.gateway.bridge import Bridge, Request
from llbpy.graph.sourcemap import SourceInfo, encode_span
from llbpy.proto import gateway_pb2, ops_pb2
from llbpy.proto.rpc import RPCS
from llbpy.transport.status import Status
from tests.gateway.daemon import SERVICE, Daemon
from tests.graph.decoding import marshal

FILES = marshal(scratch().write("/a", "text").write("/sub/b", "more"))


def message(request: Request) -> Any:
    """The request as protobuf reads it; its path must be that of its message."""
    rpc = RPCS[request.path]
    assert rpc.service == SERVICE
    return getattr(gateway_pb2, rpc.request.rpartition(".")[2]).FromString(request.data)


REQUESTS: list[tuple[Request, Any]] = [
    (
        calls.solve(FILES.to_bytes()),
        gateway_pb2.SolveRequest(
            Definition=ops_pb2.Definition.FromString(FILES.to_bytes()), allowResultReturn=True, allowResultArrayRef=True
        ),
    ),
    (
        calls.solve(
            b"",
            evaluate=True,
            cache_imports=[gw.CacheOptionsEntry.Type.write("registry"), gw.CacheOptionsEntry.Attrs.write({"a": "b"})],
        ),
        gateway_pb2.SolveRequest(
            Definition=ops_pb2.Definition(),
            allowResultReturn=True,
            allowResultArrayRef=True,
            Evaluate=True,
            CacheImports=[
                gateway_pb2.CacheOptionsEntry(Type="registry"),
                gateway_pb2.CacheOptionsEntry(Attrs={"a": "b"}),
            ],
        ),
    ),
    (calls.read_file("r", "/a"), gateway_pb2.ReadFileRequest(Ref="r", FilePath="/a")),
    (
        calls.read_file("r", "/a", offset=3, length=5),
        gateway_pb2.ReadFileRequest(Ref="r", FilePath="/a", Range=gateway_pb2.FileRange(Offset=3, Length=5)),
    ),
    (calls.read_dir("r", "/a"), gateway_pb2.ReadDirRequest(Ref="r", DirPath="/a")),
    (
        calls.read_dir("r", "/a", "*.py"),
        gateway_pb2.ReadDirRequest(Ref="r", DirPath="/a", IncludePattern="*.py"),
    ),
    (calls.stat_file("r", "/a"), gateway_pb2.StatFileRequest(Ref="r", Path="/a")),
    (calls.evaluate("r"), gateway_pb2.EvaluateRequest(Ref="r")),
    (calls.inputs(), gateway_pb2.InputsRequest()),
    (
        calls.resolve_source("https://h/a", {"http.filename": "a"}),
        gateway_pb2.ResolveSourceMetaRequest(
            Source=ops_pb2.SourceOp(identifier="https://h/a", attrs={"http.filename": "a"})
        ),
    ),
    (
        calls.resolve_source(
            "docker-image://a",
            {},
            Platform("linux", "arm", "v7", "1", ("f",)),
            mode="pull",
            log_name="load",
            git_objects=True,
        ),
        gateway_pb2.ResolveSourceMetaRequest(
            Source=ops_pb2.SourceOp(identifier="docker-image://a"),
            Platform=ops_pb2.Platform(OS="linux", Architecture="arm", Variant="v7", OSVersion="1", OSFeatures=["f"]),
            ResolveMode="pull",
            LogName="load",
            Git=gateway_pb2.ResolveSourceGitRequest(ReturnObject=True),
        ),
    ),
    (
        calls.warn("sha256:a", "short é"),
        gateway_pb2.WarnRequest(digest="sha256:a", level=1, short="short é".encode()),
    ),
    (
        calls.warn(
            "sha256:a",
            "short",
            detail=["one", "", "two"],
            url="https://h",
            info=SourceInfo("build.py", b"text").to_bytes(),
            ranges=[encode_span(((2, 0), (3, 0)))],
        ),
        gateway_pb2.WarnRequest(
            digest="sha256:a",
            level=1,
            short=b"short",
            detail=[b"one", b"", b"two"],
            url="https://h",
            info=ops_pb2.SourceInfo(filename="build.py", data=b"text", language="Python"),
            ranges=[ops_pb2.Range(start=ops_pb2.Position(line=2), end=ops_pb2.Position(line=3))],
        ),
    ),
    (
        calls.give_back(result=gw.Result.ref.write(gw.Ref.id.write("r"))),
        gateway_pb2.ReturnRequest(result=gateway_pb2.Result(ref=gateway_pb2.Ref(id="r"))),
    ),
    (
        calls.give_back(result=b""),
        gateway_pb2.ReturnRequest(result=gateway_pb2.Result()),
    ),
    (
        calls.give_back(error=Status(2, "no").to_bytes()),
        gateway_pb2.ReturnRequest(error={"code": 2, "message": "no"}),
    ),
]


@pytest.mark.parametrize(("request_", "expected"), REQUESTS)
def test_a_request_says_what_it_was_given(request_: Request, expected: Any) -> None:
    assert message(request_) == expected


def refs(bridge: Bridge) -> str:
    (reply,) = bridge.ask(calls.solve(FILES.to_bytes()))
    ref: str = reply["result"]["ref"]["id"]
    return ref


def test_all_that_is_asked_at_once_is_one_round() -> None:
    daemon = Daemon()
    bridge = Bridge(daemon)
    ref = refs(bridge)
    texts = bridge.ask(calls.read_file(ref, "/sub/b"), calls.read_file(ref, "a"), calls.stat_file(ref, "/a"))
    assert [reply.get("Data") for reply in texts] == [b"more", b"text", None]
    assert texts[2]["stat"] == {"path": "a", "mode": 0o644, "size": 4}
    assert daemon.shape == ["Solve", "ReadFile ReadFile StatFile"]


def test_asking_nothing_is_no_round() -> None:
    daemon = Daemon()
    assert Bridge(daemon).ask() == []
    assert Bridge(daemon).ask_each([]) == []
    assert daemon.rounds == []


def test_a_folder_is_listed_with_what_its_entries_are() -> None:
    bridge = Bridge(Daemon())
    (reply,) = bridge.ask(calls.read_dir(refs(bridge), "/"))
    assert reply == {"entries": [{"path": "a", "mode": 0o644, "size": 4}, {"path": "sub", "mode": 1 << 31 | 0o755}]}


class Scripted:
    """A channel whose replies are given."""

    def __init__(self, *replies: bytes | Status) -> None:
        self.replies = replies

    def call_all(self, requests: Sequence[tuple[str, bytes]]) -> Sequence[bytes | Status]:
        return self.replies


REFUSED = Status(7, "denied by policy", [("type/a", b"{}")])


def test_the_first_call_that_failed_is_raised_with_all_that_the_daemon_said() -> None:
    bridge = Bridge(Scripted(b"", REFUSED, Status(2, "other")))
    with pytest.raises(DaemonError, match=r"^denied by policy$") as caught:
        bridge.ask(*[calls.evaluate("r")] * 3)
    assert (caught.value.status, caught.value.code) == (REFUSED, 7)


def test_calls_that_fail_do_not_take_the_others_along() -> None:
    bridge = Bridge(Scripted(REFUSED, b"\x0a\x01x"))
    assert bridge.ask_each([calls.evaluate("r"), calls.read_file("r", "a")]) == [REFUSED, {"Data": b"x"}]


def test_a_reply_that_is_no_message_is_refused() -> None:
    with pytest.raises(GraphError, match="not a protobuf message"):
        Bridge(Scripted(b"\xff")).ask(calls.read_file("r", "a"))


@pytest.mark.parametrize("text", ["open /a: no such file or directory", "lstat /a/b: not a directory"])
def test_a_file_that_is_not_there_is_no_failure(text: str) -> None:
    assert calls.if_there(Status(2, text)) is None


def test_other_failures_are() -> None:
    assert calls.if_there({"Data": b"x"}) == {"Data": b"x"}
    with pytest.raises(DaemonError, match="denied by policy"):
        calls.if_there(REFUSED)
