"""Attestations by every way: what a scanner says of the result, and what it was made of."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from tests.e2e.frontends.test_platforms import BOTH, MACHINE, salt
from tests.e2e.frontends.ways import WAYS, Builds, Way

pytestmark = pytest.mark.e2e

SCANNER = """\
import json
from llbpy import State, image, target

@target
def scanner(salt: str) -> State:
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://spdx.dev/Document",
        "predicate": {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": salt},
    }
    script = "test -e $BUILDKIT_SCAN_SOURCE/machine && cp /statement $BUILDKIT_SCAN_DESTINATION/scan.spdx.json"
    return image("busybox").write("/statement", json.dumps(statement)).config(entrypoint=["sh", "-c"], cmd=[script])
"""
SPDX = "https://spdx.dev/Document"
SLSA = "https://slsa.dev/provenance/v1"


def predicates(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {statement["predicateType"]: statement["predicate"] for statement in statements}


@pytest.mark.parametrize("way", WAYS)
def test_what_a_scanner_says_is_attested_of_each_platform(builds: Builds, way: Way) -> None:
    scanner = builds.push(builds.write(SCANNER), salt(builds))
    made = builds.archive(builds.write(MACHINE), BOTH, salt(builds), f"attest:sbom=generator={scanner}", way=way)
    said = {platform: predicates(statements)[SPDX]["name"] for platform, statements in made.statements.items()}
    assert said == {"linux/amd64": builds.salt, "linux/arm64": builds.salt}


@pytest.mark.parametrize("way", WAYS)
def test_provenance_has_the_build_file_and_what_it_was_made_of(builds: Builds, way: Way) -> None:
    folder = builds.write(MACHINE)
    made = builds.archive(folder, salt(builds), "attest:provenance=mode=max", way=way)
    found = predicates(made.statements["linux/amd64"])[SLSA]
    uris = " ".join(material["uri"] for material in found["buildDefinition"]["resolvedDependencies"])
    assert "pkg:docker/busybox@latest?platform=linux%2Famd64" in uris
    assert "/llbpy/llbpy@e2e-" in uris
    source = found["runDetails"]["metadata"]["buildkit_metadata"]["source"]
    (info,) = source["infos"]
    assert (info["filename"], b64decode(info["data"]).decode()) == ("build.py", (folder / "build.py").read_text())
    steps = {
        step["id"]: step for step in found["buildDefinition"]["internalParameters"]["buildConfig"]["llbDefinition"]
    }
    (command,) = [id for id, step in steps.items() if "exec" in step["op"]["Op"]]
    (place,) = source["locations"][command]["locations"]
    assert place["ranges"][0]["start"]["line"] == 8
