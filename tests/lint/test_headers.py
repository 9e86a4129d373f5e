"""The head of a file, which rules count, and comments that skip one."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbpy.buildfile import BuildFile, load
from llbpy.errors import BuildFileError, OptionError
from llbpy.lint.check import check
from llbpy.lint.header import read
from llbpy.lint.selection import parse
from llbpy.lint.skips import named
from tests.dsl.written import loaded
from tests.lint.checked import IMPORTS, findings, rules, subject, target

SYNTAX = "# syntax=docker.io/llbpy/llbpy\n"
FILE = "from llbpy import State, image, scratch, target\n@target\ndef app() -> State:\n    return scratch()\n"
LATEST = "from llbpy import State, image, target\n@target\ndef app() -> State:\n    return image('alpine')\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# syntax=docker/dockerfile:1", {"syntax": "docker/dockerfile:1"}),
        ("#syntax = foo/bar a b c  ", {"syntax": "foo/bar a b c"}),
        ("#!/usr/bin/env x\n# syntax=foo", {"syntax": "foo"}),
        ("\ufeff# syntax=foo", {"syntax": "foo"}),
        ("\ufeff#!/usr/bin/env x\n# syntax=foo", {"syntax": "foo"}),
        ("# syntax=foo\r\n# check=skip=A\r\n", {"syntax": "foo", "check": "skip=A"}),
        ("# SYNTAX=foo", {"syntax": "foo"}),
        ("# escape=`\n# syntax=foo", {"escape": "`", "syntax": "foo"}),
        ("# syntax=a\n# syntax=b\n# check=c", {"syntax": "a"}),
        ("# comment\n# syntax=foo", {}),
        ("\n# syntax=foo", {}),
        (" # syntax=foo", {}),
        ("# -*- coding: utf-8 -*-\n# syntax=foo", {}),
        ("# syntax=", {}),
        ("# syntax", {}),
        ("# other=foo\n# syntax=foo", {}),
        ("#!a\n#!b\n# syntax=foo", {}),
        ("// syntax=foo", {}),
        ("", {}),
    ],
)
def test_directives_are_read_as_buildkit_reads_them(text: str, found: dict[str, str]) -> None:
    header = read(text.encode())
    names = ("escape", "syntax", "check")
    assert {name: each.value for name in names if (each := header.find(name)) is not None} == found


def test_lines_are_counted_with_the_first_one() -> None:
    header = read(b"#!/usr/bin/env x\n# syntax=foo\n# check=skip=all\n\ncode")
    lines = [each.line for name in ("syntax", "check") if (each := header.find(name)) is not None]
    assert (lines, header.end) == ([2, 3], 4)


# Directives that are not seen


@pytest.mark.parametrize(
    ("head", "line", "why"),
    [
        ("# -*- coding: utf-8 -*-\n" + SYNTAX, 2, "line 1 ('# -*- coding: utf-8 -*-') ends the header; put it above"),
        ("\n" + SYNTAX, 2, "line 1 ('') ends the header; put it above"),
        ('"""Doc."""\n' + SYNTAX, 2, 'line 1 (\'"""Doc."""\') ends the header; put it above'),
        ("#!/usr/bin/env x\n# hello\n" + SYNTAX, 3, "line 2 ('# hello') ends the header; put it above"),
        (" " + SYNTAX, 1, "it does not begin in the first column; take the spaces in front away"),
        (SYNTAX + SYNTAX, 2, "line 1 has one already, and only the first counts; take it out"),
    ],
)
def test_a_directive_that_is_not_seen_is_found(tmp_path: Path, head: str, line: int, why: str) -> None:
    [one] = check([subject(written(tmp_path, head + FILE))]).findings
    assert (one.rule, one.line, one.detail) == ("HeaderNotFirst", line, f"'# syntax=' is not seen: {why}")


def written(folder: Path, text: str) -> BuildFile:
    """As `loaded`, but with blanks at the head kept."""
    path = folder / "build.py"
    path.write_text(text, encoding="utf-8")
    return load(str(path))


def test_check_directives_are_looked_for_too(tmp_path: Path) -> None:
    [one] = findings(tmp_path, "# a comment\n# check=skip=all\n" + FILE)
    assert one.detail.startswith("'# check=' is not seen: line 1 ('# a comment')")


@pytest.mark.parametrize(
    "head",
    [
        SYNTAX,
        "#!/usr/bin/env x\n" + SYNTAX,
        SYNTAX + '"""\n# syntax=in a docstring\n"""\n',
        SYNTAX + "# check=skip=LatestTag\n# another comment\n",
        "import sys\n# syntax=foo is what a later comment says\n",
        "",
    ],
)
def test_a_head_that_is_right_is_not(tmp_path: Path, head: str) -> None:
    assert rules(tmp_path, head + FILE) == []


