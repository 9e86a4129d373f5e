"""Named contexts that are graphs which came with the build, and their image configs."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from llbpy import ResolvedImage, scratch
from llbpy.errors import OptionError
from llbpy.gateway.contexts import NamedContexts
from tests.gateway.daemon import Daemon
from tests.gateway.opened import ARM64, CONFIG, built, data_of, named
from tests.graph.decoding import marshal

MADE = scratch().write("/file", "x")


def given(config: object, *texts: str) -> NamedContexts:
    """A context `x` that is a graph, with the config of an image."""
    daemon = Daemon()
    daemon.inputs = {"in": data_of(MADE), "nothing": b""}
    encoded = b64encode(json.dumps(config).encode()).decode()
    metadata = json.dumps({"containerimage.config": encoded} if config is not None else {"other": ""})
    return named(daemon, "context:x=input:in", f"input-metadata:in={metadata}", *texts)


def test_a_graph_that_came_along() -> None:
    daemon = Daemon()
    daemon.inputs = {"in": data_of(MADE)}
    contexts = named(daemon, "context:x=input:in")
    assert marshal(contexts["x"]).ops == marshal(MADE).ops
    assert daemon.rounds == []


def test_a_graph_with_an_image_config_passes_it_on() -> None:
    contexts = given(CONFIG)
    *_, run, _ = built(contexts, contexts["x"].run(["make"]), ARM64)
    assert (run["exec"]["meta"]["env"], run["exec"]["meta"]["user"]) == (["PATH=/bin"], "app")
    assert run["platform"] == {"Architecture": "amd64", "OS": "linux"}


def test_a_graph_whose_metadata_has_no_config_has_none() -> None:
    contexts = given(None)
    *_, run, _ = built(contexts, contexts["x"].run(["make"]))
    assert "env" not in run["exec"]["meta"]


def test_an_empty_graph_is_scratch_and_may_have_a_config() -> None:
    assert given(CONFIG, "context:y=input:nothing")["y"].vertex is None
    encoded = b64encode(json.dumps(CONFIG).encode()).decode()
    metadata = json.dumps({"containerimage.config": encoded})
    contexts = given(CONFIG, "context:y=input:nothing", f"input-metadata:nothing={metadata}")
    *_, made, _ = built(contexts, contexts["y"].mkdir("sub"))
    assert made["file"]["actions"][0]["mkdir"]["path"] == "/srv/sub"


def test_the_config_is_known_without_asking() -> None:
    contexts = given(CONFIG)
    assert contexts["x"].vertex is not None
    assert list(contexts.inquiry.answers.values()) == [ResolvedImage("", CONFIG)]


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("{", "is no JSON of base64"),
        ("[]", "is no JSON of base64"),
        ('{"containerimage.config": 5}', "is no JSON of base64"),
        ('{"containerimage.config": "!!!!"}', "is no JSON of base64"),
        ('{"containerimage.config": "e30"}', "is no JSON of base64"),
        ('{"containerimage.config": "e3*0="}', "is no JSON of base64"),
        ('{"containerimage.config": "ew=="}', "is no JSON of base64"),
        ('{"containerimage.config": "NQ=="}', "has an image config that is no JSON object"),
    ],
)
def test_metadata_that_is_none_is_said(metadata: str, message: str) -> None:
    daemon = Daemon()
    daemon.inputs = {"in": data_of(MADE)}
    contexts = named(daemon, "context:x=input:in", f"input-metadata:in={metadata}")
    with pytest.raises(OptionError, match=f"^input-metadata:in {message}") as caught:
        contexts["x"]
    assert caught.value.option == "input-metadata:in"
