"""Secrets and ssh agents by every way: there for a command, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e import agents
from tests.e2e.frontends.ways import WAYS, Builds, Way

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("way", WAYS)]

SECRETS = """\
from llbpy import State, image, secret, target

@target
def app(salt: str) -> State:
    return image("busybox").env(SALT=salt).run(
        'cat /run/secrets/file; echo "$TOKEN"; { cat /run/secrets/file; echo "$TOKEN"; } | md5sum > /sum',
        mounts=[secret("file"), secret("variable", env="TOKEN")],
    )
"""


def test_secrets_are_there_for_a_command_and_not_in_its_image(
    builds: Builds, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = uuid4().hex
    file = builds.folder / "value"
    file.write_text(f"{value}\n")
    monkeypatch.setenv("LLBPY_E2E_VALUE", value)
    words = [f"--secret=id=file,src={file}", "--secret=id=variable,env=LLBPY_E2E_VALUE"]
    image = builds.archive(builds.write(SECRETS), f"build-arg:salt={builds.salt}", way=way, words=words).only
    assert image.text("sum").split()[0] == md5(f"{value}\n{value}\n".encode()).hexdigest()
    assert value not in str(image.config)
    assert not [layer.files for layer in image.layers if value.encode() in layer.tar]


AGENT = """\
from llbpy import State, image, output, ssh, target

@target
def app(salt: str, program: str) -> State:
    asked = image("python:3.11-slim").env(SALT=salt).run(["python3", "-c", program], mounts=[ssh(), output("/out")])
    return asked.output("/out")
"""


@pytest.fixture
def agent(builds: Builds) -> Iterator[Path]:
    """The socket of an agent of this test, with one key, whose comment is the salt."""
    yield from agents.running(builds.folder, builds.salt)


def test_a_command_talks_to_the_clients_ssh_agent(builds: Builds, way: Way, agent: Path) -> None:
    options = (f"build-arg:salt={builds.salt}", f"build-arg:program={agents.ASK}")
    built = builds.export(builds.write(AGENT), *options, way=way, words=[f"--ssh=default={agent}"])
    assert built.text("agent").splitlines() == ["12 1 /run/buildkit/ssh_agent.0", builds.salt]
