"""Files that a context leaves out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.checked import findings, rules, target


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("scratch().copy(build.context(include=['src'])['/README.md'], '/')", True),
        ("scratch().copy(build.context(include=['src'])['/src/a/b'], '/')", False),
        ("scratch().copy(build.context(include=['src/*.py'])['/src'], '/')", False),
        ("scratch().copy(build.context(include=['**/*.py'])['/src'], '/')", False),
        ("scratch().copy(build.context(include=['src/*.py'])['/src/a.txt'], '/')", True),
        ("scratch().copy(build.context(include=['src']), '/')", False),
        ("scratch().copy(build.context(exclude=['docs'])['/docs/a'], '/')", True),
        ("scratch().copy(build.context(exclude=['docs', '!docs/a'])['/docs/a'], '/')", False),
        ("scratch().copy(build.context(exclude=['docs/*', '!docs/a'])['/docs'], '/')", False),
        ("scratch().copy(build.context(exclude=['docs']).glob('docs/*.md'), '/')", False),
        ("scratch().copy(local('x', follow=['a'])['/b'], '/')", False),
        ("image('alpine:3.22', inherit=False).run('x', mounts=[bind(build.context(include=['a'])['/b'], '/b')])", True),
        (
            "image('alpine:3.22', inherit=False).run('x', mounts=[bind(build.context(include=['a'])['/a'], '/b')])",
            False,
        ),
        ("scratch().copy(scratch().copy(build.context(include=['a']), '/')['/b'], '/')", False),
    ],
)
def test_a_file_that_is_not_sent_is_found(tmp_path: Path, body: str, found: bool) -> None:
    assert rules(tmp_path, target(body)) == (["CopyIgnoredFile"] if found else [])


def test_it_says_who_leaves_it_out(tmp_path: Path) -> None:
    [one] = findings(tmp_path, target("scratch().copy(build.context(include=['src'])['/README.md'], '/')"))
    assert one.detail == "'/README.md' of the context is not sent: include= does not name it; add 'README.md' there"
    [one] = findings(tmp_path, target("scratch().copy(build.context(exclude=['a'])['/a'], '/')"))
    assert one.detail.endswith("an ignore file or exclude= leaves it out; take it back with '!' there")


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ("cmd='serve --port 80'", True),
        ("entrypoint='serve'", True),
        ("cmd='exec serve'", False),
        ("cmd=['serve']", False),
        ("cmd=['/bin/sh', '-c', 'serve; clean-up']", False),
        ("labels={'cmd': 'sh -c x'}", False),
    ],
)
def test_what_a_container_runs_is_a_list(tmp_path: Path, config: str, found: bool) -> None:
    text = target(f"image('alpine:3.22', inherit=False).config({config})")
    assert rules(tmp_path, text) == (["ShellFormCommand"] if found else [])


def test_text_for_a_container_is_found_where_it_is_given(tmp_path: Path) -> None:
    text = target("image('alpine:3.22', inherit=False).config(\n        cmd='serve',\n    )")
    [one] = findings(tmp_path, text)
    assert (one.line, one.detail) == (
        7,
        "cmd 'serve' runs in a shell, which passes no signals on; give a list: config(cmd=[…])",
    )


def test_what_an_image_runs_already_is_nobodys_finding(tmp_path: Path) -> None:
    base = {"config": {"Cmd": ["/bin/sh", "-c", "serve"]}}
    assert rules(tmp_path, target("image('alpine:3.22').run('x')"), base=base) == []
