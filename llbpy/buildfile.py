"""Loading a build.py: its text and its targets, and calling them.

The user's code runs below functions of this file only: that is how source locations know where the user's frames end.
"""

from __future__ import annotations

import os
import sys

from llbpy.dsl.arguments import fill
from llbpy.dsl.state import State
from llbpy.dsl.targets import NOTES, Group, Outcome, Target
from llbpy.dsl.warning import Collecting
from llbpy.errors import BuildFileError, TargetNotFound
from llbpy.graph import ignore
from llbpy.graph.journal import Stretch
from llbpy.graph.sourcemap import SourceFiles
from llbpy.mistakes import Explaining, check_hidden, syntax_error
from llbpy.neighbours import Neighbours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType
    from typing import Any

    from llbpy.dsl.arguments import Signature
    from llbpy.dsl.build import Build
    from llbpy.dsl.warning import Note
    from llbpy.neighbours import Bring
else:
    ModuleType = type(sys)  # `types` is a millisecond

DEFAULT_NAMES = ("build.py", "buildfile.py")


class BuildFile:
    """A loaded build file: `targets` and `groups` by name, in the order of the file."""

    def __init__(
        self, path: str, text: bytes, namespace: Mapping[str, Any], neighbours: Neighbours, collecting: Collecting
    ) -> None:
        self.path = path
        self.folder = os.path.dirname(path)
        self.name = os.path.basename(path)
        self.text = text
        self._neighbours = neighbours
        self._collecting = collecting
        self.targets: dict[str, Target] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self._collect(namespace)

    def _collect(self, namespace: Mapping[str, Any]) -> None:
        groups: list[Group] = []
        for note in _notes(namespace):
            if isinstance(note, Group):
                groups.append(note)
                continue
            self._check_new(note.name, note.where)
            self.targets[note.name] = note
            if note.family not in ("", note.name):
                if note.family in self.targets:
                    self._check_new(note.family, note.where)
                self.groups[note.family] = (*self.groups.get(note.family, ()), note.name)
        for group in groups:
            self._check_new(group.name, group.where)
            self.groups[group.name] = tuple([name for member in group.members for name in self._named(member, group)])

    def _check_new(self, name: str, where: str) -> None:
        if name in self.targets or name in self.groups:
            other = f"; the other is at {self.targets[name].where}" if name in self.targets else ""
            raise BuildFileError(f"two targets or groups are called {name!r}{other}", where)

    def _named(self, member: Callable[..., object] | str, group: Group) -> list[str]:
        if isinstance(member, str):
            if member in self.groups:
                return list(self.groups[member])
            if member not in self.targets:
                raise TargetNotFound(member, self.names(), group.where)
            return [member]
        names = [target.name for target in self.targets.values() if target.function is member]
        if not names:
            shown = getattr(member, "__name__", repr(member))
            advice = "mark it with @target, and if it is a neighbour's, import it by name"
            raise BuildFileError(f"group {group.name!r} has {shown}, which is no target here; {advice}", group.where)
        return names

    @property
    def notes(self) -> list[Note]:
        """What it warned of so far, each once."""
        return list(self._collecting.notes)

    def names(self) -> list[str]:
        """All that can be built by name."""
        return [*self.targets, *self.groups]

    def find(self, name: str | None = None) -> Target:
        """The target of that name; without one, the default: marked so, or the only one.

        Raises TargetNotFound, and BuildFileError for a group, which is several.
        """
        if name is None:
            return self._default()
        if name in self.groups:
            members = self.groups[name]
            raise BuildFileError(f"{name!r} is a group of {len(members)}; name one: {', '.join(members)}", self.name)
        if name not in self.targets:
            raise TargetNotFound(name, self.names(), self.name)
        return self.targets[name]

    def _default(self) -> Target:
        marked = [target for target in self.targets.values() if target.default]
        if len(marked) > 1:
            names = ", ".join([target.name for target in marked])
            raise BuildFileError(
                f"{len(marked)} targets are marked default=True: {names}; name one, or leave one mark", self.name
            )
        if marked or len(self.targets) == 1:
            return marked[0] if marked else next(iter(self.targets.values()))
        if not self.targets:
            raise BuildFileError("it has no targets; mark a function with @target", self.name)
        raise BuildFileError(f"no target is marked default=True; name one of {', '.join(self.names())}", self.name)

    def signature(self, target: Target) -> Signature:
        """What a target takes. Raises BuildFileError for a parameter that could not be given from outside."""
        with self._neighbours:
            return target.signature

    def call(self, target: Target, build: Build, args: Mapping[str, str]) -> State | Outcome:
        """What a target makes. Raises ArgumentError for its arguments, BuildFileError for what goes wrong in its function."""
        signature = self.signature(target)
        values = {**fill(signature, args, target.name, target.bound), **target.bound}
        positional = [values.pop(name) for name in signature.positional]
        if signature.takes_build:
            positional.insert(0, build)
        with self._neighbours, Explaining(self.folder), self._collecting:
            made: object = target.function(*positional, **values)
        if not isinstance(made, (State, Outcome)):
            raise BuildFileError(
                f"target {target.name!r} returned {_kind(made)}; a target returns a State", target.where
            )
        return made

    def source_files(self, definition: bytes | None = None) -> SourceFiles:
        """The files that the locations of its vertices point into, named as seen from its folder.

        `definition` is the pb.Definition that brought them, where a daemon has it.
        """
        return SourceFiles(self.folder, {self.path: self.text}, definition)

    def stretches(self) -> list[Stretch]:
        """Which lines are which target's, for a definition's journal."""
        return [self._stretch(target) for target in self.targets.values()]

    def _stretch(self, target: Target) -> Stretch:
        code = target.function.__code__
        last = max([line for _, _, line in code.co_lines() if line is not None], default=code.co_firstlineno)
        filename = code.co_filename.removeprefix(self.folder + "/")
        return Stretch(target.family or target.name, filename, code.co_firstlineno, last)

    def ignored(self, context: str | None = None) -> list[str]:
        """The patterns of the context's ignore file: the build file's own (`build.py.dockerignore`), else the folder's."""
        folder = context or self.folder
        for path in (f"{self.path}.dockerignore", os.path.join(folder, ".dockerignore")):
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    return ignore.parse(file.read())
        return []


