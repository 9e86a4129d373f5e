"""Images as their users find them: config, history and layers; and that they run, on each platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.frontends.ways import WAYS, Builds, Way, gateway
from tests.e2e.oci import Archive, Image

pytestmark = pytest.mark.e2e

STACKED = '''\
from llbpy import Build, Healthcheck, State, image, secret, target

@target
def base(salt: str) -> State:
    """An image to start from, with history and config of its own."""
    state = image("busybox").env(BASE=salt).dir("/srv").write("/base", salt)
    return state.config(entrypoint=["/base"], cmd=["--base"], labels={"base": salt})

@target(default=True)
def app(build: Build, ref: str) -> State:
    state = image(ref).run("test -s /run/secrets/it; echo ran > /ran", mounts=[secret("it")])
    state = state.run(["sh", "-c", "echo $WORDS > /words"], env={"WORDS": "two words"})
    state = state.copy(build.context()["file"], "/file").mkdir("/folder").write("/w", "a").symlink("/w", "/l").remove("/w")
    state = state.env(QUOTED='a "b" c').user("nobody").dir("app").shell("/bin/sh", "-eu", "-c")
    return state.config(
        entrypoint=["/app", "a b"],
        expose=[80, "53/udp"],
        volumes=["/data"],
        stop_signal="SIGINT",
        healthcheck=Healthcheck("true", interval=5),
        labels={"own": "1 2"},
    )
'''
COMMANDS = [
    "/bin/sh -c test -s /run/secrets/it; echo ran > /ran",
    "sh -c 'echo $WORDS > /words'",
    "copy file -> /file",
    "mkdir /folder",
    "write /w",
    "symlink /l -> /w",
    "remove /w",
]
LEFT = [["ran"], ["words"], ["file"], [], ["w"], ["l"], [".wh.w"]]


class Stacked:
    """The image and the one that it starts from."""

    def __init__(self, builds: Builds, way: Way = gateway) -> None:
        folder, secret = builds.write(STACKED, {"file": ""}), builds.folder / "secret"
        secret.write_text("hush")
        ref = builds.push(folder, "target=base", f"build-arg:salt={builds.salt}")
        self.base = pulled(builds, ref).only
        words = [f"--secret=id=it,src={secret}"]
        self.image = builds.archive(folder, f"build-arg:ref={ref}", way=way, words=words).only


def pulled(builds: Builds, ref: str) -> Archive:
    return Archive.pull(builds.registry, ref.removeprefix(f"{builds.registry}/"))


def split(image: Image) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The entries of an image's history that made a layer, and those that did not."""
    entries: list[dict[str, Any]] = image.config["history"]
    return [each for each in entries if not each.get("empty_layer")], [
        each for each in entries if each.get("empty_layer")
    ]


@pytest.mark.parametrize("way", WAYS)
def test_history_has_what_made_each_layer_after_the_history_of_the_base(builds: Builds, way: Way) -> None:
    stacked = Stacked(builds, way)
    image, before = stacked.image, stacked.base.config["history"]
    assert image.config["history"][: len(before)] == before
    made, _ = split(image)
    assert len(made) == len(image.layers) == len(image.config["rootfs"]["diff_ids"])
    own = made[len(stacked.base.layers) :]
    assert [entry["created_by"] for entry in own] == COMMANDS
    assert [layer.files for layer in image.layers[len(stacked.base.layers) :]] == LEFT
    assert {entry["comment"] for entry in own} == {"llbpy"}


def test_history_has_what_the_build_file_says_of_the_config_and_nothing_twice(builds: Builds) -> None:
    stacked = Stacked(builds)
    _, changes = split(stacked.image)
    _, before = split(stacked.base)
    assert [entry["created_by"] for entry in changes[len(before) :]] == [
        'SHELL ["/bin/sh", "-eu", "-c"]',
        'ENV QUOTED="a \\"b\\" c"',
        "WORKDIR /srv/app",
        "USER nobody",
        "EXPOSE 80/tcp 53/udp",
        'VOLUME ["/data"]',
        'LABEL own="1 2"',
        "STOPSIGNAL SIGINT",
        "HEALTHCHECK --interval=5s CMD true",
        'ENTRYPOINT ["/app", "a b"]',
    ]


def test_the_config_is_the_bases_with_what_the_build_file_says(builds: Builds) -> None:
    image = Stacked(builds).image
    assert (image.config["os"], image.config["architecture"]) == ("linux", "amd64")
    assert image.config["config"] == {
        "Env": [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            f"BASE={builds.salt}",
            'QUOTED=a "b" c',
        ],
        "Entrypoint": ["/app", "a b"],  # a new one drops the base's cmd, as in Dockerfiles
        "WorkingDir": "/srv/app",
        "User": "nobody",
        "Shell": ["/bin/sh", "-eu", "-c"],
        "Labels": {"base": builds.salt, "own": "1 2"},
        "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
        "Volumes": {"/data": {}},
        "StopSignal": "SIGINT",
        "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 5_000_000_000},
    }


def test_scratch_is_an_image_without_layers(builds: Builds) -> None:
    text = "from llbpy import State, scratch, target\n@target\ndef app() -> State:\n    return scratch().config(cmd=['/a'])\n"
    image = builds.archive(builds.write(text)).only
    assert (image.layers, image.config["config"]["Cmd"]) == ([], ["/a"])


RUNNABLE = """\
from llbpy import State, image, target

@target
def app(salt: str) -> State:
    script = "#!/bin/sh\\necho $(uname -m) $GREETING $1 $(id -un) $PWD\\n"
    state = image("busybox").write("/bin/app", script, mode=0o755).env(GREETING=salt).user("nobody").dir("/var")
    return state.config(entrypoint=["/bin/app"], cmd=["word"])
"""
RUNNING = """\
from llbpy import Build, State, image, scratch, target

@target
def app(build: Build, ref: str) -> State:
    \"\"\"What the image says when it is run as a container would be.\"\"\"
    config = build.resolve(ref).config["config"]
    command = [*config["Entrypoint"], *config["Cmd"]]
    ran = image(ref).run(["sh", "-c", '"$@" > /tmp/said', "sh", *command])
    return scratch().copy(ran["/tmp/said"], "/said")
"""


def test_images_run_on_each_platform(builds: Builds) -> None:
    both = "platform=linux/amd64,linux/arm64"
    ref = builds.push(builds.write(RUNNABLE), f"build-arg:salt={builds.salt}", both)
    built = builds.export(builds.write(RUNNING), f"build-arg:ref={ref}", both)

    def said(folder: Path) -> str:
        return (folder / "said").read_text().strip()

    assert said(built.folder / "linux_amd64") == f"x86_64 {builds.salt} word nobody /var"
    assert said(built.folder / "linux_arm64") == f"aarch64 {builds.salt} word nobody /var"
