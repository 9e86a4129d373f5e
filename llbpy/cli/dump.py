"""`llbpy dump`: a target's definition, for `buildctl build`."""

from __future__ import annotations

import sys

from llbpy.cli.options import add_target, make
from llbpy.errors import OptionError
from llbpy.identity import new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from llbpy.cli.options import Made
    from llbpy.graph.definition import Definition

HELP = "write a target's definition, as buildctl build reads it"
DESCRIPTION = """\
Writes the definition of a target to stdout: the bytes that BuildKit's own Go client would make of the same graph.

  llbpy dump | buildctl build --local context=. --output type=local,dest=out
  llbpy dump app --arg version=1.2 --platform linux/arm64 | buildctl build …

An image's config is not part of a definition. --metadata-file has it, and as one more field of --output, ready to use:

  llbpy dump --metadata-file meta.json > app.llb
  config=$(python3 -c 'import json; print(json.load(open("meta.json"))["buildctl.output"])')
  buildctl build --local context=. --output "type=image,name=example.com/app,push=true,$config" < app.llb
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_target(parser)
    parser.add_argument(
        "--metadata-file",
        metavar="FILE",
        help="write the image config, the digest and each step's lines to FILE, as JSON",
    )
    parser.add_argument(
        "--unique-id",
        metavar="ID",
        help="mark local folders with ID instead of a fresh one, for a dump to keep; clients that build with one ID at a time can "
        "get each other's files",
    )


def run(options: argparse.Namespace) -> int:
    if sys.stdout.isatty():
        raise OptionError("dump writes bytes that no terminal can show; pipe it to buildctl build, or see llbpy graph")
    made = make(options)
    definition = made.marshal(options.unique_id or new_id(), ask_hosts=True)
    _warn(made, definition)
    if options.metadata_file:
        _write_metadata(options.metadata_file, made, definition)
    sys.stdout.buffer.write(definition.to_bytes())
    sys.stdout.buffer.flush()
    return 0


def _warn(made: Made, definition: Definition) -> None:
    """Says what a definition cannot."""
    if not definition.ops:
        print(
            f"llbpy: warning: target {made.target.name!r} is scratch, and buildctl takes no empty definition",
            file=sys.stderr,
        )
    if made.exit_code is not None:
        advice = "whoever builds it has to look"
        print(
            f"llbpy: warning: the outcome in {made.exit_code.path!r} is no part of a definition; {advice}",
            file=sys.stderr,
        )


def _write_metadata(path: str, made: Made, definition: Definition) -> None:
    import json

    from llbpy.graph.journal import journal

    config = made.image_config()
    text = json.dumps(config, separators=(",", ":"), ensure_ascii=False)
    metadata = {
        "llbpy.target": made.target.name,
        "llbpy.digest": definition.digests[-1] if definition.digests else "scratch",
        "containerimage.config": config,
        "llbpy.journal": [
            {"digest": entry.digest, "target": entry.target, "name": entry.name, "frames": entry.frames}
            for entry in journal(definition, made.build_file.stretches())
        ],
        "buildctl.output": '"containerimage.config={}"'.format(text.replace('"', '""')),
    }
    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(metadata, file, indent=2, ensure_ascii=False)
            file.write("\n")
    except OSError as error:
        raise OptionError(f"--metadata-file {path!r} cannot be written: {error.strerror}", "--metadata-file") from error
