"""What made each layer of an image: its history, as `docker history` shows it.

An exporter takes the entries that are not empty for the layers in turn, the lowest first. If there are more layers than entries, it
adds entries of its own for the layers on top; it cannot leave a gap. So what is written is always the beginning of the whole: it
ends before the first vertex of which nobody can say how many layers it makes, and the exporter adds the rest. The whole ends with
what was changed of the config.

    image                as many as its config says; unknown without its config
    local, git, http     one
    exec, file           those of what it runs on, and one
    merge                those of its inputs in turn
    passthrough          those of its first input
    other sources, diff, build, what is read back from a definition: unknown
"""

from __future__ import annotations

from llbpy.graph.config import image_config, rfc3339
from llbpy.graph.fileactions import Copy, Mkdir, Mkfile, Rm, Symlink
from llbpy.graph.instructions import instructions
from llbpy.graph.ops.exec import ExecOp
from llbpy.graph.ops.file import FileOp
from llbpy.graph.ops.merge import MergeOp
from llbpy.graph.ops.passthrough import PassthroughOp
from llbpy.graph.ops.source import ImageOp, SourceOp
from llbpy.graph.questions import ImageQuestion
from llbpy.graph.tokens import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias

    from llbpy.graph.facts import Facts
    from llbpy.graph.fileactions import FileAction
    from llbpy.graph.marshal import Marshaller
    from llbpy.graph.ops.op import Output

    Entry: TypeAlias = "dict[str, Any]"
    """An OCI history entry, as parsed JSON."""

_COMMENT = "llbpy"
_ACTIONS = 4
"""File actions of one vertex that are named; of the others, how many there are."""
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,/:=@%+")


class Exported:
    """What a state's image says of itself.

    `config` is the OCI image config with its history, as parsed JSON. `base` is the config of the image that has the lowest layers,
    if there is one and its config is known. `complete` is whether every layer has its entry, and none is left to the exporter.
    """

    __slots__ = ("base", "complete", "config")

    def __init__(self, config: dict[str, Any], base: Mapping[str, Any] | None, complete: bool) -> None:
        self.config = config
        self.base = base
        self.complete = complete


def exported(
    output: Output | None,
    facts: Facts,
    marshaller: Marshaller,
    *,
    labels: Mapping[str, str] | None = None,
    epoch: int | None = None,
) -> Exported:
    """The image of a state, by its vertex (None: scratch) and facts, for the platform that is marshalled.

    `labels` come from outside. `epoch` is the time of all that the build file does, in seconds since 1970; without one the exporter
    fills in when it happened. If the facts inherit from an image whose config is not among the answers, that is noted as in a
    marshal: see `check_answered`. Raises GraphError for an epoch that no date can have.
    """
    view = marshaller.view(facts)
    config = image_config(facts, view, _inherited(facts, marshaller), marshaller.platform, labels=labels, epoch=epoch)
    walk = _Walk(marshaller, epoch)
    complete = walk.follow(output)
    changes = instructions(facts, view, config["config"]) if complete else ()
    config["history"] = walk.entries + [{**walk.entry(change), "empty_layer": True} for change in changes]
    return Exported(config, walk.base, complete)


def _inherited(facts: Facts, marshaller: Marshaller) -> Mapping[str, Any] | None:
    if facts.inherits is None:
        return None
    answer = marshaller.image(facts.inherits.question(marshaller.platform))
    return None if answer is None else answer.config


