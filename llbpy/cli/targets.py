"""`llbpy targets`: what a build file can build."""

from __future__ import annotations

from llbpy.buildfile import find_build_file, load
from llbpy.cli.options import add_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from llbpy.buildfile import BuildFile
    from llbpy.dsl.targets import Target

HELP = "list the targets of a build file, with their arguments"
DESCRIPTION = """\
Lists the targets and groups of a build file: what each is for, and its arguments with their types and defaults.

  llbpy targets
  llbpy targets --format json | jq -r '.targets[].name'
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text for people (default), or json")


def run(options: argparse.Namespace) -> int:
    build_file = load(options.file or find_build_file())
    print(_json(build_file) if options.format == "json" else _text(build_file))
    return 0


def _text(build_file: BuildFile) -> str:
    if not build_file.targets:
        return f"{build_file.name} has no targets; mark a function with @target"
    blocks = [
        _target_text(build_file, target, target is _default(build_file)) for target in build_file.targets.values()
    ]
    blocks += [f"{name} (group)\n    {', '.join(members)}" for name, members in build_file.groups.items()]
    return "\n".join(blocks)


def _target_text(build_file: BuildFile, target: Target, is_default: bool) -> str:
    lines = [f"{target.name}{' (default)' if is_default else ''}"]
    if target.doc:
        lines.append(f"    {target.doc}")
    for argument in build_file.signature(target).arguments.values():
        value = "required" if argument.required else f"default {argument.plain_default!r}"
        doc = f"  {argument.doc}" if argument.doc else ""
        lines.append(f"      --arg {argument.name}={argument.kind.shown}  ({value}){doc}")
    return "\n".join(lines)


def _default(build_file: BuildFile) -> Target | None:
    marked = [target for target in build_file.targets.values() if target.default]
    only = list(build_file.targets.values()) if len(build_file.targets) == 1 else []
    return marked[0] if len(marked) == 1 else next(iter(only), None)


def _json(build_file: BuildFile) -> str:
    import json

    default = _default(build_file)
    targets = [_target_json(build_file, target, target is default) for target in build_file.targets.values()]
    groups = [{"name": name, "targets": members} for name, members in build_file.groups.items()]
    shown = {"file": build_file.name, "targets": targets, "groups": groups}
    return json.dumps(shown, indent=2, ensure_ascii=False, default=str)


def _target_json(build_file: BuildFile, target: Target, is_default: bool) -> dict[str, Any]:
    arguments = [
        {"name": argument.name, "type": argument.kind.shown, "required": argument.required, "doc": argument.doc}
        | ({} if argument.required else {"default": argument.plain_default})
        for argument in build_file.signature(target).arguments.values()
    ]
    return {
        "name": target.name,
        "default": is_default,
        "doc": target.doc,
        "file": target.where.rpartition(":")[0].removeprefix(build_file.folder + "/"),
        "line": int(target.where.rpartition(":")[2]),
        "arguments": arguments,
        "matrix": dict(target.bound),
        "settings": dict(target.settings),
    }
