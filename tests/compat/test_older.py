"""Older daemons, by buildctl with the frontend's image or a syntax line: what works on the one daemon works on them."""

from __future__ import annotations

import pytest

from tests.compat.shared import Everywhere
from tests.e2e.frontends import test_annotations, test_attestations, test_main_context, test_policies
from tests.e2e.frontends.ways import ROOT, Builds, Way, gateway, syntax

pytestmark = pytest.mark.compat


@pytest.fixture
def builds(older: Builds) -> Builds:
    return older


@pytest.fixture(params=[gateway, syntax])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


class TestOlder(Everywhere):
    def test_the_smallest_example(self, builds: Builds, way: Way) -> None:
        text = (ROOT / "examples" / "hello" / "build.py").read_text()
        built = builds.export(builds.write(text), "build-arg:name=you", way=way)
        assert (built.names, built.text("hello.txt")) == (["hello.txt"], "hello, you")

    def test_what_a_scanner_says_is_attested(self, builds: Builds, way: Way) -> None:
        test_attestations.test_what_a_scanner_says_is_attested_of_each_platform(builds, way)

    def test_the_main_context_is_a_repository(self, builds: Builds, remotes: str) -> None:
        remote = test_main_context.Remote(builds, remotes)
        test_main_context.test_a_repository_keeps_its_git_folder_if_asked(builds, remote)

    def test_the_main_context_is_a_download(self, builds: Builds, downloads: str) -> None:
        test_main_context.test_an_archive_is_downloaded_and_unpacked(builds, downloads, "context.tar.gz")

    @pytest.mark.parametrize(("source", "line"), test_policies.DENIED)
    def test_a_source_that_is_denied_is_shown_with_its_line(
        self, builds: Builds, web: str, remotes: str, source: str, line: str
    ) -> None:
        test_policies.test_any_source_that_is_denied_is_shown_with_its_line(builds, web, remotes, source, line)

    def test_images_have_their_annotations(self, builds: Builds, way: Way) -> None:
        test_annotations.test_each_image_has_those_for_all_and_its_own(builds, way)
        test_annotations.test_an_image_alone_has_none_of_an_index(builds, way)
