"""The image config: what a state changes of an inherited one, as OCI JSON."""

from __future__ import annotations

import json
import pickle
from copy import deepcopy
from typing import Any

import pytest

from llbpy import Healthcheck, Platform, State, image, scratch
from llbpy.errors import GraphError
from llbpy.graph.config import image_config

AMD64 = Platform("linux", "amd64")
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BASE: dict[str, Any] = {
    "author": "somebody",
    "created": "2026-01-01T00:00:00Z",
    "architecture": "arm64",
    "os": "linux",
    "variant": "v8",
    "history": [{"created_by": "ADD"}],
    "rootfs": {"type": "layers", "diff_ids": ["sha256:1"]},
    "config": {
        "Env": ["A=1"],
        "Entrypoint": ["/base"],
        "Cmd": ["serve"],
        "Labels": {"kept": "yes", "changed": "no"},
        "ExposedPorts": {"80/tcp": {}},
        "Volumes": {"/data": {}},
        "WorkingDir": "/w",
        "User": "app",
        "StopSignal": "SIGTERM",
    },
}


def config_of(state: State, inherited: Any = None, platform: Platform = AMD64) -> dict[str, Any]:
    return image_config(state.facts, state.facts.seen(inherited), inherited, platform)


def changed(**changes: Any) -> dict[str, Any]:
    """What of BASE's inner config differs after `State.config(**changes)`; None is what went away."""
    after = config_of(image("base").config(**changes), BASE)["config"]
    before = config_of(image("base"), BASE)["config"]
    return {key: after.get(key) for key in {**before, **after} if before.get(key) != after.get(key)}


def test_scratch_has_a_platform_a_path_and_no_layers() -> None:
    assert config_of(scratch()) == {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": [PATH], "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": []},
    }


def test_an_inherited_config_goes_on_for_the_platform_that_is_exported() -> None:
    expected = deepcopy(BASE)
    expected["architecture"] = "amd64"
    for own in ("variant", "created", "history"):
        del expected[own]
    expected["config"]["Env"] = [PATH, "A=1"]
    assert config_of(image("base"), BASE) == expected


def test_facts_show_in_the_config() -> None:
    state = image("base").env(B="2", A=None).dir("sub").user("root").shell("/bin/bash", "-c")
    inner = config_of(state, BASE)["config"]
    assert (inner["Env"], inner["WorkingDir"], inner["User"]) == ([PATH, "B=2"], "/w/sub", "root")
    assert inner["Shell"] == ["/bin/bash", "-c"]


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"entrypoint": ["/app"]}, {"Entrypoint": ["/app"], "Cmd": None}),
    ({"entrypoint": ["/app"], "cmd": ["run"]}, {"Entrypoint": ["/app"], "Cmd": ["run"]}),
    ({"entrypoint": []}, {"Entrypoint": None, "Cmd": None}),
    ({"entrypoint": None}, {"Entrypoint": None}),
    ({"entrypoint": "exec app"}, {"Entrypoint": ["/bin/sh", "-c", "exec app"], "Cmd": None}),
    ({"cmd": ["run"]}, {"Cmd": ["run"]}),
    ({"cmd": None}, {"Cmd": None}),
    ({"labels": {"changed": "yes", "new": "1"}}, {"Labels": {"kept": "yes", "changed": "yes", "new": "1"}}),
    ({"labels": {"changed": None}}, {"Labels": {"kept": "yes"}}),
    ({"labels": {"kept": None, "changed": None}}, {"Labels": None}),
    ({"labels": None}, {"Labels": None}),
    ({"expose": [81, "53/udp"]}, {"ExposedPorts": {"80/tcp": {}, "81/tcp": {}, "53/udp": {}}}),
    ({"expose": None}, {"ExposedPorts": None}),
    ({"volumes": ["/more"]}, {"Volumes": {"/data": {}, "/more": {}}}),
    ({"volumes": None}, {"Volumes": None}),
    ({"stop_signal": "SIGINT"}, {"StopSignal": "SIGINT"}),
    ({"stop_signal": None}, {"StopSignal": None}),
    ({"onbuild": ["RUN make"]}, {"OnBuild": ["RUN make"]}),
    ({"healthcheck": Healthcheck([])}, {"Healthcheck": {"Test": ["NONE"]}}),
    ({"healthcheck": None}, {}),
]


