"""A frontend's result as a state, as far as nobody runs it."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import GraphError, UnresolvedError, frontend, scratch


def test_it_asks_for_a_daemon() -> None:
    with pytest.raises(UnresolvedError, match=r"dockerfile\.v0") as caught:
        frontend("dockerfile.v0").run(["make"]).marshal()
    assert caught.value.images == ("dockerfile.v0",)
    assert "test_frontend.py:" in caught.value.where


def test_what_is_asked_says_which_and_for_what() -> None:
    with pytest.raises(UnresolvedError) as caught:
        scratch().copy(frontend("docker/dockerfile:1", platform="linux/arm64"), "/x").marshal(platform="linux/amd64")
    assert [str(question) for question in caught.value.questions] == ["docker/dockerfile:1 (linux/arm64)"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"inputs": {"context": "."}}, "frontend() input 'context' is str; give a State"),
        ({"input": {}}, "frontend() has no option 'input'; did you mean 'inputs'?"),
    ],
)
def test_misuse_is_said(given: Any, problem: str) -> None:
    with pytest.raises(GraphError) as caught:
        frontend("dockerfile.v0", **given)
    assert caught.value.message == problem
