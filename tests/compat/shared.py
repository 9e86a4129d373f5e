"""What holds wherever a build file is built: tests of the one daemon, for modules that say where."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

import pytest

from tests.compat.ways import docker
from tests.e2e.frontends import (
    test_arguments,
    test_attestations,
    test_failures,
    test_images,
    test_main_context,
    test_named_contexts,
    test_neighbours,
    test_platforms,
    test_running,
    test_secrets,
    test_warnings,
    test_ways,
)
from tests.e2e.frontends.ways import Builds, Way

Check = Callable[[Builds, Way], None]

CHECKS: tuple[Check, ...] = (
    test_ways.test_hello,
    test_ways.test_stages_with_a_cache_mount_come_from_the_cache_the_second_time,
    test_ways.test_a_target_is_built_by_its_name,
    test_ways.test_no_cache_is_for_all_steps_or_for_those_of_one_target,
    test_ways.test_labels_come_from_the_option_the_target_and_the_state,
    test_ways.test_a_failing_command_is_shown_with_its_line_its_output_and_its_name,
    test_arguments.test_values_of_each_type_are_read_from_text,
    test_arguments.test_a_wrong_value_is_one_line_with_what_would_be_right,
    test_main_context.test_the_ignore_file_says_what_is_left_out,
    test_neighbours.test_modules_and_packages_are_imported,
    test_platforms.test_several_platforms_make_an_index_with_the_config_of_each,
    test_running.test_what_a_build_file_prints_is_shown,
    test_warnings.test_findings_fail_the_build_if_the_file_says_so,
    test_warnings.test_another_outcome_fails_the_build,
)
WRONG = {name: wrong for name, wrong in test_failures.EVERY_WAY.items() if name != "missing image"}
"""Without the one that says different things: a daemon as old as v0.17 goes on to Docker Hub for what its mirror lacks."""


class Everywhere:
    """Where and how is said by the fixtures `builds` and `way`."""

    @pytest.mark.parametrize("check", CHECKS, ids=attrgetter("__name__"))
    def test_it_is_as_on_the_one_daemon(self, builds: Builds, way: Way, check: Check) -> None:
        check(builds, way)

    @pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
    def test_errors_are_shown_with_their_lines(self, builds: Builds, way: Way, wrong: test_failures.Wrong) -> None:
        test_failures.test_errors_are_shown_with_their_lines_in_every_way(builds, way, wrong)

    def test_secrets_are_there_for_a_command(self, builds: Builds, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
        test_secrets.test_secrets_are_there_for_a_command_and_not_in_its_image(builds, way, monkeypatch)

    def test_a_command_talks_to_the_clients_ssh_agent(self, builds: Builds, way: Way, agent: Path) -> None:
        test_secrets.test_a_command_talks_to_the_clients_ssh_agent(builds, way, agent)

    def test_contexts_are_images_repositories_and_downloads(
        self, builds: Builds, way: Way, web: str, remotes: str
    ) -> None:
        builds.repository().commit({"file": ""})
        builds.files({"file.txt": ""}).rename(builds.folder / "web")
        folder = builds.write(test_named_contexts.FILES)
        kinds = {
            "docker-image://busybox": "bin/busybox",
            f"{remotes}/{builds.salt}": "file",
            f"{web}/file.txt": "context",
        }
        for context, name in kinds.items():
            assert name in builds.export(folder, f"context:named={context}", way=way).names


class OnDocker(Everywhere):
    """The same, where the way is `docker build`; what only that can be given, and what older daemons cannot."""

    @pytest.fixture
    def way(self) -> Way:
        return docker

    def test_contexts_are_folders_and_layouts(self, builds: Builds, way: Way) -> None:
        files = builds.write(test_named_contexts.FILES)
        layout = test_named_contexts.Layout(builds)
        assert builds.export(files, f"context:named={builds.files({'kept': ''})}", way=way).names == ["kept"]
        option = f"context:named=oci-layout://{layout.folder}@{layout.digest}"
        assert "marker" in builds.export(files, option, way=way).names

    def test_the_main_context_is_a_repository(self, builds: Builds, remotes: str) -> None:
        test_main_context.test_buildx_builds_a_repository(builds, test_main_context.Remote(builds, remotes))

    def test_the_main_context_is_a_download(self, builds: Builds, downloads: str) -> None:
        assert "sub/file" in builds.typed("--file=build.py", f"{downloads}/context.tar.gz").names

    def test_the_main_context_comes_on_stdin(self, builds: Builds) -> None:
        test_main_context.test_an_archive_comes_on_stdin(builds)
        test_main_context.test_a_build_file_comes_on_stdin_beside_a_folder(builds)

    def test_an_image_that_is_not_there_is_said_at_its_line(self, builds: Builds, way: Way) -> None:
        missing = test_failures.EVERY_WAY["missing image"]
        test_failures.test_errors_are_shown_with_their_lines_in_every_way(builds, way, missing)

    def test_history_has_what_made_each_layer(self, builds: Builds, way: Way) -> None:
        test_images.test_history_has_what_made_each_layer_after_the_history_of_the_base(builds, way)

    def test_provenance_has_the_build_file_and_what_it_was_made_of(self, builds: Builds, way: Way) -> None:
        test_attestations.test_provenance_has_the_build_file_and_what_it_was_made_of(builds, way)
