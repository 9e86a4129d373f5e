"""Image references, by the rules of distribution/reference; the tables come from Go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbpy.errors import GraphError
from llbpy.graph.references import Reference, normalize, parse

SHA256 = "sha256:" + "0123456789abcdef" * 4
SHA384 = "sha384:" + "0" * 96
SHA512 = "sha512:" + "f" * 128

# text, domain, path, tag, digest
PARSED = [
    ("alpine", "docker.io", "library/alpine", "", ""),
    ("alpine:3.22", "docker.io", "library/alpine", "3.22", ""),
    ("library/alpine", "docker.io", "library/alpine", "", ""),
    ("docker.io/alpine", "docker.io", "library/alpine", "", ""),
    ("docker.io/library/alpine", "docker.io", "library/alpine", "", ""),
    ("index.docker.io/alpine", "docker.io", "library/alpine", "", ""),
    ("index.docker.io/moby/buildkit", "docker.io", "moby/buildkit", "", ""),
    ("moby/buildkit:v0.32.2", "docker.io", "moby/buildkit", "v0.32.2", ""),
    ("library/a/b", "docker.io", "library/a/b", "", ""),
    ("localhost/a", "localhost", "a", "", ""),
    ("localhost", "docker.io", "library/localhost", "", ""),
    ("localhost:5000", "docker.io", "library/localhost", "5000", ""),
    ("localhost:5000/a", "localhost:5000", "a", "", ""),
    ("host:5000/a:b", "host:5000", "a", "b", ""),
    ("ghcr.io/a/b", "ghcr.io", "a/b", "", ""),
    ("127.0.0.1:80/a", "127.0.0.1:80", "a", "", ""),
    ("[::1]/a", "[::1]", "a", "", ""),
    ("[fe80::AB]:5000/a/b:c", "[fe80::AB]:5000", "a/b", "c", ""),
    ("UPPER/x", "UPPER", "x", "", ""),
    ("Example.COM/x", "Example.COM", "x", "", ""),
    ("a--b.c/x", "a--b.c", "x", "", ""),
    ("a_b.c/x", "", "a_b.c/x", "", ""),
    ("docker.io:443/x", "docker.io:443", "x", "", ""),
    ("a.b_c__d-e---f", "docker.io", "library/a.b_c__d-e---f", "", ""),
    ("a:_x", "docker.io", "library/a", "_x", ""),
    ("a:V1.0-rc.1", "docker.io", "library/a", "V1.0-rc.1", ""),
    ("a:" + "t" * 128, "docker.io", "library/a", "t" * 128, ""),
    (f"a@{SHA256}", "docker.io", "library/a", "", SHA256),
    (f"a:b@{SHA256}", "docker.io", "library/a", "b", SHA256),
    (f"ghcr.io/a@{SHA384}", "ghcr.io", "a", "", SHA384),
    (f"a@{SHA512}", "docker.io", "library/a", "", SHA512),
    ("x" * 247, "docker.io", "library/" + "x" * 247, "", ""),
    ("example.com/" + "x" * 255, "example.com", "x" * 255, "", ""),
    ("a" * 63, "docker.io", "library/" + "a" * 63, "", ""),
    ("example.com/" + "a" * 64, "example.com", "a" * 64, "", ""),
]

REFUSED = [
    ("", "the name is empty"),
    ("Alpine", "repository name must be lowercase; did you mean 'alpine'?"),
    ("docker.io/UPPER/x", "repository name must be lowercase; did you mean 'docker.io/upper/x'?"),
    ("localhost/A:T", "repository name must be lowercase; did you mean 'localhost/a:T'?"),
    ("a" * 64, "64 hex digits are an image id"),
    ("a/", "the name is empty, or has an empty part"),
    ("/a", "empty part"),
    ("a//b", "empty part"),
    ("a..b", "'a..b' is no name"),
    ("a___b", "'a___b' is no name"),
    ("a.-b", "'a.-b' is no name"),
    ("a_.b", "'a_.b' is no name"),
    ("-a", "'-a' is no name"),
    ("a-", "'a-' is no name"),
    ("_a", "'_a' is no name"),
    ("a b", "'a b' is no name"),
    ("é", "'é' is no name"),
    ("docker-image://alpine", "no name"),
    ("host:port/a", "'host:port' is no name"),
    ("host:/a", "'host:' is no name"),
    ("-a.b/x", "'-a.b' is no name"),
    ("[::1/a", "'[::1' is no name"),
    ("[]/a", "'[]' is no name"),
    ("[BB/a1", "'[BB' is no name"),
    ("[::1]x.y/a", "'[::1]x.y' is no name"),
    ("[::g]/a", "'[::g]' is no name"),
    ("a:", "'' is no tag"),
    ("a:-x", "'-x' is no tag"),
    ("a:.x", "'.x' is no tag"),
    ("a:b:c", "'b:c' is no tag"),
    ("a:b/c", "'a:b' is no name"),
    ("a/b:c/d", "'c/d' is no tag"),
    ("a:é", "'é' is no tag"),
    ("a:" + "t" * 129, "is no tag"),
    ("a@", "unknown digest algorithm ''"),
    ("a@sha265:" + "a" * 64, "unknown digest algorithm 'sha265'; did you mean 'sha256'?"),
    ("a@md5:" + "a" * 32, "unknown digest algorithm 'md5'; there are sha256, sha384, sha512"),
    ("a@sha256:" + "a" * 63, "a sha256 digest is 64 lower-case hex digits"),
    ("a@sha512:" + "a" * 64, "a sha512 digest is 128 lower-case hex digits"),
    ("a@sha256:" + "A" * 64, "a sha256 digest is 64 lower-case hex digits"),
    (f"a@{SHA256}@{SHA256}", "a sha256 digest is 64 lower-case hex digits"),
    ("x" * 248, "the repository name has 256 characters; 255 are allowed"),
    ("example.com/" + "x" * 256, "the repository name has 256 characters; 255 are allowed"),
]

NORMALIZED = [
    ("alpine", "docker.io/library/alpine:latest"),
    ("index.docker.io/library/busybox", "docker.io/library/busybox:latest"),
    ("ghcr.io/a/b", "ghcr.io/a/b:latest"),
    ("a_b.c/x", "a_b.c/x:latest"),
    ("UPPER/x", "UPPER/x:latest"),
    ("alpine:3", "docker.io/library/alpine:3"),
    (f"alpine@{SHA256}", f"docker.io/library/alpine@{SHA256}"),
    (f"alpine:3@{SHA256}", f"docker.io/library/alpine:3@{SHA256}"),
]

FAMILIAR = [
    ("docker.io/library/alpine", "alpine"),
    (f"docker.io/library/alpine:3@{SHA256}", f"alpine:3@{SHA256}"),
    ("docker.io/moby/buildkit", "moby/buildkit"),
    ("docker.io/library/a/b", "library/a/b"),
    ("ghcr.io/library/a:b", "ghcr.io/library/a:b"),
    ("a_b.c/x", "a_b.c/x"),
]

parts = st.sampled_from(["a", "0", "a.b", "a_b", "a__b", "a-b", "a---b.c_d"])
references = st.builds(
    Reference,
    st.sampled_from(["docker.io", "localhost", "localhost:5000", "ghcr.io", "[::1]:80", "HUB"]),
    st.lists(parts, min_size=2, max_size=3).map("/".join),
    st.sampled_from(["", "latest", "V1.0_x-y"]),
    st.sampled_from(["", SHA256, SHA384, SHA512]),
)


@pytest.mark.parametrize(("text", "domain", "path", "tag", "digest"), PARSED)
def test_a_reference_is_taken_apart_as_registries_do(text: str, domain: str, path: str, tag: str, digest: str) -> None:
    assert parse(text) == Reference(domain, path, tag, digest)


@pytest.mark.parametrize(("text", "problem"), REFUSED)
def test_what_is_no_reference_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(GraphError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"image reference {text!r}: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(("text", "expected"), NORMALIZED)
def test_the_full_form_names_registry_and_tag(text: str, expected: str) -> None:
    assert normalize(text) == expected


@pytest.mark.parametrize(("text", "expected"), FAMILIAR)
def test_the_familiar_form_leaves_the_defaults_out(text: str, expected: str) -> None:
    assert parse(text).familiar == expected


@given(references)
def test_what_is_written_of_a_reference_reads_back_the_same(reference: Reference) -> None:
    assert parse(str(reference)) == reference


@given(references)
def test_normalising_twice_changes_nothing(reference: Reference) -> None:
    once = normalize(str(reference))
    assert normalize(once) == once


def test_the_name_has_neither_tag_nor_digest() -> None:
    assert parse(f"alpine:3@{SHA256}").name == "docker.io/library/alpine"


def test_latest_is_only_for_references_that_say_nothing() -> None:
    assert parse(normalize("a")).tag == "latest"
    for text in ("a:b", f"a@{SHA256}"):
        assert normalize(text) == str(parse(text))
