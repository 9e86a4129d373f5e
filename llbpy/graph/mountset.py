"""The mounts of one command together: checked against each other, in the order of the wire, and encoded at once."""

from __future__ import annotations

from llbpy.errors import MountError
from llbpy.graph import opmessages as op_pb
from llbpy.graph.mounts import Bind, Mount, Ssh
from llbpy.graph.recent import Recent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_NONE = -1
_WRITABLE_ROOT = Bind(None, "", "/", False, True, 0, b"")
_READONLY_ROOT = Bind(None, "", "/", True, False, 0, b"")


class MountSet:
    """The mounts of a command.

    `tree` are those of the file tree, by target, `sources` what they mount, where it is not scratch, and `ops` its vertices.
    `extras` are secrets, then ssh sockets, each placed by its number, and devices, as Go writes them. `socket` is where the first
    ssh socket is.
    """

    __slots__ = ("_memo", "caps", "extras", "ops", "socket", "sources", "tail", "tree")

    def __init__(self, *mounts: Mount) -> None:
        """Raises MountError for what is no mount, and for two on one target."""
        _check(mounts)
        self.tree = sorted([mount for mount in mounts if mount.in_tree], key=_by_target)
        self.sources = [mount.source for mount in self.tree if mount.source is not None]
        self.ops = tuple([op for op, _ in self.sources])
        self.caps = 0
        for mount in mounts:
            self.caps |= mount.caps
        self.extras: Sequence[Mount] = () if len(self.tree) == len(mounts) else _extras(mounts)
        self.socket = next((mount.target for mount in self.extras if isinstance(mount, Ssh)), None)
        self.tail = _tail(self.extras) if self.extras else b""
        """The fields of `op_pb.ExecOp` after its modes."""
        self._memo: tuple[object, bytes] = None, b""

    def entries(self, root: int, readonly_root: bool, inputs: tuple[int, ...]) -> bytes:
        """`op_pb.ExecOp.mounts`, the root's first, for the input of the root (-1: scratch) and those of `sources`."""
        key = root, readonly_root, inputs
        known, written = self._memo
        if known != key:
            written = self._write(root, readonly_root, inputs)
            self._memo = key, written
        return written

    def _write(self, root: int, readonly_root: bool, inputs: tuple[int, ...]) -> bytes:
        """What a command leaves in a mount that keeps it is an output of the vertex, after its root unless that is read-only."""
        number, taken = 0 if readonly_root else 1, iter(inputs)
        entries = [_READONLY_ROOT.mount(root, _NONE) if readonly_root else _WRITABLE_ROOT.mount(root, 0)]
        for mount in self.tree:
            entries.append(
                mount.mount(_NONE if mount.source is None else next(taken), number if mount.keeps else _NONE)
            )
            number += mount.keeps
        entries += [mount.mount(_NONE, 0) for mount in self.extras]
        return b"".join(entries)


def _check(mounts: Sequence[Mount]) -> None:
    taken: dict[str, Mount | None] = {"/": None}
    for mount in mounts:
        if not isinstance(mount, Mount):
            raise MountError(f"mounts= has {mount!r}, which is no mount; make one with bind(), output(), cache(), …")
        if mount.place in taken and not mount.repeats(taken[mount.place]):
            what = "the root filesystem" if mount.place == "/" else "another mount"
            raise MountError(f"mounts {mount.target!r} over {what}; one mount a target")
        if mount.place:
            taken[mount.place] = mount


def _by_target(mount: Mount) -> str:
    return mount.target or ""


def _extras(mounts: Sequence[Mount]) -> tuple[Mount, ...]:
    sockets = [mount for mount in mounts if isinstance(mount, Ssh)]
    placed = [socket.placed(number) for number, socket in enumerate(sockets)]
    others = [mount for mount in mounts if not mount.in_tree and not isinstance(mount, Ssh)]
    return (*others, *placed)


def _tail(extras: Sequence[Mount]) -> bytes:
    secrets = [entry for mount in extras if (entry := mount.secret_env()) is not None]
    devices = [entry for mount in extras if (entry := mount.device()) is not None]
    return op_pb.ExecOp.secretenv.write(secrets) + op_pb.ExecOp.cdiDevices.write(devices)


NO_MOUNTS = MountSet()
_recent = Recent(64)  # few, as each keeps the vertices that are mounted


def mount_set(mounts: Sequence[Mount]) -> MountSet:
    """The mounts of a command; the same mounts again, as in a loop, are the same object. Raises what MountSet raises."""
    if isinstance(mounts, Mount):
        raise MountError(f"mounts= is one {mounts.noun}; give a list: mounts=[…]")
    return _recent.made(MountSet, *mounts)
