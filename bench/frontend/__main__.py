"""Measures the frontend beside a daemon and writes its part of bench/RESULTS.md; nothing here fails for being slow."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from collections.abc import Iterator

from bench import results
from bench.frontend import experiments, images, report
from bench.frontend.daemon import Daemon, own_daemon
from bench.frontend.experiments import COLD_TARGET, WARM_TARGET, Effort
from bench.frontend.report import Section
from bench.processes import ENV


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.frontend", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few builds of each kind; writes nothing")
    quick = parser.parse_args().quick
    effort = experiments.QUICK if quick else experiments.DEFAULT
    software = images.make()
    with own_daemon() as daemon:
        sections = list(measure(daemon, effort))
    text = report.render(software, sections)
    print(text)
    if not quick:
        results.put(text)


def measure(daemon: Daemon, effort: Effort) -> Iterator[Section]:
    """What fills the daemon comes last."""
    yield report.pairs_section("Warm", experiments.warm(daemon, effort), WARM_TARGET)
    yield report.course_section(experiments.timelines(daemon, effort))
    yield report.grown_section([experiments.configs(daemon, effort), experiments.platforms(daemon, effort)])
    yield report.pairs_section("First use: the image is pulled", [experiments.cold_use(daemon, effort)], COLD_TARGET)
    yield report.large_section(experiments.large(daemon, effort))


if __name__ == "__main__":
    if "BUILDKIT_HOST" not in ENV:
        sys.exit("bench.frontend: there is no daemon: python tools/daemon.py run .venv/bin/python -m bench.frontend")
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"bench: {shlex.join(map(str, error.cmd))} failed with code {error.returncode}")
