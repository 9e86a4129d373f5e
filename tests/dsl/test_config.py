"""`config`: what the exported image says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import GraphError, Healthcheck, Platform, scratch
from tests.dsl.decoded import BASE, config, inner

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def test_a_state_without_config_has_a_path_and_a_dir() -> None:
    assert config(scratch()) == {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": [PATH], "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": []},
    }


def test_the_platform_is_the_one_that_is_exported_and_not_the_states_own() -> None:
    found = config(BASE.platform("linux/s390x"), platform=Platform("linux", "arm", "v6", "1", ["f"]))
    assert (found["os"], found["architecture"], found["variant"]) == ("linux", "arm", "v6")
    assert (found["os.version"], found["os.features"]) == ("1", ["f"])


def test_windows_has_no_path_of_its_own() -> None:
    assert "Env" not in inner(scratch().platform("windows/amd64"))


@pytest.mark.parametrize(
    ("given", "key", "expected"),
    [
        ({"entrypoint": ["/app", "-v"]}, "Entrypoint", ["/app", "-v"]),
        ({"entrypoint": "exec app"}, "Entrypoint", ["/bin/sh", "-c", "exec app"]),
        ({"cmd": ("serve",)}, "Cmd", ["serve"]),
        ({"cmd": "serve"}, "Cmd", ["/bin/sh", "-c", "serve"]),
        ({"labels": {"a": "1"}}, "Labels", {"a": "1"}),
        (
            {"expose": [80, "81", "53/udp", "9/sctp"]},
            "ExposedPorts",
            {"80/tcp": {}, "81/tcp": {}, "53/udp": {}, "9/sctp": {}},
        ),
        ({"volumes": ["/data"]}, "Volumes", {"/data": {}}),
        ({"stop_signal": "SIGINT"}, "StopSignal", "SIGINT"),
        ({"onbuild": ["RUN make"]}, "OnBuild", ["RUN make"]),
    ],
)
def test_each_setting_shows(given: Any, key: str, expected: Any) -> None:
    assert inner(BASE.config(**given))[key] == expected


def test_the_author_stands_beside_the_container_config() -> None:
    assert config(BASE.config(author="me"))["author"] == "me"


@pytest.mark.parametrize("key", ["labels", "expose", "volumes"])
def test_labels_expose_and_volumes_add(key: str) -> None:
    one, two = {"labels": ({"a": "1"}, {"b": "2"}), "expose": ([80], [81]), "volumes": (["/a"], ["/b"])}[key]
    state = BASE.config(**{key: one}).config(**{key: two})  # type: ignore[arg-type]
    [shown] = [value for name, value in inner(state).items() if name in ("Labels", "ExposedPorts", "Volumes")]
    assert len(shown) == 2


def test_the_rest_replaces() -> None:
    state = BASE.config(entrypoint=["a"], cmd=["b"], stop_signal="1", author="x", onbuild=["A"])
    found = config(state.config(entrypoint=["c"], cmd=["d"], stop_signal="2", author="y", onbuild=["B"]))
    said = {key: found["config"][key] for key in ("Entrypoint", "Cmd", "StopSignal", "OnBuild")}
    assert said == {"Entrypoint": ["c"], "Cmd": ["d"], "StopSignal": "2", "OnBuild": ["B"]}
    assert found["author"] == "y"


INHERITED = {
    "author": "base",
    "config": {
        "Entrypoint": ["e"],
        "Cmd": ["c"],
        "Labels": {"a": "1"},
        "ExposedPorts": {"80/tcp": {}},
        "Volumes": {"/data": {}},
        "StopSignal": "SIGQUIT",
        "Healthcheck": {"Test": ["CMD", "true"]},
        "OnBuild": ["RUN x"],
    },
}
SETTINGS = ("entrypoint", "cmd", "labels", "expose", "volumes", "stop_signal", "healthcheck", "onbuild", "author")


def test_none_unsets() -> None:
    found = config(BASE.config(**dict.fromkeys(SETTINGS)), INHERITED)
    assert set(found["config"]) == {"Env", "WorkingDir"}
    assert "author" not in found


def test_nothing_given_changes_nothing() -> None:
    assert config(BASE.config(), INHERITED) == config(BASE, INHERITED)
    assert config(BASE, INHERITED)["author"] == "base"


def test_a_label_is_taken_out_by_none() -> None:
    assert inner(BASE.config(labels={"a": None, "b": "2"}), INHERITED)["Labels"] == {"b": "2"}


def test_labels_can_start_anew() -> None:
    assert inner(BASE.config(labels=None).config(labels={"b": "2"}), INHERITED)["Labels"] == {"b": "2"}


@pytest.mark.parametrize("port", [0, 65536, "http", "80/icmp", "", "-1", "8O"])
def test_a_port_that_is_none_is_refused(port: int | str) -> None:
    with pytest.raises(GraphError, match=f"expose={port!r} is no port; write 8080, '8080/tcp' or '53/udp'"):
        BASE.config(expose=[port])


@pytest.mark.parametrize("given", [{"expose": 8080}, {"volumes": "/data"}, {"onbuild": "RUN make"}])
def test_one_value_outside_a_list_is_refused(given: Any) -> None:
    with pytest.raises(GraphError, match="list"):
        BASE.config(**given)


def test_a_healthcheck_has_a_command_and_times_in_seconds() -> None:
    check = Healthcheck(
        ["curl", "-f", "localhost"], interval=30, timeout=0.5, start_period=1, start_interval=2, retries=3
    )
    assert inner(BASE.config(healthcheck=check))["Healthcheck"] == {
        "Test": ["CMD", "curl", "-f", "localhost"],
        "Interval": 30_000_000_000,
        "Timeout": 500_000_000,
        "StartPeriod": 1_000_000_000,
        "StartInterval": 2_000_000_000,
        "Retries": 3,
    }


def test_a_healthcheck_of_text_runs_in_the_shell() -> None:
    assert Healthcheck("curl -f localhost").to_json() == {"Test": ["CMD-SHELL", "curl -f localhost"]}


def test_an_empty_healthcheck_turns_an_inherited_one_off() -> None:
    assert inner(BASE.config(healthcheck=Healthcheck([])), INHERITED)["Healthcheck"] == {"Test": ["NONE"]}


def test_config_is_no_part_of_the_graph() -> None:
    assert BASE.config(entrypoint=["/app"]).vertex is BASE.vertex
