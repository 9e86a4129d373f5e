"""The scan for an SBOM that covers more than the result."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import OptionError, local, scratch
from llbpy.gateway.attest import Extras, Scanner, attestation
from llbpy.graph import messages as pb
from llbpy.proto import gateway_pb2
from tests.gateway.daemon import Answer, Daemon
from tests.gateway.opened import AMD64, DIGEST, inquiry, options

GENERATOR = "docker-image://docker.io/docker/buildkit-syft-scanner:stable-1"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((), False),
        (("attest:sbom=",), False),
        (("attest:sbom=", "build-arg:BUILDKIT_SBOM_SCAN_CONTEXT=false"), False),
        (("attest:sbom=", "build-arg:BUILDKIT_SBOM_SCAN_STAGE=false"), False),
        (("build-arg:BUILDKIT_SBOM_SCAN_CONTEXT=true",), False),
        (("attest:sbom=", "build-arg:BUILDKIT_SBOM_SCAN_CONTEXT=true"), True),
        (("attest:sbom=", "build-arg:BUILDKIT_SBOM_SCAN_STAGE=true"), True),
        (("attest:sbom=", "build-arg:BUILDKIT_SBOM_SCAN_STAGE=app,web"), True),
    ],
)
def test_it_is_left_to_the_daemon_unless_more_is_to_be_scanned(given: tuple[str, ...], wanted: bool) -> None:
    assert bool(Extras(options(*given))) is wanted


def test_targets_are_named() -> None:
    extras = Extras(options("attest:sbom=", "build-arg:BUILDKIT_SBOM_SCAN_STAGE=app, web"))
    assert (extras.targets, extras.every, extras.context) == (("app", "web"), False, False)


def scanning(config: Any) -> Daemon:
    daemon = Daemon()
    daemon.known = {GENERATOR: Answer(DIGEST, config)}
    return daemon


def test_the_scanner_finds_what_it_expects() -> None:
    config = {"config": {"Entrypoint": ["/scan"], "Cmd": ["-v"], "Env": ["A=1"], "WorkingDir": "/w"}}
    asking = inquiry(scanning(config))
    scanner = Scanner(options("attest:sbom=level=2"), asking, AMD64)
    scan = scanner.scan(scratch().write("/app", ""), {"context": local("context")}, "linux/amd64")
    (definition,) = asking.marshal([(scan, AMD64)])
    ops = [pb.Op.decode(op) for op in definition.ops]
    (run,) = [op["exec"] for op in ops if "exec" in op]
    assert run["meta"]["args"] == ["/scan", "-v"]
    assert run["meta"]["cwd"] == "/w"
    assert set(run["meta"]["env"]) >= {
        *("A=1", "BUILDKIT_SCAN_DESTINATION=/run/out/", "BUILDKIT_SCAN_SOURCE=/run/src/core/sbom"),
        *("BUILDKIT_SCAN_SOURCE_EXTRAS=/run/src/extras/", "BUILDKIT_SCAN_level=2"),
    }
    mounts = {mount["dest"]: mount.get("readonly", False) for mount in run["mounts"]}
    assert mounts == {
        "/": False,
        "/tmp": False,
        "/run/out": False,
        "/run/src/core/sbom": True,
        "/run/src/extras/sbom-context": True,
    }
    name = definition.metadata[definition.digests[-2]].description
    assert name == {
        "llb.customname": f"[linux/amd64] generating sbom using {GENERATOR.removeprefix('docker-image://')}"
    }


def test_an_image_with_nothing_to_run_is_no_scanner() -> None:
    with pytest.raises(OptionError, match="has no command to run"):
        Scanner(options("attest:sbom="), inquiry(scanning({"config": {}})), AMD64)


def test_what_it_left_is_a_bundle_of_spdx_statements() -> None:
    told = gateway_pb2.Attestation()
    told.ParseFromString(attestation("r1"))
    assert (told.kind, told.ref.id, told.inTotoPredicateType) == (1, "r1", "https://spdx.dev/Document")
    assert dict(told.metadata) == {"reason": b"sbom", "sbom-core": b"sbom"}
