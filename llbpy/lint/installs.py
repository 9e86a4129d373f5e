"""Commands that install packages, and the files that they read to know which."""

from __future__ import annotations

from llbpy.lint.commands import base_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NPM = ("package.json", "package-lock.json")
_YARN = ("package.json", "yarn.lock")
_PNPM = ("package.json", "pnpm-lock.yaml")
_GO = ("go.mod", "go.sum")
_PIP = ("requirements*.txt",)
_UV = ("pyproject.toml", "uv.lock")

_INSTALLS: Mapping[tuple[str, ...], Sequence[str]] = {
    ("npm", "ci"): _NPM,
    ("npm", "clean-install"): _NPM,
    ("npm", "install"): _NPM,
    ("npm", "i"): _NPM,
    ("yarn",): _YARN,
    ("yarn", "install"): _YARN,
    ("pnpm", "install"): _PNPM,
    ("pnpm", "i"): _PNPM,
    ("pnpm", "fetch"): ("pnpm-lock.yaml",),
    ("bun", "install"): ("package.json", "bun.lock"),
    ("pip", "install"): _PIP,
    ("uv", "sync"): _UV,
    ("uv", "pip", "install"): _PIP,
    ("uv", "pip", "sync"): _PIP,
    ("poetry", "install"): ("pyproject.toml", "poetry.lock"),
    ("pdm", "install"): ("pyproject.toml", "pdm.lock"),
    ("pdm", "sync"): ("pyproject.toml", "pdm.lock"),
    ("pipenv", "install"): ("Pipfile", "Pipfile.lock"),
    ("pipenv", "sync"): ("Pipfile", "Pipfile.lock"),
    ("bundle", "install"): ("Gemfile", "Gemfile.lock"),
    ("composer", "install"): ("composer.json", "composer.lock"),
    ("go", "mod", "download"): _GO,
    ("cargo", "fetch"): ("Cargo.toml", "Cargo.lock"),
    ("mix", "deps.get"): ("mix.exs", "mix.lock"),
    ("dotnet", "restore"): ("*.csproj", "*.sln"),
    ("apt", "install"): (),
    ("apt-get", "install"): (),
    ("apk", "add"): (),
    ("dnf", "install"): (),
    ("microdnf", "install"): (),
    ("yum", "install"): (),
    ("zypper", "install"): (),
}
"""The first words of a call, and what it reads; nothing for packages that the call names itself."""

_VALUED = frozenset(
    ("-o", "-C", "-c", "-t", "--prefix", "--cwd", "--dir", "--filter", "-F", "--directory", "--project")
)
"""Options before the subcommand that take the next word."""
_PYTHONS = ("python", "python3", "py")


class Install:
    """A call that installs: `shown` as people call it (`npm ci`), and the files that it `reads`."""

    __slots__ = ("reads", "shown")

    def __init__(self, shown: str, reads: Sequence[str]) -> None:
        self.shown = shown
        self.reads = reads


def install_of(call: Sequence[str]) -> Install | None:
    """What a call installs, None if it does not, or if it installs the very project that lies there.

    >>> install_of(["/usr/bin/npm", "--prefix", "web", "ci"]).shown
    'npm ci'
    """
    words = plain_words(call)
    for size in (3, 2, 1):
        known = tuple(words[:size])
        if known in _INSTALLS and (size > 1 or len(words) == 1):
            rest = words[size:]
            return None if _is_project(known, rest, call) else Install(" ".join(known), _INSTALLS[known])
    return None


def plain_words(call: Sequence[str]) -> list[str]:
    """The program's base name and the words after it that are no options; `python -m pip` is `pip`.

    >>> plain_words(["python3", "-m", "pip", "install", "-r", "requirements.txt"])
    ['pip', 'install', 'requirements.txt']
    """
    program, rest = base_name(call[0]), list(call[1:])
    if program.rstrip("0123456789.") in _PYTHONS and rest[:1] == ["-m"] and len(rest) > 1:
        program, rest = rest[1], rest[2:]
    words = [program.removesuffix("3")]
    at = 0
    while at < len(rest):
        if not rest[at].startswith("-"):
            words.append(rest[at])
        at += 2 if rest[at] in _VALUED and len(words) == 1 else 1
    return words


def _is_project(known: tuple[str, ...], rest: Sequence[str], call: Sequence[str]) -> bool:
    """Whether pip installs a folder, which it cannot do without the sources."""
    local = any(word.startswith((".", "/")) and not word.endswith(".txt") for word in rest)
    return "pip" in known and (local or "-e" in call or "--editable" in call)
