"""What a build asks its daemon: questions of graphs, refs, files."""

from __future__ import annotations

import re

import pytest

from llbpy import Build, Definition, ImageQuestion, ResolvedImage, expand, git, image, local, merge, scratch
from llbpy.errors import DaemonError, GraphError
from llbpy.gateway import bridge as calls
from llbpy.gateway import messages as gw
from llbpy.gateway.bridge import Bridge
from llbpy.gateway.inquiry import Inquiry
from llbpy.graph import messages as pb
from llbpy.graph.defaults import Defaults
from llbpy.graph.questions import IgnoreQuestion
from llbpy.graph.sourcemap import SourceFiles
from llbpy.transport.status import Status
from tests.gateway.daemon import LARGEST, Answer, Daemon
from tests.gateway.opened import AMD64, ARM64, DIGEST, identifier, images, inquiry
from tests.graph.decoding import marshal


def asked(daemon: Daemon) -> list[list[str]]:
    """What each round asked about."""
    rounds = [[call.message.Source.identifier for call in calls] for calls in daemon.rounds]
    return [
        [each.removeprefix("docker-image://docker.io/library/").removesuffix(":latest") for each in row]
        for row in rounds
    ]


IGNORE = IgnoreQuestion("context")


def reading(daemon: Daemon, defaults: Defaults | None = None) -> Inquiry:
    """An inquiry that knows where the context's ignore file is, to which nothing has led yet but a Solve."""
    bridge = Bridge(daemon)
    (solved,) = bridge.ask(calls.solve(marshal(local("context")).to_bytes()))
    files = {IGNORE: calls.read_file(solved["result"]["ref"]["id"], ".dockerignore")}
    return Inquiry(bridge, SourceFiles(__file__.rpartition("/")[0]), "unique", defaults=defaults, ignore_files=files)


# Questions -------------------------------------------------------------------------------------------------------------------


def test_a_graph_that_asks_nothing_needs_no_round() -> None:
    daemon = Daemon()
    (definition,) = inquiry(daemon).marshal([(scratch().write("/a", ""), AMD64)])
    assert definition.head
    assert daemon.rounds == []


def test_all_questions_of_all_graphs_are_one_round() -> None:
    daemon = images("a", "b", "c")
    one = merge(image("a").run(["make"]), image("b").run(["make"]))
    two = image("c").run(["make"]).copy(image("a"), "x")
    asking = inquiry(daemon)
    definitions = asking.marshal([(one, AMD64), (two, AMD64), (one, ARM64)])
    assert asked(daemon) == [["a", "b", "c", "a", "b"]]
    assert [request.Platform.Architecture for request in daemon.requests("ResolveSourceMeta")] == [
        *["amd64"] * 3,
        *["arm64"] * 2,
    ]
    assert [len(definition.ops) for definition in definitions] == [6, 5, 6]


def test_answers_are_kept() -> None:
    daemon = images("a", "b")
    asking = inquiry(daemon)
    asking.marshal([(image("a").run(["make"]), AMD64)])
    asking.marshal([(merge(image("a").run(["test"]), image("b").run(["make"])), AMD64)])
    assert asked(daemon) == [["a"], ["b"]]


def test_an_image_is_pinned_to_the_digest_and_its_config_is_read() -> None:
    (definition,) = inquiry(images("a")).marshal([(image("a").run(["make"]), AMD64)])
    first, second, _ = map(pb.Op.decode, definition.ops)
    assert first["source"]["identifier"] == f"{identifier('a')}@{DIGEST}"
    assert second["exec"]["meta"]["cwd"] == "/srv"


def test_a_config_that_only_the_image_itself_needs_is_asked_for_if_wanted() -> None:
    daemon = images("a")
    asking = inquiry(daemon)
    asking.marshal([(image("a"), AMD64)])
    assert daemon.rounds == []
    (definition,) = asking.marshal([(image("a"), AMD64)], configs=True)
    assert asked(daemon) == [["a"]]
    assert pb.Op.decode(definition.ops[0])["source"]["identifier"].endswith(DIGEST)