def find_build_file(folder: str = ".") -> str:
    """The build file of a folder. Raises BuildFileError if it has none."""
    for name in DEFAULT_NAMES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    raise BuildFileError(f"no {' or '.join(DEFAULT_NAMES)} in {os.path.abspath(folder)}; name a file with -f")


def load(path: str) -> BuildFile:
    """Runs a build file, which may import modules beside it, and collects its targets.

    Raises BuildFileError if it cannot be read, is no Python, or raises: `__cause__` is then what it raised.
    """
    path = os.path.abspath(path)
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        raise BuildFileError(f"cannot be read: {error.strerror}", path) from error
    return load_text(path, text)


def load_text(path: str, text: bytes, bring: Bring | None = None) -> BuildFile:
    """As `load`, for a file whose text is at hand.

    Where its folder is not, `bring` is asked for the modules that it imports; see `Neighbours`.
    """
    try:
        code = compile(text, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise syntax_error(error, path) from error
    module = ModuleType(os.path.basename(path).partition(".")[0])
    module.__file__ = path
    namespace: dict[str, Any] = vars(module)
    neighbours = Neighbours(os.path.dirname(path), module, bring)
    collecting = Collecting()
    with neighbours, Explaining(os.path.dirname(path), lambda: check_hidden(text, namespace)), collecting:
        exec(code, namespace)
    check_hidden(text, namespace)
    return BuildFile(path, text, namespace, neighbours, collecting)


def _notes(namespace: Mapping[str, Any]) -> list[Target | Group]:
    """The file's own targets and groups, then those of neighbours that it imported by name."""
    notes: list[Target | Group] = list(namespace.get(NOTES, ()))
    own = {note.function for note in notes if isinstance(note, Target)}
    for value in dict.fromkeys([value for value in namespace.values() if hasattr(value, "__code__")]):
        if value not in own and value.__globals__ is not namespace:
            elsewhere = value.__globals__.get(NOTES, ())
            notes += [note for note in elsewhere if isinstance(note, Target) and note.function is value]
    return notes


def _kind(value: object) -> str:
    return "None" if value is None else f"{type(value).__name__} {value!r}"
