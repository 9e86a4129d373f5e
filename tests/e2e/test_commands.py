"""Commands as they find themselves: user, folder, environment, shell, network, rights, limits."""

from __future__ import annotations

import os

import pytest

from llbpy import ProgressGroup, Proxy, Resources, State, Ulimit, output, scratch, target
from tests.e2e.bed import Bed, busybox

pytestmark = pytest.mark.e2e

OUT = (output("/out"),)


@target
def facts(salt: str) -> State:
    """What is set on a state, seen from inside by a user who may write to few folders."""
    state = busybox(salt).user("nobody").dir("/var").dir("tmp").env(GREETING="hello there", SALT=None)
    state = state.hostname("builder").extra_host("db.example", "10.1.2.3").ulimit("nofile", 123, 456)
    looked = state.run(
        """
        { id -un; pwd; env; } > seen
        hostname > hostname
        grep db.example /etc/hosts > hosts
        echo "$(ulimit -Sn) $(ulimit -Hn)" > nofile
        """
    )
    return scratch().copy(looked["/var/tmp"], "/")


def test_a_command_sees_what_was_set_on_its_state(bed: Bed) -> None:
    built = bed.build(facts)
    user, folder, *env = built.text("seen").splitlines()
    assert (user, folder) == ("nobody", "/var/tmp")
    assert "GREETING=hello there" in env
    assert not any(line.startswith("SALT=") for line in env)
    assert built.text("hostname") == "builder"
    assert built.text("hosts").split() == ["10.1.2.3", "db.example"]
    assert built.text("nofile") == "123 456"


@target
def once(salt: str) -> State:
    """Options of one command, and the next command, which does not see them."""
    state = busybox(salt).dir("/tmp").env(COLOUR="red")
    seen = 'echo "$(id -un) $(pwd) $COLOUR $(hostname)" >> /seen'
    ran = state.run(seen, user="root", dir="/etc", env={"COLOUR": "blue"}, hostname="special")
    return scratch().copy(ran.run(seen)["/seen"], "/seen")


def test_options_of_one_command_are_gone_for_the_next(bed: Bed) -> None:
    first, second = bed.build(once).text("seen").splitlines()
    assert first == "root /etc blue special"
    assert second.startswith("root /tmp red ")
    assert not second.endswith("special")


@target
def limited(salt: str) -> State:
    return busybox(salt).run("ulimit -n > /out/n", mounts=OUT, ulimits=[Ulimit("nofile", 77, 77)]).output("/out")


def test_a_ulimit_of_one_command_holds(bed: Bed) -> None:
    assert bed.build(limited).text("n") == "77"


@target
def argv(salt: str) -> State:
    """A list is no shell's business."""
    return busybox(salt).run(["touch", "/out/$SALT; echo *"], mounts=OUT).output("/out")


def test_a_list_is_an_argv_that_no_shell_reads(bed: Bed) -> None:
    assert bed.build(argv).names == ["$SALT; echo *"]


@target
def in_own_shell(salt: str) -> State:
    shell = busybox(salt).shell("/bin/sh", "-eu", "-c")
    return shell.run("case $- in *e*u*|*u*e*) echo strict > /out/shell;; esac", mounts=OUT).output("/out")


def test_text_runs_in_the_shell_of_the_state(bed: Bed) -> None:
    assert bed.build(in_own_shell).text("shell") == "strict"


@target
def script(salt: str) -> State:
    return busybox(salt).run(
        """
        echo first > /first
        cat /no/such/file
        echo never reached
        """
    )


def test_a_script_stops_at_its_first_failing_line(bed: Bed) -> None:
    progress = bed.failure(script)
    assert "can't open '/no/such/file'" in progress
    assert " never reached" not in progress.replace("echo never reached", "")


@target
def exits(salt: str, code: int) -> State:
    return busybox(salt).run(f"echo kept > /kept; exit {code}", exit_codes=[3, 4])


def test_exit_codes_that_count_as_success_let_the_build_go_on(bed: Bed) -> None:
    assert bed.build(exits, code="3").text("kept") == "kept"


def test_zero_fails_where_it_is_not_among_the_exit_codes(bed: Bed) -> None:
    assert "exit code: 0" in bed.failure(exits, code="0")