# Which rules count


@pytest.mark.parametrize(
    ("text", "skip", "experimental", "is_error"),
    [
        ("", set(), set(), False),
        ("  ", set(), set(), False),
        ("skip=A", {"A"}, set(), False),
        ("skip=A,B", {"A", "B"}, set(), False),
        ("skip= A , B ; error = true", {"A", "B"}, set(), True),
        ("skip=all", {"all"}, set(), False),
        ("experimental=C;skip=A;error=1", {"A"}, {"C"}, True),
        ("experimental=all", set(), {"all"}, False),
        ("error=false", set(), set(), False),
        ("skip=A;skip=B", {"B"}, set(), False),
        ("skip=", set(), set(), False),
        ("skip=A,", {"A"}, set(), False),
    ],
)
def test_the_grammar_is_buildkits(text: str, skip: set[str], experimental: set[str], is_error: bool) -> None:
    selection = parse(text)
    assert (set(selection.skip), set(selection.experimental)) == (skip, experimental)
    assert selection.is_error == is_error


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("skip", "check option 'skip' is no NAME=VALUE"),
        ("skip=A;", "check option '' is no NAME=VALUE"),
        ("skpi=A", "unknown check option 'skpi'; did you mean 'skip'?"),
        ("Skip=A", "unknown check option 'Skip'; did you mean 'skip'?"),
        ("error=yes", "error='yes' is neither true nor false"),
        ("error=", "error='' is neither true nor false"),
    ],
)
def test_what_is_no_selection_is_refused(text: str, problem: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse(text)
    assert caught.value.message == f"{problem}; the grammar is skip=RULE,…;experimental=RULE,…;error=BOOL"
    assert caught.value.option == "BUILDKIT_DOCKERFILE_CHECK"


def test_a_bad_directive_is_an_error_of_its_line(tmp_path: Path) -> None:
    build_file = loaded(tmp_path, SYNTAX + "# check=skpi=A\n" + FILE)
    with pytest.raises(BuildFileError, match=rf"{tmp_path}/build\.py:2: # check=skpi=A: unknown check option 'skpi'"):
        check([subject(build_file)])


def test_a_directive_that_a_space_cuts_short_is_an_error(tmp_path: Path) -> None:
    build_file = loaded(tmp_path, "# check=skip=A, B\n" + FILE)
    with pytest.raises(BuildFileError, match="a space ends the value, so 'B' would be lost"):
        check([subject(build_file)])


def test_a_bad_build_arg_is_an_error_of_that_option(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="BUILDKIT_DOCKERFILE_CHECK='x': check option 'x' is no NAME=VALUE"):
        rules(tmp_path, FILE, given="x")


@pytest.mark.parametrize(
    ("head", "given", "found"),
    [
        ("", None, ["LatestTag"]),
        ("# check=skip=LatestTag\n", None, []),
        ("# check=skip=LatestTag because\n", None, []),
        ("# check=skip=all\n", None, []),
        ("# check=skip=all;experimental=UnpinnedImage\n", None, ["UnpinnedImage"]),
        ("# check=experimental=all\n", None, ["LatestTag", "UnpinnedImage"]),
        ("# check=experimental=UnpinnedImage;skip=UnpinnedImage\n", None, ["LatestTag", "UnpinnedImage"]),
        ("# check=skip=all\n", "", ["LatestTag"]),
        ("# check=skip=all\n", "skip=UnusedArgument", ["LatestTag"]),
        ("", "skip=LatestTag", []),
        ("", "skip=SecretsUsedInArgOrEnv", ["LatestTag"]),
    ],
)
def test_the_build_arg_takes_the_place_of_the_directive(
    tmp_path: Path, head: str, given: str | None, found: list[str]
) -> None:
    assert rules(tmp_path, head + LATEST, given=given) == found


def test_findings_are_an_error_if_the_file_says_so(tmp_path: Path) -> None:
    report = check([subject(loaded(tmp_path, "# check=error=true\n" + LATEST))])
    assert str(report.error) == "lint violation found for rules: LatestTag"


@pytest.mark.parametrize("head", ["", "# check=error=true;skip=LatestTag\n"])
def test_they_are_none_otherwise(tmp_path: Path, head: str) -> None:
    assert check([subject(loaded(tmp_path, head + LATEST))]).error is None


# Comments that skip


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("x  # llbpy: skip=A", ["A"]),
        ("x  #llbpy:skip=A,B", ["A", "B"]),
        ("# llbpy: skip=A, B as it is meant, and C", ["A", "B"]),
        ("x  # noqa # llbpy: skip=A", ["A"]),
        ("x  # llbpy: skip=all", ["all"]),
        ("x  # other: skip=A", []),
        ("x", []),
    ],
)
def test_a_comment_names_rules(line: str, found: list[str]) -> None:
    assert named(line) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("image('alpine')  # llbpy: skip=LatestTag", []),
        ("image('alpine')  # llbpy: skip=all", []),
        ("image('alpine')  # llbpy: skip=UnusedArgument", ["LatestTag"]),
        ("(\n        # llbpy: skip=LatestTag\n        image('alpine')\n    )", []),
        ("(\n        None is None  # llbpy: skip=LatestTag\n        and image('alpine')\n    )", ["LatestTag"]),
        ("image(  # llbpy: skip=LatestTag\n        'alpine',\n    )", []),
        ("image(\n        'alpine',\n    )  # llbpy: skip=LatestTag", []),
    ],
)
def test_a_comment_counts_for_its_line_and_alone_for_the_next(tmp_path: Path, body: str, found: list[str]) -> None:
    assert rules(tmp_path, target(body)) == found


