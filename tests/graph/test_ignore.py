"""Ignore files and patterns, as BuildKit's client reads and matches them; the tables come from Go."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbpy.errors import GraphError
from llbpy.graph.ignore import Matcher, parse
from llbpy.graph.paths import clean

PARSED = [
    ("", []),
    ("a\nb", ["a", "b"]),
    ("a\r\nb\r\n", ["a", "b"]),
    ("\n \n\t\n", []),
    ("# comment\n#\na", ["a"]),
    (" # no comment", ["# no comment"]),
    ("  a b  ", ["a b"]),
    ("\xa0a\u3000", ["a"]),
    ("a\x1c", ["a\x1c"]),
    ("\ufeffa\n\ufeffb", ["a", "\ufeffb"]),
    ("\ufeff# comment", []),
    ("/a", ["a"]),
    ("//a//b/", ["a/b"]),
    ("/", ["/"]),
    ("./a/../b/", ["b"]),
    (".", ["."]),
    ("../a", ["../a"]),
    ("!a", ["!a"]),
    ("! a", ["!a"]),
    ("!/a/", ["!a"]),
    ("!", ["!"]),
    ("!  ", ["!"]),
    ("!!a", ["!!a"]),
    ("!a/../b", ["!b"]),
    ("**/*.go", ["**/*.go"]),
    ("b\na\nb", ["b", "a", "b"]),
]

# patterns, the paths that match, the paths that do not
MATCHED = [
    (["a"], "a a/b a/b/c", "b b/a ab"),
    (["a/b"], "a/b a/b/c", "a a/c x/a/b"),
    (["a/"], "a a/b", "b"),
    (["*"], "a a/b .git", ""),
    (["*.go"], "a.go .go a.go/x", "a/b.go a.goo"),
    (["a/*"], "a/b a/b/c", "a b"),
    (["a*b"], "ab axb axb/c", "a/b axbc"),
    (["?"], "a é a/b", "ab"),
    (["a?c"], "abc", "ac a/c"),
    (["**"], "a a/b a/b/c", ""),
    (["**/a"], "a x/a x/y/a/b", "xa ab x/ya"),
    (["**a"], "a xa x/ya", "ab"),
    (["a/**"], "a/b a/b/c", "a ab"),
    (["a**"], "a ab a/b", "b ba"),
    (["a/**/b"], "a/b a/x/b a/x/y/b a/b/c", "a ab a/xb"),
    (["a**b"], "ab axx/b a/x/b", "axb acb"),
    (["**/*.go"], "a.go x/a.go x/y/a.go", "a.c x/a.c"),
    (["**/a/**"], "a/b x/a/b x/y/a/b/c", "a x/a"),
    (["*/**/c"], "a/c a/b/c", "c"),
    (["***"], "a ab a/b", ""),
    (["[ab]"], "a b a/x", "c ab"),
    (["[a-c]x"], "ax cx", "dx x"),
    (["[^a]x"], "bx -x", "ax x"),
    (["[^a]*"], "b /x", "a"),
    (["a[^b]c"], "axc a/c", "abc"),
    (["[a-z0-9]"], "q 5", "Q -"),
    (["[\\]]"], "]", "a"),
    (["[[]"], "[", "a"),
    (["*[[:digit:]]"], "a1 7", "a ax"),
    ([r"\*"], "*", "a"),
    ([r"a\?"], "a?", "ab"),
    ([r"\!a"], "!a", "a"),
    ([r"[\-a]"], "- a", "b"),
    (["a.b*"], "a.b a.bc", "axb"),
    (["a+(b)$*"], "a+(b)$ a+(b)$x", "aab"),
    (["{a,b}*"], "{a,b} {a,b}c", "a b"),
    (["a|b*"], "a|b a|bc", "a b"),
    (["^a"], "^a", "a"),
    (["a", "!a/b"], "a a/c", "a/b a/b/c b"),
    (["a", "!a/b", "a/b/c"], "a a/c a/b/c", "a/b a/b/d"),
    (["!a", "a"], "a a/b", "b"),
    (["a", "!a"], "", "a a/b"),
    (["*", "!src", "src/*.o"], "a src/a.o", "src src/a.c src/sub/a.o"),
    (
        ["**/node_modules", "!keep/node_modules/x"],
        "node_modules a/node_modules keep/node_modules/y",
        "keep/node_modules/x",
    ),
    (["a/b", "!a"], "", "a a/b"),
    ([" a ", "", "  "], "a", "b"),
    (["./a/../b"], "b", "a"),
    (["/a"], "", "a"),
    (["é*"], "é éa", "e"),
    ([], "", "a"),
]

REFUSED = [
    ("!", "nothing to take back"),
    ("a\\", "nothing follows the last backslash"),
    ("a*\\", "nothing follows the last backslash"),
    ("[", "not a class"),
    ("[]", "not a class"),
    ("[]a]", "not a class"),
    ("[-a]", "not a class"),
    ("[a-]", "not a class"),
    ("[a-b-c]", "not a class"),
    ("[^]a]", "not a class"),
    ("a/[x", "not a class"),
    ("*[", "not a class"),
    ("a*[", "has no ']'"),
    ("[z-a]", "bad character range"),
    ("**\\obj", r"'\o' means nothing here"),
    ("*[[:nope:]]", "no class of characters is named [:nope:]"),
]

BELOW = [
    (["*", "!src/app"], "src", True),
    (["*", "!src/app"], "src/app", False),
    (["*", "!src/app"], "docs", False),
    (["*", "!src/app"], "src/lib", False),
    (["*", "!src/*/keep"], "src", True),
    (["*", "!src/*/keep"], "src/any", True),
    (["*", "!src/*/keep"], "src/any/keep", False),
    (["*", "!**/keep"], "any/where", True),
    (["*", "!src/**"], "src/deep/down", True),
    (["*", "!src/**"], "docs", False),
    (["*", "!src/[ab]"], "src", True),
    (["*"], "src", False),
    (["*", "!a"], ".", True),
    (["*"], ".", False),
]

globs = st.lists(st.sampled_from(["a", "b", "/", "*", "**", "?", "."]), min_size=1, max_size=6).map("".join)
patterns_of_both_kinds = (
    st.tuples(st.sampled_from(["", "!"]), globs).map("".join).filter(lambda text: clean(text) != "!")
)
relative_paths = st.lists(st.sampled_from(["a", "b", "ab", ".a"]), min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize(("text", "expected"), PARSED)
def test_an_ignore_file_is_read_as_go_reads_it(text: str, expected: list[str]) -> None:
    assert parse(text) == parse(text.encode()) == expected


def test_a_name_that_is_not_utf8_keeps_its_bytes() -> None:
    assert parse(b"a\xff\n") == ["a\udcff"]


@pytest.mark.parametrize(("patterns", "inside", "outside"), MATCHED)
def test_patterns_match_what_go_matches(patterns: list[str], inside: str, outside: str) -> None:
    matcher = Matcher(patterns)
    paths = inside.split() + outside.split()
    assert [path for path in paths if matcher.matches(path)] == inside.split()


@pytest.mark.parametrize("patterns", [["*"], ["**"], ["."]])
def test_the_root_never_matches(patterns: list[str]) -> None:
    assert not Matcher(patterns).matches(".")


@pytest.mark.parametrize(("pattern", "problem"), REFUSED)
def test_a_bad_pattern_is_refused_when_the_matcher_is_made(pattern: str, problem: str) -> None:
    with pytest.raises(GraphError, match="ignore pattern") as caught:
        Matcher(["fine", pattern])
    assert problem in str(caught.value)


@pytest.mark.parametrize(("patterns", "folder", "expected"), BELOW)
def test_a_walker_learns_whether_a_folder_may_hold_an_exception(
    patterns: list[str], folder: str, expected: bool
) -> None:
    assert Matcher(patterns).may_reinclude_below(folder) is expected


@pytest.mark.parametrize(
    ("patterns", "folder", "expected"),
    [
        (["src/*.go"], "src", True),
        (["src/*.go"], "docs", False),
        (["src/*.go"], "src/sub", False),
        (["!a/b"], "a", False),
    ],
)
def test_a_walker_learns_whether_a_folder_may_hold_a_match(patterns: list[str], folder: str, expected: bool) -> None:
    assert Matcher(patterns).may_match_below(folder) is expected


@given(st.lists(patterns_of_both_kinds, max_size=4), relative_paths)
def test_a_folder_without_exceptions_below_matches_with_all_that_is_in_it(patterns: list[str], path: str) -> None:
    matcher = Matcher(patterns)
    folder = path.rpartition("/")[0]
    if folder and matcher.matches(folder) and not matcher.may_reinclude_below(folder):
        assert matcher.matches(path)


@given(st.lists(globs, max_size=4), relative_paths)
def test_without_exceptions_a_walker_and_a_single_question_agree(patterns: list[str], path: str) -> None:
    assert _walk(Matcher(patterns), path) == Matcher(patterns).matches(path)


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        (["a/b", "!a"], "a/b", True),
        (["a", "!a/b", "a"], "a/b", False),
        (["a", "!a/b"], "a/b/c", False),
        (["*", "!src"], "src/x", False),
    ],
)
def test_a_walker_gets_the_answers_of_buildkits_walker(patterns: list[str], path: str, expected: bool) -> None:
    assert _walk(Matcher(patterns), path) is expected


def _walk(matcher: Matcher, path: str) -> bool:
    names = path.split("/")
    matched, trail = matcher.descend(names[0])
    for depth in range(1, len(names)):
        matched, trail = matcher.descend("/".join(names[: depth + 1]), trail)
    return matched


def test_reading_an_ignore_file_imports_nothing() -> None:
    code = """
import sys
from llbpy.graph import ignore
before = set(sys.modules)
ignore.parse("a\\n!b*")
sys.exit(len(set(sys.modules) - before))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
