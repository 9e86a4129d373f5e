"""Rules on credentials in arguments and in the environment."""

from __future__ import annotations

import _ast

from llbpy.dsl.arguments import TextKind
from llbpy.lint.code import parsed, place, walk
from llbpy.lint.credentials import holds_token, is_secret_name, may_be_secret
from llbpy.lint.rules.rule import Rule
from llbpy.lint.subject import where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbpy.dsl.arguments import Argument
    from llbpy.graph.sourcemap import Location
    from llbpy.lint.finding import Finding
    from llbpy.lint.subject import Subject

_ADVICE = "name a secret instead: mounts=[secret('…', env='{name}')]"


class SecretInArgs(Rule):
    """What an argument says becomes part of commands and so of the image's history, of the cache and of the build's record, where
    everybody who can see the image can read it. A secret mount is seen by its command and kept nowhere.

    Bad:

        @target
        def app(npm_token: str = "") -> State:
            return image("node:22", inherit=False).env(NPM_CONFIG__AUTH=npm_token).run(["npm", "ci"])

    Good:

        @target
        def app() -> State:
            return image("node:22", inherit=False).run(["npm", "ci"], mounts=[secret("npm", env="NPM_CONFIG__AUTH")])
    """

    DESCRIPTION = "An argument is there for a credential, or was given one"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for name, argument in subject.build_file.signature(subject.target).arguments.items():
            said = _about(argument, subject.args.get(name))
            if said:
                detail = f"argument {name!r} of {subject.name!r} {said}; {_ADVICE.format(name=name.upper())}"
                yield cls.found(detail, subject.code.parameter(subject.target.function, argument.place[0]))


def _about(argument: Argument, given: str | None) -> str:
    """Why an argument is suspected, empty if it is not."""
    default = argument.plain_default
    if holds_token(given or "") or (isinstance(default, str) and holds_token(default)):
        return "holds what looks like a token"
    is_text = isinstance(argument.kind, TextKind) or argument.kind.shown == "str | None"
    return "is named like a credential" if is_text and is_secret_name(argument.name) else ""


class SecretInEnv(Rule):
    """The environment of commands is part of the cache and of the build's record, and that of the image's config is in every
    container and shown by `docker inspect`.

    Bad:

        @target
        def app() -> State:
            return image("node:22", inherit=False).env(NPM_TOKEN="not-so-secret").run(["npm", "ci"])

    Good:

        @target
        def app() -> State:
            return image("node:22", inherit=False).run(["npm", "ci"], mounts=[secret("npm-token", env="NPM_TOKEN")])
    """

    DESCRIPTION = "A variable that commands or the image see holds a credential"

    @classmethod
    def check(cls, subject: Subject) -> Iterator[Finding]:
        for name, (value, location) in _variables(subject).items():
            token = holds_token(value)
            if token or (is_secret_name(name) and may_be_secret(value)):
                said = "holds what looks like a token" if token else "is named like a credential and has a value"
                at = _written(subject, name) or location
                yield cls.found(f"variable {name!r} {said}; {_ADVICE.format(name=name)}", at)


def _variables(subject: Subject) -> dict[str, tuple[str, Location | None]]:
    """The variables that the build file sets, by name: value, and the first command that sees it."""
    inherited = {entry for entries in subject.inherited("Env") for entry in entries}
    seen = [(entry, where(command.vertex)) for command in subject.commands for entry in command.env]
    seen += [(entry, None) for entry in subject.config.get("Env") or ()]
    found: dict[str, tuple[str, Location | None]] = {}
    for entry, location in seen:
        name, _, value = entry.partition("=")
        if entry not in inherited:
            found.setdefault(name, (value, location))
    return found


def _written(subject: Subject, name: str) -> Location | None:
    """Where a build file sets a variable by its name: `env(NAME=…)`, or `"NAME": …`."""
    for info in subject.files():
        tree = parsed(info.data)
        for node in () if tree is None else walk(tree):
            keys = node.keys if isinstance(node, _ast.Dict) else ()
            if isinstance(node, _ast.keyword) and node.arg == name:
                return place(info, node)
            for key in keys:
                if isinstance(key, _ast.Constant) and key.value == name:
                    return place(info, key)
    return None
