"""What is shown of what a build file prints."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256

import pytest

from llbpy.frontends.console import Console
from llbpy.gateway import messages as gw
from llbpy.graph import messages as pb

MIB = 1 << 20


class Printing:
    """A file in memory that is printed to, and the console that shows it."""

    def __init__(self) -> None:
        self.output = os.memfd_create("output")
        self.console = Console(self.output, "build.py")

    def print(self, data: bytes) -> None:
        os.write(self.output, data)

    def shown(self, *, last: bool = False) -> list[str]:
        """The lines of the call that shows what is new; none without a call."""
        lines: list[str] = []
        for request in self.console.requests(last=last):
            assert request.path == "/moby.buildkit.v1.frontend.LLBBridge/Solve"
            lines += names(request.data)
        return lines


def names(request: bytes) -> list[str]:
    """The names of the steps of a Solve, from the first to the last."""
    fields = gw.SolveRequest.decode(request)
    assert fields["Evaluate"]
    found = [
        fields["Definition"]["metadata"][digest]["description"]["llb.customname"]
        for digest in map(digest_of, fields["Definition"]["ops"][:-1])
    ]
    assert all(name.startswith("[build.py] ") for name in found)
    return [name.removeprefix("[build.py] ") for name in found]


def kinds(request: bytes) -> list[str]:
    ops = gw.SolveRequest.decode(request)["Definition"]["ops"][:-1]
    return [kind for op in ops for kind in pb.Op.decode(op) if kind in ("file", "diff")]


def digest_of(op: bytes) -> str:
    return f"sha256:{sha256(op).hexdigest()}"


@pytest.fixture
def printing() -> Iterator[Printing]:
    made = Printing()
    yield made
    os.close(made.output)


def test_what_is_new_is_shown_once(printing: Printing) -> None:
    assert printing.shown() == []
    printing.print(b"one\n\ntwo  \n")
    assert printing.shown() == ["one", "two"]
    assert printing.shown() == []
    printing.print(b"three\n")
    assert printing.shown(last=True) == ["three"]
    assert printing.shown(last=True) == []


def test_a_line_without_an_end_waits_for_it_or_for_the_last_call(printing: Printing) -> None:
    printing.print(b"half")
    assert printing.shown() == []
    printing.print(b" and half\nrest")
    assert printing.shown() == ["half and half"]
    assert printing.shown(last=True) == ["rest"]


def test_lines_are_comparisons_of_one_file_or_files_where_nothing_is_compared(printing: Printing) -> None:
    printing.print(b"one\ntwo\nthree\n")
    (request,) = printing.console.requests()
    again = printing.console.again()
    assert (kinds(request.data), names(request.data)) == (["file", "diff", "diff"], ["one", "two", "three"])
    assert (kinds(again.data), names(again.data)) == (["file", "file", "file"], ["one", "two", "three"])
    printing.print(b"four\nfive\n")
    assert kinds(printing.console.requests()[0].data) == ["file", "file"]


def test_two_lines_of_the_same_text_are_two_steps(printing: Printing) -> None:
    printing.print(b"again\n")
    (first,) = printing.console.requests()
    printing.print(b"again\n")
    (second,) = printing.console.requests()
    assert names(first.data) == names(second.data) == ["again"]
    assert first.data != second.data


def test_so_many_lines_are_shown_and_then_a_word_about_the_others(printing: Printing) -> None:
    for first in (0, 60, 120):
        printing.print(b"".join(b"%d\n" % number for number in range(first, first + 60)))
    shown = printing.shown()
    assert shown == [*map(str, range(100)), "… and more lines than the 100 that are shown"]
    printing.print(b"more\n")
    assert printing.shown(last=True) == []


def test_the_word_comes_when_there_is_a_line_too_many(printing: Printing) -> None:
    printing.print(b"line\n" * 100)
    assert printing.shown() == ["line"] * 100
    assert printing.shown() == []
    printing.print(b"line\n")
    assert printing.shown() == ["… and more lines than the 100 that are shown"]


@pytest.mark.parametrize("part", [b"word\n", b"word"])
def test_a_flood_costs_no_more_than_what_is_shown(printing: Printing, part: bytes) -> None:
    for _ in range(32):
        printing.print(part * (MIB // len(part)))
    tracemalloc.start()
    shown = printing.shown(last=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * MIB
    assert len(shown) == (101 if part.endswith(b"\n") else 1)
    assert max(map(len, shown)) == (44 if part.endswith(b"\n") else 2001)


def test_bytes_that_are_no_text_are_marked(printing: Printing) -> None:
    printing.print(b"a\xff\xfeb\n\xe2\x82\xac\n")
    assert printing.shown() == ["a\ufffd\ufffdb", "€"]


def test_a_character_that_comes_in_two_pieces_is_one(printing: Printing) -> None:
    printing.print(b"\xe2\x82")
    assert printing.shown() == []
    printing.print(b"\xac\n")
    assert printing.shown() == ["€"]


def test_credentials_are_cut_short(printing: Printing) -> None:
    printing.print(b"token=ghp_0123456789abcdefghijABCDEFGHIJ012345 for you\n")
    assert printing.shown() == ["token=ghp_… for you"]
    request = printing.console.request(["ghp_0123456789abcdefghijABCDEFGHIJ012345"])
    assert names(request.data) == ["ghp_…"]
