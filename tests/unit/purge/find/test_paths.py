"""Many paths at once: the places that are asked about instead, and the drops that are at a path or above."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secopskit.purge.find.paths import DropSet, covering, upwards
from secopskit.purge.model import Drop

_NAMES = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=4).map("/".join)
_DROPS = st.lists(st.builds(Drop, path=_NAMES, keep=st.frozensets(st.sampled_from(["1", "2"]))), max_size=5)


def test_few_places_are_asked_about_as_they_are() -> None:
    assert covering(["b/x", "a"]) == ("a", "b/x")
    assert covering([]) == ()


def test_for_many_the_directories_above_are() -> None:
    assert covering([f"top/{number}/x" for number in range(1000)]) == ("top",)
    deep = [f"top/{number % 3}/deep/{number}" for number in range(1000)]
    assert covering([*deep, "other"]) == ("other", "top/0/deep", "top/1/deep", "top/2/deep")


def test_for_many_at_the_top_all_is() -> None:
    assert covering([f"{number}" for number in range(1000)]) == ()


@given(st.lists(st.tuples(_NAMES, st.integers(0, 999)), max_size=400))
def test_no_path_is_left_out(pairs: list[tuple[str, int]]) -> None:
    paths = [f"{name}/{number}" for name, number in pairs]
    places = covering(paths)
    assert len(places) <= 200
    assert not places or all(not set(places).isdisjoint(upwards(path)) for path in paths)


@given(_DROPS, _NAMES, st.sampled_from(["1", "2", "3"]))
def test_the_set_takes_what_one_of_its_drops_takes(drops: list[Drop], path: str, oid: str) -> None:
    assert DropSet(drops).takes(path, oid) == any(drop.takes(path, oid) for drop in drops)