@pytest.mark.parametrize(("changes", "expected"), CHANGES)
def test_each_change_is_laid_over_the_inherited_config(changes: Any, expected: Any) -> None:
    assert changed(**changes) == expected


def test_an_entrypoint_keeps_a_cmd_that_the_state_set_itself() -> None:
    state = image("base").config(cmd=["mine"]).config(entrypoint=["/app"])
    assert config_of(state, BASE)["config"]["Cmd"] == ["mine"]


def test_labels_may_start_anew_and_add() -> None:
    state = image("base").config(labels=None).config(labels={"a": "1"}).config(labels={"b": "2"})
    assert config_of(state, BASE)["config"]["Labels"] == {"a": "1", "b": "2"}


def test_the_author_is_replaced_or_unset() -> None:
    assert config_of(image("base").config(author="me"), BASE)["author"] == "me"
    assert "author" not in config_of(image("base").config(author=None), BASE)


def test_text_runs_in_the_shell_that_the_state_has_in_the_end() -> None:
    state = scratch().config(cmd="serve").shell("/bin/bash", "-c")
    assert config_of(state)["config"]["Cmd"] == ["/bin/bash", "-c", "serve"]


def test_the_platform_may_have_a_variant_version_and_features() -> None:
    platform = Platform("windows", "arm", "v7", "10.0", ["win32k"])
    found = config_of(scratch().platform("windows/amd64"), platform=platform)
    shown = {key: found[key] for key in ("os", "architecture", "variant", "os.version", "os.features")}
    assert shown == {
        "os": "windows",
        "architecture": "arm",
        "variant": "v7",
        "os.version": "10.0",
        "os.features": ["win32k"],
    }


def test_making_a_config_leaves_the_inherited_one_as_it_was() -> None:
    before = deepcopy(BASE)
    state = image("base").config(labels={"a": "1"}, expose=[1], volumes=["/v"], entrypoint=["/x"], author="me")
    config_of(state, BASE)
    assert before == BASE


def test_a_config_is_json() -> None:
    state = image("base").config(healthcheck=Healthcheck("curl -f localhost", interval=1.5), expose=[1])
    found = config_of(state, BASE)
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("port", [0, 65536, -1, "http", "80/xyz", "", "80/tcp/udp", "1-2", "٣"])
def test_what_is_no_port_is_refused(port: Any) -> None:
    with pytest.raises(GraphError) as caught:
        scratch().config(expose=[port])
    assert str(caught.value) == f"config() expose={port!r} is no port; write 8080, '8080/tcp' or '53/udp'"


HEALTHCHECKS: list[tuple[Healthcheck, dict[str, Any]]] = [
    (Healthcheck([]), {"Test": ["NONE"]}),
    (Healthcheck(["curl", "-f"]), {"Test": ["CMD", "curl", "-f"]}),
    (Healthcheck("curl -f"), {"Test": ["CMD-SHELL", "curl -f"]}),
    (
        Healthcheck("x", interval=30, timeout=0.5, start_period=1e-9, start_interval=2, retries=3),
        {
            "Test": ["CMD-SHELL", "x"],
            "Interval": 30_000_000_000,
            "Timeout": 500_000_000,
            "StartPeriod": 1,
            "StartInterval": 2_000_000_000,
            "Retries": 3,
        },
    ),
]


@pytest.mark.parametrize(("check", "expected"), HEALTHCHECKS)
def test_a_healthcheck_has_its_times_in_nanoseconds(check: Healthcheck, expected: Any) -> None:
    assert check.to_json() == expected


def test_a_healthcheck_is_a_value() -> None:
    check = Healthcheck(["a", "b"], interval=1, retries=2)
    for twin in (pickle.loads(pickle.dumps(check)), deepcopy(check), Healthcheck(("a", "b"), interval=1, retries=2)):
        assert (twin, hash(twin), repr(twin)) == (check, hash(check), repr(check))
    assert check != Healthcheck(["a", "b"], interval=1)
