"""What builders pass besides arguments: hosts, networks, limits, names, proxies, how images are looked up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.frontends.ways import Builds, buildx

pytestmark = pytest.mark.e2e

SEEN = """\
from llbpy import State, image, output, target

SCRIPT = '''
    grep llbpy.example /etc/hosts > hosts || true
    ls /sys/class/net > devices
    readlink /proc/self/ns/net > network
    echo $(ulimit -Sn) $(ulimit -Hn) > nofile
    df -k /dev/shm | tail -n 1 > shm
    cat /proc/self/cgroup > cgroup
    hostname > hostname
'''

@target
def app(salt: str) -> State:
    return image("busybox").env(SALT=salt).dir("/out").run(SCRIPT, mounts=[output("/out")]).output("/out")
"""


def salt(builds: Builds) -> str:
    return f"build-arg:salt={builds.salt}"


def check_limits(texts: dict[str, str]) -> None:
    """Checks what both ways of passing them ask for."""
    assert texts["hosts"].split() == ["10.1.2.3", "db.llbpy.example", "10.1.2.4", "web.llbpy.example"]
    assert texts["devices"] == "lo"
    assert texts["nofile"] == "123 456"
    assert texts["shm"].split()[1] == f"{128 << 10}"
    assert (
        "/llbpy-e2e/" in texts["cgroup"] or texts["cgroup"] == "0::/"
    )  # the second version of cgroups hides the parents


def read(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text().strip() for file in folder.iterdir()}


def test_limits_hosts_and_networks_of_all_commands(builds: Builds) -> None:
    options = (
        "add-hosts=db.llbpy.example=10.1.2.3,web.llbpy.example=10.1.2.4",
        "force-network-mode=none",
        "ulimit=nofile=123:456",
        f"shm-size={128 << 20}",
        "cgroup-parent=llbpy-e2e",
        "hostname=builder",
    )
    texts = read(builds.export(builds.write(SEEN), salt(builds), *options).folder)
    check_limits(texts)
    assert texts["hostname"] == "builder"


def test_limits_hosts_and_networks_as_buildx_spells_them(builds: Builds) -> None:
    words = (
        "--add-host=db.llbpy.example:10.1.2.3",
        "--add-host=web.llbpy.example=10.1.2.4",
        "--network=none",
        "--ulimit=nofile=123:456",
        "--shm-size=128m",
        "--cgroup-parent=llbpy-e2e",
        "--build-arg=BUILDKIT_SANDBOX_HOSTNAME=builder",
    )
    folder = builds.write(SEEN)
    given = (f"--file={folder / 'build.py'}", f"--build-arg=salt={builds.salt}", str(folder))
    texts = read(builds.typed(*words, *given).folder)
    check_limits(texts)
    assert texts["hostname"] == "builder"


def test_the_hosts_network_needs_to_be_allowed(builds: Builds) -> None:
    folder, options = builds.write(SEEN), (salt(builds), "force-network-mode=host")
    built = builds.export(folder, *options, words=["--allow=network.host"])
    assert built.text("network") == os.readlink("/proc/self/ns/net")
    assert "network.host is not allowed" in builds.fails(folder, *options)


PROXIED = """\
from llbpy import State, image, output, target

@target
def app(salt: str) -> State:
    script = 'echo "$HTTP_PROXY $https_proxy $NO_PROXY" > /out/seen'
    return image("busybox").env(SALT=salt).run(script, mounts=[output("/out")], name="ask").output("/out")
"""


def test_commands_see_proxies_which_are_no_reason_to_run_again(builds: Builds) -> None:
    folder = builds.write(PROXIED)

    def ask(number: int) -> list[str]:
        http, https = (f"http://{kind}.example:{number}" for kind in ("plain", "secure"))
        return [f"build-arg:HTTP_PROXY={http}", f"build-arg:https_proxy={https}", "build-arg:no_proxy=localhost"]

    first = builds.export(folder, salt(builds), *ask(1), way=buildx)
    assert first.text("seen") == "http://plain.example:1 http://secure.example:1 localhost"
    assert "takes no build argument" not in first.progress
    assert "ask" in builds.export(folder, salt(builds), *ask(2)).cached
    env = builds.archive(folder, salt(builds), *ask(1)).only.config["config"]["Env"]
    assert not [line for line in env if "proxy" in line.lower()]


USUAL = (
    *(f"build-arg:{name}=x" for name in ("TARGETPLATFORM", "TARGETARCH", "BUILDPLATFORM", "BUILDOS", "TARGETSTAGE")),
    *("build-arg:BUILDKIT_INLINE_CACHE=1", "build-arg:BUILDKIT_BUILD_NAME=x", "build-arg:all_proxy=http://a.example"),
)


def test_arguments_that_builders_always_pass_are_taken_in_silence(builds: Builds) -> None:
    assert "takes no build argument" not in builds.done(builds.write(PROXIED), salt(builds), *USUAL, way=buildx)


def test_other_arguments_are_one_warning_with_what_was_meant(builds: Builds) -> None:
    stray = ("build-arg:sallt=1", "build-arg:COMMIT=2", "platform=linux/amd64,linux/arm64")
    said = builds.done(builds.write(PROXIED), salt(builds), *stray, way=buildx)
    warning = "target 'app' takes no build argument 'COMMIT', 'sallt'; did you mean 'salt'?"
    assert said.count(f" - {warning}") == 1  # in buildx' list of all; if it comes in time, it is shown at its step too


KEPT = """\
from llbpy import State, cache, image, output, target

@target
def app(salt: str, line: str) -> State:
    script = f"echo {line} >> /kept/log; cp /kept/log /out/log"
    return image("busybox").run(script, mounts=[cache("/kept", id=salt), output("/out")]).output("/out")
"""


def test_cache_mounts_have_a_namespace(builds: Builds) -> None:
    folder, other = builds.write(KEPT), "build-arg:BUILDKIT_CACHE_MOUNT_NS=other"

    def log(line: str, *options: str) -> str:
        return builds.export(folder, salt(builds), f"build-arg:line={line}", *options).text("log")

    assert (log("1"), log("2", other), log("3"), log("4", other)) == ("1", "2", "1\n3", "2\n4")


MOVED = """\
from llbpy import State, image, scratch, target

@target
def app(ref: str) -> State:
    return scratch().copy(image(ref)["/content"], "/content")
"""
CONTENT = """\
from llbpy import State, scratch, target

@target
def app(salt: str) -> State:
    return scratch().write("/content", salt)
"""


@pytest.mark.parametrize("mode", ["default", "pull", "local"])
def test_images_are_looked_up_as_asked(builds: Builds, mode: str) -> None:
    content, ref = builds.write(CONTENT), f"{builds.registry}/e2e/{builds.salt}"
    pushed = [f"--output=type=image,name={ref},push=true"]
    for text in ("first", "second"):
        builds.done(content, f"build-arg:salt={text}", words=pushed)
        options = (f"build-arg:ref={ref}", f"image-resolve-mode={mode}")
        assert builds.export(builds.write(MOVED), *options).text("content") == text
