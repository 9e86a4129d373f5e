"""What is measured of the frontend, and what is to be reached."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from bench.frontend import builds, images
from bench.frontend.builds import Subject, by_gateway, by_syntax
from bench.frontend.daemon import Daemon
from bench.frontend.timeline import Timeline, timed
from bench.processes import Spread, interleave, output, ratios, say

WARM_TARGET = 1.0
FIRST_CALL_TARGET_MS = 15.0
ROUNDS_TARGET = 5
COLD_TARGET = 1.3
LARGE_TARGET_MS = 1000.0
CONFIGS_TARGET = 1.5
PLATFORMS_TARGET = 1.3


class Effort(NamedTuple):
    """How many builds of each kind."""

    warm: int
    cold: int
    large: int


QUICK = Effort(warm=5, cold=2, large=1)
DEFAULT = Effort(warm=21, cold=9, large=5)


class Pair(NamedTuple):
    """Milliseconds of builds that ran in turn."""

    name: str
    ours: list[float]
    theirs: list[float]

    @property
    def ratio(self) -> Spread:
        return ratios(self.ours, self.theirs)


class Grown(NamedTuple):
    """Builds of one thing and of several, which ran in turn."""

    name: str
    wall_target: float | None
    frontend_target: float | None
    one: list[Timeline]
    several: list[Timeline]


class Large(NamedTuple):
    """A build of 10,000 vertices, and milliseconds of the same definition without a frontend."""

    build: Timeline
    bare: float


def warm(daemon: Daemon, effort: Effort) -> list[Pair]:
    """Builds of which the daemon has everything. Raises RuntimeError if the two of a pair do not make the same graph."""
    say(f"warm builds, {effort.warm} rounds")
    pairs = _pairs()
    subjects = [subject for pair in pairs.values() for subject in pair]
    _prepare(daemon, *subjects)
    for name, pair in pairs.items():
        if len({frozenset(builds.steps(daemon, subject)) for subject in pair}) != 1:
            raise RuntimeError(f"{name}: the graphs differ")
    columns = interleave(effort.warm, *[partial(builds.warm_ms, daemon, subject) for subject in subjects])
    return [Pair(name, *columns[2 * n : 2 * n + 2]) for n, name in enumerate(pairs)]


def _pairs() -> dict[str, tuple[Subject, Subject]]:
    """Builds by our frontend and by the other."""
    nothing, equal, go = builds.NOTHING_DOCKERFILE, builds.EQUAL_DOCKERFILE, images.GO
    return {
        "no-op": (
            by_gateway("nothing", builds.NOTHING),
            by_gateway("nothing-go", nothing, frontend=go),
        ),
        "equal work": (
            by_gateway("equal", builds.EQUAL),
            by_gateway("equal-go", equal, frontend=go),
        ),
        "equal work, `# syntax=`": (
            by_syntax("equal-syntax", builds.EQUAL),
            by_syntax("equal-syntax-go", equal, frontend=go),
        ),
    }


def timelines(daemon: Daemon, effort: Effort) -> list[Timeline]:
    say(f"a build's course, {effort.warm} rounds")
    subject = by_gateway("equal", builds.EQUAL, frontend="timed")
    _prepare(daemon, subject)
    return [timed(daemon, subject) for _ in range(effort.warm)]


def cold_use(daemon: Daemon, effort: Effort) -> Pair:
    """Builds for which the daemon pulls the frontend's image."""
    say(f"cold builds, {effort.cold} rounds")
    ours = by_gateway("equal", builds.EQUAL)
    theirs = by_gateway("equal-go", builds.EQUAL_DOCKERFILE, frontend=images.GO)
    built_in = Subject(theirs.folder, theirs.file, ("--frontend=dockerfile.v0",))
    first = [partial(builds.first_use_ms, daemon, subject, built_in) for subject in (ours, theirs)]
    return Pair("equal work", *interleave(effort.cold, *first))


def large(daemon: Daemon, effort: Effort) -> list[Large]:
    say(f"10,000 vertices, {effort.large} rounds (the first build takes minutes)")
    subject = by_gateway("large", builds.LARGE, frontend="timed")
    definition = builds.definition(subject)
    _prepare(daemon, subject)
    return [Large(timed(daemon, subject), builds.bare_ms(daemon, definition)) for _ in range(effort.large)]


def configs(daemon: Daemon, effort: Effort) -> Grown:
    say(f"configs of {images.BASES} images, {effort.warm} rounds")
    one, several = [
        by_gateway(f"configs-{n}", builds.CONFIGS.replace("COUNT", str(n)), frontend="timed") for n in (1, images.BASES)
    ]
    name = f"configs of {images.BASES} images to that of one"
    grown = Grown(name, CONFIGS_TARGET, None, *_in_turn(daemon, effort, one, several))
    asked = grown.several[-1].count("ResolveSourceMeta")
    if asked != images.BASES:
        raise RuntimeError(f"the build of {images.BASES} images asks for {asked} configs")
    return grown


def platforms(daemon: Daemon, effort: Effort) -> Grown:
    say(f"{len(images.PLATFORMS)} platforms, {effort.warm} rounds")
    one, several = [
        by_gateway(f"platforms-{len(some)}", builds.PLATFORMS, f"--opt=platform={','.join(some)}", frontend="timed")
        for some in (images.PLATFORMS[:1], images.PLATFORMS)
    ]
    name = f"{len(images.PLATFORMS)} platforms to one"
    return Grown(name, None, PLATFORMS_TARGET, *_in_turn(daemon, effort, one, several))


def _in_turn(daemon: Daemon, effort: Effort, one: Subject, several: Subject) -> list[list[Timeline]]:
    _prepare(daemon, one, several)
    return interleave(effort.warm, partial(timed, daemon, one), partial(timed, daemon, several))


def _prepare(daemon: Daemon, *subjects: Subject) -> None:
    """Builds each twice, so that the daemon has everything."""
    for subject in subjects * 2:
        output(*subject.command(daemon))
