from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent.parent
TOOL = ROOT / "tools" / "protoc.py"


@pytest.fixture(scope="module")
def protoc() -> ModuleType:
    spec = importlib.util.spec_from_file_location("protoc", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.timeout(300)  # the first run installs the pinned generator
def test_regeneration_gives_the_checked_in_files() -> None:
    run = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("kept", "reported"),
    [
        ({"a_pb2.py": "x = 1\n"}, []),
        ({"a_pb2.py": "x = 2\n"}, ["-x = 2\n", "+x = 1\n"]),
        ({"a_pb2.py": "x = 1"}, ["-x = 1", "+x = 1\n"]),
        ({}, ["+x = 1\n"]),
        ({"a_pb2.py": "x = 1\n", "b_pb2.py": "y = 1\n"}, ["-y = 1\n"]),
    ],
    ids=["equal", "edited", "one byte", "missing", "left over"],
)
def test_check_reports(protoc: ModuleType, kept: dict[str, str], reported: list[str]) -> None:
    lines = list(protoc.differences(kept, {"a_pb2.py": "x = 1\n"}))
    assert [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")] == reported


FOREIGN = """
from google.protobuf import descriptor_pb2, descriptor_pool
file = descriptor_pb2.FileDescriptorProto(name="ops.proto", package="pb", syntax="proto3")
file.message_type.add(name="Op").field.add(name="other", number=1, type=9, label=1)
descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
foreign = descriptor_pool.Default().FindMessageTypeByName("pb.Op")
"""
OURS = "from llbpy.proto import ops_pb2\n"
BOTH = "assert list(foreign.fields_by_name) == ['other'] and ops_pb2.Op(inputs=[{'index': 1}]).inputs[0].index == 1\n"


@pytest.mark.parametrize("code", [FOREIGN + OURS, OURS + FOREIGN], ids=["foreign first", "ours first"])
def test_another_library_may_declare_the_original_names(code: str) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", code + BOTH], check=True, cwd=ROOT)
