"""Values made of equal parts are made once, and not kept without end."""

from __future__ import annotations

import pytest

from llbpy.graph.recent import Recent


def test_equal_parts_give_the_same_object() -> None:
    recent = Recent(2)
    assert recent.made(complex, 1, 2) is recent.made(complex, 1, 2)


def test_another_maker_makes_its_own() -> None:
    recent = Recent(2)
    assert (recent.made(str, 1), recent.made(float, 1)) == ("1", 1.0)


def test_all_is_forgotten_when_it_is_full() -> None:
    recent = Recent(2)
    first = recent.made(complex, 1, 2)
    recent.made(complex, 3, 4)
    recent.made(complex, 5, 6)
    again = recent.made(complex, 1, 2)
    assert again == first
    assert again is not first


def test_parts_that_cannot_be_compared_go_to_the_maker() -> None:
    assert Recent(2).made(len, [1, 2, 3]) == 3


def test_a_refusal_is_not_kept() -> None:
    recent = Recent(2)
    for _ in range(2):
        with pytest.raises(ValueError, match="x"):
            recent.made(int, "x")
