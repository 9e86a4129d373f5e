"""What the daemon calls a vertex in its progress, errors and history."""

from __future__ import annotations

from llbpy.graph.ops.op import Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any


def name(kind: str, payload: Mapping[str, Any], inputs: Sequence[str]) -> str:
    """The display name of a vertex from its decoded payload and the names of its inputs, in their order."""
    own = _NAMES.get(kind)
    if own is not None:
        return own(payload, inputs)
    known = Op.kinds.get(kind)
    return "unknown" if known is None else known.describe(payload)


def _build(payload: Mapping[str, Any], inputs: Sequence[str]) -> str:
    return "build"


def _merge(payload: Mapping[str, Any], inputs: Sequence[str]) -> str:
    return f"merge ({', '.join(inputs)})"


def _diff(payload: Mapping[str, Any], inputs: Sequence[str]) -> str:
    lower, upper = (_side(payload.get(side, {}), inputs) for side in ("lower", "upper"))
    return f"diff {lower} -> {upper}"


def _side(side: Mapping[str, Any], inputs: Sequence[str]) -> str:
    number = side.get("input", 0)
    return f"({inputs[number]})" if 0 <= number < len(inputs) else "scratch"


def _file(payload: Mapping[str, Any], inputs: Sequence[str]) -> str:
    return ", ".join([_action(action) for action in payload.get("actions", ())])


def _action(action: Mapping[str, Any]) -> str:
    if "symlink" in action:
        link = action["symlink"]
        return f"symlink {link.get('newpath', '')} -> {link.get('oldpath', '')}"
    if "copy" in action:
        copy = action["copy"]
        return f"copy {copy.get('src', '')} {copy.get('dest', '')}"
    verb = next((verb for verb in ("mkdir", "mkfile", "rm") if verb in action), "")
    return f"{verb} {action[verb].get('path', '')}" if verb else "unknown"


_NAMES: Mapping[str, Callable[[Mapping[str, Any], Sequence[str]], str]] = {
    "build": _build,
    "merge": _merge,
    "diff": _diff,
    "file": _file,
}
