"""Annotations of an image, as `docker buildx build --annotation` spells them: `[LEVEL[PLATFORM],…:]KEY=VALUE`."""

from __future__ import annotations

from llbpy.errors import BuildFileError, PlatformError, near
from llbpy.graph.platforms import Platform, as_platform
from llbpy.graph.values import Value, set_field

_OF_AN_INDEX = ("index", "index-descriptor")
_LEVELS = ("manifest", "manifest-descriptor", *_OF_AN_INDEX)


class Annotation(Value):
    """One annotation at one level, for the image of one platform only or (None) for every one."""

    __slots__ = ("level", "platform", "key", "value")

    level: str
    platform: Platform | None
    key: str
    value: str

    def __init__(self, level: str, platform: Platform | None, key: str, value: str) -> None:
        set_field(self, "level", level)
        set_field(self, "platform", platform)
        set_field(self, "key", key)
        set_field(self, "value", value)

    @property
    def is_of_index(self) -> bool:
        """Whether it needs an index of images."""
        return self.level in _OF_AN_INDEX


def parse(text: str, where: str = "") -> list[Annotation]:
    """The annotation that a text says, at each of its levels; at that of manifests if it names none.

    Raises BuildFileError, at `where`, for what is no annotation.

    >>> [(each.level, each.key) for each in parse("index,manifest:org.example.team=web")]
    [('index', 'org.example.team'), ('manifest', 'org.example.team')]
    """
    name, equals, value = text.partition("=")
    levels, colon, key = name.partition(":") if ":" in name else ("", "", name)
    if not equals or key.split() != [key]:
        raise BuildFileError(f"annotation {text!r} is no [LEVEL:]KEY=VALUE whose key has no blanks", where)
    named = levels.split(",") if colon else ["manifest"]
    return [Annotation(*_level(text, level, where), key, value) for level in named]


def _level(text: str, level: str, where: str) -> tuple[str, Platform | None]:
    name, bracket, platform = level.partition("[")
    if name not in _LEVELS:
        advice = near(name, _LEVELS) or f"; there are {', '.join(_LEVELS)}"
        raise BuildFileError(f"annotation {text!r}: level {name!r} is unknown{advice}", where)
    if not bracket:
        return name, None
    if name in _OF_AN_INDEX or platform[-1:] != "]":
        raise BuildFileError(f"annotation {text!r}: {level!r} is no manifest[PLATFORM]; an index has none", where)
    try:
        return name, as_platform(platform[:-1])
    except PlatformError as error:
        raise BuildFileError(f"annotation {text!r}: {error.message}", where) from error
