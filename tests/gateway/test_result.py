"""What a build gives back, as exporters read it."""

from __future__ import annotations

import json
from typing import Any

from llbpy import Platform
from llbpy.dsl.annotations import parse
from llbpy.gateway import messages as gw
from llbpy.gateway.result import Part, answer, several, single
from llbpy.proto import gateway_pb2

CONFIG: dict[str, Any] = {
    "os": "linux",
    "architecture": "amd64",
    "config": {"Labels": {"who": "jürgen <j@example.com>"}},
}
BASE: dict[str, Any] = {"os": "linux", "architecture": "amd64", "history": [{"created_by": "ADD"}]}
AMD64, ARM = Platform("linux", "amd64"), Platform("linux", "arm")


def read(data: bytes) -> Any:
    result = gateway_pb2.Result()
    result.ParseFromString(data)
    return result


def platforms(result: Any) -> Any:
    return json.loads(result.metadata["refs.platforms"])


def test_one_platform_has_one_ref_and_plain_keys() -> None:
    result = read(single(Part(AMD64, "r1", CONFIG, base=BASE, epoch=7)))
    assert (result.WhichOneof("result"), result.ref.id) == ("ref", "r1")
    assert set(result.metadata) == {
        *("containerimage.config", "containerimage.base.config"),
        *("source.date.epoch", "refs.platforms"),
    }
    assert json.loads(result.metadata["containerimage.config"]) == CONFIG
    assert "jürgen <" in result.metadata["containerimage.config"].decode()
    assert json.loads(result.metadata["containerimage.base.config"]) == BASE
    assert result.metadata["source.date.epoch"] == b"7"
    assert result.metadata["refs.platforms"] == (
        b'{"Platforms":[{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}}]}'
    )


def test_what_is_not_known_has_no_key() -> None:
    assert set(read(single(Part(AMD64, "r1", CONFIG))).metadata) == {"containerimage.config", "refs.platforms"}


def test_several_have_a_ref_each_and_keys_with_their_ids() -> None:
    result = read(several([Part(AMD64, "r1", CONFIG, base=BASE), Part(ARM, "", CONFIG, epoch=0)]))
    assert {key: ref.id for key, ref in result.refs.refs.items()} == {"linux/amd64": "r1", "linux/arm/v7": ""}
    assert set(result.metadata) == {
        *("containerimage.config/linux/amd64", "containerimage.config/linux/arm/v7"),
        *("containerimage.base.config/linux/amd64", "source.date.epoch/linux/arm/v7", "refs.platforms"),
    }
    assert platforms(result)["Platforms"][1] == {
        "ID": "linux/arm/v7",
        "Platform": {"architecture": "arm", "os": "linux", "variant": "v7"},
    }


def test_one_may_be_an_index_too() -> None:
    result = read(several([Part(AMD64, "r1", CONFIG)]))
    assert list(result.refs.refs) == ["linux/amd64"]


def test_windows_runs_on_the_version_of_its_base() -> None:
    config = {"os": "windows", "architecture": "amd64", "os.version": "10.0.1", "os.features": ["win32k"]}
    (found,) = platforms(read(single(Part(Platform("windows", "amd64"), "r", config))))["Platforms"]
    assert found["Platform"] == {
        "architecture": "amd64",
        "os": "windows",
        "os.version": "10.0.1",
        "os.features": ["win32k"],
    }


def test_attestations_are_by_platform() -> None:
    told = gw.Attestation.path.write("/a")
    attested = Part(AMD64, "r1", CONFIG)
    attested.attestations = [told, told]
    result = read(several([attested, Part(ARM, "r2", CONFIG)]))
    assert {key: [each.path for each in value.attestation] for key, value in result.attestations.items()} == {
        "linux/amd64": ["/a", "/a"]
    }


ANNOTATIONS = [
    annotation
    for text in (
        "manifest[linux/arm]:one=arm",
        "manifest[linux/amd64]:one=amd64",
        "one=all",
        "index,manifest-descriptor:two=a=b",
        "manifest[linux/s390x]:three=",
    )
    for annotation in parse(text)
]


def annotated(result: Any) -> dict[str, bytes]:
    return {key: value for key, value in result.metadata.items() if key.startswith("annotation")}


def test_annotations_of_one_platform_are_those_for_all_and_for_it_and_none_of_an_index() -> None:
    assert annotated(read(single(Part(ARM, "r1", CONFIG), ANNOTATIONS))) == {
        "annotation-manifest.one": b"arm",
        "annotation-manifest-descriptor.two": b"a=b",
    }


def test_annotations_of_several_platforms_name_those_that_there_are() -> None:
    assert annotated(read(several([Part(AMD64, "r1", CONFIG), Part(ARM, "r2", CONFIG)], ANNOTATIONS))) == {
        "annotation-manifest.one": b"all",
        "annotation-manifest[linux/amd64].one": b"amd64",
        "annotation-manifest[linux/arm/v7].one": b"arm",
        "annotation-index.two": b"a=b",
        "annotation-manifest-descriptor.two": b"a=b",
    }


def test_an_answer_has_metadata_and_no_ref() -> None:
    result = read(answer({"result.txt": b"text", "version": b"1.0.0"}))
    assert result.WhichOneof("result") is None
    assert dict(result.metadata) == {"result.txt": b"text", "version": b"1.0.0"}
