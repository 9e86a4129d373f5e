from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor import FileDescriptor, MethodDescriptor

import llbpy.proto
from llbpy.proto.rpc import RPCS, Rpc

PROTO = Path(llbpy.proto.__path__[0])


def descriptors() -> list[FileDescriptor]:
    names = sorted(path.stem for path in PROTO.glob("*.proto"))
    return [importlib.import_module(f"llbpy.proto.{name}_pb2").DESCRIPTOR for name in names]


def compiled(method: MethodDescriptor) -> tuple[object, ...]:
    service = method.containing_service.full_name.removeprefix("llbpy.")
    messages = method.input_type.full_name, method.output_type.full_name
    return service, method.name, *messages, method.client_streaming, method.server_streaming


def tabled(rpc: Rpc) -> tuple[object, ...]:
    return rpc.service, rpc.method, rpc.request, rpc.reply, rpc.client_streaming, rpc.server_streaming


def test_the_table_holds_the_methods_of_all_services_and_no_others() -> None:
    services = [service for file in descriptors() for service in file.services_by_name.values()]
    assert {tabled(rpc) for rpc in RPCS.values()} == {compiled(m) for service in services for m in service.methods}


def test_a_path_is_service_and_method() -> None:
    solve = RPCS["/moby.buildkit.v1.Control/Solve"]
    assert (solve.service, solve.method) == ("moby.buildkit.v1.Control", "Solve")
    assert all(path == rpc.path == f"/{rpc.service}/{rpc.method}" for path, rpc in RPCS.items())


def test_an_unknown_path_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        RPCS["/moby.buildkit.v1.Control/Divide"]


def test_a_row_names_messages_by_our_full_names() -> None:
    rpc = RPCS["/moby.filesync.v1.FileSync/DiffCopy"]
    assert (rpc.request, rpc.client_streaming) == ("llbpy.fsutil.types.Packet", True)
    assert RPCS["/containerd.services.content.v1.Content/Abort"].reply == "google.protobuf.Empty"


def test_the_table_imports_nothing() -> None:
    """Loaded by itself, so that what the packages around it import cannot hide what it imports."""
    code = (
        "import sys, __future__; sys.path.insert(0, sys.argv[1]); before = set(sys.modules);"
        "import rpc; print(*sorted(set(sys.modules) - before))"
    )
    command = [sys.executable, "-I", "-S", "-c", code, str(PROTO)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == ["rpc"]
