"""Secrets are named by id and never given: what looks like a secret's value is refused before it reaches the graph."""

from __future__ import annotations

from llbpy.errors import GraphError

_PREFIXES = (
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "npm_",
    "pypi-",
    "dckr_pat_",
    "AKIA",
    "ASIA",
    "AIza",
    "hf_",
    "sk-",
    "eyJ",
    "-----BEGIN ",
    "Basic ",
    "Bearer ",
    "basic ",
    "bearer ",
    "token ",
)
_RUN = 12
"""So many letters and digits in a row make a credential; names have separators earlier."""
_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.=+/")


def refuse_token(what: str, value: str, suggestion: str) -> None:
    """Raises GraphError, which hides the value, if it looks like a credential instead of a secret's id."""
    prefix = _token_prefix(value)
    if prefix:
        raise GraphError(
            f"{what} is a secret's id, and this looks like a token ({prefix.rstrip()}…, hidden); "
            f"pass it with --secret id={suggestion}"
        )


def masked(text: str) -> str:
    """The text with whatever looks like a credential cut short, for messages that show what people wrote."""
    for prefix in _PREFIXES:
        at = text.find(prefix)
        while at >= 0:
            start = end = at + len(prefix)
            while end < len(text) and text[end] in _CHARACTERS:
                end += 1
            if _token_prefix(text[at:end]):
                text = f"{text[:start]}…{text[end:]}"
            at = text.find(prefix, start)
    return text


def _token_prefix(value: str) -> str:
    for prefix in _PREFIXES:
        if value.startswith(prefix):
            rest = "".join([char if char.isalnum() else " " for char in value[len(prefix) :]])
            runs = [run for run in rest.split() if len(run) >= _RUN]
            if any(not (run.islower() and run.isalpha()) for run in runs):
                return prefix
    return ""
