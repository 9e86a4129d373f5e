"""Misuse reads like the specification says: what was wrong, with its value, and what would be right, at the user's line."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbpy import ArgumentError, BuildFileError, GraphError, LLBError, MountError, PathError, secret
from tests.dsl.written import loaded, said

TEXT = """\
from llbpy import Build, State, bind, git, http, image, output, scratch, secret, ssh, target

BASE = image("alpine", inherit=False)

@target
def app(build: Build, version: str = "dev") -> State:
    return {misuse}
"""
HIDING = "\n@target\ndef image() -> State:\n    return scratch()\n"
TOKEN = "ghp_0123456789abcdefghij"
CASES: list[tuple[str, type[LLBError], str]] = [
    (
        "BASE.run('make').output('/out')",
        MountError,
        "run 'make' has no mount at '/out' (it has none); add output('/out') to mounts=",
    ),
    (
        "BASE.copy('app', '/app')",
        PathError,
        "copy() source 'app' is a str; a path needs its filesystem: build.context()['app'], or state['app']",
    ),
    (
        f"git('https://example.com/r.git', auth_token_secret='{TOKEN}')",
        GraphError,
        "auth_token_secret is a secret's id, and this looks like a token (ghp_…, hidden); pass it with --secret id=GIT_AUTH_TOKEN",
    ),
    ("BASE.mkdir('/a', mode=755)", GraphError, "mode=755 is decimal (0o1363); did you mean 0o755?"),
    (
        "BASE.run('x', mounts=[secret('npm', owner='node')])",
        MountError,
        "secret 'npm' owner='node': names are not looked up for secrets; use numbers, e.g. (1000, 1000)",
    ),
    (
        "scratch().run('ls')",
        GraphError,
        "run 'ls' needs /bin/sh, but the filesystem is scratch(); give an argv list or start from an image",
    ),
    (
        "BASE.copy(scratch(), '/', link=True, owner='app')",
        GraphError,
        "copy(link=True) starts from scratch and cannot look up owner 'app'; use (uid, gid) or link=False",
    ),
]


@pytest.mark.parametrize(("misuse", "kind", "expected"), CASES, ids=[kind.__name__ for _, kind, _ in CASES])
def test_misuse_reads_like_this(tmp_path: Path, misuse: str, kind: type[LLBError], expected: str) -> None:
    with pytest.raises(BuildFileError) as caught:
        said(loaded(tmp_path, TEXT.format(misuse=misuse)))
    assert str(caught.value) == f"{tmp_path}/build.py:7: {expected}"
    assert type(caught.value.__cause__) is kind


def test_a_misspelt_argument_reads_like_this(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError) as caught:
        said(loaded(tmp_path, TEXT.format(misuse="BASE")), versoin="1")
    assert str(caught.value) == "target 'app' has no argument 'versoin'; did you mean 'version' (str, default 'dev')?"


def test_a_hiding_target_reads_like_this(tmp_path: Path) -> None:
    text = TEXT.replace('image("alpine", inherit=False)', "scratch()").format(misuse="image('alpine')") + HIDING
    with pytest.raises(BuildFileError) as caught:
        loaded(tmp_path, text)
    assert str(caught.value) == (
        f"{tmp_path}/build.py:9: target 'image' hides llbpy.image, called on line 7; "
        "rename the function and keep the name with @target(name='image')"
    )


def test_a_call_above_the_target_that_would_hide_it_does_no_harm(tmp_path: Path) -> None:
    assert loaded(tmp_path, TEXT.format(misuse="BASE") + HIDING).names() == ["app", "image"]


@pytest.mark.parametrize(
    "misuse",
    [
        f"git('https://example.com/r.git', auth_header_secret='Bearer {TOKEN}')",
        f"http('https://example.com/a', auth_header_secret='{TOKEN}')",
        f"BASE.run('x', mounts=[secret('{TOKEN}')])",
        f"BASE.run('x', mounts=[ssh('{TOKEN}')])",
        "BASE.run('x', mounts=[secret('github_pat_0123456789abc')])",
        "BASE.run('x', mounts=[secret('glpat-0123456789abcdef')])",
    ],
)
def test_a_secret_in_the_place_of_its_id_is_refused_and_hidden(tmp_path: Path, misuse: str) -> None:
    with pytest.raises(BuildFileError, match="is a secret's id, and this looks like a token") as caught:
        said(loaded(tmp_path, TEXT.format(misuse=misuse)))
    assert "0123456789" not in str(caught.value)
    assert "hidden" in str(caught.value)


@pytest.mark.parametrize("id", ["npm", "ghp_short", "GIT_AUTH_TOKEN", "token", "a-rather-long-name-of-a-secret"])
def test_an_id_that_is_one_is_taken(id: str) -> None:
    assert secret(id).target == f"/run/secrets/{id}"


@pytest.mark.parametrize(
    "id", ["npm_registry_token", "pypi-upload-token", "hf_token_of_the_lab", "sk-signing-key-of-ci"]
)
def test_an_id_in_plain_words_is_no_token(id: str) -> None:
    assert secret(id).target == f"/run/secrets/{id}"
