"""What a whole build says of its vertices."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import Definition, Proxy, Resources, State, Ulimit, bind, cache, image, local, output, scratch, ssh, tmpfs
from llbpy.graph import messages as pb
from llbpy.graph.defaults import Defaults
from llbpy.graph.marshal import Marshaller
from llbpy.graph.marshal import marshal as marshal_output
from llbpy.graph.platforms import Platform
from llbpy.graph.sourcemap import SourceFiles
from tests.graph.decoding import plain


def marshal(state: State, **said: Any) -> Definition:
    marshaller = Marshaller(Platform("linux", "amd64"), "unique", None, {}, SourceFiles(), Defaults(**said))
    return marshal_output(state.vertex, marshaller)


def ops(state: State, **said: Any) -> list[dict[str, Any]]:
    return [pb.Op.decode(op) for op in marshal(state, **said).ops]


def exec_of(state: State, **said: Any) -> dict[str, Any]:
    found: dict[str, Any] = ops(state, **said)[-2]["exec"]
    return found


def meta_of(state: State, **said: Any) -> dict[str, Any]:
    found: dict[str, Any] = exec_of(state, **said)["meta"]
    return found


RUN = plain().run(["make"])


def test_defaults_that_say_nothing_change_nothing() -> None:
    state = local("context").copy(RUN, "/x")
    assert marshal(state).ops == state.marshal(platform="linux/amd64", unique_id="unique").ops


def test_a_network_is_for_commands_that_name_none() -> None:
    assert exec_of(RUN, network="host")["network"] == 1
    assert exec_of(plain().run(["make"], network="none"), network="host")["network"] == 2


def test_host_name_and_cgroup_yield_to_the_commands_own() -> None:
    named = plain().run(["make"], hostname="mine", cgroup_parent="own")
    assert meta_of(RUN, hostname="h", cgroup_parent="c")["hostname"] == "h"
    found = meta_of(named, hostname="h", cgroup_parent="c")
    assert (found["hostname"], found["cgroupParent"]) == ("mine", "own")


def test_hosts_and_limits_come_on_top() -> None:
    state = plain().extra_host("a", "1.1.1.1").ulimit("core", 0, 0).run(["make"])
    found = meta_of(state, extra_hosts=(("b", "2.2.2.2"),), ulimits=(Ulimit("nofile", 5, 6),))
    assert [host["Host"] for host in found["extraHosts"]] == ["a", "b"]
    assert [limit["Name"] for limit in found["ulimit"]] == ["core", "nofile"]


def test_the_size_of_shared_memory_is_a_tmpfs_unless_something_is_mounted_there() -> None:
    (mount,) = [each for each in exec_of(RUN, shm_size=1 << 20)["mounts"] if each["dest"] == "/dev/shm"]
    assert (mount["mountType"], mount["TmpfsOpt"]) == (4, {"size": 1 << 20})
    own = plain().run(["make"], mounts=[tmpfs("/dev/shm", size=5)])
    assert [each["TmpfsOpt"]["size"] for each in exec_of(own, shm_size=1 << 20)["mounts"][1:]] == [5]


def test_a_mount_that_is_added_moves_no_output() -> None:
    state = plain().run(["make"], mounts=[output("/a"), output("/z"), ssh()])
    copied = scratch().copy(state.output("/z"), "/")
    edges = [op["inputs"][0].get("index", 0) for op in ops(copied, shm_size=1 << 20) if "file" in op]
    assert edges == [2]


def test_proxies_and_resources_are_for_commands_that_have_none() -> None:
    found = meta_of(RUN, proxy=Proxy(http="http://p"))
    assert found["proxy_env"] == {"http_proxy": "http://p"}
    own = plain().run(["make"], proxy=Proxy(http="http://own"))
    assert meta_of(own, proxy=Proxy(http="http://p"))["proxy_env"] == {"http_proxy": "http://own"}


def test_resources_travel_in_the_metadata() -> None:
    data = marshal(RUN, resources=Resources(memory=5))
    assert data.metadata[data.head].resources == Resources(memory=5)
    assert "exec.meta.linux.resources" in data.metadata[data.head].caps


def test_a_namespace_is_put_before_the_ids_of_caches() -> None:
    state = plain().run(["make"], mounts=[cache("/c"), cache("/d", id="deps", sharing="locked")])
    options = [mount["cacheOpt"] for mount in exec_of(state, cache_namespace="ns")["mounts"][1:]]
    assert options == [{"ID": "ns//c"}, {"ID": "ns/deps", "sharing": 2}]


@pytest.mark.parametrize("mode", ["pull", "local"])
def test_a_mode_is_for_images_that_name_none(mode: str) -> None:
    assert ops(plain(), resolve=mode)[0]["source"]["attrs"] == {"image.resolvemode": mode}
    own = image("alpine", inherit=False, resolve="pull")
    assert ops(own, resolve="local")[0]["source"]["attrs"] == {"image.resolvemode": "pull"}


def test_folders_are_of_their_sessions() -> None:
    two = plain().run(["make"], mounts=[bind(local("a"), "/a"), bind(local("b", session="own"), "/b")])
    attrs = [op["source"]["attrs"] for op in ops(two, session="s") if op.get("source", {}).get("attrs")]
    assert [each["local.session"] for each in attrs] == ["s", "own"]
    assert ops(local("a"), session="s", sessions={"a": "other"})[0]["source"]["attrs"]["local.session"] == "other"
    assert "local.unique" not in ops(local("a"), session="s")[0]["source"]["attrs"]


def test_what_is_uncached_is_built_anew() -> None:
    state = plain().run(["make"]).mkdir("/x")
    data = marshal(state, uncached=lambda op: op.KIND == "exec")
    assert [data.metadata[digest].ignore_cache for digest in data.digests] == [False, True, False, False]
    data = marshal(state, uncached=lambda op: True)
    assert [data.metadata[digest].ignore_cache for digest in data.digests] == [False, True, True, False]


def test_facts_that_many_commands_share_are_completed_once() -> None:
    base = plain().env(A="1")
    state = base.run(["a"])
    for number in range(3):
        state = base.run([str(number)], mounts=[bind(state, "/m")])
    defaults = Defaults(hostname="h")
    assert defaults.facts(base.facts) is defaults.facts(base.facts)
    assert [op["exec"]["meta"]["hostname"] for op in ops(state, hostname="h") if "exec" in op] == ["h"] * 4
