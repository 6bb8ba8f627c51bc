"""Loops over the tables of packs, held against what Python would say."""

from __future__ import annotations

import random
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.git.packs import compiled

WIDTH = 2
_IDS = st.lists(st.binary(min_size=WIDTH, max_size=WIDTH), max_size=12)


@given(_IDS, _IDS, st.data())
def test_all_but_some_ids_are_others(ids: list[bytes], only: list[bytes], data: st.DataObject) -> None:
    again = bytes(data.draw(st.lists(st.booleans(), min_size=len(ids), max_size=len(ids))))
    chosen = [*only, *ids[::3]]
    expected = bytes(flag or one not in chosen for flag, one in zip(again, ids, strict=True))
    assert compiled.others(b"".join(ids), again, WIDTH, b"".join(chosen)) == expected


@given(_IDS.map(lambda ids: sorted(set(ids))), _IDS, st.randoms())
def test_ids_of_no_object_of_a_kind_are_strangers(
    ids: list[bytes], asked: list[bytes], chance: random.Random
) -> None:
    numbers = list(range(len(ids)))
    chance.shuffle(numbers)
    kinds = bytes(chance.choice((0, 2, 3)) for _ in ids)
    blobs = {ids[number] for number, kind in zip(numbers, kinds, strict=True) if kind == 3}
    questions = [*asked, *ids]
    found = compiled.strangers(b"".join(questions), WIDTH, b"".join(ids), array("i", numbers), kinds, 3)
    assert found == b"".join(one for one in questions if one not in blobs)


@given(st.data(), st.integers(0, 12))
def test_what_is_wanted_weighs_what_it_is_made_from(data: st.DataObject, count: int) -> None:
    def some(least: int, most: int) -> list[int]:
        return data.draw(st.lists(st.integers(least, most), min_size=count, max_size=count))

    numbers = data.draw(st.permutations(range(count)))
    unwanted, sizes = bytes(some(0, 1)), some(0, 9)
    bases = [data.draw(st.integers(-3, place - 1)) for place in range(count)]  # none of itself
    wanted = compiled.wanted(array("i", numbers), unwanted)
    assert list(wanted) == [not unwanted[number] for number in numbers]
    weights = array("q", bytes(8 * count))
    compiled.weigh(array("i", bases), wanted, array("q", sizes), weights)
    for place in range(count):
        root = place
        while bases[root] >= 0:
            root = bases[root]
        assert weights[place] == (sizes[root] if wanted[place] else 0)


def test_a_chain_without_an_end_comes_to_one() -> None:
    weights = array("q", bytes(16))
    compiled.weigh(array("i", (1, 0)), b"\1\0", array("q", (5, 6)), weights)
    assert weights[0] in (5, 6)
    assert weights[1] == 0


def test_tables_that_do_not_fit_each_other() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        compiled.others(b"abc", b"\0\0", WIDTH, b"")
    with pytest.raises(ValueError, match="different lengths"):
        compiled.strangers(b"", WIDTH, b"abcd", array("i", (0,)), b"\3", 3)
    with pytest.raises(ValueError, match="different lengths"):
        compiled.wanted(array("i", (0, 1)), b"\0")
    with pytest.raises(ValueError, match="different lengths"):
        compiled.weigh(array("i", (0, 1)), b"\0", array("q", (0, 1)), array("q", (0, 1)))
