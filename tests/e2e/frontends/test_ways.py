"""One build file, by every way: `buildctl` with the frontend's image or a syntax line, `buildx build`, `buildx bake`."""

from __future__ import annotations

import pytest

from tests.e2e.bed import marked
from tests.e2e.frontends.ways import WAYS, Builds, Way

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("way", WAYS)]

HELLO = """\
from llbpy import State, image, output, scratch, target

@target
def hello(name: str = "world") -> State:
    greeted = image("busybox").run(f"echo hello, {name} > /out/hello", mounts=[output("/out")])
    return scratch().copy(greeted.output("/out")["/hello"], "/hello")
"""


def test_hello(builds: Builds, way: Way) -> None:
    built = builds.export(builds.write(HELLO), "build-arg:name=you", way=way)
    assert (built.names, built.text("hello")) == (["hello"], "hello, you")


STAGES = """\
from llbpy import Build, State, bind, cache, image, output, scratch, target

@target(default=True)
def app(build: Build, salt: str) -> State:
    compiled = image("busybox").env(SALT=salt).run(
        "cat /src/main > /out/app; echo run >> /cache/log; wc -l < /cache/log >> /out/app",
        mounts=[bind(build.context(include=["main"]), "/src"), cache("/cache", id=salt), output("/out")],
        name="compile",
    )
    return scratch().copy(compiled.output("/out")["/app"], "/app", name="ship")

@target
def other(salt: str) -> State:
    return scratch().write("/other", salt)
"""


def test_stages_with_a_cache_mount_come_from_the_cache_the_second_time(builds: Builds, way: Way) -> None:
    folder, salt = builds.write(STAGES, {"main": "one\n"}), f"build-arg:salt={builds.salt}"
    assert "compile" not in builds.export(folder, salt, way=way).cached
    again = builds.export(folder, salt, way=way)
    assert again.text("app") == "one\n1"
    assert again.cached >= {"compile", "ship"}
    (folder / "main").write_text("two\n")
    assert builds.export(folder, salt, way=way).text("app") == "two\n2"


def test_a_target_is_built_by_its_name(builds: Builds, way: Way) -> None:
    folder = builds.write(STAGES, {"main": ""})
    built = builds.export(folder, "target=other", f"build-arg:salt={builds.salt}", way=way)
    assert (built.names, built.text("other")) == (["other"], builds.salt)


NO_CACHE = """\
from llbpy import State, bind, image, output, target

def drawn(salt: str, helpers: int = 5) -> State:
    if helpers:
        return drawn(salt, helpers - 1)
    return image("busybox").env(SALT=salt).run("cat /proc/sys/kernel/random/uuid > /out/it", mounts=[output("/out")])

@target
def base(salt: str) -> State:
    return drawn(salt).output("/out")

@target(default=True)
def app(salt: str) -> State:
    both = image("busybox").env(SALT=salt).run(
        "cp /base/it /out/base; cat /proc/sys/kernel/random/uuid > /out/app",
        mounts=[bind(base(salt), "/base"), output("/out")],
    )
    return both.output("/out")
"""


def test_no_cache_is_for_all_steps_or_for_those_of_one_target(builds: Builds, way: Way) -> None:
    folder, salt = builds.write(NO_CACHE), f"build-arg:salt={builds.salt}"

    def drawn(*options: str) -> tuple[str, str]:
        built = builds.export(folder, salt, *options, way=way)
        return built.text("base"), built.text("app")

    first, second, third = drawn(), drawn("no-cache="), drawn("no-cache=app")
    assert drawn() == third
    assert (second[0] != first[0], second[1] != first[1]) == (True, True)
    assert (third[0] == second[0], third[1] != second[1]) == (True, True)
    assert drawn("no-cache=base")[0] != third[0]


LABELS = """\
from llbpy import State, scratch, target

@target(labels={"own": "1", "both": "target"})
def app() -> State:
    return scratch().write("/file", "").config(labels={"config": "2"})
"""


def test_labels_come_from_the_option_the_target_and_the_state(builds: Builds, way: Way) -> None:
    options = ("label:both=option", 'label:quoted=a "b", ü')
    config = builds.archive(builds.write(LABELS), *options, way=way).only.config["config"]
    assert config["Labels"] == {"own": "1", "both": "option", "config": "2", "quoted": 'a "b", ü'}


FAILING = """\
from llbpy import State, image, target

@target
def app(salt: str) -> State:
    state = image("busybox").env(SALT=salt)
    state = state.run("echo this is why; false", name="the step that fails")
    return state.run("echo never")
"""


def test_a_failing_command_is_shown_with_its_line_its_output_and_its_name(builds: Builds, way: Way) -> None:
    said = builds.fails(builds.write(FAILING), f"build-arg:salt={builds.salt}", way=way)
    assert marked(said) == ['state = state.run("echo this is why; false", name="the step that fails")']
    assert "\nbuild.py:7\n" in said
    assert " > the step that fails:\n" in said
    assert "this is why" in said
    assert "exit code: 1" in said
