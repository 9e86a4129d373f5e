"""What a user passed to a frontend."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import Proxy, Resources, Ulimit
from llbpy.errors import OptionError
from llbpy.graph.platforms import Platform
from tests.gateway.opened import options
from tests.graph.decoding import plain

AMD64, ARM64, ARMV7 = Platform("linux", "amd64"), Platform("linux", "arm64"), Platform("linux", "arm", "v7")


MEANINGS: list[tuple[str, str, Any]] = [
    ("", "filename", "build.py"),
    ("filename=", "filename", "build.py"),
    ("filename=sub/app.py", "filename", "sub/app.py"),
    ("cmdline=llbpy/llbpy:1", "filename", "Dockerfile"),
    ("", "target", None),
    ("target=", "target", None),
    ("target=app", "target", "app"),
    ("", "request", ""),
    ("requestid=frontend.outline", "request", "frontend.outline"),
    ("", "context", ""),
    ("context=https://h.example/a.git", "context", "https://h.example/a.git"),
    ("contextsubdir=sub/dir", "context_subdir", "sub/dir"),
    ("", "file_key", "dockerfile"),
    ("dockerfilekey=other", "file_key", "other"),
    ("", "file_is_local", False),
    ("dockerfilekey=dockerfile", "file_is_local", True),
    ("build-arg:VERSION=1=2", "args", {"VERSION": "1=2"}),
    ("build-arg:EMPTY=", "args", {"EMPTY": ""}),
    ("label:a.b=c\nd", "labels", {"a.b": "c\nd"}),
    ("context:alpine::linux/arm64=local:x", "contexts", {"alpine::linux/arm64": "local:x"}),
    ("context=x", "contexts", {}),
    ("", "platforms", ()),
    ("platform=linux/arm64/v8", "platforms", (ARM64,)),
    ("platform=linux/amd64, linux/arm", "platforms", (AMD64, ARMV7)),
    ("", "multi_platform", False),
    ("platform=linux/amd64", "multi_platform", False),
    ("platform=linux/amd64,linux/arm64", "multi_platform", True),
    ("multi-platform=true", "multi_platform", True),
    ("multi-platform=0", "multi_platform", False),
    ("build-arg:BUILDKIT_MULTI_PLATFORM=1", "multi_platform", True),
    ("", "no_cache", None),
    ("no-cache=", "no_cache", frozenset()),
    ("no-cache=App, base", "no_cache", {"app", "base"}),
    ("", "resolve", "default"),
    ("image-resolve-mode=", "resolve", "default"),
    ("image-resolve-mode=pull", "resolve", "pull"),
    ("image-resolve-mode=local", "resolve", "local"),
    ("", "network", "sandbox"),
    ("force-network-mode=host", "network", "host"),
    ("force-network-mode=none", "network", "none"),
    ("", "extra_hosts", ()),
    ("add-hosts=DB=10.0.0.1,cache=FE80::0:1", "extra_hosts", (("db", "10.0.0.1"), ("cache", "fe80::1"))),
    ('add-hosts="db=::ffff:10.0.0.1"', "extra_hosts", (("db", "10.0.0.1"),)),
    ("", "ulimits", ()),
    ("ulimit=nofile=1024:2048", "ulimits", (Ulimit("nofile", 1024, 2048),)),
    ("ulimit=core=0,nproc=-1", "ulimits", (Ulimit("core", 0, 0), Ulimit("nproc", -1, -1))),
    ("ulimit=memlock=5:-1", "ulimits", (Ulimit("memlock", 5, -1),)),
    ("cgroup-parent=/docker", "cgroup_parent", "/docker"),
    ("hostname=box", "hostname", "box"),
    ("build-arg:BUILDKIT_SANDBOX_HOSTNAME=box", "hostname", "box"),
    ("", "shm_size", 0),
    ("shm-size=", "shm_size", 0),
    ("shm-size=134217728", "shm_size", 134217728),
    ("", "resources", None),
    ("memory=", "resources", None),
    ("memory=1048576", "resources", Resources(memory=1048576)),
    ("memswap=-1", "resources", Resources(memory_swap=-1)),
    ("memswap=2097152", "resources", Resources(memory_swap=2097152)),
    ("cpushares=512", "resources", Resources(cpu_shares=512)),
    ("cpuperiod=100000", "resources", Resources(cpu_period=100000)),
    ("cpuquota=50000", "resources", Resources(cpu_quota=50000)),
    ("cpusetcpus=0-3, 5,", "resources", Resources(cpuset_cpus="0-3, 5,")),
    ("cpusetmems=0", "resources", Resources(cpuset_mems="0")),
    ("build-arg:BUILDKIT_CACHE_MOUNT_NS=team", "cache_namespace", "team"),
    ("", "keep_git_dir", False),
    ("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR=", "keep_git_dir", False),
    ("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR=1", "keep_git_dir", True),
    ("", "check", None),
    ("build-arg:BUILDKIT_DOCKERFILE_CHECK=skip=all", "check", "skip=all"),
]


@pytest.mark.parametrize(("text", "attribute", "value"), MEANINGS)
def test_an_option_means(text: str, attribute: str, value: object) -> None:
    assert getattr(options(*([text] if text else [])), attribute) == value


WRONG: list[tuple[str, str, str]] = [
    ("platform=linux/amd46", "platform", "unknown architecture 'amd46'; did you mean 'amd64'?"),
    ("platform=a/b/c/d", "platform", "not of the form os"),
    ("multi-platform=maybe", "multi-platform", "multi-platform='maybe' is neither true nor false"),
    ("image-resolve-mode=pul", "image-resolve-mode", "did you mean 'pull'?; there are default, pull, local"),
    ("force-network-mode=bridge", "force-network-mode", "='bridge' is unknown; there are sandbox, host, none"),
    ("add-hosts=db", "add-hosts", "'db' is no HOST=IP"),
    ("add-hosts==1.1.1.1", "add-hosts", "'=1.1.1.1' is no HOST=IP"),
    ("add-hosts=db=1.1.1.1,", "add-hosts", "'' is no HOST=IP"),
    ("add-hosts=db=", "add-hosts", "extra host 'db': '' is no IP address"),
    ("add-hosts=db=host-gateway", "add-hosts", "extra host 'db': 'host-gateway' is no IP address"),
    ('add-hosts="db=1.1.1.1', "add-hosts", "has a quote that is never closed"),
    ('add-hosts="db"=1.1.1.1', "add-hosts", "has '=1.1.1.1' after a closed quote"),
    ("ulimit=nofile", "ulimit", "'nofile' is no NAME=SOFT[:HARD]"),
    ("ulimit=nofile=1:2:3", "ulimit", "'nofile=1:2:3' is no NAME=SOFT[:HARD]"),
    ("ulimit=nofile=5:", "ulimit", "'nofile=5:' is no NAME=SOFT[:HARD]"),
    ("ulimit=nofil=5", "ulimit", "'nofil' is unknown; did you mean 'nofile'?; there are core, cpu,"),
    ("ulimit=nofile=6:5", "ulimit", "'nofile=6:5' has a soft limit above the hard one (-1 is unlimited)"),
    ("ulimit=nofile=-1:5", "ulimit", "'nofile=-1:5' has a soft limit above the hard one (-1 is unlimited)"),
    ("shm-size=64m", "shm-size", "shm-size='64m' is no whole number from 0 to 9223372036854775807"),
    ("shm-size=-1", "shm-size", "shm-size='-1' is no whole number"),
    ("memory=²", "memory", "memory='²' is no whole number"),
    ("memory=9223372036854775808", "memory", "is no whole number from 0 to 9223372036854775807"),
    ("memory=0", "memory", "memory='0' leaves nothing; give a number from 1"),
    ("memswap=0", "memswap", "memswap='0' leaves nothing; give a number from 1, or -1 for no limit"),
    ("memswap=-2", "memswap", "memswap='-2' is no whole number"),
    ("cpushares=-1", "cpushares", "cpushares='-1' is no whole number"),
    ("cpusetcpus=0-", "cpusetcpus", "has '0-'; give numbers and ranges such as 0-3,5"),
    ("cpusetcpus=3-0", "cpusetcpus", "has '3-0'; give"),
    ("cpusetcpus=0-9000", "cpusetcpus", "has '0-9000'; give"),
    ("cpusetmems=all", "cpusetmems", "has 'all'; give"),
    ("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR=yes", "BUILDKIT_CONTEXT_KEEP_GIT_DIR", "is neither true nor false"),
    ("cache-imports={", "cache-imports", "is no JSON of types and attributes"),
    ("cache-imports=5", "cache-imports", "is no JSON of types and attributes"),
    ('cache-imports=["registry"]', "cache-imports", "is no JSON of types and attributes"),
    ('cache-imports=[{"Attrs":{}}]', "cache-imports", "is no JSON of types and attributes: 'type'"),
    ('cache-imports=[{"Type":5}]', "cache-imports", "is no JSON of types and attributes"),
    ('cache-imports=[{"Type":"registry","Attrs":{"ref":["a"]}}]', "cache-imports", "is no JSON of types"),
]


@pytest.mark.parametrize(("text", "option", "message"), WRONG)
def test_a_wrong_option_is_named_with_what_would_be_right(text: str, option: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        options(text)
    assert caught.value.option == option
    assert message in str(caught.value)


# Platforms -------------------------------------------------------------------------------------------------------------------


def test_several_platforms_cannot_be_one() -> None:
    with pytest.raises(OptionError, match=r"^multi-platform=false, and 2 platforms are asked for$") as caught:
        options("platform=linux/amd64,linux/arm64", "multi-platform=false")
    assert caught.value.option == "multi-platform"


@pytest.mark.parametrize(
    ("option", "argument", "meaning"), [("true", "0", False), ("false", "1", True), ("1", "", True)]
)
def test_the_argument_outdoes_the_option_unless_it_is_empty(option: str, argument: str, meaning: bool) -> None:
    asked = options(f"multi-platform={option}", f"build-arg:BUILDKIT_MULTI_PLATFORM={argument}")
    assert asked.multi_platform is meaning


def test_a_host_name_by_argument_outdoes_the_option() -> None:
    assert options("hostname=a", "build-arg:BUILDKIT_SANDBOX_HOSTNAME=b").hostname == "b"
    assert options("hostname=a", "build-arg:BUILDKIT_SANDBOX_HOSTNAME=").hostname == "a"


def test_the_context_may_be_in_another_option() -> None:
    assert options("contextkey=where", "where=git://h/a", "context=git://h/b").context == "git://h/a"


def test_the_order_of_the_options_does_not_count() -> None:
    texts = ["build-arg:B=1", "label:b=1", "context:b=local:b", "build-arg:A=2", "label:a=2", "context:a=local:a"]
    forth, back = options(*texts), options(*reversed(texts))
    assert list(forth.args) == list(back.args) == ["A", "B"]
    assert list(forth.labels) == list(back.labels)
    assert list(forth.contexts) == list(back.contexts)


# What every vertex is told ---------------------------------------------------------------------------------------------------


def test_defaults_are_all_that_concerns_a_command() -> None:
    asked = options(
        "force-network-mode=none",
        "hostname=box",
        "add-hosts=db=10.0.0.1",
        "ulimit=core=0",
        "cgroup-parent=/docker",
        "shm-size=1024",
        "memory=4096",
        "build-arg:BUILDKIT_CACHE_MOUNT_NS=team",
        "build-arg:all_proxy=p",
    )
    defaults = asked.defaults(None)
    facts = defaults.facts(plain().facts)
    assert (facts.network, facts.hostname, facts.cgroup_parent) == ("none", "box", "/docker")
    assert (facts.extra_hosts, facts.ulimits) == ((("db", "10.0.0.1"),), (Ulimit("core", 0, 0),))
    assert (defaults.shm_size, defaults.resources, defaults.cache_namespace) == (1024, Resources(memory=4096), "team")
    assert defaults.proxy == Proxy(all="p")
    assert defaults.changes_commands


def test_without_options_a_command_is_left_alone() -> None:
    defaults = options().defaults(None)
    assert not defaults.changes_commands
    assert defaults.proxy is None


def test_folders_are_of_the_session_that_has_them() -> None:
    asked = options("local-sessionid:other=o")
    assert (asked.local_session("other"), asked.local_session("context")) == ("o", "s")
    defaults = asked.defaults(None)
    assert (defaults.session, defaults.sessions) == ("s", {"other": "o"})


def test_images_are_looked_up_as_the_option_says() -> None:
    assert options("image-resolve-mode=pull").defaults(None).resolve == "pull"


def test_what_is_built_anew_is_said_by_the_caller() -> None:
    vertex = plain().mkdir("/a").vertex
    assert vertex is not None
    assert options().defaults(lambda op: op.KIND == "file").is_uncached(vertex[0])
    assert not options().defaults(lambda op: op.KIND == "exec").is_uncached(vertex[0])