class _Walk:
    """The layers of an output from the lowest up, as far as they are known."""

    def __init__(self, marshaller: Marshaller, epoch: int | None) -> None:
        self.marshaller = marshaller
        self.entries: list[Entry] = []
        self.base: Mapping[str, Any] | None = None
        self._created = {} if epoch is None else {"created": rfc3339(epoch)}

    def follow(self, output: Output | None) -> bool:
        """Collects the entries; whether it came to the end. A stack of what is still to come instead of recursion."""
        todo: list[Output | Entry] = [] if output is None else [output]
        while todo:
            step = todo.pop()
            if isinstance(step, dict):
                self.entries.append(step)
                continue
            steps = self._steps(*step)
            if steps is None:
                return False
            todo += reversed(steps)
        return True

    def entry(self, created_by: str) -> Entry:
        """An entry in the words of this module; whatever looks like a credential is cut out of them."""
        return {**self._created, "created_by": masked(created_by), "comment": _COMMENT}

    def _steps(self, op: object, index: int) -> Sequence[Output | Entry] | None:
        """What the layers of an output are made of, the lowest first; None if nobody knows."""
        match op:
            case ExecOp():
                source, target = _root_of(op, index)
                return _on(source, self.entry(_command(op, self.marshaller) + (f" # {target}" if target else "")))
            case FileOp():
                return _on(op.output, self.entry(_phrase(op.actions)))
            case MergeOp():
                return op.outputs
            case PassthroughOp():
                return op.outputs[:1]
            case SourceOp():
                return self._source(op)
            case _:
                return None

    def _source(self, op: SourceOp) -> Sequence[Entry] | None:
        scheme, _, rest = op.identifier.partition("://")
        if scheme in ("docker-image", "oci-layout"):
            return self._image(op, rest)
        if scheme not in ("local", "git", "http", "https"):
            return None
        return [self.entry(f"local {rest}" if scheme == "local" else f"{scheme} {_public(rest)}")]

    def _image(self, op: SourceOp, ref: str) -> Sequence[Entry] | None:
        platform = self.marshaller.platform
        if isinstance(op, ImageOp):
            question = op.question(platform)
        else:
            question = ImageQuestion(op.identifier, op.constraints.platform or platform)
        answer = self.marshaller.image(question)
        rootfs = answer.config.get("rootfs") if answer else None
        if answer is None or not rootfs:
            return None
        if not self.entries:
            self.base = answer.config
        layers = len(rootfs.get("diff_ids") or ())
        limit = op.attrs.get("image.layerlimit") or op.attrs.get("oci.layerlimit")
        return self._of_image(answer.config, min(layers, int(limit)) if limit else layers, ref)

    def _of_image(self, config: Mapping[str, Any], layers: int, ref: str) -> list[Entry]:
        """An image's own history, made to fit the layers that it has: what is too much goes, what is missing is said to be."""
        entries: list[Entry] = []
        for entry in config.get("history") or ():
            if not entry.get("empty_layer"):
                if not layers:
                    break
                layers -= 1
            entries.append(entry)
        return entries + [self.entry(f"layer of {ref}") for _ in range(layers)]


def _on(output: Output | None, entry: Entry) -> Sequence[Output | Entry]:
    return [entry] if output is None else [output, entry]


def _root_of(op: ExecOp, index: int) -> tuple[Output | None, str]:
    """What an output of a command is made on, and the mount that it is; empty for the root filesystem."""
    if not index and not op.readonly_root:
        return op.root, ""
    kept = [mount for mount in op.mounts.tree if mount.keeps]
    mount = kept[index if op.readonly_root else index - 1]
    return mount.source, mount.target or ""


def _command(op: ExecOp, marshaller: Marshaller) -> str:
    """A command as a shell would be given it; text as it stands behind the words of its shell."""
    if isinstance(op.command, tuple):
        return " ".join([_shell_word(word) for word in op.command])
    return " ".join(op.command.argv(marshaller.view(op.facts).shell))


def _shell_word(word: str) -> str:
    return word if word and _PLAIN.issuperset(word) else "'{}'".format(word.replace("'", "'\\''"))


def _phrase(actions: Sequence[FileAction]) -> str:
    phrases = [_action(action) for action in actions[:_ACTIONS]]
    rest = len(actions) - _ACTIONS
    return ", ".join(phrases) + (f" and {rest} more" if rest > 0 else "")


def _action(action: FileAction) -> str:
    """What an action does, with paths as they were written."""
    match action:
        case Copy():
            return f"copy {action.src} -> {action.dest}"
        case Symlink():
            return f"symlink {action.path} -> {action.target}"
        case Mkdir():
            return f"mkdir {action.path}"
        case Mkfile():
            return f"write {action.path}"
        case Rm():
            return f"remove {action.path}"
        case _:
            return type(action).__name__.lower()


def _public(location: str) -> str:
    """A source's location without what may be secret in it: the user and password before its host, the query behind its path."""
    location = location.partition("?")[0]
    authority, slash, path = location.partition("/")
    return authority.rpartition("@")[2] + slash + path
