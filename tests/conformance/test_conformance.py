"""Every case of the corpus gives what BuildKit's Go client gives: digests, metadata, refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from difflib import ndiff
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

import llbpy
from llbpy import Definition
from llbpy.graph import messages as pb
from llbpy.graph.protojson import to_json
from tests.conformance.__main__ import metadata, metadata_sha256, verdict
from tests.conformance.interpreter import Case, marshal

DATA = Path(__file__).with_name("data")
PROJECT = Path(__file__).parents[2]
CORPORA = ("features", "random")


def read(name: str) -> list[dict[str, Any]]:
    with open(DATA / f"{name}.jsonl", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def pairs() -> Iterator[tuple[Case, dict[str, Any]]]:
    """Each case with what is expected of it; scratch has no digests."""
    for corpus in CORPORA:
        for case, expected in zip(read(corpus), read(f"{corpus}.expected"), strict=True):
            yield case, {"digests": [], **expected}


PAIRS = list(pairs())
ACCEPTED = [pytest.param(*pair, id=pair[0]["name"]) for pair in PAIRS if "error" not in pair[1]]
REFUSED = [case for case, expected in PAIRS if "error" in expected]
SMALL = {corpus: read(corpus)[:3] for corpus in CORPORA}


def shown(op: bytes) -> list[str]:
    return json.dumps(to_json(pb.Op, pb.Op.decode(op)), indent=2, ensure_ascii=False).splitlines()


def difference(ours: Definition, expected: dict[str, Any]) -> str:
    """The first op that differs: against Go's where the corpus has its bytes, else ours alone."""
    for number, (mine, theirs) in enumerate(zip_longest(ours.digests, expected["digests"])):
        if mine == theirs:
            continue
        place = f"op {number}: {mine}, Go has {theirs}"
        lines = shown(ours.ops[number]) if mine else []
        if "definition" in expected:
            go = Definition.from_bytes(b64decode(expected["definition"])).ops
            lines = list(ndiff(shown(go[number]) if theirs else [], lines))
        return "\n".join((place, *lines))
    return ""


def test_the_corpora_have_an_expectation_for_every_case() -> None:
    assert [case["name"] for case, _ in PAIRS] == [expected["name"] for _, expected in PAIRS]
    assert (len(ACCEPTED), len(REFUSED)) == (487, 4)


@pytest.mark.parametrize(("case", "expected"), ACCEPTED)
def test_a_case_marshals_as_in_go(case: Case, expected: dict[str, Any]) -> None:
    ours = marshal(case)
    assert list(ours.digests) == expected["digests"], difference(ours, expected)
    if "metadata" in expected:
        assert metadata(ours) == expected["metadata"]
    assert metadata_sha256(ours) == expected["metadata_sha256"]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_what_go_refuses_is_refused_in_one_line(case: Case) -> None:
    with pytest.raises(llbpy.LLBError) as caught:
        marshal(case)
    assert str(caught.value)
    assert "\n" not in str(caught.value)


def case_of(reference: str) -> Case:
    return {
        "name": "one image",
        "platform": "linux/amd64",
        "nodes": [{"id": "a", "op": "image", "ref": reference}],
        "target": "a",
    }


def test_a_difference_shows_both_ops_where_the_bytes_of_go_are_known() -> None:
    case, expected = PAIRS[0]
    assert case["nodes"][0]["ref"] == "alpine"
    assert difference(marshal(case), expected) == ""
    told = difference(marshal(case_of("busybox")), expected).splitlines()
    assert told[0].startswith("op 0: sha256:")
    assert '-     "identifier": "docker-image://docker.io/library/alpine:latest"' in told
    assert '+     "identifier": "docker-image://docker.io/library/busybox:latest"' in told


def test_a_difference_shows_our_op_where_the_corpus_has_digests_alone() -> None:
    told = difference(marshal(case_of("busybox")), {"digests": PAIRS[0][1]["digests"]})
    assert '"identifier": "docker-image://docker.io/library/busybox:latest"' in told


def test_a_difference_in_length_is_one() -> None:
    case, expected = PAIRS[0]
    assert difference(marshal(case), {"digests": expected["digests"][:1]}).startswith("op 1: sha256:")
    assert difference(llbpy.scratch().marshal(), expected).startswith("op 0: None, Go has sha256:")


def line_of(expected: dict[str, Any]) -> dict[str, Any]:
    if "error" in expected:
        return {"name": expected["name"], "error": True}
    return {key: expected[key] for key in ("name", "digests", "metadata_sha256")}


def test_the_command_prints_one_line_for_each_case(tmp_path: Path) -> None:
    cases = [*SMALL["features"], REFUSED[0], *SMALL["random"]]
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(f"{json.dumps(case)}\n" for case in cases), encoding="utf-8")
    command = [sys.executable, "-m", "tests.conformance", str(file)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60)
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    known = {expected["name"]: expected for _, expected in PAIRS}
    assert printed == [line_of(known[case["name"]]) for case in cases]


def test_a_verdict_has_nothing_but_the_name_for_what_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    case = REFUSED[0]
    assert verdict(case) == {"name": case["name"], "error": True}
    assert capsys.readouterr().err.startswith(f"{case['name']}: ")
