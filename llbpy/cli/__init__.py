"""The command `llbpy`: each other module here that has `HELP` is a subcommand, and only the one that is called is imported.

A subcommand has `HELP`, one line; `DESCRIPTION`, what it does, with examples; `configure(parser)`; and `run(options)`, which gives
the exit code. Data goes to stdout, talk to stderr.
"""

from __future__ import annotations

import sys

from llbpy.errors import LLBError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FAILED = 1
"""The exit code of a check that did not hold."""
WRONG_USAGE = 2
"""The exit code of a wrong command line or build file."""
OUR_BUG = 70
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command with `argv` (default: the process's arguments) and gives its exit code."""
    from llbpy.cli.commands import run

    try:
        return run(sys.argv[1:] if argv is None else argv)
    except LLBError as error:
        from llbpy.cli.failures import show

        show(error)
        return WRONG_USAGE
    except BrokenPipeError:
        sys.stdout = None  # whoever read our output has left; nothing can be said to them
        return FAILED
    except KeyboardInterrupt:
        print("llbpy: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception:
        from traceback import print_exc

        print_exc()
        print("llbpy: this is a bug in llbpy, not in your build file; please report the lines above", file=sys.stderr)
        return OUR_BUG
