"""A daemon in memory, for what a real one would not do, or not in milliseconds."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from json import dumps
from typing import Any, NamedTuple

from llbpy.proto import gateway_pb2
from llbpy.proto.rpc import RPCS
from llbpy.transport.status import Status
from tests.gateway.trees import Files, acted, below, content, describe, ops_of, relative, synced, why_not

SERVICE = "moby.buildkit.v1.frontend.LLBBridge"
LARGEST = 16 << 20
"""Bytes of a message."""


class Call(NamedTuple):
    """One call that came in, its message read by Google's protobuf."""

    method: str
    message: Any


class Answer(NamedTuple):
    """What is known of a source: of an image its `config`, of a repository its `commit`, of a download when it was `modified`.

    `checksum` is the repository's, `identifier` and `attrs` are what a policy has put in the source's place.
    """

    digest: str = ""
    config: Any = None
    checksum: str = ""
    commit: bytes = b""
    modified: int | None = None
    identifier: str = ""
    attrs: Mapping[str, str] = {}


class Refusal(Exception):
    """Ends a call."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.status = Status(code, message)


class Daemon:
    """Answers the calls of a build, and keeps them: `rounds` has those that were under way together.

    It is a stand-in for unit tests, which count rounds and look at requests. It solves sources that a test has given it (`files`,
    by identifier) and simple file actions; it has no cache, no commands and no network, and proves nothing about BuildKit: the
    tests in `tests/e2e` do that, on a real daemon.

    `known` has what is said of sources before they are fetched, `inputs` the graphs that came with the build, `refused` the status
    of calls that fail, by method or by a source's identifier. `frontends` has the results of other frontends, by name, `pong` what
    the daemon says of itself. `denied` are the sources that its policies deny, by identifier.
    """

    def __init__(self, files: Mapping[str, Files] | None = None) -> None:
        self.files = dict(files or {})
        self.known: dict[str, Answer] = {}
        self.inputs: dict[str, bytes] = {}
        self.refused: dict[str, Status] = {}
        self.frontends: dict[str, bytes] = {}
        self.pong = b""
        self.denied: set[str] = set()
        self.rounds: list[list[Call]] = []
        self._solving: dict[str, Any] = {}
        self._solved: dict[str, Files] = {}

    def call_all(self, requests: Sequence[tuple[str, bytes]]) -> list[bytes | Status]:
        calls = [_read(path, data) for path, data in requests]
        self.rounds.append(calls)
        return [self._answer(call) for call in calls]

    # What tests ask

    @property
    def shape(self) -> list[str]:
        """The methods of each round, in the order of the requests."""
        return [" ".join([call.method for call in calls]) for calls in self.rounds]

    def requests(self, method: str) -> list[Any]:
        """All requests of a method so far."""
        return [call.message for calls in self.rounds for call in calls if call.method == method]

    def source(self, name: str) -> Any:
        """The pb.SourceOp of the one vertex that is called so, of all that was to be solved."""
        definitions = [request.Definition for request in self.requests("Solve")]
        (op,) = [op for definition in definitions for op in _called(definition, name)]
        return op.source

    # Calls

    def _answer(self, call: Call) -> bytes | Status:
        if call.method in self.refused:
            return self.refused[call.method]
        reply = _message(RPCS[f"/{SERVICE}/{call.method}"].reply)()
        try:
            getattr(self, f"_{call.method}")(call.message, reply)
        except Refusal as refusal:
            return refusal.status
        data: bytes = reply.SerializeToString()
        return data if len(data) <= LARGEST else Status(8, "the reply is larger than a message may be")

    def _Solve(self, request: Any, reply: Any) -> None:
        if request.ByteSize() > LARGEST:
            raise Refusal("the request is larger than a message may be", 8)
        assert request.allowResultReturn, "a result is given to those only who take it"
        assert request.allowResultArrayRef, "a ref is given to those only who take it"
        if request.Frontend:
            self._run(request, reply)
            return
        ref = f"ref{len(self._solving)}" if ops_of(request.Definition) else ""
        self._solving[ref] = request.Definition
        reply.result.ref.id = ref
        if request.Evaluate:
            self._tree(ref)

    def _run(self, request: Any, reply: Any) -> None:
        name = request.FrontendOpt["source"] if request.Frontend == "gateway.v0" else request.Frontend
        if name not in self.frontends:
            raise Refusal(f"there is no frontend {name}")
        reply.result.ParseFromString(self.frontends[name])

    def _Ping(self, request: Any, reply: Any) -> None:
        reply.ParseFromString(self.pong)

    def _Evaluate(self, request: Any, reply: Any) -> None:
        self._tree(request.Ref)

    def _ReadFile(self, request: Any, reply: Any) -> None:
        tree, path = self._tree(request.Ref), relative(request.FilePath)
        data = content(tree, path)
        if data is None:
            raise Refusal(f"open {request.FilePath}: {why_not(tree, path)}")
        start = request.Range.Offset
        reply.Data = data[start : start + request.Range.Length] if request.HasField("Range") else data

    def _ReadDir(self, request: Any, reply: Any) -> None:
        tree, folder = self._tree(request.Ref), relative(request.DirPath)
        names = sorted({path.partition("/")[0] for path in below(tree, folder)})
        if folder and not names:
            raise Refusal(f"lstat {request.DirPath}: {why_not(tree, folder)}")
        for name in names:
            describe(tree, posixpath.join(folder, name), reply.entries.add())

    def _StatFile(self, request: Any, reply: Any) -> None:
        tree, path = self._tree(request.Ref), relative(request.Path)
        if path not in tree and not below(tree, path):
            raise Refusal(f"stat {request.Path}: no such file or directory")
        describe(tree, path, reply.stat)

    def _Inputs(self, request: Any, reply: Any) -> None:
        for name, data in self.inputs.items():
            reply.Definitions[name].ParseFromString(data)

    def _ResolveSourceMeta(self, request: Any, reply: Any) -> None:
        identifier = request.Source.identifier
        if identifier in self.refused:
            raise Refusal(self.refused[identifier].message, self.refused[identifier].code)
        if identifier not in self.known:
            raise Refusal(f"{identifier}: not found", 5)
        answer = self.known[identifier]
        reply.Source.CopyFrom(request.Source)
        if answer.identifier:
            reply.Source.identifier = answer.identifier
            reply.Source.attrs.update(answer.attrs)
        _tell(answer, request.Git.ReturnObject, reply)

    def _Warn(self, request: Any, reply: Any) -> None:
        assert request.short, "a warning says something"

    def _Return(self, request: Any, reply: Any) -> None:
        assert request.HasField("result") != request.HasField("error"), "a build ends with a result or an error"

    # Solving

    def _tree(self, ref: str) -> Files:
        if not ref or ref not in self._solving:
            raise Refusal(f"no such ref: {ref}")
        if ref not in self._solved:
            ops = ops_of(self._solving[ref])
            for source in self.denied & {op.source.identifier for op in ops.values()}:
                raise Refusal(f'source "{source}" denied by policy')
            (edge,) = list(ops.values())[-1].inputs
            self._solved[ref] = self._solve(ops, edge.digest)
        return self._solved[ref]

    def _solve(self, ops: Mapping[str, Any], digest: str) -> Files:
        op = ops[digest]
        if op.HasField("source"):
            return self._fetched(op.source.identifier, op.source.attrs)
        assert op.HasField("file"), "nothing but sources and file actions is solved in memory"
        trees = [self._solve(ops, edge.digest) for edge in op.inputs]
        for action in op.file.actions:
            trees.append(acted(action, trees))
        return trees[-1]

    def _fetched(self, identifier: str, attrs: Mapping[str, str]) -> Files:
        if identifier not in self.files:
            raise Refusal(f"{identifier}: not found", 5)
        tree = self.files[identifier]
        if "http.filename" in attrs:
            (data,) = tree.values()
            return {attrs["http.filename"]: data}
        return synced(tree, attrs)


def _read(path: str, data: bytes) -> Call:
    service, _, method = path[1:].rpartition("/")
    assert service == SERVICE
    message = _message(RPCS[path].request).FromString(data)
    size = message.ByteSize()
    message.DiscardUnknownFields()
    assert size == message.ByteSize(), f"{method} was given fields that it does not have"
    return Call(method, message)


def _message(name: str) -> Any:
    return getattr(gateway_pb2, name.rpartition(".")[2])


def _called(definition: Any, name: str) -> list[Any]:
    metadata = definition.metadata
    ops = ops_of(definition)
    return [op for digest, op in ops.items() if metadata[digest].description.get("llb.customname") == name]


def _tell(answer: Answer, with_commit: bool, reply: Any) -> None:
    if answer.config is not None:
        reply.Image.Digest = answer.digest
        reply.Image.Config = answer.config if isinstance(answer.config, bytes) else dumps(answer.config).encode()
    if answer.checksum:
        reply.Git.Checksum = reply.Git.CommitChecksum = answer.checksum
    if with_commit:
        reply.Git.CommitObject = answer.commit
    if answer.modified is not None:
        reply.HTTP.LastModified.FromSeconds(answer.modified)
        reply.HTTP.LastModified.SetInParent()
