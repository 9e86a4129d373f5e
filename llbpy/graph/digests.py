"""SHA-256 digests as BuildKit writes them."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_WORTH_OPENSSL = 2000
"""From how many digests on OpenSSL's speed makes up for the two milliseconds that loading it takes."""
_BUILT_IN = ("_sha2", "_sha256")
"""CPython's own, from 3.12 on and before."""


def hasher(count: int) -> Callable[[bytes], Any]:
    """The sha256 constructor that is fastest for that many small inputs."""
    if count < _WORTH_OPENSSL and "_hashlib" not in sys.modules:
        for name in _BUILT_IN:
            try:
                built_in: Callable[[bytes], Any] = __import__(name).sha256
            except ImportError:
                continue
            return built_in
    from hashlib import sha256

    return sha256
