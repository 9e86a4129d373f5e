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
_SHORTEST = 16


def refuse_token(what: str, value: str, suggestion: str) -> None:
    """Raises GraphError, which hides the value, if it looks like a credential instead of a secret's id."""
    for prefix in _PREFIXES:
        if value.startswith(prefix) and len(value) >= _SHORTEST:
            raise GraphError(
                f"{what} is a secret's id, and this looks like a token ({prefix.rstrip()}…, hidden); "
                f"pass it with --secret id={suggestion}"
            )
