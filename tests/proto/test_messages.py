from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from wire_facts import Fact, Field, Named, read_descriptor, read_sections

import llbpy.proto

PROTOS = sorted(Path(llbpy.proto.__path__[0]).glob("*.proto"))
TEXT = Path(__file__).with_name("messages.md").read_text(encoding="utf-8")
SECTIONS = read_sections(TEXT)


def name_of(path: str) -> str:
    """`github.com/moby/buildkit/solver/pb/ops.proto` → `ops`."""
    return Path(path).stem


def descriptor(name: str) -> FileDescriptor:
    module = importlib.import_module(f"llbpy.proto.{name}_pb2")
    file: FileDescriptor = module.DESCRIPTOR
    return file


def unlike(sections: dict[str, frozenset[Fact]]) -> list[str]:
    """The paths of the sections that differ from our descriptors."""
    return [path for path, facts in sections.items() if facts != read_descriptor(descriptor(name_of(path)))]


@pytest.mark.parametrize("path", SECTIONS, ids=name_of)
def test_descriptors_say_what_the_facts_say(path: str) -> None:
    facts, ours = SECTIONS[path], read_descriptor(descriptor(name_of(path)))
    assert {"missing": facts - ours, "extra": ours - facts} == {"missing": set(), "extra": set()}


def test_there_is_one_proto_for_each_original_file_and_status() -> None:
    assert [path.stem for path in PROTOS] == sorted([*map(name_of, SECTIONS), "status"])


@pytest.mark.parametrize("path", PROTOS, ids=lambda path: path.stem)
def test_a_descriptor_is_named_after_its_file(path: Path) -> None:
    assert descriptor(path.stem).name == f"llbpy/proto/{path.name}"


def test_status_has_the_fields_of_google_rpc_status() -> None:
    assert read_descriptor(descriptor("status")) == {
        Named("package", "google.rpc"),
        Named("syntax", "proto3"),
        Named("import", "google/protobuf/any.proto"),
        Named("message", "google.rpc.Status"),
        Field("google.rpc.Status", 1, "code", "int32", "", "code", False),
        Field("google.rpc.Status", 2, "message", "string", "", "message", False),
        Field("google.rpc.Status", 3, "details", "repeated google.protobuf.Any", "", "details", False),
    }


def test_the_facts_hold_as_many_facts_as_their_lines() -> None:
    """Nothing in the file is skipped by the reader, and no two lines say the same."""
    blocks = TEXT.split("```")[1::2]
    lines = sum(len(block.strip("\n").split("\n")) for block in blocks)
    facts = [fact for section in SECTIONS.values() for fact in section]
    headers = [fact for fact in facts if isinstance(fact, Named) and fact.kind in ("package", "syntax", "import")]
    assert len(facts) - len(headers) == lines


OPS = "github.com/moby/buildkit/solver/pb/ops.proto"
CONTROL = "github.com/moby/buildkit/api/services/control/control.proto"
SOLVE = "  rpc Solve(moby.buildkit.v1.SolveRequest) -> moby.buildkit.v1.SolveResponse\n"

ALTERATIONS = {
    "a field's number": (OPS, "    2  index  int64", "    3  index  int64"),
    "a field's name": (OPS, "    2  index  int64", "    2  offset  int64"),
    "a field's type": (OPS, "    2  index  int64", "    2  index  int32"),
    "a field's label": (OPS, "    2  index  int64", "    2  index  repeated int64"),
    "a field's presence": (OPS, "    2  index  int64", "    2  index  optional int64"),
    "a map's value": (OPS, "    2  attrs  map<string, string>", "    2  attrs  map<string, bytes>"),
    "a oneof's name": (OPS, "    2  exec  pb.ExecOp  oneof op", "    2  exec  pb.ExecOp  oneof kind"),
    "a oneof's member": (OPS, "    2  exec  pb.ExecOp  oneof op", "    2  exec  pb.ExecOp"),
    "a JSON name": (OPS, "    5  proxy_env  pb.ProxyEnv", "    5  proxy_env  pb.ProxyEnv  json=proxy_env"),
    "a deprecation": (CONTROL, "    5  Parent  string  deprecated", "    5  Parent  string"),
    "an enum's number": (OPS, "    1  HOST", "    3  HOST"),
    "an enum's value": (OPS, "    1  HOST", "    1  SHARE"),
    "a message left out": (OPS, "message pb.Input\n    1  digest  string\n    2  index  int64\n", ""),
    "a message added": (OPS, "message pb.Input\n", "message pb.Extra\nmessage pb.Input\n"),
    "a field added": (OPS, "    2  index  int64\n", "    2  index  int64\n    3  size  int64\n"),
    "a method left out": (CONTROL, SOLVE, ""),
    "a method's request": (CONTROL, SOLVE, SOLVE.replace("SolveRequest", "PruneRequest")),
    "a method's reply": (CONTROL, SOLVE, SOLVE.replace("SolveResponse", "InfoResponse")),
    "a streaming request": (CONTROL, SOLVE, SOLVE.replace("(", "(stream ")),
    "a streaming reply": (CONTROL, SOLVE, SOLVE.replace("-> ", "-> stream ")),
    "a service's name": (CONTROL, "service moby.buildkit.v1.Control", "service moby.buildkit.v1.Controller"),
    "a package": (OPS, "package pb;", "package bp;"),
    "a syntax": (OPS, "syntax proto3; imports: none", "syntax proto2; imports: none"),
    "an import": (CONTROL, "google/protobuf/timestamp.proto, google/rpc", "google/rpc"),
}


@pytest.mark.parametrize(("path", "old", "new"), ALTERATIONS.values(), ids=ALTERATIONS)
def test_an_altered_fact_is_reported(path: str, old: str, new: str) -> None:
    start = TEXT.index(f"## {path}")
    altered = TEXT[:start] + TEXT[start:].replace(old, new, 1)
    assert altered != TEXT
    assert unlike(read_sections(altered)) == [path]


def test_optional_fields_and_json_names_are_read_off_a_descriptor() -> None:
    """No file of ours has either, and one that gains them must not pass for one without."""
    file = FileDescriptorProto(name="a.proto", package="llbpy.a", syntax="proto3")
    message = file.message_type.add(name="M", oneof_decl=[{"name": "_size"}])
    message.field.add(name="size", number=1, type="TYPE_INT64", proto3_optional=True, oneof_index=0)
    message.field.add(name="file_name", number=2, type="TYPE_STRING", json_name="file")
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    assert read_descriptor(pool.FindFileByName("a.proto")) == {
        Named("package", "a"),
        Named("syntax", "proto3"),
        Named("message", "a.M"),
        Field("a.M", 1, "size", "optional int64", "", "size", False),
        Field("a.M", 2, "file_name", "string", "", "file", False),
    }


SPOILT = {
    "note": ("oneof op", "oneoff op"),
    "method": ("rpc Solve(", "call Solve("),
    "header": ("package pb; syntax proto3; ", "package pb; "),
    "value": ("1  HOST", "1 HOST"),
    "field": ("2  index  int64", "2  index"),
}


@pytest.mark.parametrize(("old", "new"), SPOILT.values(), ids=SPOILT)
def test_a_line_that_is_not_understood_is_refused(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(ValueError, match="not understood: .*" + re.escape(new)):
        read_sections(TEXT.replace(old, new, 1))
