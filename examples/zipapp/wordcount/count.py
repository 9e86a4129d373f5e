"""Which words a text has, and how often."""

from __future__ import annotations

import re
from collections import Counter


def most_common(text: str, limit: int = 5) -> list[tuple[str, int]]:
    """The most frequent words in lower case, with their numbers; words of one number in order of the alphabet."""
    counted = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    return sorted(counted.items(), key=lambda found: (-found[1], found[0]))[:limit]
