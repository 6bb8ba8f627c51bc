"""What is found in the regions of a delta and handed on from its base is what a search of the whole finds."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.git.objects.delta import apply_delta
from secopskit.git.packs import compiled
from support.deltas import Step, encoded, made

# What is searched for, with a margin of 8: the widest depends on 9 bytes. The third looks one byte ahead, the
# fifth has a gap that reaches over lines; they overlap themselves and each other.
SEARCHED = (
    re.compile(rb"(?=(aab))"),
    re.compile(rb"(?=(\ncab))"),
    re.compile(rb"(?=(bc)\b)"),
    re.compile(rb"(?=(bbbbbbbbb))"),
    *(re.compile(rb"(?=(a[^z]{%d}cb))" % gap) for gap in range(7)),
)
WIDEST = 9
ALPHABET = b"aabbc\n"

texts = st.binary(max_size=120).map(lambda raw: bytes(ALPHABET[byte % len(ALPHABET)] for byte in raw))
planted = st.tuples(texts, st.sampled_from((b"aab", b"a\nbbb\ncb", b"bc ", b"\ncab", b"bbbbbbbbb")), texts)
bases = st.one_of(texts, planted.map(b"".join))
cuts = st.lists(
    st.one_of(st.tuples(st.integers(0, 130), st.integers(1, 60)), st.binary(min_size=1, max_size=20)),
    max_size=8,
)


def hits(text: bytes) -> list[tuple[int, int]]:
    """Every (pattern, end) in a text, as an engine that reports all ends does it, by end."""
    found = {
        (min(what, 4), match.end(1)) for what, one in enumerate(SEARCHED) for match in one.finditer(text)
    }
    return sorted(found, key=lambda hit: (hit[1], hit[0]))


def steps_for(base: bytes, wanted: Sequence[Step]) -> list[Step]:
    """The wanted steps, as far as the base has what they copy."""
    found = list[Step]()
    for step in wanted:
        if isinstance(step, bytes):
            found.append(bytes(ALPHABET[byte % len(ALPHABET)] for byte in step))
        elif step[0] < len(base):
            found.append((step[0], min(step[1], len(base) - step[0])))
    return found


def packed(found: Sequence[tuple[int, int]]) -> bytes:
    return b"".join((end << 32 | what << 8).to_bytes(8, "little") for what, end in found)


def handed_on(base: bytes, steps: Sequence[Step], margin: int) -> bytes:
    """The hits in what `steps` make of `base`, by its regions and its copies."""
    regions = compiled.Regions(margin)
    result = regions.apply(base, encoded(len(base), steps), 1 << 20)
    assert result == made(base, steps)
    regions.brought(result, 0)
    own = dict(regions.place(hits(bytes(memoryview(regions))))).get(0, b"")
    return compiled.inherit(packed(hits(base)), own, regions.copies(), margin, len(base), len(result))


@given(bases, cuts)
def test_regions_and_heirs_have_the_hits_of_a_whole_search(base: bytes, wanted: Sequence[Step]) -> None:
    steps = steps_for(base, wanted)
    whole = packed(hits(made(base, steps)))
    assert set(words(handed_on(base, steps, WIDEST - 1))) == set(words(whole))


@pytest.mark.parametrize("distance", [*range(14), 40, 120, 600])
@pytest.mark.parametrize("pattern", [b"bbbbbbbbb", b"aab", b"bc"])
def test_a_hit_near_a_junction_is_told_once_and_where_it_is(distance: int, pattern: bytes) -> None:
    base = b"\n" * 700 + pattern + b"\n" * 700
    for start in (700 - distance, 700 + len(pattern) + distance):
        ways: tuple[list[Step], ...] = (
            [(0, start), b"xy", (start, len(base) - start)],  # an insertion
            [(0, start), (start + 3, len(base) - start - 3)],  # a deletion
            [(start, len(base) - start), (0, start)],  # two halves that change places
            [(0, start), (0, len(base))],  # something doubled
            [(0, start)],  # the rest cut off
        )
        for steps in ways:
            whole = packed(hits(made(base, steps)))
            assert handed_on(base, steps, WIDEST - 1) == whole


def test_a_margin_that_is_one_too_small_loses_a_hit() -> None:
    base = b"\n" * 50 + b"b\n" + b"bbbbbbbb" + b"\n" * 50
    steps: list[Step] = [(0, 51), (52, len(base) - 52)]
    whole = packed(hits(made(base, steps)))
    assert whole
    kept = [handed_on(base, steps, margin) == whole for margin in (WIDEST - 1, WIDEST - 2)]
    assert kept == [True, False]


lines = st.lists(
    st.sampled_from(
        (b"aab", b"aab ccc", b"aab" + b" " * 30 + b"ccc", b"ccc" + b" " * 30 + b"aab", b"y" * 150, b"")
    ),
    max_size=14,
)
BARREN = b"ccc"  # what a hit comes to nothing by, wherever it stands on the line


def line_of(text: bytes, end: int) -> tuple[int, int]:
    """Where the line of a hit begins, and where it ends."""
    start, stop = text.rfind(b"\n", 0, end - 1) + 1, text.find(b"\n", end - 1)
    return start, stop if stop >= 0 else len(text)


def barren_hits(text: bytes) -> list[tuple[int, int, int, int]]:
    found = list[tuple[int, int, int, int]]()
    for what, end in hits(text):
        start, stop = line_of(text, end)
        if BARREN in text[start:stop]:
            found.append((what, end, end - start + 1, stop + 1 - end))
    return found


@given(
    lines.map(b"\n".join),
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 90), st.sampled_from((b"", b"x", b"\n", b"ccc"))),
        max_size=4,
    ),
)
@settings(max_examples=600, deadline=None)
def test_what_is_spent_stands_for_nothing_in_what_is_made_of_it(
    base: bytes, edits: Sequence[tuple[int, int, bytes]]
) -> None:
    """An edit goes on so many bytes behind the one before, takes some away and puts others there."""
    steps, at = list[Step](), 0
    for skipped, removed, inserted in edits:
        kept = min(skipped, len(base) - at)
        steps += [(at, kept)] if kept else []
        steps += [inserted] if inserted else []
        at = min(at + kept + removed, len(base))
    steps += [(at, len(base) - at)] if at < len(base) else []
    regions, margin = compiled.Regions(WIDEST - 1), WIDEST - 1
    result = regions.apply(base, encoded(len(base), steps), 1 << 20)
    regions.brought(result, 0)
    own = dict(regions.place(hits(bytes(memoryview(regions))))).get(0, b"")
    spent = compiled.spend(packed(hits(base)), barren_hits(base))
    heirs = compiled.inherit(spent, own, regions.copies(), margin, len(base), len(result))
    left = compiled.opened(heirs, 1 << 24)
    nothing = {(what, end) for what, end, *_ in barren_hits(result)}
    assert set(left) <= set(hits(result))
    assert set(hits(result)) <= {*left, *nothing}


def test_a_spent_hit_is_handed_on_only_with_all_that_it_came_to_nothing_by() -> None:
    """The distance is told in steps of 64 bytes: what changes up to there opens it again."""
    base = b"\n" * 700 + b"aab" + b" " * 100 + b"ccc\n" + b"\n" * 700
    ((what, end),) = [hit for hit in hits(base) if hit[0] == 0]
    spent = compiled.spend(packed([(what, end)]), [(what, end, 4, 104)])
    assert compiled.opened(spent, 1) == []
    for distance, is_open in ((103, True), (127, True), (128, False), (300, False)):
        at = end + distance
        regions = compiled.Regions(WIDEST - 1)
        result = regions.apply(base, encoded(len(base), [(0, at), b"x", (at, len(base) - at)]), 1 << 20)
        heirs = compiled.inherit(spent, b"", regions.copies(), WIDEST - 1, len(base), len(result))
        assert bool(compiled.opened(heirs, 1)) == is_open, distance


def test_numbers_and_kinds_among_hits() -> None:
    some = packed([(3, 10), (70, 10), (5, 12), (64, 20)])
    assert compiled.kinds(some, 3) == 0b101 | 1 << 61
    assert compiled.kinds(some, 64) == 1 | 1 << 6
    assert compiled.kinds(b"", 0) == 0
    assert compiled.opened(some, 64) == [(3, 10), (5, 12)]
    spent = compiled.spend(some, [(3, 10, 1, 0), (9, 9, 1, 1)])  # there is no such hit as the second
    assert compiled.opened(spent, 100) == [(70, 10), (5, 12), (64, 20)]
    assert compiled.kinds(spent, 3) == 0b101 | 1 << 61
    assert compiled.opened(compiled.chosen(spent, 64, {3, 5}), 100) == [(70, 10), (5, 12), (64, 20)]
    assert compiled.opened(compiled.chosen(some, 70, {3}), 100) == [(3, 10), (70, 10)]
    for wrong in (
        (3, 10, 0, 0),
        (3, 10, 961, 0),
        (3, 10, 1, 961),
        (3, 10, 1, -1),
        (-1, 10, 1, 1),
        (1 << 24, 1, 1, 1),
    ):
        with pytest.raises(ValueError, match="no such hit"):
            compiled.spend(some, [wrong])


def test_two_copies_that_go_on_in_the_base_have_no_junction() -> None:
    base = bytes(range(200)) * 5
    regions = compiled.Regions(8)
    regions.apply(base, encoded(len(base), [(0, 300), (300, 700)]), 1 << 20)
    regions.brought(base, 0)
    assert len(regions) == 0
    assert len(regions.copies()) == 12


def words(found: bytes) -> list[bytes]:
    return [found[at : at + 8] for at in range(0, len(found), 8)]


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_a_delta_of_any_bytes_is_applied_or_refused(base: bytes, raw: bytes) -> None:
    regions = compiled.Regions(3)
    for delta in (raw, encoded(len(base), [])[: len(encoded(len(base), [])) - 1] + raw):
        try:
            result = regions.apply(base, delta, 4096)
        except compiled.PackError:
            continue
        assert result == apply_delta(base, delta)
        regions.brought(result, 0)
        assert not regions.place([])


@given(bases.filter(len), cuts, st.data())
def test_a_damaged_delta_is_refused_or_what_it_says(
    base: bytes, wanted: Sequence[Step], data: st.DataObject
) -> None:
    delta = bytearray(encoded(len(base), steps_for(base, wanted)))
    at = data.draw(st.integers(0, len(delta) - 1))
    delta[at] ^= data.draw(st.integers(1, 255))
    try:
        result = compiled.Regions(3).apply(base, bytes(delta), 1 << 16)
    except compiled.PackError:
        return
    assert result == apply_delta(base, bytes(delta))


def test_a_result_beyond_the_limit_is_never_made() -> None:
    base = b"x" * 65_536
    bomb = encoded(len(base), [(0, 65_536)] * 1000)
    with pytest.raises(compiled.PackError):
        compiled.Regions(3).apply(base, bomb, 1 << 20)
    assert compiled.result_size(bomb) == 65_536_000


def test_nothing_changes_under_a_view() -> None:
    regions = compiled.Regions(3)
    regions.whole(b"abc", 0)
    with memoryview(regions) as view:
        assert bytes(view) == b"abc\n\0\n"
        for change in (regions.clear, lambda: regions.whole(b"x" * 5000, 1)):
            with pytest.raises(BufferError):
                change()
    regions.clear()
    assert len(regions) == 0


def test_a_hit_in_a_separator_or_outside_is_not_an_objects() -> None:
    regions = compiled.Regions(3)
    regions.whole(b"abc", 0)
    regions.whole(b"def", 1)
    placed = regions.place([(0, 3), (0, 5), (7, 9)])
    assert [(slot, len(found) // 8) for slot, found in placed] == [
        (0, 1),
        (1, 1),
    ]
    for hit in ((0, 0), (0, 13), (-1, 2)):
        with pytest.raises(ValueError, match="outside"):
            regions.place([hit])
