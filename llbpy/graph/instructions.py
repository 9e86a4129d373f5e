"""What a state changed of its image's config, one line for each kind of change, in the words of Dockerfiles.

What Dockerfiles have no words for, as nothing can be unset there, begins with `unset`.
"""

from __future__ import annotations

from llbpy.graph.config import NO_DELTA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from llbpy.graph.config import ConfigDelta, Healthcheck
    from llbpy.graph.facts import Facts, View

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,/:=@%+~^")
_ESCAPES = {ord(char): "\\" + letter for char, letter in zip('"\\\n\r\t', '"\\nrt', strict=True)}
_IN_WORDS = {ord(char): "\\" + char for char in '"\\$'}


def instructions(facts: Facts, view: View, config: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a state, of which nothing is inherited.

    `view` is all that the facts come to, `config` the `config` part of the image config that they make.
    """
    if facts.shell is not None:
        yield f"SHELL {_array(facts.shell)}"
    yield from _pairs("ENV", {name: view.env.get(name) for name in facts.env})
    if facts.dir != ("" if facts.inherits else "/"):
        yield f"WORKDIR {view.dir}"
    if facts.user is not None:
        yield f"USER {_word(facts.user)}"
    yield from _changes(facts.config or NO_DELTA, config)


def _changes(delta: ConfigDelta, config: Mapping[str, Any]) -> Iterator[str]:
    for name, word in _SETS.items():
        if name in delta.cleared:
            yield f"unset {word}"
    added = delta.added
    if added.get("expose"):
        yield f"EXPOSE {' '.join(added['expose'])}"
    if added.get("volumes"):
        yield f"VOLUME {_array(added['volumes'])}"
    yield from _pairs("LABEL", added.get("labels", {}))
    replaced = delta.replaced
    if "stop_signal" in replaced:
        yield f"STOPSIGNAL {replaced['stop_signal']}" if replaced["stop_signal"] else "unset STOPSIGNAL"
    if "healthcheck" in replaced:
        yield _healthcheck(replaced["healthcheck"])
    if "entrypoint" in replaced:
        yield f"ENTRYPOINT {_array(config.get('Entrypoint', ()))}"
    if "cmd" in replaced:
        yield f"CMD {_array(config.get('Cmd', ()))}"


_SETS = {"expose": "EXPOSE", "volumes": "VOLUME", "labels": "LABEL"}


def _pairs(word: str, values: Mapping[str, str | None]) -> Iterator[str]:
    """One line with all that is set, one with all that is unset."""
    given = [f"{_word(name)}={_word(value)}" for name, value in values.items() if value is not None]
    if given:
        yield " ".join((word, *given))
    unset = [_word(name) for name, value in values.items() if value is None]
    if unset:
        yield " ".join(("unset", word, *unset))


def _healthcheck(check: Healthcheck | None) -> str:
    if check is None:
        return "unset HEALTHCHECK"
    if not check.test:
        return "HEALTHCHECK NONE"
    times = "interval", "timeout", "start_period", "start_interval"
    options = [f"--{name.replace('_', '-')}={value}s" for name in times if (value := getattr(check, name))]
    if check.retries:
        options.append(f"--retries={check.retries}")
    test = check.test if isinstance(check.test, str) else _array(check.test)
    return " ".join(("HEALTHCHECK", *options, "CMD", test))


def _array(words: Iterable[str]) -> str:
    return "[{}]".format(", ".join([f'"{word.translate(_ESCAPES)}"' for word in words]))


def _word(text: str) -> str:
    """A word as a Dockerfile reads it: in quotes if it has characters that mean something else."""
    return text if text and _PLAIN.issuperset(text) else f'"{text.translate(_IN_WORDS)}"'
