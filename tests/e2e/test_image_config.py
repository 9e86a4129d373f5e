"""The config of an exported image: from the target, through --metadata-file, into the registry."""

from __future__ import annotations

import json

import pytest

from llbpy import Healthcheck, State, target
from tests.e2e.bed import Bed, busybox

pytestmark = pytest.mark.e2e


@target
def configured(salt: str) -> State:
    """All that a config can say, with characters that need care on a command line."""
    state = (
        busybox(salt)
        .env(QUOTED='a "quoted", word', LATER="$QUOTED")
        .dir("/srv")
        .user("nobody")
        .shell("/bin/sh", "-eu", "-c")
    )
    return state.config(
        entrypoint=["/bin/app", "--name=a b"],
        cmd="echo $HOME",
        labels={"org.example.note": 'ümläut, comma = "quote"', "org.example.salt": salt},
        expose=[8080, "53/udp"],
        volumes=["/data"],
        stop_signal="SIGINT",
        healthcheck=Healthcheck("true", interval=1.5, retries=3),
        onbuild=["RUN true"],
        author="somebody",
    )


def test_the_config_arrives_with_the_image_in_the_registry(bed: Bed) -> None:
    whole = bed.pushed(configured, platform="linux/amd64").config
    config = whole["config"]
    assert (whole["author"], whole["os"], whole["architecture"]) == ("somebody", "linux", "amd64")
    assert config["Entrypoint"] == ["/bin/app", "--name=a b"]
    assert config["Cmd"] == ["/bin/sh", "-eu", "-c", "echo $HOME"]
    assert config["Labels"] == {"org.example.note": 'ümläut, comma = "quote"', "org.example.salt": bed.salt}
    assert config["ExposedPorts"] == {"8080/tcp": {}, "53/udp": {}}
    assert config["Volumes"] == {"/data": {}}
    assert config["Healthcheck"] == {"Test": ["CMD-SHELL", "true"], "Interval": 1_500_000_000, "Retries": 3}
    assert (config["StopSignal"], config["OnBuild"]) == ("SIGINT", ["RUN true"])
    assert (config["WorkingDir"], config["User"], config["Shell"]) == ("/srv", "nobody", ["/bin/sh", "-eu", "-c"])
    assert {'QUOTED=a "quoted", word', "LATER=$QUOTED", f"SALT={bed.salt}"} <= set(config["Env"])


def test_the_layers_arrive_and_the_history_names_them(bed: Bed) -> None:
    image = bed.pushed(configured)
    assert len(image.config["rootfs"]["diff_ids"]) == len(image.layers)
    assert "bin/busybox" in image.layers[0].files


@target
def derived(salt: str) -> State:
    """Later words of one state: labels and ports add, the rest replaces, None unsets."""
    first = busybox(salt).config(entrypoint=["/a"], cmd=["1"], labels={"a": "1", "b": "2"}, expose=[80])
    return first.config(entrypoint=["/b"], cmd=None, labels={"b": None, "c": "3"}, expose=[81]).env(SALT=None)


def test_later_config_adds_replaces_and_unsets(bed: Bed) -> None:
    config = bed.pushed(derived).config["config"]
    assert config["Entrypoint"] == ["/b"]
    assert "Cmd" not in config
    assert config["Labels"] == {"a": "1", "c": "3"}
    assert config["ExposedPorts"] == {"80/tcp": {}, "81/tcp": {}}
    assert not any(line.startswith("SALT=") for line in config["Env"])


def test_metadata_names_the_target_and_the_digest_that_llbpy_digest_prints(bed: Bed) -> None:
    bed.llbpy("dump", f"--metadata-file={bed.folder / 'meta.json'}", *bed.words(configured))
    found = json.loads((bed.folder / "meta.json").read_text())
    printed = bed.llbpy("digest", *bed.words(configured)).decode()
    assert (found["llbpy.target"], found["llbpy.digest"]) == ("configured", printed.strip())
