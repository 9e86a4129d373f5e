"""Capabilities as bit sets."""

from __future__ import annotations

from threading import Barrier, Thread

from llbpy import source
from llbpy.graph.caps import caps, caps_of, names_of
from tests.graph.decoding import caps_of as caps_of_state


def test_a_set_has_the_names_that_were_put_in() -> None:
    assert names_of(caps("source.image", "mergeop")) == {"source.image", "mergeop"}
    assert names_of(caps()) == frozenset()


def test_sets_are_united_by_or() -> None:
    assert caps("a.b") | caps("c.d") | caps("a.b") == caps("c.d", "a.b")


def test_the_same_name_is_the_same_bit_and_another_is_another() -> None:
    assert caps("new.name.1") == caps_of(["new.name.1"])
    assert not caps("new.name.1") & caps("new.name.2")


def test_any_name_may_be_needed() -> None:
    state = source("new://thing", {}, caps=["source.of.a.newer.daemon", "source.http"])
    assert caps_of_state(state) == {"source.of.a.newer.daemon", "source.http"}


class Interrupted(str):
    """A name at which another thread comes in between and adds its own."""

    __slots__ = ()

    def __hash__(self) -> int:
        thread = Thread(target=caps_of, args=([f"{self}.other"],))
        thread.start()
        thread.join()
        return str.__hash__(self)


def test_two_threads_that_add_names_at_once_give_them_two_bits() -> None:
    mine = caps_of([Interrupted("threads.meet")])
    assert names_of(mine) == {"threads.meet"}


def test_many_threads_agree_on_the_bits_of_many_names() -> None:
    found: list[int] = []
    together = Barrier(4)

    def add() -> None:
        together.wait(10)
        found.append(caps_of(f"threads.{number}" for number in range(300)))

    threads = [Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(names_of(found[0])) == 300
