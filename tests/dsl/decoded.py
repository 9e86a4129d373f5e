"""What a state comes to on the wire, decoded for assertions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llbpy import Definition, State, image, local
from llbpy.explain.graph import Vertex, read
from llbpy.graph.config import image_config
from llbpy.graph.platforms import Platform

Fields = Mapping[str, Any]

BASE = image("alpine", inherit=False)
FOLDER = local("context")
AMD64 = Platform("linux", "amd64")


def definition(state: State, **given: Any) -> Definition:
    return state.marshal(**{"platform": "linux/amd64", "unique_id": "test", **given})


def vertex(state: State, **given: Any) -> Vertex:
    """The vertex that a state is at."""
    head = read(definition(state, **given)).head
    assert head is not None, "the state is scratch"
    return head.vertex


def op(state: State, **given: Any) -> Fields:
    return vertex(state, **given).op


def titles(state: State, **given: Any) -> list[str]:
    return [each.title for each in read(definition(state, **given)).vertices]


def inputs(state: State) -> list[str]:
    """The titles of what the head takes, in the order of its inputs."""
    return [each.vertex.title for each in vertex(state).inputs]


def command(state: State, **given: Any) -> Fields:
    fields: Fields = op(state, **given)["exec"]
    return fields


def meta(state: State, **given: Any) -> Fields:
    fields: Fields = command(state, **given)["meta"]
    return fields


def variables(state: State, **given: Any) -> list[str]:
    listed: list[str] = meta(state, **given).get("env", [])
    return listed


def mounts(state: State) -> dict[str, Fields]:
    """The mounts of the head by target, the root's left out."""
    return {mount["dest"]: mount for mount in command(state)["mounts"] if mount["dest"] != "/"}


def actions(state: State, **given: Any) -> list[tuple[str, Fields]]:
    """The verbs of a file vertex, each with its fields."""
    verbs = ("copy", "mkdir", "mkfile", "symlink", "rm")
    return [
        (verb, action[verb]) for action in op(state, **given)["file"]["actions"] for verb in verbs if verb in action
    ]


def only(state: State, verb: str) -> Fields:
    """The fields of the one action of that verb."""
    [fields] = [fields for found, fields in actions(state) if found == verb]
    return fields


def source(state: State, **given: Any) -> tuple[str, Fields]:
    """Identifier and attributes of a source."""
    fields = op(state, **given)["source"]
    return fields["identifier"], fields.get("attrs", {})


def caps(state: State) -> frozenset[str]:
    """The capabilities that the head needs."""
    found = vertex(state).metadata
    assert found is not None
    return found.caps


def config(state: State, inherited: Fields | None = None, platform: Platform = AMD64) -> Fields:
    """The image config that a state is exported with, on a base image of this config."""
    return image_config(state.facts, state.facts.seen(inherited), inherited, platform)


def inner(state: State, inherited: Fields | None = None) -> Fields:
    """What a config says of containers."""
    fields: Fields = config(state, inherited)["config"]
    return fields
