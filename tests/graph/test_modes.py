"""Permissions: octal is taken, what was meant as octal is named, and bits that would be lost are refused."""

from __future__ import annotations

import pytest

from llbpy.errors import GraphError
from llbpy.graph.modes import check_mode, check_permissions


@pytest.mark.parametrize("mode", [None, 0, 0o400, 0o755, 0o1777, 0o7777, "u+rwx,go-w", "755"])
def test_a_mode_of_octal_digits_or_of_words_is_taken(mode: int | str | None) -> None:
    check_mode(mode)


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        (755, "mode=755 is decimal (0o1363); did you mean 0o755?"),
        (400, "mode=400 is decimal (0o620); did you mean 0o400?"),
        (1777, "mode=1777 is decimal (0o3361); did you mean 0o1777?"),
        (0o10000, "mode=0o10000 is out of range; permissions go from 0 to 0o7777"),
        (-1, "mode=-0o1 is out of range; permissions go from 0 to 0o7777"),
    ],
)
def test_a_mode_that_cannot_be_meant_is_refused(mode: int, problem: str) -> None:
    with pytest.raises(GraphError) as caught:
        check_mode(mode)
    assert str(caught.value) == problem


def test_bits_that_buildkit_would_drop_are_refused() -> None:
    check_permissions("mkdir", 0o777)
    with pytest.raises(GraphError) as caught:
        check_permissions("mkdir", 0o1777)
    assert str(caught.value) == (
        "mkdir() mode=0o1777 has bits besides permissions, which BuildKit drops; "
        "add them with run(['chmod', '1777', …])"
    )
