"""An SBOM that covers what a result was made of, too."""

from __future__ import annotations

import pytest

from tests.e2e.frontends.ways import Builds

pytestmark = pytest.mark.e2e

SCANNER = r"""
import json
from llbpy import State, image, target

SCRIPT = '''
found=$(cd /run/src && find . -name "*-mark" | sort | tr "\\n" " ")
sed "s|FOUND|$found|" /statement > $BUILDKIT_SCAN_DESTINATION/scan.spdx.json
'''

@target
def scanner() -> State:
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://spdx.dev/Document",
        "predicate": {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "FOUND"},
    }
    return image("busybox").write("/statement", json.dumps(statement)).config(entrypoint=["sh", "-c", SCRIPT])
"""
BUILD = """
from llbpy import Build, State, scratch, target

@target(default=True)
def app() -> State:
    return scratch().write("/result-mark", "")

@target
def tools() -> State:
    return scratch().write("/tools-mark", "")
"""


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ([], ["core/sbom/result-mark"]),
        (["build-arg:BUILDKIT_SBOM_SCAN_CONTEXT=true"], ["core/sbom/result-mark", "extras/sbom-context/context-mark"]),
        (["build-arg:BUILDKIT_SBOM_SCAN_STAGE=tools"], ["core/sbom/result-mark", "extras/sbom-tools/tools-mark"]),
    ],
)
def test_a_scanner_is_given_the_result_and_what_was_asked_for(
    builds: Builds, more: list[str], found: list[str]
) -> None:
    scanner = builds.push(builds.write(SCANNER))
    folder = builds.write(BUILD, {"context-mark": ""})
    made = builds.archive(folder, f"attest:sbom=generator={scanner}", *more)
    (statement,) = made.statements["linux/amd64"]
    assert [path.removeprefix("./") for path in statement["predicate"]["name"].split()] == found
