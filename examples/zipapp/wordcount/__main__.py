"""The command `wordcount`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .count import most_common
from .version import VERSION


def main() -> int:
    """Prints the most frequent words of files, or of what comes in."""
    parser = argparse.ArgumentParser(
        prog="wordcount", description="Print the most frequent words of files, or of stdin."
    )
    parser.add_argument("files", nargs="*", type=Path, help="text files")
    parser.add_argument("--limit", type=int, default=5, help="how many words (default: 5)")
    parser.add_argument("--version", action="version", version=f"wordcount {VERSION}")
    options = parser.parse_args()
    text = "\n".join([file.read_text() for file in options.files]) if options.files else sys.stdin.read()
    for word, number in most_common(text, options.limit):
        print(f"{number:6} {word}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
