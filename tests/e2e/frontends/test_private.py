"""Repositories that want a token: the client's secret opens them, as main context, as named one, and as a source."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.e2e import servers
from tests.e2e.frontends.ways import Builds, Way, buildx, gateway, run

pytestmark = pytest.mark.e2e

ABOUT = """\
from llbpy import Build, State, scratch, target

@target
def app(build: Build) -> State:
    return scratch().copy(build.context()["file"], "/").write("/about", f"{build.revision} {build.epoch}")
"""
USING = """\
from llbpy import Build, State, git, scratch, target

@target
def app(build: Build, url: str) -> State:
    return scratch().copy(build.named_context("named")["file"], "/named").copy(git(url)["file"], "/source")
"""
EPOCH = 1_600_000_000
TOKEN = uuid4().hex


class Private:
    """A repository with a build file and a file that has the salt."""

    def __init__(self, builds: Builds, server: str) -> None:
        text = f"# syntax={builds.frontend}\n{ABOUT}"
        dockerfile = "FROM scratch\nCOPY file /\n"
        self.commit = builds.repository().commit({"build.py": text, "file": builds.salt, "Dockerfile": dockerfile})
        self.url = f"{server}/{builds.salt}/.git"


@pytest.fixture
def private(builds: Builds, monkeypatch: pytest.MonkeyPatch) -> Iterator[Private]:
    """The token is in the environment of clients, as TOKEN."""
    monkeypatch.setenv("TOKEN", TOKEN)
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{EPOCH} +0200")
    for server in servers.private_repositories(builds.folder / "git", TOKEN):
        yield Private(builds, server)


def secret(name: str) -> str:
    return f"--secret=id={name},env=TOKEN"


@pytest.mark.parametrize("through", ["gateway.v0", "dockerfile.v0"])
def test_the_clients_token_opens_the_main_context(builds: Builds, private: Private, through: str) -> None:
    options = ("filename=build.py", "build-arg:SOURCE_DATE_EPOCH=context")
    built = builds.elsewhere(private.url, *options, through=through, words=[secret("GIT_AUTH_TOKEN")])
    assert (built.text("file"), built.text("about")) == (builds.salt, f"{private.commit} {EPOCH}")
    assert TOKEN not in built.progress


def test_a_token_may_be_for_one_host(builds: Builds, private: Private) -> None:
    words = [secret(f"GIT_AUTH_TOKEN.{urlsplit(private.url).netloc}")]
    assert builds.elsewhere(private.url, "filename=build.py", words=words).text("file") == builds.salt


def test_buildx_hands_the_token_on(builds: Builds, private: Private) -> None:
    assert builds.typed("--file=build.py", secret("GIT_AUTH_TOKEN"), private.url).text("file") == builds.salt


@pytest.mark.parametrize("way", [gateway, buildx])
def test_named_contexts_and_sources_are_opened_too(builds: Builds, private: Private, way: Way) -> None:
    options = (f"context:named={private.url}", f"build-arg:url={private.url}")
    built = builds.export(builds.write(USING), *options, way=way, words=[secret("GIT_AUTH_TOKEN")])
    assert (built.text("named"), built.text("source")) == (builds.salt, builds.salt)


def test_without_the_token_it_is_said_as_for_a_dockerfile(builds: Builds, private: Private) -> None:
    ours = builds.elsewhere(private.url, "filename=build.py", code=1).progress
    theirs = run(1, "buildctl", "build", "--progress=plain", "--frontend=dockerfile.v0", f"--opt=context={private.url}")
    assert "could not read Username" in ours
    assert ours.splitlines()[-1] == theirs.splitlines()[-1]
