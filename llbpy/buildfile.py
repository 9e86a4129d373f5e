"""Loading a build.py: its text, its neighbours, its targets; and turning what goes wrong in it into errors with its lines.

The user's code runs below functions of this file only: that is how source locations know where the user's frames end.
"""

from __future__ import annotations

import os
import sys

from llbpy.dsl.arguments import fill
from llbpy.dsl.state import State
from llbpy.dsl.targets import NOTES, Group, Outcome, Target
from llbpy.errors import BuildFileError, LLBError, TargetNotFound, near
from llbpy.graph import ignore
from llbpy.graph.journal import Stretch
from llbpy.graph.sourcemap import SourceFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType, ModuleType, TracebackType
    from typing import Any

    from llbpy.dsl.build import Build
else:
    ModuleType = type(sys)  # `types` is a millisecond

DEFAULT_NAMES = ("build.py", "buildfile.py")


class BuildFile:
    """A loaded build file: `targets` and `groups` by name, in the order of the file."""

    def __init__(self, path: str, text: bytes, namespace: Mapping[str, Any], neighbours: _Neighbours) -> None:
        self.path = path
        self.folder = os.path.dirname(path)
        self.name = os.path.basename(path)
        self._text = text
        self._neighbours = neighbours
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
            if note.family:
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
            raise BuildFileError(
                f"group {group.name!r} has {shown}, which is no target; mark it with @target", group.where
            )
        return names

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
            raise BuildFileError(
                f"{name!r} is a group of {len(self.groups[name])}; name one: {', '.join(self.groups[name])}"
            )
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

    def call(self, target: Target, build: Build, args: Mapping[str, str]) -> State | Outcome:
        """What a target makes. Raises ArgumentError for its arguments, BuildFileError for what goes wrong in its function."""
        keywords = {**fill(target.signature, args, target.name, target.bound), **target.bound}
        positional = (build,) if target.signature.takes_build else ()
        with self._neighbours:
            try:
                made = target.function(*positional, **keywords)
            except Exception as error:
                raise _explained(error, self.folder) from error
        if not isinstance(made, (State, Outcome)):
            raise BuildFileError(
                f"target {target.name!r} returned {_kind(made)}; a target returns a State", target.where
            )
        return made

    def source_files(self) -> SourceFiles:
        """The files that the locations of its vertices point into, named as seen from its folder."""
        return SourceFiles(self.folder, {self.path: self._text})

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
    try:
        code = compile(text, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise _syntax_error(error, path) from error
    module = ModuleType(os.path.basename(path).partition(".")[0])
    module.__file__ = path
    namespace: dict[str, Any] = vars(module)
    neighbours = _Neighbours(os.path.dirname(path), module)
    with neighbours:
        try:
            exec(code, namespace)
        except Exception as error:
            _check_hidden(text, namespace)
            raise _explained(error, os.path.dirname(path)) from error
    _check_hidden(text, namespace)
    return BuildFile(path, text, namespace, neighbours)


def _notes(namespace: Mapping[str, Any]) -> list[Target | Group]:
    """The file's own targets and groups, then those of neighbours that it imported by name."""
    notes: list[Target | Group] = list(namespace.get(NOTES, ()))
    own = {note.function for note in notes if isinstance(note, Target)}
    for value in dict.fromkeys([value for value in namespace.values() if hasattr(value, "__code__")]):
        if value not in own and value.__globals__ is not namespace:
            elsewhere = value.__globals__.get(NOTES, ())
            notes += [note for note in elsewhere if isinstance(note, Target) and note.function is value]
    return notes


class _Neighbours:
    """Lets a build file import what lies beside it, while it is loaded and while its targets run.

    Its modules are out of sight otherwise, so that files of the same name in two folders never mix; and no bytecode is written,
    which would change the context that is being built.
    """

    def __init__(self, folder: str, module: ModuleType) -> None:
        self._folder = folder
        self._modules = {module.__name__: module}
        self._hidden: dict[str, ModuleType] = {}
        self._bytecode = sys.dont_write_bytecode

    def __enter__(self) -> None:
        self._hidden = {name: sys.modules[name] for name in self._modules if name in sys.modules}
        self._bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        sys.modules.update(self._modules)
        sys.path.insert(0, self._folder)
        sys.path_importer_cache.pop(self._folder, None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.path.remove(self._folder)
        sys.dont_write_bytecode = self._bytecode
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None) or ""
            if file.startswith(self._folder + "/") and name != "__main__" and not _installed(file):
                self._modules[name] = module
        for name in self._modules:
            sys.modules.pop(name, None)
        sys.modules.update(self._hidden)


def _installed(file: str) -> bool:
    return file.startswith((sys.prefix + "/", os.path.dirname(__file__) + "/")) or "/site-packages/" in file


# Errors -------------------------------------------------------------------------------------------------------------------


def user_frames(error: BaseException, folder: str) -> list[tuple[str, int]]:
    """File and line of the frames of a traceback that lie in a folder, the outermost first."""
    found: list[tuple[str, int]] = []
    trace = error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if filename.startswith(folder + "/") and not _installed(filename):
            found.append((filename, trace.tb_lineno))
        trace = trace.tb_next
    return found


def _explained(error: Exception, folder: str) -> BuildFileError:
    """What user code raised, as the error of its file and line."""
    frames = user_frames(error, folder)
    where = f"{frames[-1][0]}:{frames[-1][1]}" if frames else ""
    if isinstance(error, BuildFileError):
        return error if error.where else BuildFileError(str(error), where)
    if isinstance(error, LLBError):
        return BuildFileError(str(error), where)
    if isinstance(error, (ImportError, AttributeError)) and "partially initialized module" in str(error):
        chain = [os.path.basename(file) for file, _ in frames]
        cycle = " imports ".join(
            [*chain, chain[chain.index(_module_file(error))] if _module_file(error) in chain else chain[0]]
        )
        return BuildFileError(f"import cycle: {cycle}; move what they share to a module of its own", where)
    if isinstance(error, SyntaxError) and error.filename:
        return _syntax_error(error, error.filename)
    if isinstance(error, TypeError) and "got an unexpected keyword argument" in str(error):
        return BuildFileError(_misspelt(str(error)) or f"TypeError: {error}", where)
    return BuildFileError(f"{type(error).__name__}: {error}", where)


def _module_file(error: ImportError | AttributeError) -> str:
    return str(error).partition("partially initialized module '")[2].partition("'")[0].rpartition(".")[2] + ".py"


def _misspelt(message: str) -> str:
    """A keyword that one of our functions does not have, with the nearest one it has; empty for others' functions."""
    import llbpy

    called, _, rest = message.partition("() got an unexpected keyword argument ")
    owner, _, name = called.rpartition(".")
    function = getattr(getattr(llbpy, owner, None) or llbpy, name, None)
    code: CodeType | None = getattr(function, "__code__", None) or getattr(
        getattr(function, "__init__", None), "__code__", None
    )
    if code is None:
        return ""
    keyword = rest.partition("'")[2].partition("'")[0]
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return f"{name}() has no option {keyword!r}{near(keyword, known)}"


def _syntax_error(error: SyntaxError | ValueError, path: str) -> BuildFileError:
    if isinstance(error, SyntaxError):
        return BuildFileError(f"syntax error: {error.msg}", f"{path}:{error.lineno or 1}")
    return BuildFileError(f"is no Python source: {error}", path)


def _check_hidden(text: bytes, namespace: Mapping[str, Any]) -> None:
    """Raises BuildFileError if a target has the name of one of our functions, and that name is still called as ours."""
    import llbpy

    hidden = {
        target.function.__name__: target
        for target in namespace.get(NOTES, ())
        if isinstance(target, Target) and hasattr(llbpy, target.function.__name__)
    }
    if not hidden:
        return
    import ast

    tree = ast.parse(text)
    ours = _imported_names(tree)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in hidden
            and node.func.id in ours
        ):
            name = node.func.id
            advice = f"rename the function and keep the name with @target(name={name!r})"
            problem = f"target {name!r} hides llbpy.{name}, called on line {node.lineno}; {advice}"
            raise BuildFileError(problem, hidden[name].where)


def _imported_names(tree: Any) -> set[str]:
    """The names that a file takes from llbpy."""
    imports = [node for node in tree.body if type(node).__name__ == "ImportFrom" and node.module == "llbpy"]
    return {alias.asname or alias.name for node in imports for alias in node.names}


def _kind(value: object) -> str:
    return "None" if value is None else f"{type(value).__name__} {value!r}"
