"""Tests of counting; the build runs them and leaves them out of the program."""

from __future__ import annotations

import unittest

from .count import most_common


class MostCommon(unittest.TestCase):
    def test_words_are_counted_whatever_their_case(self) -> None:
        assert most_common("To be or not to be") == [("be", 2), ("to", 2), ("not", 1), ("or", 1)]

    def test_digits_are_no_words(self) -> None:
        assert most_common("1 fish 2 fish") == [("fish", 2)]

    def test_only_so_many_are_listed(self) -> None:
        assert most_common("a a b", limit=1) == [("a", 2)]
