"""Commands: what `run` takes, and what is for one command only."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from llbpy import GraphError, Proxy, Ulimit, bind, expand, output, scratch
from tests.dsl.decoded import BASE, caps, command, meta, mounts, op, titles, variables


def args(given: Any, state: Any = BASE) -> list[str]:
    found: list[str] = meta(state.run(given))["args"]
    return found


def test_a_list_is_an_argv() -> None:
    assert args(["echo", "$HOME", "a b"]) == ["echo", "$HOME", "a b"]


def test_a_tuple_is_an_argv_too() -> None:
    assert args(("make", "all")) == ["make", "all"]


def test_words_may_be_paths() -> None:
    assert args(["cat", PurePosixPath("/etc/passwd")]) == ["cat", "/etc/passwd"]


def test_text_runs_in_the_shell() -> None:
    assert args("make && make install") == ["/bin/sh", "-c", "make && make install"]


def test_text_runs_in_the_shell_of_the_state() -> None:
    assert args("ls", BASE.shell("/bin/bash", "-o", "pipefail", "-c")) == ["/bin/bash", "-o", "pipefail", "-c", "ls"]


def test_text_runs_in_cmd_on_windows() -> None:
    assert args("dir", BASE.platform("windows/amd64")) == ["cmd", "/S", "/C", "dir"]


def test_text_is_left_as_it_is() -> None:
    assert args("  make\n  make install  ") == ["/bin/sh", "-c", "  make\n  make install  "]


def test_a_script_is_dedented_and_stops_at_the_first_failing_line() -> None:
    script = """
        cd /src
        if true; then
            make
        fi

        make install
    """
    shown = "set -e\ncd /src\nif true; then\n    make\nfi\n\nmake install\n"
    assert args(script) == ["/bin/sh", "-c", shown]


def test_a_script_indented_with_tabs_is_dedented() -> None:
    assert args("\n\tmake\n\t\tdeep\n") == ["/bin/sh", "-c", "set -e\nmake\n\tdeep\n"]


def test_a_script_whose_lines_mix_tabs_and_spaces_loses_what_they_share() -> None:
    assert args("\n\ta\n    b\n") == ["/bin/sh", "-c", "set -e\n\ta\n    b\n"]


@pytest.mark.parametrize("shell", ["/bin/sh", "bash", "/usr/bin/zsh", "/bin/dash", "ksh", "/bin/ash"])
def test_a_script_stops_in_posix_shells(shell: str) -> None:
    assert args("\nmake\n", BASE.shell(shell, "-c"))[-1] == "set -e\nmake\n"


@pytest.mark.parametrize(
    "shell", [("pwsh", "-Command"), ("/usr/bin/fish", "-c"), ("python3", "-c"), ("cmd", "/S", "/C")]
)
def test_a_script_for_another_interpreter_is_left_alone(shell: tuple[str, ...]) -> None:
    assert args("\nprint(1)\n", BASE.shell(*shell)) == [*shell, "print(1)\n"]


@pytest.mark.parametrize("blank", ["", "  ", "\n", "\n   \n"])
def test_a_blank_command_is_refused(blank: str) -> None:
    with pytest.raises(GraphError, match="this one is blank"):
        BASE.run(blank)


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(GraphError, match="arguments are required"):
        BASE.run([])


def test_a_word_that_is_no_text_is_refused_with_its_type() -> None:
    with pytest.raises(GraphError, match=r"run\(\) argument 8080 is int; give a str"):
        BASE.run(["serve", 8080])  # type: ignore[list-item]


def test_facts_of_one_command_are_on_top_of_the_state_and_do_not_last() -> None:
    state = BASE.env(A="1").dir("/src").user("root")
    ran = state.run(
        ["x"],
        env={"A": None, "B": "2"},
        dir="sub",
        user="app",
        network="none",
        security="insecure",
        hostname="h",
        cgroup_parent="/c",
    )
    found = command(ran)
    assert (found["network"], found["security"]) == (2, 1)
    said = {key: found["meta"][key] for key in ("env", "cwd", "user", "hostname", "cgroupParent")}
    assert said == {"env": ["B=2"], "cwd": "/src/sub", "user": "app", "hostname": "h", "cgroupParent": "/c"}
    assert ran.facts == state.facts


def test_hosts_and_limits_of_one_command_follow_those_of_the_state() -> None:
    state = BASE.extra_host("a", "1.1.1.1").ulimit("core", 0, 0)
    ran = state.run(["x"], extra_hosts=[("b", "2.2.2.2")], ulimits=[Ulimit("nofile", 1, 2)])
    assert [host["Host"] for host in meta(ran)["extraHosts"]] == ["a", "b"]
    assert [limit["Name"] for limit in meta(ran)["ulimit"]] == ["core", "nofile"]
    assert ran.facts == state.facts


def test_a_host_of_one_command_needs_an_address() -> None:
    with pytest.raises(GraphError, match="'nowhere' is no IP address"):
        BASE.run(["x"], extra_hosts=[("b", "nowhere")])


@pytest.mark.parametrize("wrong", [{"network": "bridge"}, {"security": "root"}])
def test_an_unknown_mode_of_one_command_is_refused(wrong: Any) -> None:
    with pytest.raises(GraphError, match="is unknown; it is one of 'sandbox'"):
        BASE.run(["x"], **wrong)


def test_env_of_one_command_may_read_that_of_the_state() -> None:
    ran = BASE.env(PATH="/bin").run(["x"], env={"PATH": expand("/opt:$PATH")})
    assert variables(ran) == ["PATH=/opt:/bin"]


def test_a_command_runs_on_what_the_one_before_left() -> None:
    assert titles(BASE.run(["one"]).run(["two"])) == ["docker-image://docker.io/library/alpine:latest", "one", "two"]


def test_exit_codes_say_what_counts_as_success() -> None:
    state = BASE.run(["x"], exit_codes=[0, 5])
    assert meta(state)["validExitCodes"] == [0, 5]
    assert "exec.validexitcode" in caps(state)


def test_a_proxy_is_kept_apart_from_the_environment() -> None:
    proxy = Proxy(http="http://p:1", https="http://p:2", ftp="http://p:3", no="localhost", all="http://p:4")
    state = BASE.run(["x"], proxy=proxy)
    assert meta(state)["proxy_env"] == {
        "http_proxy": "http://p:1",
        "https_proxy": "http://p:2",
        "ftp_proxy": "http://p:3",
        "no_proxy": "localhost",
        "all_proxy": "http://p:4",
    }
    assert variables(state) == []


def test_a_read_only_root_is_left_as_it_was() -> None:
    ran = BASE.run(["x"], readonly_root=True)
    assert ran.vertex == BASE.vertex


def test_a_command_on_a_read_only_root_still_leaves_its_mounts() -> None:
    left = BASE.run(["x"], readonly_root=True, mounts=[output("/out")]).output("/out")
    [root] = [mount for mount in command(left)["mounts"] if mount["dest"] == "/"]
    assert (root["readonly"], root["output"]) == (True, -1)
    assert mounts(left)["/out"].get("output", 0) == 0


def test_an_argv_may_run_on_scratch() -> None:
    state = scratch().run(["/init"], mounts=[bind(BASE["/bin/busybox"], "/init")])
    assert "inputs" in op(state)


def test_text_on_scratch_runs_if_a_mount_brings_the_shell() -> None:
    assert meta(scratch().run("ls", mounts=[bind(BASE, "/bin")]))["args"] == ["/bin/sh", "-c", "ls"]


@pytest.mark.parametrize("elsewhere", ["/bi", "/bin/sh2", "/usr"])
def test_text_on_scratch_is_refused_if_no_mount_can_bring_the_shell(elsewhere: str) -> None:
    with pytest.raises(GraphError, match="run 'ls' needs /bin/sh, but the filesystem is scratch"):
        scratch().run("ls", mounts=[bind(BASE, elsewhere)])


def test_a_script_on_scratch_is_named_by_its_first_line() -> None:
    with pytest.raises(GraphError, match="run 'make all' needs /bin/bash"):
        scratch().shell("/bin/bash", "-c").run("\n  make all\n  make install\n")
