"""The results as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from bench.frontend.experiments import (
    FIRST_CALL_TARGET_MS,
    LARGE_TARGET_MS,
    ROUNDS_TARGET,
    Grown,
    Large,
    Pair,
)
from bench.frontend.timeline import Timeline
from bench.processes import ratios
from bench.report import facts, spread_text, table, verdict

TITLE = "The frontend"
INTRODUCTION = """\
Builds by buildctl through our frontend image, and through docker/dockerfile of the daemon's own version run the same way, as an
image from the registry beside the daemon. Milliseconds from buildctl's start to its end; the builds run in turn, A B A B, each
after a moment in which the machine was idle, and a ratio is taken pair by pair.

Equal work is an image of which the config is asked, and three runs. Both make the same graph of it, to the digest; the daemon has
all results. The no-op is the image alone. The frontend's own times are noted by an image that differs from ours in its entry point.
"""
Section = tuple[str, str]
"""A heading, and what is below it."""


def render(software: str, sections: Sequence[Section]) -> str:
    parts = [
        f"# {TITLE}\n\n{INTRODUCTION}",
        facts(software),
        *[f"## {heading}\n\n{text}" for heading, text in sections],
    ]
    return "\n".join(parts)


def pairs_section(heading: str, pairs: Sequence[Pair], target: float) -> Section:
    rows = [
        [
            pair.name,
            *[f"{median(times):.1f} (least {min(times):.1f})" for times in (pair.ours, pair.theirs)],
            spread_text(pair.ratio),
            *verdict(pair.ratio.median, target),
        ]
        for pair in pairs
    ]
    return heading, table(("build", "llbpy", "docker/dockerfile", "llbpy / docker/dockerfile", "target", ""), rows)


def course_section(timelines: Sequence[Timeline]) -> Section:
    """Medians over the builds that went the usual course."""
    shapes = Counter(_shape(timeline) for timeline in timelines)
    usual, count = shapes.most_common(1)[0]
    chosen = [timeline for timeline in timelines if _shape(timeline) == usual]
    stages = [list(_stages(timeline)) for timeline in chosen]
    rows = [[_names(column), f"{median(ms for _, ms in column):.1f}", "", ""] for column in zip(*stages, strict=True)]
    first = median((timeline.calls[0].asked - timeline.launched) / 1e6 for timeline in chosen)
    whole = [
        ["exec to the first call", f"{first:.1f}", *verdict(first, FIRST_CALL_TARGET_MS)],
        ["exec to the frontend's end", f"{median(timeline.frontend_ms for timeline in chosen):.1f}", "", ""],
        ["rounds", f"{len(usual)}", *verdict(len(usual), ROUNDS_TARGET)],
    ]
    text = table(("of a build of equal work", "ms", "target", ""), [*rows, *whole])
    return f"Its course ({count} of {len(timelines)} builds)", text


def _shape(timeline: Timeline) -> tuple[str, ...]:
    return tuple(round.label for round in timeline.rounds())


def _names(column: Sequence[tuple[str, float]]) -> str:
    return column[0][0]


def _stages(timeline: Timeline) -> Iterator[tuple[str, float]]:
    """What follows what, in milliseconds."""
    rounds = timeline.rounds()
    yield "buildctl's start to exec in the container", _ms(timeline.begun, timeline.launched)
    yield "to the first line of Python", _ms(timeline.launched, timeline.started)
    yield "modules", _ms(timeline.started, timeline.loaded)
    at = timeline.loaded
    for round in rounds:
        yield "own work", _ms(at, round.asked)
        yield f"round: {round.label}", _ms(round.asked, round.answered)
        at = round.answered
    yield "own work, exit", _ms(at, timeline.ended)
    yield "to buildctl's end", _ms(timeline.ended, timeline.finished)


def _ms(start: int, end: int) -> float:
    return (end - start) / 1e6


def large_section(large: Sequence[Large]) -> Section:
    wall, frontend = [median(getattr(each.build, what) for each in large) for what in ("wall_ms", "frontend_ms")]
    bare = median(each.bare for each in large)
    rows = [
        ["a build, in all", f"{wall:,.0f}", *verdict(wall, LARGE_TARGET_MS)],
        ["of it the frontend, from exec to its end", f"{frontend:,.0f}", *verdict(frontend, LARGE_TARGET_MS)],
        ["the same definition without a frontend (`llbpy dump`, its own time not counted)", f"{bare:,.0f}", "", ""],
    ]
    return "A build file of 10,000 vertices, all cached", table(("", "ms", "target", ""), rows)


def grown_section(grown: Sequence[Grown]) -> Section:
    rows = [row for each in grown for row in _grown_rows(each)]
    return "Several of a thing", table(("", "one", "several", "ratio", "target", ""), rows)


def _grown_rows(grown: Grown) -> Iterator[list[str]]:
    for what, key, target in (
        ("in all", "wall_ms", grown.wall_target),
        ("the frontend", "frontend_ms", grown.frontend_target),
    ):
        one, several = [[getattr(build, key) for build in builds] for builds in (grown.one, grown.several)]
        ratio = ratios(several, one)
        figures = [f"{median(one):.1f}", f"{median(several):.1f}", spread_text(ratio)]
        yield [f"{grown.name}, {what}", *figures, *verdict(ratio.median, target)]