@target
def readonly(salt: str) -> State:
    script = "touch /file 2>/dev/null && echo writable > /out/root || echo read-only > /out/root"
    return busybox(salt).run(script, readonly_root=True, mounts=OUT).output("/out")


def test_a_readonly_root_refuses_writes_and_mounts_do_not(bed: Bed) -> None:
    assert bed.build(readonly).text("root") == "read-only"


@target
def offline(salt: str) -> State:
    script = "ls /sys/class/net > /out/devices; cat /proc/net/route > /out/routes"
    return busybox(salt).network("none").run(script, mounts=OUT).output("/out")


def test_no_network_is_the_loopback_device_and_no_route(bed: Bed) -> None:
    built = bed.build(offline)
    assert built.text("devices") == "lo"
    assert len(built.text("routes").splitlines()) == 1  # the heading


@target
def on_host(salt: str) -> State:
    return busybox(salt).run("readlink /proc/self/ns/net > /out/ns", network="host", mounts=OUT).output("/out")


def test_the_hosts_network_is_the_daemons_own(bed: Bed) -> None:
    assert bed.build(on_host, "--allow=network.host").text("ns") == os.readlink("/proc/self/ns/net")


def test_the_hosts_network_needs_to_be_allowed(bed: Bed) -> None:
    assert "network.host is not allowed" in bed.failure(on_host)


@target
def insecure(salt: str) -> State:
    script = "mount -t tmpfs tmpfs /home && df /home > /out/df"
    return busybox(salt).security("insecure").run(script, mounts=OUT).output("/out")


def test_an_insecure_command_may_mount(bed: Bed) -> None:
    assert "/home" in bed.build(insecure, "--allow=security.insecure").text("df")


@target
def bounded(salt: str) -> State:
    """Its cgroup, and the limit there, which lies elsewhere in the second version of cgroups."""
    script = """
        cat /proc/self/cgroup > /out/cgroup
        cd /sys/fs/cgroup
        cat memory.max > /out/memory || cat memory/memory.limit_in_bytes > /out/memory
        """
    limits = Resources(memory=64 << 20)
    return busybox(salt).cgroup_parent("llbpy-e2e").run(script, resources=limits, mounts=OUT).output("/out")


def test_a_command_has_its_cgroup_and_its_limits(bed: Bed) -> None:
    built = bed.build(bounded)
    assert built.text("memory") == f"{64 << 20}"
    own_namespace = "0::/"  # the second version of cgroups hides the parents
    assert "/llbpy-e2e/" in built.text("cgroup") or built.text("cgroup") == own_namespace


@target
def proxied(salt: str, proxy: str) -> State:
    settings = Proxy(http=proxy, no="localhost")
    script = 'echo "$HTTP_PROXY $http_proxy $NO_PROXY" > /out/env'
    return busybox(salt).run(script, proxy=settings, mounts=OUT, name="ask").output("/out")


def test_proxies_are_seen_and_no_reason_to_run_again(bed: Bed) -> None:
    proxy = "http://proxy.example:1"
    assert bed.build(proxied, proxy=proxy).text("env") == f"{proxy} {proxy} localhost"
    assert bed.build(proxied, proxy="http://proxy.example:2").cached >= {"ask"}


@target
def checked(salt: str, code: int) -> State:
    tests = busybox(salt).run(f"echo {salt} > /report; exit {code}", name="test")
    return scratch().write("/app", "app").requires(tests)


def test_a_required_state_is_built_and_adds_no_files(bed: Bed) -> None:
    built = bed.build(checked, code="0")
    assert built.names == ["app"]
    assert " test\n" in built.progress


def test_a_required_state_that_fails_fails_the_build(bed: Bed) -> None:
    assert "exit code: 7" in bed.failure(checked, code="7")


@target
def named(salt: str) -> State:
    group = ProgressGroup("all of it")
    return busybox(salt).run("true", name="rise").run("true", name="shine", progress_group=group)


def test_progress_shows_names_and_groups(bed: Bed) -> None:
    progress = bed.build(named).progress
    assert " rise\n" in progress
    assert " all of it\n" in progress
    assert "shine" not in progress
