"""Rules on credentials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llbpy.lint.credentials import holds_token, is_secret_name, may_be_secret
from tests.lint.checked import findings, rules, target

TOKEN = "ghp_0123456789abcdefghij"
BASE = "image('alpine:3.22', inherit=False)"


@pytest.mark.parametrize(
    "name",
    [
        "NPM_TOKEN",
        "password",
        "DB_PASSWORD",
        "api_key",
        "APIKEY",
        "AUTH",
        "my-secret",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "git_credentials",
        "passphrase",
    ],
)
def test_a_name_says_that_it_is_a_credential(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "version",
        "KEYBOARD",
        "monkey",
        "author",
        "PUBLIC_KEY",
        "TOKEN_FILE",
        "key_path",
        "secret_id",
        "SSH_AUTH_SOCK",
        "AUTH_URL",
        "key_size",
        "tokenizer",
        "",
        "_",
    ],
)
def test_other_names_do_not(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("value", "may"),
    [("x", True), ("hunter2", True), ("1234", True)] + [(v, False) for v in ("", "true", "0", "/run/x")],
)
def test_values_that_could_be_one(value: str, may: bool) -> None:
    assert may_be_secret(value) == may


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"--token={TOKEN}",
        f"https://me:{TOKEN}@example.com/",
        "Authorization: Bearer 0123456789abcdef",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA",
        "//registry/:_authToken=npm_0123456789abcdefghij",
    ],
)
def test_a_token_in_a_text_is_seen(text: str) -> None:
    assert holds_token(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "make",
        "ghp_short",
        "cat /dev/disk-0123456789abcdef",
        "sha256:" + "0" * 64,
        "$TOKEN",
        "Bearer $TOKEN",
        "-----BEGIN CERTIFICATE-----",
        "basic authentication",
        "task-20240101abcdef",
    ],
)
def test_other_texts_have_none(text: str) -> None:
    assert not holds_token(text)


# Arguments


@pytest.mark.parametrize(
    ("parameter", "given", "found"),
    [
        ("npm_token: str = ''", {}, ["SecretInArgs"]),
        ("password: str | None = None", {}, ["SecretInArgs"]),
        ("auth: bool = False", {}, []),
        ("token_file: str = ''", {}, []),
        ("key: Literal['a', 'b'] = 'a'", {}, []),
        ("secret: Path = Path('x')", {}, []),
        ("words: str = ''", {"words": TOKEN}, ["SecretInArgs"]),
        (f"words: str = '{TOKEN}'", {}, ["SecretInArgs"]),
        ("words: str = ''", {"words": "hello"}, []),
    ],
)
def test_arguments(tmp_path: Path, parameter: str, given: dict[str, str], found: list[str]) -> None:
    name = parameter.partition(":")[0]
    text = target(f"scratch().mkdir('/' + str({name} != 0))", parameters=parameter)
    assert rules(tmp_path, text, given=None, base=None, **given) == found


def test_an_argument_is_found_at_its_parameter(tmp_path: Path) -> None:
    text = "@target\ndef app(\n    a: str,\n    token: str = '',\n) -> State:\n    return scratch().write(a, token)\n"
    [one] = findings(tmp_path, text, a="/a")
    assert (one.line, one.detail) == (
        7,
        "argument 'token' of 'app' is named like a credential; name a secret instead: mounts=[secret('…', env='TOKEN')]",
    )


def test_a_token_that_was_given_is_never_shown(tmp_path: Path) -> None:
    [one] = findings(tmp_path, target("scratch().mkdir(w)", parameters="w: str = ''"), w=TOKEN)
    assert TOKEN[4:] not in str(one)


# The environment


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"{BASE}.env(NPM_TOKEN='x').run('x')", ["SecretInEnv"]),
        (f"{BASE}.env(NPM_TOKEN='x')", ["SecretInEnv"]),
        (f"{BASE}.run('x', env={{'NPM_TOKEN': 'x'}})", ["SecretInEnv"]),
        (f"{BASE}.env(NPM_TOKEN='').run('x')", []),
        (f"{BASE}.env(NPM_TOKEN='/run/secrets/npm').run('x')", []),
        (f"{BASE}.env(NPM_TOKEN_FILE='x').run('x')", []),
        (f"{BASE}.env(AUTH='true').run('x')", []),
        (f"{BASE}.env(WORDS='{TOKEN}').run('x')", ["SecretInEnv"]),
        (f"{BASE}.run('x', mounts=[secret('a', env='NPM_TOKEN')])", []),
    ],
)
def test_variables(tmp_path: Path, body: str, found: list[str]) -> None:
    assert rules(tmp_path, target(body)) == found


def test_what_an_image_passes_on_is_nobodys_finding(tmp_path: Path) -> None:
    base: dict[str, Any] = {"config": {"Env": ["GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D"]}}
    text = target("image('python:3.13').run('x')")
    assert rules(tmp_path, text, base=base) == []
    assert rules(tmp_path, target("image('python:3.13').env(GPG_KEY='other').run('x')"), base=base) == ["SecretInEnv"]


def test_one_variable_is_found_once_where_it_is_set(tmp_path: Path) -> None:
    text = target("base.run('x').run('y')", head=f"base = (\n    {BASE}\n    .env(NPM_TOKEN='x')\n)\n")
    [one] = findings(tmp_path, text)
    assert one.line == 6


def test_a_variable_whose_name_is_not_written_is_found_at_the_first_command(tmp_path: Path) -> None:
    text = target("base.run('x')", head=f"base = {BASE}.env(dict([('NPM' + '_TOKEN', 'x')]))\n")
    [one] = findings(tmp_path, text)
    assert one.line == 7


# Commands and files


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"{BASE}.run('curl -H \"Authorization: Bearer {TOKEN}\" x')", ["SecretInCommand"]),
        (f"{BASE}.run(['login', '--token', '{TOKEN}'])", ["SecretInCommand"]),
        (f"{BASE}.run('login --token $TOKEN')", []),
        (f"{BASE}.write('/root/.npmrc', '_authToken={TOKEN}')", ["SecretInFile"]),
        (f"{BASE}.write('/key', '-----BEGIN RSA PRIVATE KEY-----')", ["SecretInFile"]),
        (f"{BASE}.write('/data', bytes(range(256)))", []),
        (f"{BASE}.copy(build.context()['/deploy/id_rsa'], '/k')", ["SecretInFile"]),
        (f"{BASE}.copy(build.context()['/.aws/credentials'], '/k')", ["SecretInFile"]),
        (f"{BASE}.copy(build.context()['/credentials'], '/k')", []),
        (f"{BASE}.copy(build.context()['/id_rsa.pub'], '/k')", []),
    ],
)
def test_commands_and_files(tmp_path: Path, body: str, found: list[str]) -> None:
    assert rules(tmp_path, target(body)) == found


def test_a_token_in_a_command_is_never_shown(tmp_path: Path) -> None:
    [one] = findings(tmp_path, target(f"{BASE}.run('login {TOKEN}')"))
    assert TOKEN[4:] not in one.detail
