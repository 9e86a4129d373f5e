"""Options that are lists: CSV, caches, attestations, proxies."""

from __future__ import annotations

import pytest

from llbpy.errors import OptionError
from llbpy.gateway.options import csv, parse_bool
from llbpy.proto import gateway_pb2
from tests.gateway.opened import options


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a", ["a"]),
        ("", [""]),
        ("a,b", ["a", "b"]),
        ("a,", ["a", ""]),
        (",a", ["", "a"]),
        ('"a,b",c', ["a,b", "c"]),
        ('a,"b""c"', ["a", 'b"c']),
        ('""', [""]),
        ('"",""', ["", ""]),
        ('"""a"""', ['"a"']),
        ("a b , c", ["a b ", " c"]),
    ],
)
def test_fields_of_a_line(text: str, fields: list[str]) -> None:
    assert csv("option", text) == fields


@pytest.mark.parametrize("text", ['"', 'a,"b', '"a""', '"a"b,c', '"a" ,b'])
def test_quotes_that_do_not_close_are_refused(text: str) -> None:
    with pytest.raises(OptionError, match=r"^option=.* has .*quote") as caught:
        csv("option", text)
    assert caught.value.option == "option"


def test_a_bool_is_what_go_takes_for_one() -> None:
    assert [parse_bool("x", text) for text in ("1", "t", "T", "true", "TRUE", "True")] == [True] * 6
    assert [parse_bool("x", text) for text in ("0", "f", "F", "false", "FALSE", "False")] == [False] * 6
    for text in ("", "yes", "tRUE"):
        with pytest.raises(OptionError, match="is neither true nor false"):
            parse_bool("x", text)


# Caches, attestations, proxies -----------------------------------------------------------------------------------------------


def caches(*texts: str) -> list[tuple[str, dict[str, str]]]:
    entries = [gateway_pb2.CacheOptionsEntry.FromString(data) for data in options(*texts).cache_imports]
    return [(entry.Type, dict(entry.Attrs)) for entry in entries]


def test_caches_are_imported_by_json_in_any_case_and_before_those_by_reference() -> None:
    listed = 'cache-imports=[{"type":"gha","attrs":{"scope":"a"}},{"Type":"local","Attrs":null},{"TYPE":"s3"}]'
    assert caches(listed, "cache-from=h/a,,h/b:1") == [
        ("gha", {"scope": "a"}),
        ("local", {}),
        ("s3", {}),
        ("registry", {"ref": "h/a"}),
        ("registry", {"ref": "h/b:1"}),
    ]
    assert caches() == caches("cache-imports=", "cache-from=") == []


@pytest.mark.parametrize(
    ("texts", "attested"),
    [
        ([], {}),
        (["attest:sbom="], {"sbom": {}}),
        (["attest:SBOM="], {"sbom": {}}),
        (["attest:sbom=generator=h/scanner:1,scan"], {"sbom": {"generator": "h/scanner:1", "scan": ""}}),
        (['attest:sbom="a=1,2",b=x=y'], {"sbom": {"a": "1,2", "b": "x=y"}}),
        (["build-arg:BUILDKIT_ATTEST_SBOM="], {"sbom": {}}),
        (["build-arg:BUILDKIT_ATTEST_PROVENANCE=mode=min"], {"provenance": {"mode": "min"}}),
        (["attest:provenance=mode=max", "attest:sbom="], {"provenance": {"mode": "max"}, "sbom": {}}),
    ],
)
def test_attestations(texts: list[str], attested: dict[str, dict[str, str]]) -> None:
    assert options(*texts).attestations == attested


def test_an_unknown_attestation_is_refused() -> None:
    with pytest.raises(OptionError, match=r"^attest:sbon is unknown; did you mean 'sbom'\?$") as caught:
        _ = options("attest:sbon=").attestations
    assert caught.value.option == "attest:sbon"
    with pytest.raises(OptionError, match=r"^attest:vex is unknown; there are sbom, provenance$"):
        _ = options("build-arg:BUILDKIT_ATTEST_VEX=").attestations


def test_proxies_come_in_any_case_and_empty_ones_are_none() -> None:
    asked = options("build-arg:http_proxy=a", "build-arg:Https_Proxy=b", "build-arg:NO_PROXY=", "build-arg:PROXY=x")
    assert asked.proxies == {"HTTP_PROXY": "a", "HTTPS_PROXY": "b"}


def test_of_a_proxy_that_was_given_twice_the_lower_case_counts() -> None:
    texts = ["build-arg:http_proxy=lower", "build-arg:HTTP_PROXY=upper"]
    assert options(*texts).proxies == options(*reversed(texts)).proxies == {"HTTP_PROXY": "lower"}
