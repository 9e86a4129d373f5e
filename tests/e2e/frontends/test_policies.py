"""Source policies: what a client says about the sources of a build, and the frontend follows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.bed import marked
from tests.e2e.frontends.ways import Builds

pytestmark = pytest.mark.e2e

BASE = """\
from llbpy import State, image, target

@target
def base(salt: str) -> State:
    return image("busybox").env(FROM_CONFIG=salt).write("/which", salt)
"""
USING = """\
from llbpy import State, image, output, target

@target
def app(ref: str) -> State:
    base = image(ref)
    ran = base.run("cp /which /out/; echo $FROM_CONFIG > /out/config", mounts=[output("/out")])
    return ran.output("/out")
"""


def policy(builds: Builds, *rules: Mapping[str, object]) -> str:
    """The option for a policy of these rules."""
    path = Path(builds.folder / "policy.json")
    path.write_text(json.dumps({"version": 1, "rules": rules}))
    return f"--source-policy-file={path}"


def convert(source: str, other: str, **attrs: str) -> dict[str, object]:
    selector = {"identifier": f"docker-image://{source}", "matchType": "EXACT"}
    return {"action": "CONVERT", "selector": selector, "updates": {"identifier": other, "attrs": attrs}}


def deny(source: str) -> dict[str, object]:
    return {"action": "DENY", "selector": {"identifier": source}}


def test_an_image_that_a_policy_names_takes_the_place_of_another_with_its_config(builds: Builds) -> None:
    one, other = [
        builds.push(builds.write(BASE), f"build-arg:salt={builds.salt}-{which}") for which in ("one", "other")
    ]
    words = [policy(builds, convert(f"{one}:latest", f"docker-image://{other}:latest"))]
    built = builds.export(builds.write(USING), f"build-arg:ref={one}", words=words)
    assert (built.text("which"), built.text("config")) == (f"{builds.salt}-other", f"{builds.salt}-other")


def test_policies_are_followed_from_image_to_image(builds: Builds) -> None:
    last = builds.push(builds.write(BASE), f"build-arg:salt={builds.salt}")
    names = [f"{builds.registry}/e2e/{builds.salt}-{number}:latest" for number in range(4)]
    steps = [
        convert(one, f"docker-image://{other}")
        for one, other in zip(names, [*names[1:], f"{last}:latest"], strict=True)
    ]
    built = builds.export(builds.write(USING), f"build-arg:ref={names[0]}", words=[policy(builds, *steps)])
    assert built.text("config") == builds.salt


def test_an_image_that_is_denied_is_shown_with_its_line(builds: Builds) -> None:
    ref = builds.push(builds.write(BASE), f"build-arg:salt={builds.salt}")
    words = [policy(builds, deny(f"docker-image://{ref}*"))]
    said = builds.fails(builds.write(USING), f"build-arg:ref={ref}", words=words)
    assert marked(said) == ["base = image(ref)"]
    assert f'source "docker-image://{ref}:latest" denied by policy' in said.splitlines()[-1]


def test_a_file_from_the_web_can_be_denied_or_another(builds: Builds, web: str) -> None:
    builds.files({"one": "1", "other": "2"}).rename(builds.folder / "web")
    text = """\
from llbpy import State, http, target

@target
def app(url: str) -> State:
    return http(url, filename="file")
"""
    folder, option = builds.write(text), f"build-arg:url={web}/one"
    rule = {
        "action": "CONVERT",
        "selector": {"identifier": f"{web}/one"},
        "updates": {"identifier": f"{web}/other"},
    }
    assert builds.export(folder, option, words=[policy(builds, rule)]).text("file") == "2"
    said = builds.fails(folder, option, words=[policy(builds, deny(f"{web}/*"))])
    assert f'source "{web}/one" denied by policy' in said.splitlines()[-1]


ALL = """\
from llbpy import State, git, http, image, merge, scratch, target

@target
def app() -> State:
    return merge(
        scratch().copy(image("busybox")["/bin/busybox"], "/"),
        scratch().copy(image("busybox", inherit=False)["/etc/passwd"], "/"),
        http("{web}/one", filename="one"),
        http("{web}/other", filename="other"),
        git("{git}"),
    )
"""


DENIED = (
    ("docker-image://docker.io/library/busybox*", 'scratch().copy(image("busybox")["/bin/busybox"], "/"),'),
    ("{web}/other", 'http("{web}/other", filename="other"),'),
    ("{git}*", 'git("{git}"),'),
)


@pytest.mark.parametrize(("source", "line"), DENIED)
def test_any_source_that_is_denied_is_shown_with_its_line(
    builds: Builds, web: str, remotes: str, source: str, line: str
) -> None:
    builds.files({"one": "1", "other": "2"}).rename(builds.folder / "web")
    builds.repository().commit({"file": ""})
    names = {"web": web, "git": f"{remotes}/{builds.salt}"}
    folder = builds.write(ALL.format(**names))
    assert "one" in builds.export(folder, words=[policy(builds, deny("nothing"))]).names
    said = builds.fails(folder, words=[policy(builds, deny(source.format(**names)))])
    assert marked(said) == [line.format(**names)]
    assert "denied by policy" in said.splitlines()[-1]
