"""`llbpy graph`: a look at what would be built."""

from __future__ import annotations

import sys

from llbpy.cli.options import NOT_SENT, add_target, make
from llbpy.errors import OptionError
from llbpy.explain.formats import names, render
from llbpy.graph.definition import Definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

HELP = "draw a target's graph, or any definition's"
DESCRIPTION = """\
Draws the graph of a target, or with `-` of any definition on stdin, whoever made it.

  llbpy graph
  llbpy graph app --format dot | dot -Tpng -o app.png
  llbpy graph --format mermaid            for Markdown that renders diagrams
  llbpy graph - < app.llb
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_target(parser)
    parser.add_argument(
        "--format", choices=names(), default="text", help=f"one of {', '.join(names())} (default: text)"
    )


def run(options: argparse.Namespace) -> int:
    sys.stdout.write(render(_definition(options), options.format, _width()))
    return 0


def _definition(options: argparse.Namespace) -> Definition:
    if options.target != "-":
        return make(options).marshal(NOT_SENT)
    if sys.stdin.isatty():
        raise OptionError("graph - reads a definition from stdin, and that is a terminal; write llbpy graph - < FILE")
    return Definition.from_bytes(sys.stdin.buffer.read())


def _width() -> int | None:
    """As wide as the terminal, if there is one to read it on."""
    import os

    return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
