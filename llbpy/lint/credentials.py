"""What looks like a credential: names that variables and arguments for one have, and the values themselves."""

from __future__ import annotations

from llbpy.errors import GraphError
from llbpy.graph.tokens import masked, refuse_token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS = frozenset("apikey auth credential credentials key passphrase password passwd pword secret token".split())
_HARMLESS = frozenset("public file path dir sock url host user version type name id size length algorithm".split())
"""Words beside those above that say: not the thing itself, but about it."""
_ACCESS_KEY = "AWS_ACCESS_KEY_ID"
_PRIVATE_KEY = "PRIVATE KEY-----"
_PLAIN = frozenset("true false yes no on off".split())
_QUOTES = str.maketrans(dict.fromkeys("\"'`(){}<>,;=:@&|$", " "))


def is_secret_name(name: str) -> bool:
    """Whether a variable or an argument of that name would hold a credential.

    >>> is_secret_name("NPM_TOKEN"), is_secret_name("token_file"), is_secret_name("KEYBOARD")
    (True, False, False)
    """
    words = name.lower().replace("-", "_").split("_")
    return name.upper() == _ACCESS_KEY or (not _WORDS.isdisjoint(words) and _HARMLESS.isdisjoint(words))


def may_be_secret(value: str) -> bool:
    """Whether a value could be a credential at all; empty ones, switches, small numbers and paths are none."""
    return bool(value) and not (
        value.lower() in _PLAIN or value.startswith("/") or (value.isdigit() and len(value) < 4)
    )


def holds_token(text: str) -> bool:
    """Whether some word of a text looks like a token that a service gave out, or a private key begins in it.

    >>> holds_token("curl -H 'Authorization: Bearer 0123456789abcdef'"), holds_token("cat /dev/disk-0123456789ab")
    (True, False)
    """
    if _PRIVATE_KEY in text and "-----BEGIN " in text:
        return True
    return masked(text) != text and any(map(_is_token, _candidates(text)))


def _candidates(text: str) -> Iterator[str]:
    """Each word, and each pair of words: `Bearer 0123…`."""
    before = ""
    for word in text.translate(_QUOTES).split():
        yield word
        yield f"{before} {word}"
        before = word


def _is_token(text: str) -> bool:
    try:
        refuse_token("", text, "")
    except GraphError:
        return True
    return False
