"""SHA-256 digests as BuildKit writes them."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_WORTH_OPENSSL = 2000
"""From how many digests on OpenSSL's speed makes up for the two milliseconds that loading it takes."""
_BUILT_IN = "_sha2" if sys.version_info >= (3, 12) else "_sha256"
"""CPython's own. To ask for the one that is not there would be the dearest: that is looked for everywhere."""


def hasher(count: int) -> Callable[[bytes], Any]:
    """The sha256 constructor that is fastest for that many small inputs."""
    if count < _WORTH_OPENSSL and "_hashlib" not in sys.modules:
        try:
            built_in: Callable[[bytes], Any] = __import__(_BUILT_IN).sha256
        except ImportError:  # a Python may be built without
            pass
        else:
            return built_in
    from hashlib import sha256

    return sha256
