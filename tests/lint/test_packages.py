"""Rules on package managers, and on what installs see of the context."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbpy.lint.installs import install_of
from llbpy.lint.shell import calls
from tests.lint.checked import findings, rules, target

BASE = "image('debian:trixie', inherit=False)"
APT = "apt-get update && apt-get install -y git"
LOCKED = "[cache('/var/cache/apt', sharing='locked'), cache('/var/lib/apt', sharing='locked')]"


@pytest.mark.parametrize(
    ("command", "mount", "found"),
    [
        ("apt-get update", "cache('/var/lib/apt')", 1),
        ("apt-get update", "cache('/var/lib/apt/')", 1),
        ("apt-get update", "cache('/var/lib/apt/lists')", 1),
        ("apt-get update", "cache('/var/lib/apt', sharing='locked')", 0),
        ("apt-get update", "cache('/var/lib/apt', sharing='private')", 0),
        ("sudo DEBIAN_FRONTEND=noninteractive apt update", "cache('/var/cache/apt')", 1),
        ("dnf install -y git", "cache('/var/cache/libdnf5')", 1),
        ("microdnf install git", "cache('/var/cache/dnf')", 1),
        ("apk add git", "cache('/etc/apk/cache')", 1),
        ("apk add git", "cache('/var/cache/apt')", 0),
        ("echo apt-get", "cache('/var/cache/apt')", 0),
        ("make", "cache('/var/cache/apt')", 0),
    ],
)
def test_caches_of_package_managers_are_locked(tmp_path: Path, command: str, mount: str, found: int) -> None:
    text = target(f"{BASE}.run({command!r}, mounts=[{mount}])")
    assert rules(tmp_path, text).count("UnlockedPackageCache") == found


def test_each_unlocked_folder_is_named(tmp_path: Path) -> None:
    text = target(f"{BASE}.run({APT!r}, mounts=[cache('/var/cache/apt'), cache('/var/lib/apt')])")
    assert [one.detail for one in findings(tmp_path, text)] == [
        f"apt-get shares its cache at {folder} with whoever builds at the same time; write cache('{folder}', sharing='locked')"
        for folder in ("/var/cache/apt", "/var/lib/apt")
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"{BASE}.run({APT!r})", ["AptWithoutCleanup"]),
        (f"{BASE}.run({APT!r}).run('make').dir('/x').mkdir('/y')", ["AptWithoutCleanup"]),
        (f"{BASE}.run({APT!r}, mounts={LOCKED})", []),
        (f"{BASE}.run({APT!r}, mounts=[tmpfs('/var/lib/apt/lists')])", []),
        (f"{BASE}.run({APT!r}, mounts=[cache('/var/cache/apt', sharing='locked')])", ["AptWithoutCleanup"]),
        (f"{BASE}.run('{APT} && rm -rf /var/lib/apt/lists/*')", []),
        (f"{BASE}.run('{APT} && apt-get distclean')", []),
        (f"{BASE}.run({APT!r}).run('rm -rf /var/lib/apt/lists/*')", ["AptWithoutCleanup"]),
        (f"{BASE}.run({APT!r}).run('make', mounts=[output('/out')]).output('/out')", []),
        (f"scratch().copy({BASE}.run({APT!r})['/usr/bin/git'], '/git')", []),
        (f"diff({BASE}, {BASE}.run({APT!r}))", ["AptWithoutCleanup"]),
        (f"merge({BASE}, {BASE}.run({APT!r}))", ["AptWithoutCleanup"]),
        (f"diff({BASE}.run({APT!r}), {BASE}.run({APT!r}).run('make'))", []),
        (f"{BASE}.run({APT!r}).requires({BASE}.run('x'))", ["AptWithoutCleanup"]),
        (f"{BASE}.requires({BASE}.run({APT!r}))", []),
        (f"{BASE}.run('apt-get update').run('apt-get install git')", ["AptUpdateAlone", "AptWithoutCleanup"]),
        (f"{BASE}.run('apt-get update', mounts={LOCKED})", []),
        (f"{BASE}.run('apt-get -q update && apt-get -qq upgrade')", ["AptWithoutCleanup"]),
        (f"{BASE}.run(['apt-get', 'install', 'git'])", ["AptWithoutCleanup"]),
        (f"{BASE}.run(['apt-get', 'remove', 'git'])", []),
    ],
)
def test_what_apt_leaves_behind(tmp_path: Path, body: str, found: list[str]) -> None:
    assert rules(tmp_path, target(body)) == found


# Installs and the context

NODE = "image('node:22', inherit=False).dir('/app')"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"{NODE}.copy(build.context(), '.').run('npm ci')", True),
        (f"{NODE}.copy(build.context(), '.').mkdir('/x').run('true').run('npm ci')", True),
        (f"{NODE}.copy(build.context(exclude=['docs']), '.').run('npm ci')", True),
        (f"{NODE}.copy(build.context(), '.', link=True).run('npm ci')", True),
        (f"{NODE}.run('npm ci', mounts=[bind(build.context(), '/app')])", True),
        (f"{NODE}.run('npm ci', mounts=[bind(local('web'), '/app')])", True),
        (f"{NODE}.copy(build.context(), '.').run('cd web && pip install -r requirements.txt && make')", True),
        (f"{NODE}.copy(build.context(), '.').run('apk add git')", True),
        (f"{NODE}.copy(build.context(), '.').run('npm run build')", False),
        (f"{NODE}.copy(build.context(), '.').run('pip install .')", False),
        (f"{NODE}.copy(build.context(), '.', include=['package*.json']).run('npm ci')", False),
        (f"{NODE}.copy(build.context()['/package.json'], '.').run('npm ci')", False),
        (f"{NODE}.copy(build.context(include=['package*.json']), '.').run('npm ci').copy(build.context(), '.')", False),
        (f"{NODE}.run('npm ci', mounts=[bind(build.context()['/web'], '/app')])", False),
        (f"{NODE}.run('npm ci', mounts=[bind(build.context(), '/app'), cache('/root/.npm')])", False),
        (f"{NODE}.copy(git('https://example.com/a.git', 'v1'), '.').run('npm ci')", False),
    ],
)
def test_installs_do_not_see_the_whole_context(tmp_path: Path, body: str, found: bool) -> None:
    assert ("WholeContextBeforeInstall" in rules(tmp_path, target(body))) == found


def test_the_files_that_an_install_reads_are_named(tmp_path: Path) -> None:
    [one] = findings(tmp_path, target(f"{NODE}.copy(build.context(), '.').run('yarn install')"))
    assert one.detail == (
        "the whole context is copied before 'yarn install', so any change installs anew; "
        "give it context(include=['package.json', 'yarn.lock']) first"
    )


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("npm ci", "npm ci"),
        ("npm --prefix web i --omit=dev", "npm i"),
        ("/usr/local/bin/pip3.13 install -r requirements.txt", None),
        ("pip3 install -r requirements.txt", "pip install"),
        ("python3.13 -m pip install -r ./requirements.txt", "pip install"),
        ("pip install -e .", None),
        ("pip install ./lib", None),
        ("uv sync --frozen", "uv sync"),
        ("uv pip install -r requirements.txt", "uv pip install"),
        ("uv run pytest", None),
        ("yarn", "yarn"),
        ("yarn build", None),
        ("yarn --frozen-lockfile", "yarn"),
        ("go mod download", "go mod download"),
        ("go -C tools mod download", "go mod download"),
        ("go build ./...", None),
        ("cargo fetch", "cargo fetch"),
        ("apt-get -o Acquire::Retries=3 install -y git", "apt-get install"),
        ("bundle install", "bundle install"),
        ("composer install", "composer install"),
        ("npm run ci", None),
    ],
)
def test_calls_that_install(call: str, shown: str | None) -> None:
    found = install_of(call.split())
    assert (None if found is None else found.shown) == shown


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a b; c", [["a", "b"], ["c"]]),
        ("a 'b; c' \"d && e\"", [["a", "b; c", "d && e"]]),
        ("a \\\n  b", [["a", "b"]]),
        ("A=1 B='x y' sudo -E a", [["-E", "a"]]),
        ("if a; then b; fi", [["a"], ["b"], ["fi"]]),
        ("a # it's; b\nc", [["a"], ["c"]]),
        ("a | b || c & d", [["a"], ["b"], ["c"], ["d"]]),
        ("(cd x && a)", [["cd", "x"], ["a"]]),
        ("a 'never closed", [["a"]]),
        ("", []),
    ],
)
def test_shell_text_is_read_as_calls(text: str, found: list[list[str]]) -> None:
    assert calls(["/bin/sh", "-c", text]) == found


def test_a_list_is_one_call_whatever_is_in_it() -> None:
    assert calls(["echo", "a; b"]) == [["echo", "a; b"]]


LOOP = """\
@target
def app(build: Build) -> State:
    state = image("debian:trixie", inherit=False).copy(build.context(), "/x")
    for number in range(20_000):
        state = state.run(f"apt-get install -y p{number}")
    return state
"""


def test_twenty_thousand_installs_are_found_by_their_line(tmp_path: Path) -> None:
    assert rules(tmp_path, LOOP) == ["AptWithoutCleanup", "WholeContextBeforeInstall"]
