"""What only newer daemons can do: it works on them, and an older one gets a line that says so, at the line that asks for it."""

from __future__ import annotations

import pytest

from llbpy.gateway.capabilities import LATER
from tests.e2e.bed import marked
from tests.e2e.frontends.ways import Builds

pytestmark = pytest.mark.compat

FEATURES = {
    "file.copy.alwaysreplaceexistingdestpaths": 'scratch().mkdir("/to/a/b").copy(files["/from"], "/to", replace=True)',
    "file.copy.modestring": 'scratch().copy(files["/from"], "/", mode="go-r")',
    "exec.validexitcode": 'image("busybox").run("exit 3", exit_codes=[3])',
    "file.symlink.create": 'files.symlink("/from/a", "/link")',
    "exec.meta.cdi": 'image("busybox").run("true", mounts=[device("example.com/none=any", optional=True)])',
    "source.http.auth": 'http(f"{web}/private/file", auth_header_secret="header")',
    "source.http.header": 'http(f"{web}/file", accept="text/plain")',
    "source.local.metadatatransfer": 'local("context", metadata_only=True)',
    "source.git.checksum": 'git(remote, "main", checksum=commit)',
    "source.git.skipsubmodules": 'git(remote, "main", submodules=False)',
    "source.image.checksum": 'image("busybox", checksum=build.resolve("busybox").digest)',
    "file.copy.requiredpaths": 'scratch().copy(files["/from"], "/", required=["a"])',
    "source.git.mtime": 'git(remote, "main", mtime="commit")',
    "source.git.fetchbycommit": "git(remote, commit, fetch_by_commit=True)",
    "exec.meta.linux.resources": 'image("busybox").run("true", resources=Resources(memory=1 << 26))',
    "passthroughop": 'files.requires(image("busybox").run("true"))',
}
"""A line that needs a capability."""
WITHOUT_WORDS = {
    "exec.meta.network.proxy",
    "source.git.bundle",
    "source.git.checkoutbundle",
    "source.git.signatureverify",
    "source.http.signatureverify",
    "source.imageblob",
}
"""Capabilities that only `source()` and definitions of others can need."""
BUILD_FILE = """\
from llbpy import Build, Resources, State, device, git, http, image, local, scratch, target

@target
def app(build: Build, web: str, remote: str, commit: str) -> State:
    files = scratch().mkdir("/from").write("/from/a", "a")
    return {line}
"""


@pytest.fixture
def builds(older: Builds) -> Builds:
    return older


@pytest.fixture
def options(builds: Builds, web: str, remotes: str) -> list[str]:
    """The arguments of the build file: where there is a file, a repository, and its commit."""
    commit = builds.repository().commit({"file": "text"})
    private = builds.folder / "web" / "private"
    private.mkdir(parents=True)
    for folder in (private.parent, private):
        (folder / "file").write_text("text")
    return [f"build-arg:web={web}", f"build-arg:remote={remotes}/{builds.salt}", f"build-arg:commit={commit}"]


@pytest.mark.parametrize("capability", FEATURES)
def test_it_works_or_is_refused_with_the_version_that_has_it(
    builds: Builds, older_daemon: tuple[str, str], options: list[str], capability: str
) -> None:
    since, feature = LATER[capability]
    line = f"return {FEATURES[capability]}"
    folder, words = builds.write(BUILD_FILE.format(line=FEATURES[capability])), secret(builds)
    if version(older_daemon[0].removeprefix("buildkitd-")) >= version(since):
        builds.export(folder, *options, words=words)
        return
    said = builds.fails(folder, *options, words=words)
    message = f"{feature} needs BuildKit {since} or newer, and this daemon is older (it lacks {capability})"
    assert said.splitlines()[-1].endswith(f": build.py:7: {message}")
    assert marked(said) == [line]


def test_every_capability_that_a_build_file_can_name_is_tried_here() -> None:
    assert {*FEATURES} == {*LATER} - WITHOUT_WORDS


def version(text: str) -> tuple[int, ...]:
    """0.13.2 or v0.14 as something that can be compared."""
    return tuple(int(number) for number in text.removeprefix("v").split("."))


def secret(builds: Builds) -> list[str]:
    file = builds.folder / "header"
    file.write_text("Bearer open")
    return [f"--secret=id=header,src={file}"]
