"""Secrets and ssh agents: there for a command, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from uuid import uuid4

import pytest

from llbpy import State, image, output, secret, ssh, target
from tests.e2e import agents
from tests.e2e.bed import Bed, busybox, marked
from tests.e2e.oci import Image

pytestmark = pytest.mark.e2e

OUT = output("/out")


@target
def with_secrets(salt: str) -> State:
    """Commands that use secrets in each way, and leave only what may be known."""
    mounts = [
        secret("file"),
        secret("owned", target="/etc/owned", owner=(1000, 1001), mode=0o440),
        secret("variable", env="TOKEN"),
    ]
    return busybox(salt).run(
        """
        { cat /run/secrets/file; echo; cat /etc/owned; echo; echo "$TOKEN"; } | md5sum > /sums
        stat -c '%n %u:%g %a' /run/secrets/file /etc/owned > /modes
        """,
        mounts=mounts,
    )


class Secret:
    """A value that stands in no source, as those are part of a definition; and the options that give it in each way."""

    def __init__(self, folder: Path) -> None:
        self.value = uuid4().hex
        path = folder / "value"
        path.write_text(self.value)
        ids = {"file": f"src={path}", "owned": f"src={path}", "variable": "env=LLBPY_E2E_VALUE"}
        self.options = [f"--secret=id={id},{place}" for id, place in ids.items()]


@pytest.fixture
def given(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> Secret:
    given = Secret(bed.folder)
    monkeypatch.setenv("LLBPY_E2E_VALUE", given.value)
    return given


def test_secrets_are_files_and_variables_of_a_command(bed: Bed, given: Secret) -> None:
    built = bed.build(with_secrets, *given.options)
    assert built.text("sums").split()[0] == md5(f"{given.value}\n".encode() * 3).hexdigest()
    assert built.text("modes").splitlines() == ["/run/secrets/file 0:0 400", "/etc/owned 1000:1001 440"]


def test_no_secret_is_in_the_definition_the_progress_or_any_blob_of_the_image(bed: Bed, given: Secret) -> None:
    definition, value = bed.dump(with_secrets), given.value.encode()
    built = bed.build(definition, *given.options)
    archive = bed.archive(with_secrets, *given.options)
    image = Image.from_archive(archive)
    assert any("modes" in layer.files for layer in image.layers)
    for data in (definition, built.progress.encode(), archive.read_bytes(), *[layer.tar for layer in image.layers]):
        assert value not in data


@target
def with_optional(salt: str, optional: bool) -> State:
    script = 'ls /run/secrets/gone > /out/seen 2>&1; echo "<$UNSET>" >> /out/seen'
    ran = busybox(salt).run(
        script, mounts=[secret("gone", optional=optional), secret("unset", env="UNSET", optional=True), OUT]
    )
    return ran.output("/out")


def test_an_optional_secret_may_be_missing(bed: Bed) -> None:
    seen = bed.build(with_optional, optional="true").text("seen")
    assert "No such file or directory" in seen
    assert seen.endswith("<>")


def test_another_missing_secret_fails_the_build_at_its_line(bed: Bed) -> None:
    progress = bed.failure(with_optional, optional="false")
    assert progress.endswith("secret gone: not found\n")
    assert any(line.startswith("ran = busybox(salt).run(") for line in marked(progress))


@target
def asking_agent(salt: str, id: str, place: str | None = None) -> State:
    """Asks the forwarded agent which keys it has, in its own protocol."""
    base = image("python:3.11-slim", inherit=False).env(SALT=salt)
    return base.run(["python3", "-c", agents.ASK], mounts=[ssh(id, target=place), OUT]).output("/out")


@pytest.fixture
def agent(bed: Bed) -> Iterator[Path]:
    """The socket of an agent of this test, with one key, whose comment is the salt."""
    yield from agents.running(bed.folder, bed.salt)


def test_a_command_talks_to_the_clients_ssh_agent(bed: Bed, agent: Path) -> None:
    head, comment = bed.build(asking_agent, f"--ssh=default={agent}", id="default").text("agent").splitlines()
    assert head == "12 1 /run/buildkit/ssh_agent.0"
    assert comment == bed.salt


def test_an_agent_can_have_an_id_and_a_place(bed: Bed, agent: Path) -> None:
    built = bed.build(asking_agent, f"--ssh=deploy={agent}", id="deploy", place="/agent")
    assert built.text("agent").splitlines() == ["12 1 /agent", bed.salt]


def test_an_agent_that_is_not_offered_fails_the_build(bed: Bed) -> None:
    assert "deploy" in bed.failure(asking_agent, id="deploy").rpartition("error: ")[2]
