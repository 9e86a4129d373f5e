"""File: several file actions in one vertex."""

from __future__ import annotations

from llbpy.graph import messages as pb
from llbpy.graph.fileactions import ActionChain
from llbpy.graph.ops.op import Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llbpy.graph.constraints import Constraints
    from llbpy.graph.facts import Facts
    from llbpy.graph.fileactions import FileAction
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.ops.op import Output
    from llbpy.graph.platforms import Platform
    from llbpy.graph.sourcemap import Site

_CAPS = frozenset(("file.base",))

_input = pb.FileAction.input.write
_secondary = pb.FileAction.secondaryInput.write
_NOT_LAST = pb.FileAction.output.write(-1)


class FileOp(Op):
    """A chain of actions on one filesystem."""

    __slots__ = ("chain",)

    KIND = "file"

    def __init__(self, chain: ActionChain, constraints: Constraints, site: Site) -> None:
        self.chain = chain
        self.constraints = constraints
        self.site = site

    @property
    def platform(self) -> Platform | None:
        return None

    def inputs(self) -> list[Op]:
        """From the last action back to the first: the filesystem it acts on, then what it copies."""
        found: list[Op] = []
        todo = [(self.chain, action) for action in self.chain.actions]
        while todo:
            chain, action = todo.pop()
            if chain.output is not None:
                found.append(chain.output[0])
            source = action.source
            if isinstance(source, ActionChain):
                todo += [(source, each) for each in source.actions]
            elif source is not None:
                found.append(source[0])
        return found

    def encode(self, marshaller: Marshaller) -> bytes:
        plan = _Plan(marshaller)
        plan.add(self.chain)
        inputs = b"".join(plan.inputs)
        return inputs + marshaller.surroundings(None, self.constraints.worker_filters) + pb.Op.file.write(plan.payload())

    def caps(self, marshaller: Marshaller) -> frozenset[str]:
        return _CAPS

    @staticmethod
    def describe(fields: Mapping[str, Any]) -> str:
        return ", ".join([_describe(action) for action in fields.get("actions", ())])


_SCRATCH = -1


class _Plan:
    """A chain laid out as Go lays it out, sub-chains before the action that copies from them, with inputs numbered on the way.

    A reference is an input's number, -1 for scratch, or `_row(n)` for what an earlier action leaves: those follow the inputs,
    whose number is only known at the end.
    """

    def __init__(self, marshaller: Marshaller) -> None:
        self.inputs: dict[bytes, int] = {}
        self._marshaller = marshaller
        self._rows: list[tuple[FileAction, Facts, int, int, int]] = []
        self._ends: dict[ActionChain, int] = {}

    def add(self, chain: ActionChain) -> None:
        todo: list[tuple[ActionChain, int, int]] = [(chain, 0, self._input(chain.output))]
        while todo:
            chain, at, reference = todo.pop()
            if at == len(chain.actions):
                self._ends[chain] = reference
                continue
            action = chain.actions[at]
            base, source = self._input(chain.output), action.source
            if isinstance(source, ActionChain) and source not in self._ends:
                todo += [(chain, at, reference), (source, 0, self._input(source.output))]
                continue
            secondary = self._ends[source] if isinstance(source, ActionChain) else self._input(source)
            self._rows.append((action, chain.facts, base, reference, secondary))
            todo.append((chain, at + 1, _row(len(self._rows) - 1)))

    def _input(self, output: Output | None) -> int:
        if output is None:
            return _SCRATCH
        return self.inputs.setdefault(self._marshaller.input(output), len(self.inputs))

    def payload(self) -> bytes:
        """The pb.FileOp: only the last action's result is an output of the vertex."""
        count, last = len(self.inputs), len(self._rows) - 1
        encoded: list[bytes] = []
        for number, (action, facts, base, first, second) in enumerate(self._rows):
            references = _input(_resolve(first, count)) + _secondary(_resolve(second, count))
            output = b"" if number == last else _NOT_LAST
            encoded.append(references + output + action.write(self._marshaller, facts, base))
        return pb.FileOp.actions.write(encoded)


def _row(number: int) -> int:
    return _SCRATCH - 1 - number


def _resolve(reference: int, count: int) -> int:
    return reference if reference >= _SCRATCH else count + _SCRATCH - 1 - reference


def _describe(action: Mapping[str, Any]) -> str:
    for verb, keys in _SHOWN.items():
        if verb in action:
            return " ".join((verb, *[action[verb].get(key, "") for key in keys]))
    return "nothing"


_SHOWN = {
    "copy": ("src", "dest"),
    "mkfile": ("path",),
    "mkdir": ("path",),
    "rm": ("path",),
    "symlink": ("newpath", "oldpath"),
}
