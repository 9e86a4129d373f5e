"""`frontend.outline`: what a target takes."""

from __future__ import annotations

from pathlib import Path

from llbpy.lint.subject import Subject
from tests.frontends.requests.asked import Asked, lines
from tests.lint.checked import IMPORTS

TOKEN = "ghp_0123456789abcdefghij"


def test_arguments_have_type_default_and_doc(tmp_path: Path) -> None:
    found = [
        (each["name"], each.get("value"), each["description"]) for each in Asked(tmp_path).value("outline")["args"]
    ]
    assert found == [
        ("version", "dev", "what <the app> reports (str)"),
        ("mode", "release", "'debug' | 'release'"),
        ("parts", None, "which parts there are (list[str] | None)"),
    ]


def test_a_given_argument_shows_what_was_given(tmp_path: Path) -> None:
    args = Asked(tmp_path).value("outline", version="2.0")["args"]
    assert args[0]["value"] == "2.0"


def test_what_looks_like_a_token_is_not_shown(tmp_path: Path) -> None:
    found = Asked(tmp_path).result("outline", version=TOKEN)
    assert TOKEN.encode() not in found["result.json"] + found["result.txt"]


def test_arguments_are_found_at_their_parameters(tmp_path: Path) -> None:
    assert [lines(each["location"]) for each in Asked(tmp_path).value("outline")["args"]] == [
        (0, 10, 10),
        (0, 11, 11),
        (0, 12, 12),
    ]


def test_a_required_argument_that_is_missing_keeps_no_outline_away(tmp_path: Path) -> None:
    found = Asked(tmp_path).value("outline", "report")
    assert found["args"][0]["description"] == "str, required"
    assert "value" not in found["args"][0]


def test_secrets_are_required_if_one_use_is(tmp_path: Path) -> None:
    found = [(each["name"], each.get("required", False)) for each in Asked(tmp_path).value("outline")["secrets"]]
    assert found == [("signing-key", True), ("release", True)]


def test_an_optional_secret_has_no_mark(tmp_path: Path) -> None:
    text = IMPORTS + (
        "@target\ndef app() -> State:\n"
        "    return image('a:1', inherit=False).run('x', mounts=[secret('a', optional=True), ssh('b', optional=True)])\n"
    )
    found = Asked(tmp_path, text).text("outline")
    assert found == "TARGET: app\n\nSECRET   REQUIRED\na        \n\nSSH   REQUIRED\nb     \n\n"


def test_secrets_and_agents_of_sources_count_too(tmp_path: Path) -> None:
    text = IMPORTS + (
        "@target\ndef app() -> State:\n"
        "    page = http('https://example.com/', auth_header_secret='page')\n"
        "    code = git('git@example.com:a.git', 'v1', known_hosts='', ssh='work', auth_token_secret='code')\n"
        "    return scratch().copy(page, '/p').copy(code, '/c')\n"
    )
    found = Asked(tmp_path, text).value("outline")
    assert [(each["name"], lines(each["location"])[1]) for each in found["secrets"]] == [("page", 6), ("code", 7)]
    assert [(each["name"], each["required"]) for each in found["ssh"]] == [("work", True)]


def test_secrets_that_any_git_source_may_use_are_not_listed(tmp_path: Path) -> None:
    text = IMPORTS + "@target\ndef app() -> State:\n    return git('https://example.com/a.git', 'v1')\n"
    assert "secrets" not in Asked(tmp_path, text).value("outline")


def test_caches_are_listed_by_id(tmp_path: Path) -> None:
    found = [(each["ID"], lines(each["location"])[1]) for each in Asked(tmp_path).value("outline")["cache"]]
    assert found == [("app", 19), ("/var/tmp/publish", 29)]


def test_what_a_neighbour_made_points_into_its_file(tmp_path: Path) -> None:
    neighbour = (
        "from llbpy import State, image, secret\n\ndef made() -> State:\n"
        "    return image('a:1', inherit=False).run('x', mounts=[secret('s')])\n"
    )
    text = IMPORTS + "from neighbour import made\n@target\ndef app() -> State:\n    return made()\n"
    found = Asked(tmp_path, text, neighbour=neighbour).value("outline")
    assert lines(found["secrets"][0]["location"]) == (1, 4, 4)
    assert len(found["sources"]) == 2


def test_docs_and_values_of_several_lines_stay_one_row(tmp_path: Path) -> None:
    head = IMPORTS + "from typing import Annotated\n"
    text = (
        head + "@target\ndef app(v: Annotated[str, Doc('a\\n\\tb')] = '1') -> State:\n    return scratch().mkdir(v)\n"
    )
    assert Asked(tmp_path, text).text("outline").splitlines()[2:] == [
        "BUILD ARG   VALUE   DESCRIPTION",
        "v           1       a b (str)",
        "",
    ]


def test_a_subject_without_a_graph_has_its_arguments_alone(tmp_path: Path) -> None:
    asked = Asked(tmp_path)
    file = asked.file()
    assert Subject(file, file.find("report")).commands == []
    assert set(asked.value("outline", "report")) == {"name", "description", "args", "sources"}
