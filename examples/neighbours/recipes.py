"""Recipes: functions that make functions from State to State. They know nothing of the image they are used on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from llbpy import State

Recipe: TypeAlias = Callable[[State], State]


def user(name: str, *, id: int) -> Recipe:
    """Adds a user with a home, who runs whatever comes after."""
    home = f"/home/{name}"
    script = f"""
        echo '{name}:x:{id}:{id}::{home}:/bin/sh' >> /etc/passwd
        echo '{name}:x:{id}:' >> /etc/group
        """

    def add(state: State) -> State:
        added = state.run(script, user="root", name=f"add user {name}")
        return added.mkdir(home, owner=(id, id), name=f"make {home}").user(name).dir(home)

    return add


def greeting(text: str) -> Recipe:
    """Writes what is shown to whoever logs in."""
    return lambda state: state.write("/etc/motd", f"{text}\n")


def stamped(version: str) -> Recipe:
    """Notes the version, in a file and in a label, and who the state's user is."""

    def stamp(state: State) -> State:
        note = f"{version} for {state.facts.user or 'root'}\n"
        return state.write("/etc/version", note).config(labels={"org.opencontainers.image.version": version})

    return stamp
