"""Named contexts: folders, images, layouts, repositories, downloads, targets of bake, and those that a target brings along."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.e2e.bed import Built, marked
from tests.e2e.frontends.ways import Builds, Way, bake, baked, buildx, gateway, run, syntax

pytestmark = pytest.mark.e2e

FILES = """\
from llbpy import Build, State, scratch, target

@target
def app(build: Build) -> State:
    return scratch().copy(build.named_context("named"), "/")
"""
COMMAND = """\
from llbpy import Build, State, output, target

@target
def app(build: Build) -> State:
    ran = build.named_context("named").run('cat /marker > /out/it; echo "$FROM_CONFIG" >> /out/it', mounts=[output("/out")])
    return ran.output("/out")
"""
BASE = """\
from llbpy import Build, State, image, target

@target
def base(build: Build, salt: str) -> State:
    marked = f"file {salt} on {build.target_platform.architecture}\\n"
    return image("busybox").env(FROM_CONFIG=f"config {salt}").write("/marker", marked)
"""


def salt(builds: Builds) -> str:
    return f"build-arg:salt={builds.salt}"


def from_base(builds: Builds) -> str:
    """What COMMAND leaves if its context is BASE."""
    return f"file {builds.salt} on amd64\nconfig {builds.salt}"


# Folders ------------------------------------------------------------------------------------------------------------------

TREE = {"kept": "", "ignored": "", ".dockerignore": "ignored\n.dockerignore\n"}


def test_a_folder_of_buildctl(builds: Builds) -> None:
    words = [f"--local=other={builds.files(TREE)}"]
    assert builds.export(builds.write(FILES), "context:named=local:other", words=words).names == ["kept"]


@pytest.mark.parametrize("way", [buildx, bake])
def test_a_folder_of_buildx(builds: Builds, way: Way) -> None:
    built = builds.export(builds.write(FILES), f"context:named={builds.files(TREE)}", way=way)
    assert built.names == ["kept"]


# Images -------------------------------------------------------------------------------------------------------------------


def test_an_image_of_a_registry_and_its_config(builds: Builds) -> None:
    ref = builds.push(builds.write(BASE), salt(builds))
    built = builds.export(builds.write(COMMAND), f"context:named=docker-image://{ref}")
    assert built.text("it") == from_base(builds)
    assert any(line.startswith("#") and f"[context named] {ref}" in line for line in built.progress.splitlines())


def test_scratch_is_an_image_too(builds: Builds) -> None:
    assert builds.export(builds.write(FILES), "context:named=docker-image://scratch").names == []


class Layout:
    """BASE in a folder of OCI layout."""

    def __init__(self, builds: Builds) -> None:
        self.folder = builds.fresh()
        builds.done(builds.write(BASE), salt(builds), words=[f"--output=type=oci,tar=false,dest={self.folder}"])
        (only,) = json.loads((self.folder / "index.json").read_text())["manifests"]
        self.digest = only["digest"]


def test_a_layout_of_buildctl(builds: Builds) -> None:
    layout = Layout(builds)
    option = f"context:named=oci-layout://kept@{layout.digest}"
    built = builds.export(builds.write(COMMAND), option, words=[f"--oci-layout=kept={layout.folder}"])
    assert built.text("it") == from_base(builds)


def test_a_layout_of_buildx(builds: Builds) -> None:
    layout = Layout(builds)
    option = f"context:named=oci-layout://{layout.folder}@{layout.digest}"
    assert builds.export(builds.write(COMMAND), option, way=buildx).text("it") == from_base(builds)


# Other sources ------------------------------------------------------------------------------------------------------------


def test_a_repository(builds: Builds, remotes: str) -> None:
    builds.repository().commit({"file": "1", "sub/file": "2"})
    folder, option = builds.write(FILES), f"context:named={remotes}/{builds.salt}"
    assert builds.export(folder, option).names == ["file", "sub/file"]
    assert builds.export(folder, f"{option}#main:sub", way=buildx).names == ["file"]


@pytest.fixture
def download(builds: Builds, web: str) -> str:
    """The URL of a file that has the salt."""
    builds.files({"file.txt": builds.salt}).rename(builds.folder / "web")
    return f"{web}/file.txt"


def test_a_download_is_one_file(builds: Builds, download: str) -> None:
    built = builds.export(builds.write(FILES), f"context:named={download}")
    assert (built.names, built.text("context")) == (["context"], builds.salt)


def test_one_for_a_platform_goes_before_one_for_all(builds: Builds, download: str) -> None:
    options = ("context:named=docker-image://scratch", f"context:named::linux/arm64={download}")
    folder = builds.write(FILES)
    assert builds.export(folder, *options, "platform=linux/arm64").names == ["context"]
    assert builds.export(folder, *options, "platform=linux/amd64").names == []


DOCKERFILE = 'FROM busybox\nARG salt\nENV FROM_CONFIG="config $salt"\nRUN echo file $salt on amd64 > /marker\n'


@pytest.mark.parametrize("base", [{"dockerfile": "build.py"}, {"dockerfile-inline": DOCKERFILE}])
def test_another_target_of_bake_and_its_config(builds: Builds, base: dict[str, str]) -> None:
    assert linked(builds, base).text("it") == from_base(builds)


def linked(builds: Builds, base: Mapping[str, str], *words: str, **both: object) -> Built:
    """COMMAND with another target of bake as its context: BASE, if its build file is asked for; `both` is said of the two."""
    out, file = builds.fresh(), builds.folder / "docker-bake.json"
    targets = {
        "base": {"context": str(builds.write(BASE)), "args": {"salt": builds.salt}, **base, **both},
        "default": {
            "context": str(builds.write(COMMAND)),
            "dockerfile": "build.py",
            "contexts": {"named": "target:base"},
            "output": [f"type=local,dest={out}"],
            **both,
        },
    }
    file.write_text(json.dumps({"target": targets}))
    return Built(run(0, *baked(builds, file), "--allow=fs=*", *words), out)


def test_another_target_of_bake_for_each_platform(builds: Builds) -> None:
    built = linked(builds, {"dockerfile": "build.py"}, platforms=["linux/amd64", "linux/arm64"])
    for architecture in ("amd64", "arm64"):
        assert built.text(f"linux_{architecture}/it") == f"file {builds.salt} on {architecture}\nconfig {builds.salt}"


def test_targets_of_bake_may_share_a_build_file(builds: Builds) -> None:
    out, file = builds.fresh(), builds.folder / "docker-bake.json"
    folder = str(builds.write(COMMAND + BASE))
    targets = {
        "first": {"target": "base", "args": {"salt": builds.salt}},
        "default": {"target": "app", "contexts": {"named": "target:first"}, "output": [f"type=local,dest={out}"]},
    }
    shared = {"context": folder, "dockerfile": "build.py"}
    file.write_text(json.dumps({"target": {name: shared | target for name, target in targets.items()}}))
    assert Built(run(0, *baked(builds, file), "--allow=fs=*"), out).text("it") == from_base(builds)


def test_another_service_of_compose_and_its_config(builds: Builds) -> None:
    out, file = builds.fresh(), builds.folder / "compose.yaml"
    base = {"context": str(builds.write(BASE)), "dockerfile": "build.py", "args": {"salt": builds.salt}}
    app = {
        "context": str(builds.write(COMMAND)),
        "dockerfile": "build.py",
        "additional_contexts": {"named": "service:base"},
    }
    file.write_text(json.dumps({"services": {"base": {"build": base}, "app": {"build": app}}}))
    words = ("app", "--allow=fs=*", f"--set=app.output=type=local,dest={out}")
    assert Built(run(0, *baked(builds, file), *words), out).text("it") == from_base(builds)


def test_an_image_at_hand_takes_the_place_of_the_frontends(builds: Builds) -> None:
    """The way without a network: the syntax line names an image that is nowhere to be found."""
    text = (
        "from llbpy import State, scratch, target\n@target\ndef app() -> State:\n    return scratch().write('/a', '')\n"
    )
    folder = builds.files({"build.py": f"# syntax=registry.example/llbpy:1\n{text}"})
    option = f"context:registry.example/llbpy:1=docker-image://{builds.frontend}"
    assert builds.export(folder, option, way=syntax).names == ["a"]
    assert builds.export(folder, option, way=buildx).names == ["a"]


# In the build file --------------------------------------------------------------------------------------------------------


def test_a_target_brings_contexts_along_that_options_replace(builds: Builds, download: str) -> None:
    text = FILES.replace("@target", f'@target(contexts={{"named": "{download}"}})')
    folder = builds.write(text)
    assert builds.export(folder).names == ["context"]
    assert builds.export(folder, "context:named=docker-image://scratch").names == []


def test_a_context_may_have_a_default(builds: Builds) -> None:
    text = FILES.replace('"named"', '"named", default=scratch().write("/usual", "")')
    assert builds.export(builds.write(text)).names == ["usual"]


@pytest.mark.parametrize("way", [gateway, buildx])
def test_a_context_that_was_not_given_is_said_at_its_line(builds: Builds, way: Way) -> None:
    said = builds.fails(builds.write(FILES), "context:name=docker-image://busybox", way=way)
    assert marked(said) == ['return scratch().copy(build.named_context("named"), "/")']
    assert "no context 'named' was given; did you mean 'name'?" in said
