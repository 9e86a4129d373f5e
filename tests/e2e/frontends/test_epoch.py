"""SOURCE_DATE_EPOCH: a number, or the name of a context whose age it is; images come out the same each time."""

from __future__ import annotations

import io
import os
import tarfile
from datetime import UTC, datetime
from typing import Literal

import pytest

from tests.e2e.frontends.ways import Builds, buildx, run
from tests.e2e.oci import Archive

pytestmark = pytest.mark.e2e

AGED = """\
from llbpy import Build, State, image, target

@target
def app(build: Build) -> State:
    made = image("busybox").run("date > /date; rm /date; echo 1 > /made").write("/epoch", f"{build.epoch}")
    return made.copy(build.context(include=["file"]), "/")
"""
EPOCH = 1_600_000_000
WHEN = "2020-09-13T12:26:40Z"


def test_an_image_is_the_same_each_time_it_is_built_anew(builds: Builds) -> None:
    def made() -> Archive:
        folder, out = builds.write(AGED, {"file": "1"}), builds.fresh().with_suffix(".tar")
        words = ["--no-cache", f"--output=type=oci,dest={out},rewrite-timestamp=true"]
        builds.done(folder, f"build-arg:SOURCE_DATE_EPOCH={EPOCH}", words=words)
        return Archive.read(out)

    first, second = made(), made()
    assert first.digest == second.digest
    config = first.only.config
    assert (config["created"], first.only.text("epoch")) == (WHEN, f"{EPOCH}")
    own = [entry for entry in config["history"] if entry.get("comment") == "llbpy"]
    assert {entry["created"] for entry in own} == {WHEN}
    times = {entry.mtime for layer in first.only.layers[1:] for entry in layer.entries.values()}
    assert times == {EPOCH}


def test_without_one_the_image_is_of_now(builds: Builds) -> None:
    archive = builds.archive(builds.write(AGED, {"file": "1"}), words=["--no-cache"])
    created = datetime.fromisoformat(archive.only.config["created"])
    assert abs((datetime.now(UTC) - created).total_seconds()) < 600
    assert archive.only.text("epoch") == "None"


def test_it_comes_from_the_environment_of_buildx(builds: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", f"{EPOCH}")
    archive = builds.archive(builds.write(AGED, {"file": "1"}), way=buildx)
    assert archive.only.config["created"] == WHEN


def test_the_context_can_be_what_is_as_old(builds: Builds, remotes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{EPOCH} +0200")
    builds.repository().commit({"build.py": AGED, "file": "1"})
    ref = f"{builds.registry}/e2e/{builds.salt}"
    output = f"--output=type=image,name={ref},push=true"
    builds.elsewhere(
        f"{remotes}/{builds.salt}", "filename=build.py", "build-arg:SOURCE_DATE_EPOCH=context", output=output
    )
    image = Archive.pull(builds.registry, f"e2e/{builds.salt}").only
    assert (image.config["created"], image.text("epoch")) == (WHEN, f"{EPOCH}")
    assert image.layer_of("file").entries["file"].mtime == EPOCH


def test_a_named_context_can_be_what_is_as_old(builds: Builds, web: str) -> None:
    builds.files({"file": ""}).rename(builds.folder / "web")
    os.utime(builds.folder / "web" / "file", (EPOCH, EPOCH))
    options = (f"context:old={web}/file", "build-arg:SOURCE_DATE_EPOCH=old")
    assert builds.archive(builds.write(AGED, {"file": "1"}), *options).only.config["created"] == WHEN


DOCKERFILE = "FROM busybox\nRUN echo 1 > /made\n"


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:xz"])
def test_an_archive_of_which_its_server_tells_no_time_is_as_old_as_its_newest_file(
    builds: Builds, web: str, mode: Literal["w:", "w:gz", "w:xz"]
) -> None:
    """A Dockerfile in it, which the daemon reads itself, is taken to be as old."""
    place = builds.folder / "web" / "ageless" / "archive"
    place.parent.mkdir(parents=True)
    texts, times = {"build.py": AGED, "file": "1", "Dockerfile": DOCKERFILE}, {"build.py": 1, "file": EPOCH}
    with tarfile.open(place, mode) as tar:
        for name, text in texts.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(text), times.get(name, 0)
            tar.addfile(entry, io.BytesIO(text.encode()))
    context = (f"--opt=context={web}/ageless/archive", "--opt=build-arg:SOURCE_DATE_EPOCH=context")
    frontends = {
        "ours": ("--frontend=gateway.v0", f"--opt=source={builds.frontend}", "--opt=filename=build.py"),
        "theirs": ("--frontend=dockerfile.v0",),
    }
    for name, frontend in frontends.items():
        out = builds.folder / name
        run(0, "buildctl", "build", "--progress=plain", *frontend, *context, f"--output=type=oci,dest={out}")
        assert Archive.read(out).only.config["created"] == WHEN


def test_a_context_without_an_age_is_said(builds: Builds) -> None:
    folder, option = builds.write(AGED, {"file": "1"}), "build-arg:SOURCE_DATE_EPOCH=context"
    said = builds.done(folder, option, way=buildx, words=["--no-cache"])
    assert "SOURCE_DATE_EPOCH='context': that context has no age, so files are of now; a repository has" in said


def test_other_words_are_no_time(builds: Builds) -> None:
    said = builds.fails(builds.write(AGED), "build-arg:SOURCE_DATE_EPOCH=yesterday")
    assert "SOURCE_DATE_EPOCH='yesterday' is neither a number of seconds nor a context (there are context)" in said
