"""Git URLs as BuildKit's Go client reads them; the tables come from its gitutil, dfgitutil and `llb.Git`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbpy.errors import GraphError
from llbpy.graph.giturl import GitRef, parse_git_ref, parse_remote, parse_source, shown, split_fragment
from llbpy.graph.gourl import unescape

# url, scheme, host, path, remote
REMOTES = [
    ("https://github.com/moby/buildkit.git", "https", "github.com", "/moby/buildkit.git", None),
    ("http://h.example/a/../b//c.git", "http", "h.example", "/a/../b//c.git", None),
    ("ssh://git@h.example:2222/a/b.git", "ssh", "h.example:2222", "/a/b.git", None),
    ("git://h.example/a.git", "git", "h.example", "/a.git", None),
    ("git@github.com:moby/buildkit.git", "ssh", "github.com", "moby/buildkit.git", None),
    ("a_b-c@h-1.example:/abs/x.git", "ssh", "h-1.example", "/abs/x.git", None),
    ("git@h.example:~me/x.git", "ssh", "h.example", "~me/x.git", None),
    ("git@h.example:", "ssh", "h.example", "", None),
    ("git@h.example:2222/a b%20.git", "ssh", "h.example", "2222/a b%20.git", None),
    ("https://u:p@h.example/a.git?x=1#main:dir", "https", "h.example", "/a.git", "https://u:p@h.example/a.git"),
    ("git@h.example:a.git?ref=v1#main", "ssh", "h.example", "a.git", "git@h.example:a.git"),
    ("HTTPS://H.example/A.git", "https", "H.example", "/A.git", "https://H.example/A.git"),
    ("https://h.example", "https", "h.example", "", None),
    ("https://h.example/", "https", "h.example", "/", None),
    ("https:///a.git", "https", "", "/a.git", None),
    ("https://", "https", "", "", "https:"),
    ("https://h.example/a.git?", "https", "h.example", "/a.git", None),
    ("https://h.example/a.git??", "https", "h.example", "/a.git", "https://h.example/a.git"),
    ("https://h.example/a%20b%2Fc.git", "https", "h.example", "/a b/c.git", None),
    ("https://h.example/a b|é.git", "https", "h.example", "/a b|é.git", "https://h.example/a%20b%7C%C3%A9.git"),
    ("https://h.example/a(1)[2]'.git", "https", "h.example", "/a(1)[2]'.git", None),
    ("https://h.example/a%41 .git", "https", "h.example", "/aA .git", "https://h.example/aA%20.git"),
    ("https://@h.example/a.git", "https", "h.example", "/a.git", None),
    ("https://u:@h.example/a.git", "https", "h.example", "/a.git", None),
    ("https://u!x:p(@h.example/a", "https", "h.example", "/a", "https://u%21x:p%28@h.example/a"),
    ("https://u@v:w%2f@h.example/a", "https", "h.example", "/a", "https://u%40v:w%2F@h.example/a"),
    ("https://bücher.example/a", "https", "bücher.example", "/a", "https://b%C3%BCcher.example/a"),
    ("https://h%C3%BC/a", "https", "hü", "/a", None),
    ("https://h.example:/a", "https", "h.example:", "/a", None),
    ("ssh://h.example:1:22/a", "ssh", "h.example:1:22", "/a", None),
    ("git://[::1]:9418/a", "git", "[::1]:9418", "/a", None),
    ("git://[::ffff:1.2.3.4]/a", "git", "[::ffff:1.2.3.4]", "/a", None),
    ("git://[1:2:3:4:5:6:7::]/a", "git", "[1:2:3:4:5:6:7::]", "/a", None),
    ("git://[fe80::1%25en0]/a", "git", "[fe80::1%en0]", "/a", "git://[fe80::1%25en0]/a"),
    ("git://[fe80::1%25e%20n]:1/a", "git", "[fe80::1%e n]:1", "/a", "git://[fe80::1%25e%20n]:1/a"),
]

BAD_REMOTES = [
    ("", "no protocol; did you mean 'https://'?"),
    ("github.com/moby/buildkit", "no protocol; did you mean 'https://github.com/moby/buildkit'?"),
    ("./local", "no protocol"),
    ("host:path", "no protocol"),
    ("u:p@host:path", "no protocol"),
    ("git@h_x:a.git", "no protocol"),
    ("git@h.example:a\nb", "no protocol"),
    ("git@h.example:a.git?ref=%zz", "no protocol"),
    ("git@h.example:a.git?a;b", "no protocol"),
    ("a-b://h.example/x", "no protocol"),
    ("ftp://h.example/x", "unknown protocol 'ftp'"),
    ("htps://h.example/x", "unknown protocol 'htps'; did you mean 'https'?"),
    ("https://h.example/a\tb", "control character"),
    ("https://h.example/%zz", "'%zz' is no escape"),
    ("https://h.example/%2", "'%2' is no escape"),
    ("https://h.example/%ff", "not UTF-8"),
    ("https://h.example/a#%zz", "'%zz' is no escape"),
    ("https://h x/a", "a host cannot have ' '"),
    ("https://h%41/a", "a host cannot have 'A'"),
    ("https://h.example:x/a", "'x' is no port"),
    ("https://h.example:1:22/a", "'1:22' is no port"),
    ("https://a b@h.example/a", "must be escaped"),
    ("https://h[::1]/a", "an IPv6 address stands in brackets"),
    ("https://[::1/a", "an IPv6 address stands in brackets"),
    ("https://[::1]x/a", "an IPv6 address stands in brackets"),
    ("https://[::1]:x/a", "'x' is no port"),
    ("https://[]/a", "'' is no IPv6 address"),
    ("https://[1.2.3.4]/a", "'1.2.3.4' is no IPv6 address"),
    ("https://[::g]/a", "'::g' is no IPv6 address"),
    ("https://[12345::]/a", "'12345::' is no IPv6 address"),
    ("https://[1::2::3]/a", "'1::2::3' is no IPv6 address"),
    ("https://[:::]/a", "':::' is no IPv6 address"),
    ("https://[1:2:3:4:5:6:7:8::]/a", "'1:2:3:4:5:6:7:8::' is no IPv6 address"),
    ("https://[1.2.3.4::]/a", "'1.2.3.4::' is no IPv6 address"),
    ("https://[::256.1.1.1]/a", "'::256.1.1.1' is no IPv6 address"),
    ("https://[::01.1.1.1]/a", "'::01.1.1.1' is no IPv6 address"),
    ("https://[fe80::1%25]/a", "'fe80::1%' is no IPv6 address"),
    ("https://[fe80::1%25e%2Fn]/a", "a host cannot have '/'"),
]

# url, ref, subdir, identifier, full URL, over ssh
SOURCES = [
    ("github.com/moby/buildkit.git", "main", "", "git://github.com/moby/buildkit.git#main",
     "https://github.com/moby/buildkit.git", False),
    ("https://u:p@github.com/moby/buildkit.git?x=1#main:dir", "", "", "git://github.com/moby/buildkit.git",
     "https://u:p@github.com/moby/buildkit.git", False),
    ("git@github.com:moby/buildkit.git", "", "", "git://github.com/moby/buildkit.git",
     "git@github.com:moby/buildkit.git", True),
    ("git@h.example:~me/x.git", "v1", "sub", "git://h.example/~me/x.git#v1:sub", "git@h.example:~me/x.git", True),
    ("http://h.example/a/../b//c.git", "", "sub", "git://h.example/b/c.git#:sub",
     "http://h.example/a/../b//c.git", False),
    ("ssh://git@h.example:2222/a/", "", "", "git://h.example:2222/a", "ssh://git@h.example:2222/a/", True),
    ("https://h.example", "", "", "git://h.example/", "https://h.example", False),
    ("h.example:22/a.git", "", "", "git://h.example:22/a.git", "https://h.example:22/a.git", False),
    ("https://h.example/a%20b", "x", "", "git://h.example/a b#x", "https://h.example/a%20b", False),
]  # fmt: skip

FRAGMENTS = [
    ("", "", ""),
    ("main", "main", ""),
    ("main:sub", "main", "sub"),
    (":sub", "", "sub"),
    (":/", "", ""),
    ("v1:a/../b", "v1", "b"),
    ("x:/abs/dir/", "x", "abs/dir"),
    ("refs/tags/v1", "refs/tags/v1", ""),
    ("a:b:c", "a", "b:c"),
    ("a:../../b", "a", "b"),
]

NOT_GIT = [
    "",
    ".",
    "./x.git",
    "../x.git",
    "/abs/x.git",
    "folder",
    "https://h.example/context.tar.gz",
    "https://h.example/a.git/",
    "https://h.example/a?b=.git",
    "http://h.example/%zz.git",
    "ftp://h.example/a.git",
    "docker-image://alpine",
    "github.com",
    "github.com:moby/buildkit",
    "gitlab.com/a/b.git",
    "host:path.git",
]

BUILDKIT = "https://github.com/moby/buildkit.git"
GIT_REFS: list[tuple[str, dict[str, Any]]] = [
    (BUILDKIT, {"short_name": "buildkit"}),
    (f"{BUILDKIT}#main:sub/../dir", {"short_name": "buildkit", "ref": "main", "subdir": "dir"}),
    (f"{BUILDKIT}?ref=v1", {"short_name": "buildkit", "ref": "v1"}),
    (f"{BUILDKIT}?ref=v1#v1", {"short_name": "buildkit", "ref": "v1"}),
    (f"{BUILDKIT}?tag=v1", {"short_name": "buildkit", "ref": "refs/tags/v1"}),
    (f"{BUILDKIT}?tag=refs/tags/v1", {"short_name": "buildkit", "ref": "refs/tags/v1"}),
    (f"{BUILDKIT}?tag=v1&ref=refs/tags/v1", {"short_name": "buildkit", "ref": "refs/tags/v1"}),
    (f"{BUILDKIT}?branch=a+b%26", {"short_name": "buildkit", "ref": "refs/heads/a b&"}),
    (f"{BUILDKIT}?branch=refs/heads/b", {"short_name": "buildkit", "ref": "refs/heads/b"}),
    (f"{BUILDKIT}?subdir=a/../b", {"short_name": "buildkit", "subdir": "a/../b"}),
    (f"{BUILDKIT}?checksum=abc", {"short_name": "buildkit", "checksum": "abc"}),
    (f"{BUILDKIT}?commit=abc", {"short_name": "buildkit", "checksum": "abc"}),
    (f"{BUILDKIT}?keep-git-dir", {"short_name": "buildkit", "keep_git_dir": True}),
    (f"{BUILDKIT}?keep-git-dir=0&submodules=f", {"short_name": "buildkit", "keep_git_dir": False, "submodules": False}),
    (f"{BUILDKIT}?submodules=&mtime=commit", {"short_name": "buildkit", "submodules": True, "mtime": "commit"}),
    (f"{BUILDKIT}?fetch-by-commit=TRUE", {"short_name": "buildkit", "fetch_by_commit": True}),
    (f"{BUILDKIT}?&a;b&ref=%zz&&mtime=checkout", {"short_name": "buildkit", "mtime": "checkout"}),
    ("http://h.example/a.git", {"short_name": "a", "unencrypted": True}),
    ("git://h.example/a", {"short_name": "a", "unencrypted": True}),
    ("ssh://git@h.example/a.git", {"short_name": "a"}),
    ("git@h.example:a.git", {"short_name": "git@h.example:a"}),
    ("git@h.example:x/a.git?tag=v1#:d", {"short_name": "a", "ref": "refs/tags/v1", "subdir": "d"}),
    ("github.com/a/b", {"short_name": "b", "looks_local": True}),
    ("github.com/a/b.git#v1:d", {"short_name": "b", "ref": "v1", "subdir": "d", "looks_local": True}),
    ("github.com/a b", {"remote": "github.com/a%20b", "short_name": "a%20b", "looks_local": True}),
]

BAD_GIT_REFS = [
    ("brnach=x", "unknown option 'brnach'; did you mean 'branch'?"),
    ("zzz=1", "unknown option 'zzz'; there are ref, tag, branch, subdir"),
    ("=1", "unknown option ''"),
    ("ref=a&ref=a", "option 'ref' is given twice"),
    ("keep-git-dir&keep-git-dir", "option 'keep-git-dir' is given twice"),
    ("ref=", "option 'ref' has no value; write ref=…"),
    ("subdir", "option 'subdir' has no value"),
    ("mtime", "option 'mtime' has no value"),
    ("mtime=now", "option 'mtime' is 'now'; it can be checkout or commit"),
    ("submodules=maybe", "option 'submodules' is 'maybe'; it can be true or false"),
    ("keep-git-dir=yes", "option 'keep-git-dir' is 'yes'"),
    ("fetch-by-commit=2", "option 'fetch-by-commit' is '2'"),
    ("tag=a&branch=a", "options 'tag' and 'branch' exclude each other"),
    ("ref=a#b", "two values for the ref: 'b' and 'a'"),
    ("tag=a#a", "two values for the ref: 'a' and 'refs/tags/a'"),
    ("ref=a&branch=a", "two values for the ref: 'a' and 'refs/heads/a'"),
    ("subdir=a#:b", "two values for the subdir: 'b' and 'a'"),
    ("commit=a&checksum=b", "two values for the checksum: 'b' and 'a'"),
]

TRUE = ["", "1", "t", "T", "true", "TRUE", "True"]
FALSE = ["0", "f", "F", "false", "FALSE", "False"]


@pytest.mark.parametrize(("url", "scheme", "host", "path", "remote"), REMOTES)
def test_a_remote_is_taken_apart_as_go_does(url: str, scheme: str, host: str, path: str, remote: str | None) -> None:
    parsed = parse_remote(url)
    assert (parsed.scheme, parsed.host, parsed.path, parsed.remote) == (scheme, host, path, remote or url)


@pytest.mark.parametrize(
    ("url", "user", "password"),
    [
        ("https://h.example/a", None, None),
        ("https://@h.example/a", "", None),
        ("https://u@h.example/a", "u", None),
        ("https://u:@h.example/a", "u", ""),
        ("https://u%40v:p%3A:q@h.example/a", "u@v", "p::q"),
        ("git@h.example:a", "git", None),
    ],
)
def test_user_and_password_are_decoded(url: str, user: str | None, password: str | None) -> None:
    parsed = parse_remote(url)
    assert (parsed.user, parsed.password) == (user, password)


def test_the_query_is_decoded_in_order_without_pairs_that_make_no_sense() -> None:
    url = parse_remote("https://h.example/a?b=1&a=x+y%20z&&c&b=2&d;e&f=%zz&g=h=i#%41")
    assert url.query == (("b", "1"), ("a", "x y z"), ("c", ""), ("b", "2"), ("g", "h=i"))
    assert url.fragment == "A"


@pytest.mark.parametrize(("url", "problem"), BAD_REMOTES)
def test_what_is_no_remote_is_refused_with_the_reason(url: str, problem: str) -> None:
    with pytest.raises(GraphError) as caught:
        parse_remote(url)
    assert problem in str(caught.value)


@pytest.mark.parametrize(("url", "ref", "subdir", "identifier", "remote", "is_ssh"), SOURCES)
def test_a_source_is_identified_as_in_go(
    url: str, ref: str, subdir: str, identifier: str, remote: str, is_ssh: bool
) -> None:
    source = parse_source(url)
    assert (source.identifier(ref, subdir), source.remote, source.is_ssh) == (identifier, remote, is_ssh)


@pytest.mark.parametrize("url", ["", "/a.git", "https://", "https:///a.git", "ssh://git@/a"])
def test_a_source_needs_a_host(url: str) -> None:
    with pytest.raises(GraphError, match="no host"):
        parse_source(url)


@pytest.mark.parametrize(("fragment", "ref", "subdir"), FRAGMENTS)
def test_a_fragment_is_a_ref_and_a_folder_below_the_root(fragment: str, ref: str, subdir: str) -> None:
    assert split_fragment(fragment) == (ref, subdir)


@pytest.mark.parametrize("text", NOT_GIT)
def test_a_context_that_is_no_repository_is_none(text: str) -> None:
    assert parse_git_ref(text) is None


@pytest.mark.parametrize(("text", "fields"), GIT_REFS)
def test_a_git_context_is_read_as_the_dockerfile_frontend_reads_it(text: str, fields: dict[str, Any]) -> None:
    remote = text.partition("#")[0].partition("?")[0]
    assert parse_git_ref(text) == GitRef(**{"remote": remote, **fields})


@pytest.mark.parametrize(("query", "problem"), BAD_GIT_REFS)
def test_bad_options_of_a_git_context_are_refused(query: str, problem: str) -> None:
    with pytest.raises(GraphError) as caught:
        parse_git_ref(f"{BUILDKIT}?{query}")
    assert problem in str(caught.value)


@pytest.mark.parametrize(("text", "expected"), [(text, text in TRUE) for text in TRUE + FALSE])
def test_flags_take_gos_words_for_true_and_false(text: str, expected: bool) -> None:
    ref = parse_git_ref(f"{BUILDKIT}?submodules={text}")
    assert ref is not None
    assert ref.submodules is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://u:secret@h.example/a", "https://***@h.example/a"),
        ("https://secret@h.example/a@b", "https://***@h.example/a@b"),
        ("u:secret@h.example/a", "***@h.example/a"),
        ("git@h.example:a.git", "git@h.example:a.git"),
        ("https://h.example/a@b", "https://h.example/a@b"),
    ],
)
def test_messages_hide_passwords(url: str, expected: str) -> None:
    assert shown(url) == expected


@pytest.mark.parametrize("url", ["https://u:secret@h.example/%zz", "https://u:secret@h x/a", "ftp://u:secret@h/a"])
def test_an_error_about_a_url_hides_its_password(url: str) -> None:
    with pytest.raises(GraphError) as caught:
        parse_source(url)
    assert "secret" not in str(caught.value)


def test_values_hide_passwords_when_shown() -> None:
    url = "https://u:secret@h.example/a.git"
    assert "secret" not in repr(parse_remote(url)) + repr(parse_git_ref(url))
    with pytest.raises(GraphError) as caught:
        parse_git_ref(url + "?zzz=1")
    assert "secret" not in str(caught.value)


def test_git_urls_are_values() -> None:
    assert parse_remote(BUILDKIT) == parse_remote(BUILDKIT)
    assert len({parse_git_ref(BUILDKIT), parse_git_ref(BUILDKIT)}) == 1
    with pytest.raises(AttributeError):
        parse_remote(BUILDKIT).host = "elsewhere"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_decodes_to_itself(text: str) -> None:
    assert unescape("".join([f"%{byte:02x}" for byte in text.encode()])) == text


@given(
    st.sampled_from(["https", "ssh", "git", "http"]),
    st.sampled_from(["h.example", "h:22", "[::1]:80", "ü.example"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="?#%")).map("/".__add__),
)
def test_the_remote_of_a_remote_is_itself(scheme: str, host: str, path: str) -> None:
    once = parse_remote(f"{scheme}://{host}{path}")
    again = parse_remote(once.remote)
    assert (again.host, again.path, again.remote) == (host, path, once.remote)
