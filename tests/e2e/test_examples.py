"""Each example does what it says, in a build that takes nothing from the cache."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from llbpy.buildfile import load
from tests.e2e.bed import Bed, Named

pytestmark = pytest.mark.e2e

EXAMPLES = Path(__file__).parents[2] / "examples"
FRESH = "--no-cache"


def example(name: str, target: str = "") -> Named:
    return Named(EXAMPLES / name / "build.py", target)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*/build.py")), ids=lambda file: file.parent.name)
def test_every_example_starts_with_its_syntax_and_teaches_each_target(file: Path) -> None:
    assert file.read_text().startswith('# syntax=docker.io/llbpy/llbpy\n"""')
    targets = load(str(file)).targets.values()
    assert [target.name for target in targets if not target.doc] == []
    assert any(target.default for target in targets)


def test_hello_greets_whom_it_is_told(bed: Bed) -> None:
    built = bed.build(example("hello"), FRESH, name="you, o'body")
    assert (built.names, built.text("hello.txt")) == (["hello.txt"], "hello, you, o'body")


def test_zipapp_makes_a_file_that_python_runs(bed: Bed) -> None:
    built = bed.build(example("zipapp"), FRESH, f"--local=context={EXAMPLES / 'zipapp'}", version=bed.salt)
    (program,) = [built.folder / name for name in built.names]

    def run(*words: str, input: str = "") -> str:
        return subprocess.run(
            [sys.executable, program, *words], input=input, check=True, capture_output=True, text=True
        ).stdout

    assert run("--version").strip() == f"wordcount {bed.salt}"
    assert run("--limit=1", input="to be or not to be").split() == ["2", "be"]
    with zipfile.ZipFile(program) as packed:
        assert "wordcount/count.py" in packed.namelist()
        assert "wordcount/test_count.py" not in packed.namelist()


def test_zipapp_comes_in_an_image_that_knows_how_to_run_it(bed: Bed) -> None:
    context = f"--local=context={EXAMPLES / 'zipapp'}"
    image = bed.pushed(example("zipapp", "image"), context, version=bed.salt)
    assert image.layers[-1].files == ["usr/local/bin/wordcount"]
    assert image.config["config"]["Entrypoint"] == ["python3", "/usr/local/bin/wordcount"]
    assert image.config["config"]["Labels"]["org.opencontainers.image.version"] == bed.salt


def test_zipapp_is_not_made_if_its_tests_fail(bed: Bed) -> None:
    package = EXAMPLES / "zipapp" / "wordcount"
    texts = {f"wordcount/{file.name}": file.read_text() for file in package.glob("*.py")}
    texts["wordcount/count.py"] = texts["wordcount/count.py"].replace("text.lower()", "text")
    progress = bed.failure(example("zipapp"), bed.local("context", texts))
    assert "FAIL: test_words_are_counted_whatever_their_case" in progress
    assert " > test:\n" in progress


def test_debian_apt_installs_what_it_uses_and_keeps_no_lists(bed: Bed) -> None:
    squares = json.loads(bed.build(example("debian-apt"), FRESH).text("squares.json"))
    assert squares[2:4] == [{"number": 2, "square": 4}, {"number": 3, "square": 9}]
    image = bed.image(example("debian-apt", "tools"))
    assert "usr/bin/jq" in image.layers[-1].files
    assert not any(name.startswith(("var/lib/apt/lists/", "var/cache/apt/")) for name in image.layers[-1].files)


def test_secrets_sign_a_release_and_are_not_in_it(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    key = bed.folder / "key"
    key.write_text(bed.salt)
    monkeypatch.setenv("TOKEN", "token")
    given = f"--secret=id=signing-key,src={key}"
    draft = bed.build(example("secrets"), FRESH, given, version="2.0")
    published = bed.build(example("secrets"), FRESH, given, "--secret=id=release-token,env=TOKEN", version="2.0")
    assert draft.text("release.txt") == "llbpy 2.0"
    assert draft.text("release.txt.signature") == hashlib.sha256(f"{bed.salt}llbpy 2.0\n".encode()).hexdigest()
    assert (draft.text("status"), published.text("status")) == ("draft", "published")


def test_merge_diff_has_a_layer_for_each_part(bed: Bed) -> None:
    layers = bed.image(example("merge-diff"), FRESH).layers
    parts = [layer.files for layer in layers[1:]]
    assert parts == [["etc/passwd"], ["etc/app/config.toml"], ["var/lib/app/numbers"]]


def test_multi_platform_gathers_what_each_machine_says(bed: Bed) -> None:
    both = bed.build(example("multi-platform", "all"), FRESH)
    assert (both.text("amd64/machine"), both.text("arm64/machine")) == ("x86_64", "aarch64")
    assert bed.build(example("multi-platform"), FRESH, platform="linux/arm64").text("machine") == "aarch64"
    assert bed.build(example("multi-platform", "machine-amd64"), FRESH).text("machine") == "x86_64"


def test_neighbours_uses_recipes_from_the_file_beside_it(bed: Bed) -> None:
    image = bed.pushed(example("neighbours"), version=bed.salt)
    texts = {
        name: layer.text(name) for layer in image.layers for name in layer.files if name in ("etc/motd", "etc/version")
    }
    assert texts == {"etc/motd": "welcome", "etc/version": f"{bed.salt} for app"}
    config = image.config["config"]
    assert (config["User"], config["WorkingDir"], config["Cmd"]) == ("app", "/home/app", ["cat", "/etc/motd"])
