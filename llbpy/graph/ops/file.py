"""File: several file actions in one vertex."""

from __future__ import annotations

from llbpy.graph import opmessages as op_pb
from llbpy.graph.caps import caps
from llbpy.graph.fileactions import ActionChain
from llbpy.graph.ops.op import Op
from llbpy.graph.recent import Recent
from llbpy.graph.wire import delimited, varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from llbpy.graph.constraints import Constraints
    from llbpy.graph.defaults import Defaults
    from llbpy.graph.facts import Facts
    from llbpy.graph.fileactions import FileAction
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.ops.op import Output
    from llbpy.graph.platforms import Platform
    from llbpy.graph.sourcemap import Site

_CAPS = caps("file.base")

_input = op_pb.FileAction.input.write
_secondary = op_pb.FileAction.secondaryInput.write
_ACTION = b"\x12"  # op_pb.FileOp.actions
_FILE = b"\x22"  # pb.Op.file
_NOT_LAST = op_pb.FileAction.output.write(-1)


class FileOp(Op):
    """Actions in turn on one filesystem (None: scratch); `facts` say where their relative paths start.

    It is a chain of actions as `ActionChain` is one, with the same fields.
    """

    __slots__ = ("actions", "facts", "output")

    KIND = "file"

    def __init__(
        self, output: Output | None, facts: Facts, actions: tuple[FileAction, ...], constraints: Constraints, site: Site
    ) -> None:
        self.output = output
        self.facts = facts
        self.actions = actions
        self.constraints = constraints
        self.site = site

    @property
    def platform(self) -> Platform | None:
        return None

    def under(self, defaults: Defaults) -> Op:
        if not defaults.is_uncached(self):
            return self
        limits = self.constraints.having(ignore_cache=True)
        return FileOp(self.output, self.facts, self.actions, limits, self.site)

    def inputs(self) -> Sequence[Op]:
        """From the last action back to the first: the filesystem it acts on, then what it copies."""
        output, source = self.output, self.actions[0].source
        if len(self.actions) == 1 and not isinstance(source, ActionChain):
            if source is None:
                return () if output is None else (output[0],)
            return (source[0],) if output is None else (output[0], source[0])
        found: list[Op] = []
        todo: list[FileOp | ActionChain | Output] = [self]
        while todo:
            chain = todo.pop()
            if isinstance(chain, tuple):
                found.append(chain[0])
                continue
            output = chain.output
            for action in chain.actions:
                if action.source is not None:
                    todo.append(action.source)
                if output is not None:
                    todo.append(output)
        return found

    def encode(self, marshaller: Marshaller) -> bytes:
        source = self.actions[0].source
        if len(self.actions) == 1 and not isinstance(source, ActionChain):
            return self._encode_one(marshaller, self.actions[0], source)
        inputs, actions = self._encode_all(marshaller)
        return inputs + marshaller.surroundings(None, self.constraints.worker_filters) + delimited(_FILE, actions)

    def _encode_one(self, marshaller: Marshaller, action: FileAction, source: Output | None) -> bytes:
        """What nearly all vertices are: one action that copies from no chain."""
        inputs, base, second = b"", -1, -1
        if self.output is not None:
            inputs, base = marshaller.input(self.output), 0
        if source is not None:
            copied = marshaller.input(source)
            if copied == inputs:
                second = 0
            else:
                inputs, second = inputs + copied, base + 1
        payload = action.write(marshaller, self.facts, base)
        surroundings = marshaller.surroundings(None, self.constraints.worker_filters)
        return inputs + surroundings + _heads.made(_head, base, second, action.KEY, len(payload)) + payload

    def _encode_all(self, marshaller: Marshaller) -> tuple[bytes, bytes]:
        inputs: dict[bytes, int] = {}
        rows = _rows(self, inputs, marshaller)
        count, last, actions = len(inputs), len(rows) - 1, b""
        for number, (action, facts, base, first, second) in enumerate(rows):
            references = _input(first if first >= -1 else count - 2 - first)
            references += _secondary(second if second >= -1 else count - 2 - second)
            if number < last:
                references += _NOT_LAST
            written = delimited(action.KEY, action.write(marshaller, facts, base))
            actions += delimited(_ACTION, references + written)
        return b"".join(inputs), actions

    def caps(self, marshaller: Marshaller) -> int:
        return _CAPS

    def needs(self, marshaller: Marshaller) -> int:
        needed = _CAPS
        todo: list[FileOp | ActionChain] = [self]
        while todo:
            for action in todo.pop().actions:
                needed |= action.needs
                if isinstance(action.source, ActionChain):
                    todo.append(action.source)
        return needed

    @staticmethod
    def describe(fields: Mapping[str, Any], inputs: Sequence[str]) -> str:
        return ", ".join([_describe(action) for action in fields.get("actions", ())])


_heads = Recent(1000)


def _head(base: int, second: int, key: bytes, size: int) -> bytes:
    """All that stands before the payload of an only action: keys, sizes, and references to what it acts on and copies."""
    inner = _input(base) + _secondary(second) + key + varint(size)
    outer = _ACTION + varint(len(inner) + size) + inner
    return _FILE + varint(len(outer) + size) + outer


def _rows(
    chain: FileOp | ActionChain, inputs: dict[bytes, int], marshaller: Marshaller
) -> list[tuple[FileAction, Facts, int, int, int]]:
    """Actions in the order in which Go lays them out, sub-chains before their copy; numbers the inputs on the way.

    An action comes with its facts, the input that names are looked up in, and references to what it acts on and what it copies. A
    reference is an input's number, -1 for scratch, or below that what an earlier action leaves (-2 the first's, -3 the second's):
    those follow the inputs, whose number is only known at the end.
    """
    rows: list[tuple[FileAction, Facts, int, int, int]] = []
    ends: dict[FileOp | ActionChain, int] = {}
    stack = [(chain, 0, _number(inputs, marshaller, chain.output))]
    while stack:
        chain, start, reference = stack.pop()
        base = _number(inputs, marshaller, chain.output)
        for at in range(start, len(chain.actions)):
            action = chain.actions[at]
            source = action.source
            if not isinstance(source, ActionChain):
                copied = _number(inputs, marshaller, source)
            elif source in ends:
                copied = ends[source]
            else:
                stack += [(chain, at, reference), (source, 0, _number(inputs, marshaller, source.output))]
                break
            rows.append((action, chain.facts, base, reference, copied))
            reference = -1 - len(rows)
        else:
            ends[chain] = reference
    return rows


def _number(inputs: dict[bytes, int], marshaller: Marshaller, output: Output | None) -> int:
    return -1 if output is None else inputs.setdefault(marshaller.input(output), len(inputs))


def _describe(action: Mapping[str, Any]) -> str:
    if "symlink" in action:
        link = action["symlink"]
        return f"symlink {link.get('newpath', '')} -> {link.get('oldpath', '')}"
    if "copy" in action:
        copy = action["copy"]
        return f"copy {copy.get('src', '')} {copy.get('dest', '')}"
    verb = next((verb for verb in ("mkdir", "mkfile", "rm") if verb in action), "")
    return f"{verb} {action[verb].get('path', '')}" if verb else "unknown"
