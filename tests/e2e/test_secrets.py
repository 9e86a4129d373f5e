"""Secrets and ssh agents: there for a command, and nowhere else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from llbpy import State, image, output, secret, ssh, target
from tests.e2e.bed import Bed, busybox

pytestmark = pytest.mark.e2e

VALUE = "correct-horse-battery-staple"
OUT = output("/out")


@target
def with_secrets(salt: str) -> State:
    """Commands that use secrets in each way, and leave only what may be known."""
    mounts = [secret("file"), secret("owned", target="/etc/owned", owner=(1000, 1001), mode=0o440), secret("variable", env="TOKEN")]
    return busybox(salt).run(
        """
        { cat /run/secrets/file; echo; cat /etc/owned; echo; echo "$TOKEN"; } | md5sum > /sums
        stat -c '%n %u:%g %a' /run/secrets/file /etc/owned > /modes
        """,
        mounts=mounts,
    )


@pytest.fixture
def secrets(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Options that give the value in each way that buildctl knows."""
    monkeypatch.setenv("LLBPY_E2E_VALUE", VALUE)
    path = bed.folder / "value"
    path.write_text(VALUE)
    return [f"--secret=id=file,src={path}", "--secret=id=owned,env=LLBPY_E2E_VALUE", "--secret=id=variable,env=LLBPY_E2E_VALUE"]


def test_secrets_are_files_and_variables_of_a_command(bed: Bed, secrets: list[str]) -> None:
    built = bed.build(with_secrets, *secrets)
    known = subprocess.run(["md5sum"], input=f"{VALUE}\n" * 3, capture_output=True, text=True, check=True)
    assert built.text("sums") == known.stdout.strip()
    assert built.text("modes").splitlines() == ["/run/secrets/file 0:0 400", "/etc/owned 1000:1001 440"]


def test_no_secret_is_in_the_definition_the_progress_or_any_blob_of_the_image(bed: Bed, secrets: list[str]) -> None:
    definition = bed.dump(with_secrets)
    built = bed.build(definition, *secrets)
    image = bed.image(with_secrets, *secrets)
    assert VALUE.encode() not in definition
    assert VALUE not in built.progress
    assert VALUE not in str(image.config)
    assert image.layers
    assert not any(VALUE.encode() in layer.data for layer in image.layers)
    assert not any("owned" in layer.files for layer in image.layers)


@target
def with_optional(salt: str, optional: bool) -> State:
    mounts = [secret("gone", optional=optional), secret("unset", env="UNSET", optional=optional), OUT]
    return busybox(salt).run('ls /run/secrets/gone > /out/seen 2>&1; echo "${UNSET-unset}" >> /out/seen', mounts=mounts).output("/out")


def test_an_optional_secret_may_be_missing(bed: Bed) -> None:
    seen = bed.build(with_optional, optional="true").text("seen")
    assert "No such file or directory" in seen
    assert seen.endswith("unset")


def test_another_missing_secret_fails_the_build_at_its_line(bed: Bed) -> None:
    progress = bed.failure(with_optional, optional="false")
    assert "secret unset: not found" in progress or "secret gone: not found" in progress
    assert ">>>     return busybox(salt).run('ls /run/secrets/gone" in progress


ASK_AGENT = """
import os, socket, struct
with socket.socket(socket.AF_UNIX) as agent:
    agent.connect(os.environ["SSH_AUTH_SOCK"])
    agent.sendall(struct.pack(">IB", 1, 11))  # SSH_AGENTC_REQUEST_IDENTITIES
    (length,) = struct.unpack(">I", agent.recv(4, socket.MSG_WAITALL))
    answer = agent.recv(length, socket.MSG_WAITALL)
kind, count = struct.unpack(">BI", answer[:5])
fields, rest = [], answer[5:]
while rest:
    (length,) = struct.unpack(">I", rest[:4])
    fields.append(rest[4 : 4 + length])
    rest = rest[4 + length :]
with open("/out/agent", "w") as out:
    print(kind, count, os.environ["SSH_AUTH_SOCK"], file=out)
    print(*[comment.decode() for comment in fields[1::2]], sep="\\n", file=out)
"""


@target
def asking_agent(salt: str, id: str, place: str | None = None) -> State:
    """Asks the forwarded agent which keys it has, in its own protocol."""
    base = image("python:3.11-slim", inherit=False).env(SALT=salt)
    return base.run(["python3", "-c", ASK_AGENT], mounts=[ssh(id, target=place), OUT]).output("/out")


@pytest.fixture
def agent(bed: Bed) -> Iterator[Path]:
    """The socket of an agent of this test, with one key, whose comment is the salt."""
    socket, key = bed.folder / "agent.sock", bed.folder / "key"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # it says where it listens once it does
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", bed.salt, "-f", key], check=True)
    subprocess.run(["ssh-add", "-q", key], env={**os.environ, "SSH_AUTH_SOCK": str(socket)}, check=True)
    yield socket
    process.terminate()
    process.communicate(timeout=10)


def test_a_command_talks_to_the_clients_ssh_agent(bed: Bed, agent: Path) -> None:
    head, comment = bed.build(asking_agent, f"--ssh=default={agent}", id="default").text("agent").splitlines()
    assert head == "12 1 /run/buildkit/ssh_agent.0"
    assert comment == bed.salt


def test_an_agent_can_have_an_id_and_a_place(bed: Bed, agent: Path) -> None:
    built = bed.build(asking_agent, f"--ssh=deploy={agent}", id="deploy", place="/agent")
    assert built.text("agent").splitlines() == ["12 1 /agent", bed.salt]


def test_an_agent_that_is_not_offered_fails_the_build(bed: Bed) -> None:
    assert "deploy" in bed.failure(asking_agent, id="deploy").rpartition("error: ")[2]