def test_a_comment_skips_an_experimental_rule_too(tmp_path: Path) -> None:
    text = target("image('alpine:3.22')  # llbpy: skip=UnpinnedImage")
    assert rules(tmp_path, text, given="experimental=all") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# check=skip=LatestTags\n" + FILE, 1),
        ("# check=experimental=Unpinned\n" + FILE, 1),
        (FILE.replace("scratch()\n", "scratch()  # llbpy: skip=LatestTagg\n"), 4),
    ],
)
def test_a_rule_that_does_not_exist_is_found(tmp_path: Path, text: str, line: int) -> None:
    [one] = findings(tmp_path, text)
    assert (one.rule, one.line) == ("UnknownRule", line)
    assert "there is no rule '" in one.detail


def test_the_nearest_rule_is_named(tmp_path: Path) -> None:
    [one] = findings(tmp_path, "# check=skip=LatestTags\n" + FILE)
    assert one.detail == "there is no rule 'LatestTags'; did you mean 'LatestTag'?; the page of rules lists them"


def test_rules_of_dockerfiles_in_the_build_arg_are_no_finding(tmp_path: Path) -> None:
    assert rules(tmp_path, FILE, given="skip=StageNameCasing") == []


# What a finding says


def test_a_finding_says_where_it_is_documented(tmp_path: Path) -> None:
    [one] = findings(tmp_path, IMPORTS + target("image('alpine', inherit=False)"))
    assert (one.help, one.url) == ("docs/rules.md#latesttag", "")
    assert one.short.startswith("LatestTag: image 'alpine' is ")
    assert one.short.endswith(" (line 6)")


def test_findings_are_sorted_by_line(tmp_path: Path) -> None:
    text = "@target\ndef app(b: str = '', a: str = '') -> State:\n    return image('alpine', inherit=False)\n"
    found = [(one.line, one.rule) for one in findings(tmp_path, text)]
    assert found == [(5, "UnusedArgument"), (5, "UnusedArgument"), (6, "LatestTag")]


def test_no_subject_has_no_finding() -> None:
    assert check([]).findings == ()