def test_so_is_that_of_scratch_with_an_image_s_facts() -> None:
    daemon = images("a")
    asking = inquiry(daemon)
    (definition,) = asking.marshal([(scratch().reset(image("a")), AMD64)], configs=True)
    assert definition.ops == ()
    assert asked(daemon) == [["a"]]
    assert list(asking.answers) == [ImageQuestion("docker.io/library/a:latest", AMD64)]


def test_a_question_says_how_images_are_looked_up() -> None:
    daemon = images("a", "b", "c")
    asking = Inquiry(Bridge(daemon), SourceFiles(), "unique", resolve="local")
    states = [image("a"), image("b", resolve="pull"), image("c", platform="linux/arm64")]
    asking.marshal([(merge(*[state.run(["make"]) for state in states]), AMD64)])
    requests = daemon.requests("ResolveSourceMeta")
    assert [request.ResolveMode for request in requests] == ["local", "pull", "local"]
    assert [request.Platform.Architecture for request in requests] == ["amd64", "amd64", "arm64"]
    assert requests[0].LogName == "[internal] load metadata for docker.io/library/a:latest"


def test_an_ignore_file_is_read_along_with_what_is_asked_of_images() -> None:
    daemon = images("a")
    daemon.files["local://context"] = {".dockerignore": b"*.log\n"}
    asking = reading(daemon)
    base = image("a")
    wanted = base.copy(Build(ignored=IGNORE).context(include=["src"], exclude=["docs"]), "x")
    known = base.copy(Build(ignored=lambda: ["*.log"]).context(include=["src"], exclude=["docs"]), "x")
    definition, other = asking.marshal([(wanted, AMD64), (wanted, ARM64)])
    assert daemon.shape == ["Solve", "ResolveSourceMeta ResolveSourceMeta ReadFile"]
    (first,) = asking.marshal([(known, AMD64)])
    assert definition.ops == first.ops
    caps = [[each.caps for each in made.metadata.values()] for made in (definition, first)]
    assert caps[0] == caps[1]
    assert len(other.ops) == len(first.ops)
    assert len(daemon.rounds) == 2


def test_it_has_the_session_of_its_folder() -> None:
    daemon = Daemon({"local://context": {".dockerignore": b"a\n"}})
    asking = reading(daemon, Defaults(session="s"))
    (definition,) = asking.marshal([(Build(ignored=IGNORE).context(), AMD64)])
    attrs = pb.Op.decode(definition.ops[0])["source"]["attrs"]
    assert (attrs["local.session"], attrs["local.excludepatterns"]) == ("s", '["a"]')
    assert "source.local.excludepatterns" in definition.metadata[definition.digests[0]].caps


def test_a_context_that_cannot_be_read_is_said_at_its_line() -> None:
    with pytest.raises(DaemonError, match="local://context: not found") as caught:
        reading(Daemon()).marshal([(Build(ignored=IGNORE).context(), AMD64)])
    assert caught.value.where.startswith("test_inquiry.py:")


def test_an_ignore_file_that_is_not_there_names_nothing() -> None:
    (definition,) = reading(Daemon({"local://context": {}})).marshal([(Build(ignored=IGNORE).context(), AMD64)])
    assert "local.excludepatterns" not in pb.Op.decode(definition.ops[0])["source"]["attrs"]


def test_graphs_are_under_the_defaults_of_the_build() -> None:
    asking = Inquiry(Bridge(Daemon()), SourceFiles(), "unique", defaults=Defaults(network="none"))
    (definition,) = asking.marshal([(image("a", inherit=False).run(["make"]), AMD64)])
    assert pb.Op.decode(definition.ops[1])["exec"]["network"] == 2


def test_an_error_of_a_graph_is_not_asked_away() -> None:
    daemon = images("a")
    with pytest.raises(GraphError, match=r"expand.* reads 'HOME'"):
        inquiry(daemon).marshal([(image("a").env(X=expand("$HOME")).run(["make"]), AMD64)])
    assert asked(daemon) == [["a"]]


def test_what_failed_is_said_of_all_at_the_first_one_s_line() -> None:
    daemon = images("b")
    daemon.refused[identifier("c")] = Status(7, "denied by policy")
    states = [image(name).run(["make"]) for name in ("a", "b", "c", "c")]
    with pytest.raises(DaemonError) as caught:
        inquiry(daemon).marshal([(merge(*states), AMD64), (states[2], ARM64)])
    assert caught.value.message == f"{identifier('a')}: not found; denied by policy"
    assert (caught.value.code, caught.value.status.message) == (5, f"{identifier('a')}: not found")
    assert re.search(r"test_inquiry\.py:\d+$", caught.value.where)


