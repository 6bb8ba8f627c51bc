"""What a table of trees says of a commit is what the entries say, however the trees came into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.git.packs import compiled
from secopskit.git.packs.compiled import PackError, Regions
from secopskit.git.packs.treetable import TreeTable
from support.deltas import Step, encoded

WIDTH = 20
MODES = (b"40000", b"100644", b"100755", b"120000", b"160000")


class Entry(NamedTuple):
    """What a name stands for in a tree."""

    mode: bytes
    oid: bytes


Files = Mapping[bytes, Entry]

# Ids that look like entries, and like each other; names that sort as directories do not.
oids = st.one_of(
    st.sampled_from((b"100644 a\x00100644 b\x00xx", b"40000 a\x00" + b"a" * 12, bytes(20))),
    st.integers(1, 6).map(lambda n: bytes([n]) * WIDTH),
)
names = st.sampled_from([b"a", b"a.b", b"a-", b"a0", b"ab", b"b", *(b"file-%02d" % n for n in range(30))])
trees = st.dictionaries(names, st.builds(Entry, st.sampled_from(MODES[1:]), oids), max_size=36)
steps = st.lists(
    st.one_of(st.tuples(st.integers(0, 1200), st.integers(1, 900)), st.binary(min_size=1, max_size=40)),
    max_size=6,
)


def encode(files: Files) -> bytes:
    def key(item: tuple[bytes, Entry]) -> bytes:
        return item[0] + (b"/" if item[1].mode == b"40000" else b"")

    rows = sorted(files.items(), key=key)
    return b"".join(b"%b %b\0%b" % (entry.mode, name, entry.oid) for name, entry in rows)


def told(new: Files, olds: Sequence[Files]) -> bytes:
    """What git tells of these files, none of which is a directory."""
    rows = list[bytes]()
    for name in sorted({*new, *(name for old in olds for name in old)}):
        values = [old.get(name) for old in olds]
        value = new.get(name)
        if value in values:
            continue
        modes = b" ".join(one.mode if one else b"000000" for one in (*values, value))
        ids = b" ".join(one.oid.hex().encode() if one else b"0" * 40 for one in (*values, value))
        status = b"".join(_status(one, value, alone=len(olds) == 1) for one in values)
        rows.append(b"%b%b %b %b\0%b\0" % (b":" * len(olds), modes, ids, status, name))
    return (b"\n" if len(olds) == 1 and rows else b"\0" if len(olds) > 1 else b"") + b"".join(rows)


def _status(old: Entry | None, new: Entry | None, *, alone: bool) -> bytes:
    if old is None or new is None:
        return b"A" if old is None else b"D"
    same_kind = old.mode[:2] == new.mode[:2]  # 10, 12 or 16
    return b"M" if same_kind or not alone else b"T"


def number(n: int) -> bytes:
    return b"\xff" * 19 + bytes([n])


def changed(table: TreeTable) -> bytes | None:
    """What differs between trees 0 and 1; None where that is a directory, of which there is none."""
    try:
        return table.changes(number(0), [number(1)])
    except PackError:
        return None


@given(trees, st.lists(trees, min_size=1, max_size=3))
def test_what_differs_from_all_parents_is_told(new: Files, olds: list[Files]) -> None:
    table = TreeTable(WIDTH)
    for n, files in enumerate((new, *olds)):
        table.add(number(n), encode(files))
    assert table.changes(number(0), [number(n + 1) for n in range(len(olds))]) == told(new, olds)


@given(trees, trees)
def test_an_heir_is_what_its_delta_makes_it(old: Files, new: Files) -> None:
    base, content = encode(old), encode(new)
    delta = compiled.delta(base, content)
    if delta is None:
        return
    regions, table, plain = Regions(0), TreeTable(WIDTH), TreeTable(WIDTH)
    assert regions.apply(base, delta, 1 << 20) == content
    starts = table.add(number(1), base)
    heir = table.add_heir(number(0), content, number(1), starts, regions.copies())
    assert heir == plain.add(number(0), content)
    assert table.changes(number(0), [number(1)]) == told(new, [old])


@given(trees, steps)
def test_whatever_a_delta_makes_is_read_as_it_would_be_alone(old: Files, wanted: list[object]) -> None:
    base = encode(old)
    fitting = [
        step if isinstance(step, bytes) else (step[0], min(step[1], len(base) - step[0]))
        for step in wanted
        if isinstance(step, bytes) or (isinstance(step, tuple) and step[0] < len(base))
    ]
    regions, table, plain = Regions(0), TreeTable(WIDTH), TreeTable(WIDTH)
    content = regions.apply(base, encoded(len(base), fitting), 1 << 20)
    starts = table.add(number(1), base)
    try:
        alone = plain.add(number(0), content)
    except PackError:
        with pytest.raises(PackError):
            table.add_heir(number(0), content, number(1), starts, regions.copies())
        return
    assert table.add_heir(number(0), content, number(1), starts, regions.copies()) == alone
    plain.add(number(1), base)
    assert changed(table) == changed(plain)


def add_copied(base: bytes, wanted: Sequence[Step]) -> TreeTable:
    """A table with a base, tree 1, and what a delta makes of it, tree 0."""
    table, regions = TreeTable(WIDTH), Regions(0)
    content = regions.apply(base, encoded(len(base), wanted), 1 << 20)
    starts = table.add(number(1), base)
    table.add_heir(number(0), content, number(1), starts, regions.copies())
    return table


def test_a_copy_from_the_midst_of_an_entry_is_read_anew() -> None:
    inner = b"100644 a\0" + b"x" * 11  # an id that begins as an entry does
    base = encode({b"m": Entry(b"100644", inner), b"n": Entry(b"100644", number(3))})
    head = len(b"100644 m\0")
    found = changed(add_copied(base, [(head, WIDTH + head)]))
    assert found is not None
    assert b"%b A\0a\0" % (b"x" * 11 + b"100644 n\0").hex().encode() in found


def test_what_is_inserted_behind_a_copy_is_held_against_its_last_entry() -> None:
    file = Entry(b"100644", number(3))
    base = encode({b"a": file, b"c": file})
    assert changed(add_copied(base, [(0, len(base)), encode({b"d": file})])) is not None
    with pytest.raises(PackError, match="order"):
        add_copied(base, [(0, len(base)), encode({b"b": file})])


@given(trees, st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_tree_is_refused_or_is_another(files: Files, damage: list[tuple[int, int]]) -> None:
    content = bytearray(encode(files))
    for at, byte in damage:
        if at < len(content):
            content[at] = byte
    table = TreeTable(WIDTH)
    table.add(number(1), b"")
    try:
        table.add(number(0), bytes(content))
    except PackError:
        return
    assert (changed(table) or b"").count(b"\0") % 2 == 0


def test_directories_are_followed_to_the_files_in_them() -> None:
    table, file = TreeTable(WIDTH), Entry(b"100644", number(9))
    table.add(number(0), encode({b"d": Entry(b"40000", number(1)), b"e": file}))
    table.add(number(1), encode({b"x": file, b"y": Entry(b"40000", number(2))}))
    table.add(number(2), encode({b"z": file}))
    table.add(number(3), encode({b"d": Entry(b"100755", number(8)), b"e": file}))
    zero, nine, eight = b"0" * 40, number(9).hex().encode(), number(8).hex().encode()
    assert table.changes(number(0), [number(3)]) == (
        b"\n:100755 000000 %b %b D\0d\0:000000 100644 %b %b A\0d/x\0:000000 100644 %b %b A\0d/y/z\0"
        % (eight, zero, zero, nine, zero, nine)
    )


def test_a_tree_that_is_not_there_matters_only_where_something_changed() -> None:
    table, lost = TreeTable(WIDTH), Entry(b"40000", number(7))
    table.add(number(0), encode({b"a": lost, b"b": Entry(b"100644", number(8))}))
    table.add(number(1), encode({b"a": lost}))
    table.add(number(2), b"")
    assert table.changes(number(0), [number(1)]).endswith(b"\0b\0")
    for tree, parents in ((number(0), [number(2)]), (number(5), []), (number(0), [number(5)])):
        with pytest.raises(PackError, match="not there"):
            table.changes(tree, parents)


def test_directories_without_end_are_refused() -> None:
    table = TreeTable(WIDTH)
    deep = [n.to_bytes(WIDTH) for n in range(3000)]
    for one, other in pairwise(deep):
        table.add(one, encode({b"d": Entry(b"40000", other)}))
    with pytest.raises(PackError, match="without end"):
        table.changes(deep[0], [])
    table.add(number(0), encode({b"d": Entry(b"40000", number(0))}))
    with pytest.raises(PackError, match="without end"):
        table.changes(number(0), [])


def test_more_trees_than_are_held_as_a_whole_are_made_again() -> None:
    table = TreeTable(WIDTH)
    rows = encode({b"%05d" % n: Entry(b"100644", number(1)) for n in range(20_000)})
    for n in range(300):
        table.add(n.to_bytes(WIDTH), rows + encode({b"x": Entry(b"100644", n.to_bytes(WIDTH))}))
    for _ in range(2):
        for n in range(1, 300):
            changed = table.changes(n.to_bytes(WIDTH), [(n - 1).to_bytes(WIDTH)])
            assert changed.endswith(b"%040x %040x M\0x\0" % (n - 1, n))


def test_what_does_not_fit_is_an_error_of_the_caller() -> None:
    table, regions = TreeTable(WIDTH), Regions(0)
    starts = table.add(number(0), encode({b"a": Entry(b"100644", number(9))}))
    for base, given_starts in ((number(4), starts), (number(0), starts[4:]), (b"short", starts)):
        with pytest.raises(ValueError, match=r"id|base"):
            table.add_heir(number(1), b"", base, given_starts, regions.copies())
    with pytest.raises(ValueError, match="id"):
        table.add(b"short", b"")
    with pytest.raises(ValueError, match="id"):
        table.changes(b"short", [])
    with pytest.raises(ValueError, match="width"):
        TreeTable(0)
