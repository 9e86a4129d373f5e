"""What looks like a secret's value is refused as an id, and hidden in messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llbpy import git, http, secret, ssh
from llbpy.errors import GraphError
from llbpy.graph.tokens import masked, refuse_token

BODY = "A1b2C3d4E5f6G7h8"
TOKENS = [
    f"ghp_{BODY}",
    f"github_pat_{BODY}_{BODY}",
    f"glpat-{BODY}",
    f"npm_{BODY}",
    f"AKIA{BODY}",
    f"sk-proj-{BODY}",
    f"eyJ{BODY}.{BODY}.{BODY}",
    f"Bearer {BODY}",
    f"basic {BODY}==",
    f"-----BEGIN PRIVATE KEY-----\n{BODY}",
]
NAMES = [
    "",
    "GIT_AUTH_TOKEN",
    "npm_token",
    "npm_registry_token",
    "sk-",
    "ghp_",
    "ghp_short1",
    "sk-lowercaseletters",
    "token",
    BODY,
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_credential_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(GraphError) as caught:
        refuse_token("what", token, "NAME")
    assert BODY not in str(caught.value)
    assert str(caught.value).startswith("what is a secret's id, and this looks like a token (")
    assert str(caught.value).endswith("…, hidden); pass it with --secret id=NAME")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_taken(name: str) -> None:
    refuse_token("what", name, "NAME")
    assert masked(f"secret {name!r}") == f"secret {name!r}"


PLACES: dict[str, Callable[[str], object]] = {
    "secret": secret,
    "ssh": ssh,
    "git token": lambda value: git("https://a/b.git", auth_token_secret=value),
    "git header": lambda value: git("https://a/b.git", auth_header_secret=value),
    "http": lambda value: http("https://a/b", auth_header_secret=value),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_every_place_for_an_id_refuses_a_credential(place: Callable[[str], object]) -> None:
    with pytest.raises(GraphError) as caught:
        place(TOKENS[0])
    assert BODY not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        (f"run 'curl -H ghp_{BODY} x'", "run 'curl -H ghp_… x'"),
        (f"ghp_{BODY},npm_{BODY}", "ghp_…,npm_…"),
        (f"ghp_{BODY} and ghp_{BODY}", "ghp_… and ghp_…"),
        (f"https://u:ghp_{BODY}@host/x", "https://u:ghp_…@host/x"),
        ("npm_token stays", "npm_token stays"),
    ],
)
def test_credentials_in_text_are_cut_short(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_masking_what_is_masked_changes_nothing() -> None:
    assert masked(masked(f"ghp_{BODY}")) == "ghp_…"
