"""What a state tells its next command, set and read back."""

from __future__ import annotations

import pytest

from llbpy import GraphError, Platform, PlatformError, State, Ulimit, image, scratch
from tests.dsl.decoded import BASE, FOLDER, command, inner, meta, op, variables


def test_env_takes_a_mapping_and_keywords() -> None:
    assert variables(BASE.env({"A": "1", "with space": "2"}, B="3").run(["x"])) == ["A=1", "with space=2", "B=3"]


def test_env_none_unsets() -> None:
    assert variables(BASE.env(A="1", B="2").env(A=None).run(["x"])) == ["B=2"]


def test_the_latest_assignment_of_a_variable_orders_it() -> None:
    assert variables(BASE.env(A="1", B="2").env(A="3").run(["x"])) == ["B=2", "A=3"]


@pytest.mark.parametrize("name", ["", "A=B", "A\0"])
def test_a_name_that_no_environment_can_hold_is_refused(name: str) -> None:
    with pytest.raises(GraphError, match="cannot be a variable"):
        BASE.env({name: "1"})


def test_a_value_that_is_no_text_is_refused_with_its_name_value_and_type() -> None:
    with pytest.raises(GraphError, match=r"env\(\) PORT=8080 is int; a variable's value is a str"):
        BASE.env(PORT=8080)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("/src", "/lib", "/lib"),
        ("/src", "a/b", "/src/a/b"),
        ("/src", "..", "/"),
        ("a", ".", "/a"),
        ("/src", "", "/src"),
    ],
)
def test_dir_is_absolute_or_joined_to_the_one_before(first: str, then: str, expected: str) -> None:
    state = BASE.dir(first).dir(then)
    assert (state.facts.dir, meta(state.run(["x"]))["cwd"]) == (expected, expected)


def test_dir_starts_at_the_root() -> None:
    assert (scratch().facts.dir, BASE.facts.dir) == ("/", "/")


def test_user_may_be_a_number() -> None:
    assert meta(BASE.user(1000).run(["x"]))["user"] == "1000"  # type: ignore[arg-type]


def test_limits_of_later_commands_reach_the_wire() -> None:
    state = BASE.user("app:staff").hostname("box").cgroup_parent("/builds").network("none").security("insecure")
    found = command(state.extra_host("db", "10.0.0.5").ulimit("nofile", 1024, -1).run(["x"]))
    assert (found["network"], found["security"]) == (2, 1)
    said = {key: found["meta"][key] for key in ("user", "hostname", "cgroupParent", "extraHosts", "ulimit")}
    assert said == {
        "user": "app:staff",
        "hostname": "box",
        "cgroupParent": "/builds",
        "extraHosts": [{"Host": "db", "IP": "10.0.0.5"}],
        "ulimit": [{"Name": "nofile", "Soft": 1024, "Hard": -1}],
    }


def test_hosts_and_limits_add_up() -> None:
    state = BASE.extra_host("a", "1.1.1.1").extra_host("b", "::2").ulimit("nproc", 1, 1).ulimit("core", 0, 0)
    assert state.facts.extra_hosts == (("a", "1.1.1.1"), ("b", "::2"))
    assert [limit.name for limit in state.facts.ulimits] == ["nproc", "core"]


def test_an_address_is_written_as_go_writes_it() -> None:
    assert BASE.extra_host("a", "::ffff:1.2.3.4").facts.extra_hosts == (("a", "1.2.3.4"),)


def test_a_host_without_an_address_is_refused() -> None:
    with pytest.raises(GraphError, match="extra host 'db': 'localhost' is no IP address"):
        BASE.extra_host("db", "localhost")


@pytest.mark.parametrize(
    ("verb", "others"), [("network", "'sandbox', 'host', 'none'"), ("security", "'sandbox', 'insecure'")]
)
def test_an_unknown_mode_is_refused_with_those_there_are(verb: str, others: str) -> None:
    with pytest.raises(GraphError, match=f"{verb} 'bridge' is unknown; it is one of {others}"):
        getattr(BASE, verb)("bridge")


def test_sandbox_turns_an_earlier_mode_off() -> None:
    assert "network" not in command(BASE.network("host").network("sandbox").run(["x"]))


def test_a_shell_needs_words() -> None:
    with pytest.raises(GraphError, match=r"such as shell\('/bin/bash', '-c'\)"):
        BASE.shell()


def test_platform_is_that_of_later_commands() -> None:
    assert op(BASE.platform("linux/arm64").run(["x"]))["platform"] == {"Architecture": "arm64", "OS": "linux"}


def test_platform_takes_a_value_and_normalises_text() -> None:
    assert BASE.platform(Platform("linux", "arm")).facts.platform == BASE.platform("linux/arm/v7").facts.platform


def test_an_unknown_platform_is_refused_with_a_near_miss() -> None:
    with pytest.raises(PlatformError, match="did you mean 'arm64'"):
        BASE.platform("linux/arm46")


def test_facts_are_read_back() -> None:
    state = BASE.env(A="1").dir("/src").user("me").shell("/bin/bash", "-c").platform("linux/s390x").network("host")
    facts = state.security("insecure").hostname("h").cgroup_parent("/c").facts
    assert (dict(facts.env), facts.dir, facts.user, facts.shell) == ({"A": "1"}, "/src", "me", ("/bin/bash", "-c"))
    assert (str(facts.platform), facts.network, facts.security) == ("linux/s390x", "host", "insecure")
    assert (facts.hostname, facts.cgroup_parent) == ("h", "/c")


def test_facts_are_frozen() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        BASE.facts.dir = "/elsewhere"


def test_facts_show_in_the_config_too() -> None:
    shown = inner(BASE.env(A="1", PATH="/bin").dir("/src").user("me").shell("/bin/bash", "-c"))
    expected = {"Env": ["A=1", "PATH=/bin"], "WorkingDir": "/src", "User": "me", "Shell": ["/bin/bash", "-c"]}
    assert shown == expected


def test_facts_last_over_commands_and_files() -> None:
    state = BASE.env(A="1").dir("/src").user("me")
    for later in (state.run(["x"]), state.write("f", ""), state.copy(FOLDER, "."), state.copy(FOLDER, ".", link=True)):
        assert later.facts == state.facts


def test_a_method_leaves_its_state_as_it_was() -> None:
    before = BASE.env(A="1")
    after = before.env(B="2").dir("/x").user("me")
    assert (dict(before.facts.env), before.facts.dir, before.facts.user) == ({"A": "1"}, "/", None)
    assert dict(after.facts.env) == {"A": "1", "B": "2"}


def test_reset_takes_the_facts_of_another_and_keeps_the_files() -> None:
    other = scratch().env(A="1").user("me").network("none").dir("/src")
    state = BASE.env(B="2").hostname("box").reset(other)
    assert state.vertex is BASE.vertex
    assert (dict(state.facts.env), state.facts.user, state.facts.network) == ({"A": "1"}, "me", "none")
    assert (state.facts.hostname, state.facts.dir) == ("", "/")


def test_reset_keeps_the_platform_that_the_files_are_for() -> None:
    arm = image("alpine", inherit=False, platform="linux/arm64")
    assert str(arm.reset(scratch().platform("linux/s390x")).facts.platform) == "linux/arm64"


def test_a_ulimit_is_a_value() -> None:
    assert Ulimit("nofile", 1, 2) == Ulimit("nofile", 1, 2) != Ulimit("nofile", 1, 3)


def test_a_state_with_facts_alone_has_no_vertex() -> None:
    state: State = scratch().env(A="1").dir("/x")
    assert state.marshal().ops == ()
