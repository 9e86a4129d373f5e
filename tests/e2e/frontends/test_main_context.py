"""The main context: a folder of the client with its ignore file, a repository, a download, what comes on stdin."""

from __future__ import annotations

import io
import tarfile
from typing import Literal, TypeAlias

import pytest

from tests.e2e.frontends.ways import WAYS, Builds, Way

pytestmark = pytest.mark.e2e

ALL = """\
from llbpy import Build, State, scratch, target

@target
def app(build: Build) -> State:
    return scratch().copy(build.context(), "/").write("/about", f"{build.revision}")
"""
TREE = {"kept": "1", "left.out": "2", "folder/kept": "3", "folder/left.out": "4", "folder/back.out": "5"}
IGNORED = "**/*.out\n!folder/back.out\nbuild.*\n.dockerignore\n"


# A folder of the client ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_the_ignore_file_says_what_is_left_out(builds: Builds, way: Way) -> None:
    built = builds.export(builds.write(ALL, {**TREE, ".dockerignore": IGNORED}), way=way)
    assert built.names == ["about", "folder/back.out", "folder/kept", "kept"]


def test_the_build_files_own_ignore_file_counts_in_place_of_the_folders(builds: Builds) -> None:
    others = {**TREE, ".dockerignore": IGNORED, "build.py.dockerignore": "folder\nbuild.*\n.*\n"}
    assert builds.export(builds.write(ALL, others)).names == ["about", "kept", "left.out"]
    others["build.py.dockerignore"] = ""
    assert {"left.out", "folder/left.out"} <= {*builds.export(builds.write(ALL, others)).names}


def test_patterns_of_the_build_file_come_on_top(builds: Builds) -> None:
    text = ALL.replace("build.context()", 'build.context(include=["folder", "left.out"], exclude=["**/back*"])')
    built = builds.export(builds.write(text, {**TREE, ".dockerignore": "left.out\n"}))
    assert built.names == ["about", "folder/kept", "folder/left.out"]


def test_the_build_file_may_lie_in_a_folder_of_its_own(builds: Builds) -> None:
    folder = builds.write(ALL, {"src/file": "1"}, name="ci/build.py")
    words = [f"--file={folder / 'ci' / 'build.py'}", str(folder / "src")]
    assert builds.typed(*words).names == ["about", "file"]


# A repository -------------------------------------------------------------------------------------------------------------


class Remote:
    """A repository with a build file in a folder; the first commit has the tag v1."""

    def __init__(self, builds: Builds, url: str) -> None:
        text = f"# syntax={builds.frontend}\n{ALL}"
        repository = builds.repository()
        self.first = repository.commit({"sub/build.py": text, "sub/file": "first", "sub/.dockerignore": "file"})
        repository.git("tag", "v1")
        self.second = repository.commit({"sub/file": "second", "outside": ""})
        self.url = f"{url}/{builds.salt}"


@pytest.fixture
def remote(builds: Builds, remotes: str) -> Remote:
    return Remote(builds, remotes)


@pytest.mark.parametrize("through", ["gateway.v0", "dockerfile.v0"])
def test_a_repository_brings_the_build_file_along(builds: Builds, remote: Remote, through: str) -> None:
    built = builds.elsewhere(f"{remote.url}#v1:sub", "filename=build.py", through=through)
    assert built.names == [".dockerignore", "about", "build.py", "file"]  # ignore files are for folders of the client
    assert (built.text("file"), built.text("about")) == ("first", remote.first)
    assert builds.elsewhere(remote.url, "filename=sub/build.py").text("about") == remote.second
    assert builds.elsewhere(f"{remote.url}#main", "contextsubdir=sub", "filename=sub/build.py").text("file") == "second"


def test_buildx_builds_a_repository(builds: Builds, remote: Remote) -> None:
    built = builds.typed("--file=build.py", f"{remote.url}#main:sub")
    assert (built.text("file"), built.text("about")) == ("second", remote.second)


def test_a_repository_keeps_its_git_folder_if_asked(builds: Builds, remote: Remote) -> None:
    options = ("filename=sub/build.py", "build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR=1")
    assert ".git/HEAD" in builds.elsewhere(remote.url, *options).names


# A download ---------------------------------------------------------------------------------------------------------------


Mode: TypeAlias = Literal["w:", "w:gz", "w:xz"]
MODES: dict[str, Mode] = {"context.tar": "w:", "context.tar.gz": "w:gz", "context.tar.xz": "w:xz"}


def archived(files: dict[str, str], mode: Mode = "w:gz") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return data.getvalue()


@pytest.fixture
def downloads(builds: Builds, web: str) -> str:
    """The URL of archives and of a build file."""
    root, text = builds.folder / "web", f"# syntax={builds.frontend}\n{ALL}"
    root.mkdir()
    for name, mode in MODES.items():
        (root / name).write_bytes(archived({"build.py": text, "sub/build.py": text, "sub/file": mode}, mode))
    (root / "alone").write_text(text)
    return web


@pytest.mark.parametrize("name", MODES)
def test_an_archive_is_downloaded_and_unpacked(builds: Builds, downloads: str, name: str) -> None:
    built = builds.elsewhere(f"{downloads}/{name}", "filename=build.py")
    assert built.names == ["about", "build.py", "sub/build.py", "sub/file"]
    options = ("contextsubdir=sub", "filename=sub/build.py")
    assert builds.elsewhere(f"{downloads}/{name}", *options).names == ["about", "build.py", "file"]


def test_a_download_can_be_the_build_file_alone(builds: Builds, downloads: str) -> None:
    assert builds.elsewhere(f"{downloads}/alone").names == ["about", "context"]


# stdin --------------------------------------------------------------------------------------------------------------------


def test_an_archive_comes_on_stdin(builds: Builds) -> None:
    data = archived({"build.py": f"# syntax={builds.frontend}\n{ALL}", "sub/file": ""})
    assert builds.typed("--file=build.py", "-", input=data).names == ["about", "build.py", "sub/file"]


def test_a_build_file_alone_comes_on_stdin_and_has_an_empty_context(builds: Builds) -> None:
    text = f"# syntax={builds.frontend}\n{ALL}"
    assert builds.typed("-", input=text.encode()).names == ["about"]


def test_a_build_file_comes_on_stdin_beside_a_folder(builds: Builds) -> None:
    text = f"# syntax={builds.frontend}\n{ALL}"
    folder = builds.files({"file": "", "ignored": "", ".dockerignore": "ignored\n.*"})
    assert builds.typed("--file=-", str(folder), input=text.encode()).names == ["about", "file"]