@pytest.mark.parametrize(
    ("config", "problem"), [(b"{", "is no JSON: "), (b"[]", "is no JSON object"), (b"null", "is no JSON object")]
)
def test_a_config_that_is_none_is_refused(config: bytes, problem: str) -> None:
    daemon = Daemon()
    daemon.known[identifier("a")] = Answer(DIGEST, config)
    with pytest.raises(GraphError, match=f"^the config of image 'docker.io/library/a:latest' {problem}"):
        inquiry(daemon).marshal([(image("a").run(["make"]), AMD64)])


def test_an_image_without_a_config_has_an_empty_one() -> None:
    daemon = Daemon()
    daemon.known[identifier("a")] = Answer(DIGEST, b"")
    asking = inquiry(daemon)
    asking.marshal([(image("a").run(["make"]), AMD64)])
    assert list(asking.answers.values()) == [ResolvedImage(DIGEST, {})]


# Solving ---------------------------------------------------------------------------------------------------------------------


def test_what_is_solved_together_is_one_round_with_others_beside_it() -> None:
    daemon = Daemon()
    asking = inquiry(daemon)
    states = [scratch().write("/a", "1"), scratch(), scratch().write("/a", "2")]
    definitions = asking.marshal([(state, AMD64) for state in states])
    assert asking.solve(definitions, calls.warn(definitions[0].head, "note")) == ["ref0", "", "ref2"]
    assert daemon.shape == ["Solve Solve Solve Warn"]


def test_nothing_is_built_before_it_is_read() -> None:
    daemon = Daemon()
    asking = inquiry(daemon)
    definitions = asking.marshal([(git("h.example/missing"), AMD64)])
    (ref,) = asking.solve(definitions)
    with pytest.raises(DaemonError, match="not found"):
        asking.bridge.ask(calls.read_file(ref, "/a"))
    with pytest.raises(DaemonError, match="not found"):
        asking.bridge.ask(calls.evaluate(ref))


def test_caches_go_into_every_solve() -> None:
    daemon = Daemon()
    asking = Inquiry(Bridge(daemon), SourceFiles(), "unique", cache_imports=[gw.CacheOptionsEntry.Type.write("gha")])
    asking.solve(asking.marshal([(scratch().write("/a", ""), AMD64)]))
    (request,) = daemon.requests("Solve")
    assert [entry.Type for entry in request.CacheImports] == ["gha"]


def test_what_a_solve_refuses_is_raised() -> None:
    daemon = Daemon()
    daemon.refused["Solve"] = Status(3, "invalid")
    with pytest.raises(DaemonError, match=r"^invalid$"):
        inquiry(daemon).solve(inquiry(daemon).marshal([(scratch().write("/a", ""), AMD64)]))


def file_of(size: int) -> Definition:
    (definition,) = inquiry(Daemon()).marshal([(scratch().write("/a", b"x" * size), AMD64)])
    return definition


def test_a_definition_may_be_as_large_as_a_message() -> None:
    around = len(calls.solve(file_of(LARGEST).to_bytes()).data) - LARGEST
    daemon = Daemon()
    assert inquiry(daemon).solve([file_of(LARGEST - around)]) == ["ref0"]
    with pytest.raises(GraphError, match=r"test_inquiry\.py:\d+: the definition has 16\.0 MiB"):
        inquiry(daemon).solve([file_of(LARGEST - around + 1)])
    assert len(daemon.rounds) == 1


def test_a_definition_that_is_too_large_says_which_step_is() -> None:
    asking = inquiry(Daemon())
    state = scratch().write("/small", "x").write("/large", b"x" * (17 << 20)).write("/other", "x")
    with pytest.raises(GraphError) as caught:
        asking.solve(asking.marshal([(state, AMD64)]))
    assert caught.value.message == (
        "the definition has 17.0 MiB, and a daemon takes 16 MiB; one step has 17.0 MiB: "
        "bring large files in from the context, or a step, instead of write()"
    )
    assert re.search(r"test_inquiry\.py:\d+$", caught.value.where)
