"""What a build with full provenance says of itself: the files that its steps come from, its arguments, and no secret."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.frontends.ways import Builds

pytestmark = pytest.mark.e2e

BUILD_FILE = """\
import unused
from common import greeted
from llbpy import Build, State, target

@target
def app(build: Build, salt: str) -> State:
    return greeted(salt).copy(build.context(), "/context")
"""
COMMON = """\
from llbpy import State, image, secret

def greeted(salt: str) -> State:
    return image("busybox").run(f"echo {salt}; test -s /run/secrets/key", mounts=[secret("key")])
"""
OTHERS = {
    "common.py": COMMON,
    "unused.py": "TEXT = 'imported, and no step comes from it'\n",
    "beside.py": "TEXT = 'not imported'\n",
    ".dockerignore": "*.py\n# ignored\n",
    "data.txt": "data of the context\n",
}


def provenance(builds: Builds, key: str, mode: str) -> dict[str, Any]:
    """What is attested of a build whose secret is `key`."""
    file = builds.fresh()
    file.write_text(key)
    options = (f"build-arg:salt={builds.salt}", f"attest:provenance=mode={mode}")
    made = builds.archive(builds.write(BUILD_FILE, OTHERS), *options, words=[f"--secret=id=key,src={file}"])
    ((statement,),) = made.statements.values()
    assert key not in f"{statement}{made.only.config}"
    predicate: dict[str, Any] = statement["predicate"]
    return predicate


def test_full_provenance_has_the_files_that_steps_come_from_and_the_arguments(builds: Builds) -> None:
    found = provenance(builds, uuid4().hex, "max")
    source = found["runDetails"]["metadata"]["buildkit_metadata"]["source"]
    texts = {info["filename"]: b64decode(info["data"]).decode() for info in source["infos"]}
    assert texts.keys() == {"build.py", "common.py"}
    assert texts["build.py"].endswith(BUILD_FILE)
    assert texts["common.py"] == COMMON
    assert builds.salt in json.dumps(found["buildDefinition"]["externalParameters"])
    others = [text.strip() for name, text in OTHERS.items() if name != "common.py"]
    assert [text for text in others if text in f"{texts}{found}"] == []


def test_minimal_provenance_has_neither(builds: Builds) -> None:
    found = provenance(builds, uuid4().hex, "min")
    assert "source" not in found["runDetails"]["metadata"].get("buildkit_metadata", {})
    assert builds.salt not in json.dumps(found)
