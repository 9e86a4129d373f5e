"""What user code raises, as errors of its file and line."""

from __future__ import annotations

import os

from llbpy.dsl.targets import NOTES, Target
from llbpy.errors import BuildFileError, LLBError, near
from llbpy.neighbours import is_beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator, Mapping
    from types import CodeType, TracebackType
    from typing import Any


class Explaining:
    """Turns what the code inside raises into a BuildFileError; `look` may raise a better one first."""

    def __init__(self, folder: str, look: Callable[[], None] = lambda: None) -> None:
        self._folder = folder
        self._look = look

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, (Exception, SystemExit)):
            self._look()
            explained = _explained(error, self._folder)
            if explained is not error:
                raise explained from error


def raw(error: BaseException) -> str:
    """An exception as Python itself prints it."""
    return f"{type(error).__name__}: {error}"


def syntax_error(error: SyntaxError | ValueError, path: str) -> BuildFileError:
    """The error of a file that is no Python."""
    if isinstance(error, SyntaxError):
        return BuildFileError(f"syntax error: {error.msg}", f"{error.filename or path}:{error.lineno or 1}")
    return BuildFileError(f"is no Python source: {error}", path)


def _explained(error: Exception | SystemExit, folder: str) -> BuildFileError:
    frames = user_frames(error, folder)
    where = f"{frames[-1][0]}:{frames[-1][1]}" if frames else ""
    if isinstance(error, BuildFileError):
        return error if error.where else error.at(where)
    if isinstance(error, LLBError):
        return BuildFileError(error.message, where)
    if isinstance(error, SyntaxError) and error.filename:
        return syntax_error(error, error.filename)
    return BuildFileError(_sentence(error, [os.path.basename(file) for file, _ in frames]), where)


def user_frames(error: BaseException, folder: str) -> list[tuple[str, int]]:
    """File and line of the frames of a traceback that are the user's, the outermost first."""
    found: list[tuple[str, int]] = []
    trace = error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if is_beside(folder, filename):
            found.append((filename, trace.tb_lineno))
        trace = trace.tb_next
    return found


def _sentence(error: Exception | SystemExit, files: list[str]) -> str:
    if isinstance(error, SystemExit):
        return (
            f"sys.exit({error.code!r}) ends the build file; a target returns a State, or raises to say that it cannot"
        )
    if isinstance(error, (ImportError, AttributeError)):
        return _import_cycle(error, files) or _missing_attribute(error)
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    return (isinstance(error, TypeError) and _misspelt(str(error))) or raw(error)


def _import_cycle(error: ImportError | AttributeError, files: list[str]) -> str:
    """What imports what in a circle, if that is why something is missing."""
    text = str(error)
    if "partially initialized module '" in text:
        module = text.partition("partially initialized module '")[2].partition("'")[0]
    elif isinstance(error, ImportError) and not isinstance(error, ModuleNotFoundError):
        module = error.name or ""
    else:
        return ""
    file = f"{module.rpartition('.')[2]}.py"
    if file not in files:
        return ""
    chain = files[files.index(file) :]
    return f"import cycle: {' imports '.join([*chain, chain[0]])}; move what they share to a module of its own"


def _missing_attribute(error: ImportError | AttributeError) -> str:
    close = near(error.name, dir(error.obj)) if isinstance(error, AttributeError) and error.name else ""
    return raw(error) + close


def _misspelt(message: str) -> str:
    """A keyword that one of our functions does not have, with the nearest one it has; empty for others' functions."""
    import llbpy

    called, found, rest = message.partition("() got an unexpected keyword argument ")
    name = called.removesuffix(".__init__").rpartition(".")[2]
    places = (llbpy, llbpy.State, llbpy.files)
    function: Any = next((getattr(place, name) for place in places if hasattr(place, name)), None)
    code: CodeType | None = getattr(function if hasattr(function, "__code__") else function.__init__, "__code__", None)
    if not found or code is None:
        return ""
    keyword = rest.partition("'")[2].partition("'")[0]
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return f"{name}() has no option {keyword!r}{near(keyword, known)}"


def check_hidden(text: bytes, namespace: Mapping[str, Any]) -> None:
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
    for name, line, later in _calls(tree):
        if name not in hidden or ours.isdisjoint((name, "*")):
            continue
        if later or line > hidden[name].function.__code__.co_firstlineno:
            advice = f"rename the function and keep the name with @target(name={name!r})"
            problem = f"target {name!r} hides llbpy.{name}, called on line {line}; {advice}"
            raise BuildFileError(problem, hidden[name].where)


def _calls(tree: ast.Module) -> Iterator[tuple[str, int, bool]]:
    """Names that are called, with their lines, and whether that is in a function, which runs after all is defined."""
    import ast

    for statement in tree.body:
        later = isinstance(statement, ast.FunctionDef)
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id, node.lineno, later


def _imported_names(tree: ast.Module) -> set[str]:
    """The names that a file takes from llbpy; `*` among them if it takes all."""
    import ast

    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "llbpy"]
    return {alias.asname or alias.name for node in imports for alias in node.names}
