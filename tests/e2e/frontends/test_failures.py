"""What goes wrong, as the user sees it: one sentence, and the lines of the build file that it is about, marked."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.e2e.bed import marked
from tests.e2e.frontends.ways import WAYS, Builds, Way

pytestmark = pytest.mark.e2e

HEAD = "from llbpy import Build, State, image, output, scratch, secret, target\n"
TARGET = "@target\ndef app(build: Build) -> State:\n"


class Wrong(NamedTuple):
    """A build file below HEAD, the lines that are marked, a part of the last line, and options."""

    text: str
    lines: list[str]
    sentence: str
    options: tuple[str, ...] = ()


TWO = "@target\ndef app() -> State:\n    return scratch()\n\n@target\ndef web() -> State:\n    return scratch()\n"
CALLS = f"def inner(x):\n    return 1 / x\n\ndef outer():\n    return inner(0)\n\n{TARGET}    outer()\n"
MANY_LINES = f"{TARGET}    return image('busybox').run(\n        'true',\n        mounts=[secret('gone')],\n    )\n"

EVERY_WAY = {
    "unknown target": Wrong(
        TWO,
        ["@target", "@target"],
        "build.py: no target 'wbe'; did you mean 'web'? (targets: app, web)",
        ("target=wbe",),
    ),
    "missing file": Wrong(
        f"{TARGET}    return scratch().copy(build.context()['missing'], '/')\n",
        ["return scratch().copy(build.context()['missing'], '/')"],
        '"/missing": not found',
    ),
    "missing image": Wrong(
        f"{TARGET}    return image('no-such/image:1').run('ls')\n",
        ["return image('no-such/image:1').run('ls')"],
        "build.py:5: docker.io/no-such/image:1: not found",
    ),
    "missing secret": Wrong(
        MANY_LINES,
        ["return image('busybox').run(", "'true',", "mounts=[secret('gone')],", ")"],
        "secret gone: not found",
    ),
    "exception": Wrong(
        CALLS, ["outer()", "return inner(0)", "return 1 / x"], "build.py:4: ZeroDivisionError: division by zero"
    ),
    "syntax error": Wrong(
        f"{TARGET}    return image('busybox'\n",
        ["return image('busybox'"],
        "build.py:5: syntax error: '(' was never closed",
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wrong", EVERY_WAY.values(), ids=EVERY_WAY)
def test_errors_are_shown_with_their_lines_in_every_way(builds: Builds, way: Way, wrong: Wrong) -> None:
    said = builds.fails(builds.write(HEAD + wrong.text), *wrong.options, way=way)
    assert marked(said) == wrong.lines
    assert wrong.sentence in said.rstrip().splitlines()[-1]
    assert "Traceback" not in said


ALSO = {
    "no default": Wrong(TWO, ["@target", "@target"], "no target is marked default=True; name one of app, web"),
    "misspelt option": Wrong(
        f"{TARGET}    return image('busybox').run('ls', mount=[])\n",
        ["return image('busybox').run('ls', mount=[])"],
        "build.py:5: run() has no option 'mount'; did you mean 'mounts'?",
    ),
    "missing mount": Wrong(
        f"{TARGET}    return image('busybox').run('ls').output('/out')\n",
        ["return image('busybox').run('ls').output('/out')"],
        "build.py:5: run 'ls' has no mount at '/out' (it has none); add output('/out') to mounts=",
    ),
    "no state": Wrong(
        f"{TARGET}    pass\n", ["@target"], "build.py:3: target 'app' returned None; a target returns a State"
    ),
    "exit": Wrong(
        f"import sys\n{TARGET}    sys.exit(3)\n",
        ["sys.exit(3)"],
        "build.py:6: sys.exit(3) ends the build file; a target returns a State, or raises to say that it cannot",
    ),
    "recursion": Wrong(
        f"def endless(n):\n    return endless(n + 1)\n\n{TARGET}    endless(0)\n",
        ["endless(0)", "return endless(n + 1)"],
        "RecursionError: maximum recursion depth exceeded",
    ),
    "hidden name": Wrong(
        "@target\ndef image() -> State:\n    return image('busybox')\n",
        ["@target"],
        "build.py:3: target 'image' hides llbpy.image, called on line 5",
    ),
    "file that is not there": Wrong(
        f"{TARGET}    return scratch().write('/a', build.read(image('busybox')['/nothing']))\n",
        ["return scratch().write('/a', build.read(image('busybox')['/nothing']))"],
        "open /nothing: no such file or directory",
    ),
    "failing step that is read": Wrong(
        f"{TARGET}    ran = image('busybox').run('false')\n    return scratch().write('/a', build.read(ran['/a']))\n",
        ["return scratch().write('/a', build.read(ran['/a']))", "ran = image('busybox').run('false')"],
        "exit code: 1",
    ),
    "wrong platform": Wrong(
        f"{TARGET}    return image('busybox', platform='linux/s390x').run('ls')\n",
        ["return image('busybox', platform='linux/s390x').run('ls')"],
        "no match for platform in manifest",
    ),
    "several missing images": Wrong(
        f"{TARGET}    one = image('no-such/one:1').run('ls')\n    return one.copy(image('no-such/two:1').run('ls')['/a'], '/a')\n",
        ["one = image('no-such/one:1').run('ls')"],
        "build.py:5: docker.io/no-such/one:1: not found; docker.io/no-such/two:1: not found",
    ),
}


@pytest.mark.parametrize("wrong", ALSO.values(), ids=ALSO)
def test_errors_are_shown_with_their_lines(builds: Builds, wrong: Wrong) -> None:
    said = builds.fails(builds.write(HEAD + wrong.text), *wrong.options)
    assert marked(said) == wrong.lines
    assert wrong.sentence in said.rstrip().splitlines()[-1]


def test_a_folder_without_a_build_file_says_how_to_name_one(builds: Builds) -> None:
    said = builds.fails(builds.files({"other.py": ""}))
    sentence = (
        "there is no 'build.py' in the folder given as 'dockerfile'; name the build file with -f (option filename=…)"
    )
    assert sentence in said.splitlines()[-1]


def test_a_value_that_looks_like_a_token_is_not_shown(builds: Builds) -> None:
    token = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
    said = builds.fails(builds.write(f"{HEAD}{TARGET}    raise ValueError('no access with {token}')\n"))
    assert "ValueError: no access with ghp_" in said.splitlines()[-1]
    assert token not in said.splitlines()[-1]
