"""What a daemon's policies make of images: other images, other sources, refusals."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from llbpy import ImageQuestion, ResolvedImage, image, merge
from llbpy.errors import DaemonError, GraphError
from llbpy.transport.status import Status
from tests.gateway.daemon import Answer, Daemon
from tests.gateway.opened import AMD64, CONFIG, DIGEST, built, identifier, images, inquiry, named


def redirected(answer: Answer) -> tuple[Daemon, ResolvedImage | str]:
    """What is taken from a daemon that answers so when it is asked for an image."""
    daemon = Daemon()
    daemon.known[identifier("a")] = answer
    asking = inquiry(daemon)
    asking.marshal([(image("a").run(["make"]), AMD64)])
    (found,) = asking.answers.values()
    return daemon, found


def test_an_answer_about_the_image_itself_replaces_nothing() -> None:
    _, found = redirected(Answer(DIGEST, CONFIG))
    assert found == ResolvedImage(DIGEST, CONFIG)


def test_a_policy_may_pin_an_image() -> None:
    _, found = redirected(Answer(DIGEST, CONFIG, identifier=f"{identifier('a')}@{DIGEST}"))
    assert found == ResolvedImage(DIGEST, CONFIG)


def test_a_policy_may_name_another_image() -> None:
    _, found = redirected(Answer(DIGEST, CONFIG, identifier="docker-image://h.example/a:1"))
    assert found == ResolvedImage(DIGEST, CONFIG, "docker-image://h.example/a:1")


def test_a_source_that_is_no_image_has_no_config() -> None:
    daemon, found = redirected(Answer(identifier="https://h.example/a", attrs={"http.checksum": DIGEST}))
    assert found == ResolvedImage("", {}, "https://h.example/a", {"http.checksum": DIGEST})
    assert len(daemon.rounds) == 1


def test_an_image_that_is_named_but_not_described_is_asked_for() -> None:
    daemon = images("a", "b")
    daemon.known[identifier("a")] = Answer(identifier="docker-image://h.example/b:1", attrs={"image.checksum": DIGEST})
    daemon.known["docker-image://h.example/b:1"] = Answer(DIGEST, CONFIG)
    asking = inquiry(daemon)
    asking.marshal([(merge(image("a").run(["make"]), image("b").run(["make"])), AMD64)])
    assert daemon.shape == ["ResolveSourceMeta ResolveSourceMeta", "ResolveSourceMeta"]
    assert dict(daemon.requests("ResolveSourceMeta")[-1].Source.attrs) == {"image.checksum": DIGEST}
    assert asking.answers[ImageQuestion("docker.io/library/a:latest", AMD64)] == ResolvedImage(
        DIGEST, CONFIG, "docker-image://h.example/b:1", {"image.checksum": DIGEST}
    )


# Of named contexts -------------------------------------------------------------------------------------------------------------

ALPINE = identifier("alpine")


def test_an_image_that_a_policy_replaces_is_followed() -> None:
    daemon = Daemon()
    daemon.known[ALPINE] = Answer(DIGEST, CONFIG, identifier="docker-image://mirror.example/alpine:latest")
    contexts = named(daemon, "context:x=docker-image://alpine")
    image, run, _ = built(contexts, contexts["x"].run(["make"]))
    assert image["source"]["identifier"] == f"docker-image://mirror.example/alpine:latest@{DIGEST}"
    assert run["exec"]["meta"]["user"] == "app"
    assert len(daemon.rounds) == 1


def test_an_image_that_becomes_a_download() -> None:
    daemon = Daemon()
    daemon.known[ALPINE] = Answer(modified=5, identifier="https://h.example/root", attrs={"http.checksum": DIGEST})
    contexts = named(daemon, "context:x=docker-image://alpine")
    download, run, _ = built(contexts, contexts["x"].run(["make"]))
    assert download["source"] == {"identifier": "https://h.example/root", "attrs": {"http.checksum": DIGEST}}
    assert "user" not in run["exec"]["meta"]


def chain(length: int) -> Daemon:
    """A daemon whose policies send an image that many times to another one."""
    daemon = Daemon()
    names = [ALPINE, *[f"docker-image://h.example/{number}:1" for number in range(length)]]
    for name, other in pairwise(names):
        daemon.known[name] = Answer(identifier=other)
    daemon.known[names[-1]] = Answer(DIGEST, CONFIG)
    return daemon


@pytest.mark.parametrize("length", [1, 10])
def test_redirections_are_followed_up_to_ten_times(length: int) -> None:
    daemon = chain(length)
    contexts = named(daemon, "context:x=docker-image://alpine")
    image, *_ = built(contexts, contexts["x"].run(["make"]))
    assert image["source"]["identifier"] == f"docker-image://h.example/{length - 1}:1@{DIGEST}"
    assert len(daemon.rounds) == length + 1


def test_more_of_them_are_a_circle() -> None:
    contexts = named(chain(11), "context:x=docker-image://alpine")
    message = "the daemon's policies send docker.io/library/alpine:latest from source to source, 10 times over"
    with pytest.raises(GraphError, match=f"^{re.escape(message)}$"):
        built(contexts, contexts["x"].run(["make"]))


def test_a_denial_is_shown() -> None:
    daemon = Daemon()
    daemon.refused[ALPINE] = Status(9, "source denied by policy")
    contexts = named(daemon, "context:x=docker-image://alpine")
    with pytest.raises(DaemonError, match="source denied by policy") as caught:
        built(contexts, contexts["x"].run(["make"]))
    assert caught.value.code == 9
