"""Packs, deltas, trees and commit texts of ours, held against git itself and against each other."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.errors import GitError
from secopskit.git.objects.committext import CommitText, commit_start, is_signed
from secopskit.git.objects.delta import DeltaMaker, apply_delta, delta, delta_maker
from secopskit.git.objects.object_id import object_id
from secopskit.git.objects.packwriter import PackWriter
from secopskit.git.objects.tree import TreeEntry, chosen, encode, entries, find
from secopskit.git.packs import available
from secopskit.purge.rewrite.committext import new_commit
from secopskit.purge.rewrite.replay import command
from support.repos import Repo

NAMES = st.lists(
    st.binary(min_size=1, max_size=12).filter(lambda name: not set(name) & {0, 0x2F}),
    unique=True,
    max_size=30,
)
MODES = st.sampled_from([b"100644", b"40000", b"120000", b"160000"])


def tree(names: list[bytes], seed: bytes = b"") -> bytes:
    return encode(TreeEntry(b"100644", name, object_id("sha1", "blob", seed + name)) for name in names)


def _cut_or_changed(text: bytes) -> st.SearchStrategy[bytes]:
    """A tree, a beginning of it, or one with another byte somewhere."""
    cut = st.integers(0, len(text)).map(lambda end: text[:end])
    if not text:
        return cut
    place = st.tuples(st.integers(0, len(text) - 1), st.binary(min_size=1, max_size=1))
    return cut | place.map(lambda at: text[: at[0]] + at[1] + text[at[0] + 1 :])


# --- deltas -----------------------------------------------------------------------------------


MAKERS = {"compiled": delta_maker(), "plain": DeltaMaker(delta, apply_delta)}
makers = pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)


def test_the_compiled_maker_is_used_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (delta_maker().make is delta) == (not available.can_read_packs())
    monkeypatch.setattr(available, "can_read_packs", lambda: False)
    assert delta_maker.__wrapped__() == DeltaMaker(delta, apply_delta)


@makers
@given(st.binary(max_size=400), st.binary(max_size=400), st.binary(max_size=400))
def test_a_delta_makes_the_target(maker: DeltaMaker, start: bytes, middle: bytes, end: bytes) -> None:
    base, target = start + middle + end, end + middle + start
    for one, other in ((base, target), (target, base), (base, start + end), (start, base), (base, base)):
        instructions = maker.make(one, other)
        assert (
            instructions is None or apply_delta(one, instructions) == maker.apply(one, instructions) == other
        )


@makers
@given(
    st.lists(st.tuples(st.sampled_from(["same", "new", "gone", "twice"]), st.integers(1, 90)), max_size=120)
)
def test_a_delta_of_many_differences(maker: DeltaMaker, steps: list[tuple[str, int]]) -> None:
    base, target = bytearray(), bytearray()
    for number, (what, length) in enumerate(steps):
        piece = hashlib.shake_128(bytes([number])).digest(length)
        base += piece if what != "new" else b""
        target += {"same": piece, "new": piece, "gone": b"", "twice": piece * 2}[what]
    instructions = maker.make(bytes(base), bytes(target))
    assert instructions is None or apply_delta(bytes(base), instructions) == target
    assert instructions is not None or base != target


@makers
def test_versions_of_a_large_tree_differ_in_a_few_bytes(maker: DeltaMaker) -> None:
    names = [b"file-%03d" % number for number in range(500)]
    old = tree(names)
    changed = old.replace(entries(old, 20)[250].oid, os.urandom(20))
    grown = tree([*names, b"file-100-and-more", b"zz"])
    for new in (changed, grown):
        instructions = maker.make(old, new)
        assert instructions
        assert len(instructions) < 200
        assert apply_delta(old, instructions) == new


@makers
def test_copies_longer_than_one_instruction_can_tell(maker: DeltaMaker) -> None:
    base = os.urandom(0x10000) * 3
    for length in (0xFFFF, 0x10000, 0x10001, 0x20000):
        instructions = maker.make(base, base[:length])
        assert instructions
        assert apply_delta(base, instructions) == base[:length]
    base = os.urandom(0x10000) * 0x101 + b"end"
    instructions = maker.make(base, base)
    assert instructions
    assert len(instructions) < 30
    assert apply_delta(base, instructions) == base


@makers
def test_what_has_little_in_common_is_no_delta(maker: DeltaMaker) -> None:
    one, other = os.urandom(5000), os.urandom(5000)
    assert maker.make(one, other) is None
    assert maker.make(b"", other) is None
    alternating = b"".join(one[at : at + 40] + other[at : at + 9] for at in range(0, 4960, 40))
    assert maker.make(one, alternating) is None  # more differences than are worth it


# --- packs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["sha1", "sha256"])
def test_git_takes_our_packs(tmp_path: Path, format_: str) -> None:
    repo = Repo.create(tmp_path / "repo", "--bare", f"--object-format={format_}")
    pack = PackWriter(str(repo.path / "objects"), format_)
    width = 20 if format_ == "sha1" else 32
    wanted: dict[str, bytes] = {}

    def add(kind: str, data: bytes, like: list[bytes] | None = None) -> bytes:
        oid = pack.add(kind, data, like=like)
        wanted[oid.hex()] = data
        return oid

    blob = add("blob", os.urandom(100_000))
    add("blob", b"")
    add("blob", b"x" * 70_000)
    made = add("tree", encode(TreeEntry(b"100644", b"f%04d" % n, blob) for n in range(400)), [])
    for number in range(120):  # a longer chain than git's packs have
        content = encode(TreeEntry(b"100644", b"f%04d" % n, blob) for n in range(400) if n != number)
        made = add("tree", content, [made])
    person = b"Ada <ada@example.org> 1 +0000"
    add("commit", b"tree %s\nauthor %s\ncommitter %s\n\nm\n" % (made.hex().encode(), person, person))
    base = pack.finish()
    assert base
    assert repo.git("verify-pack", f"{base}.idx") == ""
    assert repo.try_git("index-pack", "--strict", f"{base}.pack", "-o", str(tmp_path / "again.idx")).code == 0
    assert (tmp_path / "again.idx").read_bytes() == Path(f"{base}.idx").read_bytes()
    for oid, data in wanted.items():
        assert len(oid) == 2 * width
        assert repo.git("cat-file", "-s", oid) == f"{len(data)}\n"
    assert repo.try_git("fsck", "--full", "--strict", "--no-dangling").code == 0
    assert Path(f"{base}.pack").stat().st_size < 400_000


def test_a_pack_without_objects_is_none(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo", "--bare")
    assert PackWriter(str(repo.path / "objects"), "sha1").finish() is None
    assert not list((repo.path / "objects" / "pack").iterdir())


# --- trees ------------------------------------------------------------------------------------


@given(NAMES, st.data())
def test_entries_are_found_without_reading_all(names: list[bytes], data: st.DataObject) -> None:
    # Ids and names that look like the entries that are looked for.
    oids = st.binary(min_size=20, max_size=20) | st.sampled_from(
        [(b"0 %s\0" % n)[:20].ljust(20, b"4") for n in names] or [bytes(20)]
    )
    whole = encode(TreeEntry(data.draw(MODES), name, data.draw(oids)) for name in names)
    wanted = [*names[::2], b"absent", *(name[1:] for name in names if name[1:])]
    assert find(whole, set(wanted), 20) == [entry for entry in entries(whole, 20) if entry.name in wanted]
    assert encode(entries(whole, 20)) == whole


def test_a_name_behind_a_space_is_no_entry() -> None:
    whole = encode([TreeEntry(b"100644", b"x 40000 dir", bytes(20)), TreeEntry(b"40000", b"dir", bytes(20))])
    assert [(entry.name, entry.is_tree) for entry in find(whole, [b"dir"], 20)] == [(b"dir", True)]


def test_a_damaged_tree_is_named_so() -> None:
    for damaged in (b"100644 a", b"100644 a\0short", tree([b"a"]) + b"x", b"x" + tree([b"a"])):
        with pytest.raises(GitError, match="damaged"):
            entries(damaged, 20)


# --- commits ----------------------------------------------------------------------------------

TREE, OTHER = "1" * 40, "2" * 40
PARENT, NEW = "a" * 40, "b" * 40
PERSON = b"Ada <ada@example.org> 1700000000 +0100"


def commit(*headers: bytes, author: bytes = PERSON, message: bytes = b"m\n") -> bytes:
    lines = (
        b"tree " + TREE.encode(),
        b"parent " + PARENT.encode(),
        b"author " + author,
        b"committer " + PERSON,
    )
    return b"\n".join((*lines, *headers)) + b"\n\n" + message


def changed(raw: bytes, tree: str, commits: dict[str, str]) -> bytes:
    return new_commit(raw, commit_start(raw), tree, commits, None)


@given(st.binary(max_size=200))
def test_any_text_is_put_together_as_it_was(raw: bytes) -> None:
    whole = CommitText.parse(raw).encode()
    assert whole in (raw, raw + b"\n")
    assert CommitText.parse(whole).encode() == whole


def test_only_tree_and_parents_change() -> None:
    raw = commit(b"encoding ISO-8859-1", b"x-more a\n b", message=b"caf\xe9\n\ngpgsig not a header")
    new = changed(raw, OTHER, {PARENT: NEW})
    assert new == raw.replace(TREE.encode(), OTHER.encode()).replace(PARENT.encode(), NEW.encode())
    assert changed(raw, TREE, {}) == raw


def test_a_signature_is_dropped_and_nothing_else() -> None:
    raw = commit(b"encoding X", b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END-----", b"more x")
    assert is_signed("commit", raw)
    new = changed(raw, TREE, {})
    assert new == commit(b"encoding X", b"more x")
    assert not is_signed("commit", new)


def test_a_merged_tag_stays_as_long_as_its_commit_does() -> None:
    raw = commit(b"mergetag object %s\n type commit\n tag v1\n \n text" % PARENT.encode())
    assert changed(raw, OTHER, {}) == raw.replace(TREE.encode(), OTHER.encode())
    assert b"mergetag" not in changed(raw, OTHER, {PARENT: NEW})


def test_a_damaged_commit_is_named_so() -> None:
    with pytest.raises(GitError, match="damaged"):
        commit_start(b"author nobody\n\n")


@pytest.mark.parametrize(
    "raw",
    [
        commit(b"x-more a"),
        commit(author=b"<ada@example.org> 1 +0000"),
        commit(author=b" <> 1 +0000"),
        commit(author=b"Ada <ada@example.org> never"),
        commit(author=b"Ada <ada@example.org> 99999999999999999999 +0000"),
        commit(author=b"A<d>a <ada@example.org> 1 +0000"),
        commit(author=b"Ada"),
        commit(b"encoding a b"),
        commit().replace(b"\n\nm\n", b"\n"),
        commit().replace(b"author", b"parent %s\nauthor" % PARENT.encode(), 1),
    ],
)
def test_what_fast_import_would_change_is_not_given_to_it(raw: bytes) -> None:
    assert command(raw, 1, {}) is None
    assert command(commit(), 1, {}) is not None


@pytest.mark.parametrize("compiled", [True, False])
@given(
    names=NAMES,
    seed=st.binary(max_size=3),
    more=st.sets(st.binary(min_size=1, max_size=9), max_size=20),
    data=st.data(),
)
def test_entries_are_chosen_by_name(
    compiled: bool, names: list[bytes], seed: bytes, more: set[bytes], data: st.DataObject
) -> None:
    text = tree(names, seed)
    wanted = more | set(data.draw(st.lists(st.sampled_from(names or [b"x"]), max_size=20)))
    with pytest.MonkeyPatch.context() as patch:
        if not compiled:
            patch.setattr(available, "can_read_packs", lambda: False)
        found = chosen(text, wanted, 20)
    assert found == [entry for entry in entries(text, 20) if entry.name in wanted]


@pytest.mark.skipif(not available.can_read_packs(), reason="the compiled part is not here")
@given(st.binary(max_size=120) | NAMES.map(tree).flatmap(_cut_or_changed), st.sampled_from([20, 32]))
def test_a_damaged_tree_is_told_by_the_compiled_part_too(text: bytes, width: int) -> None:
    try:
        wanted = entries(text, width)
    except GitError:
        with pytest.raises(GitError, match="damaged"):
            chosen(text, {b"x"}, width)
    else:
        assert chosen(text, {entry.name for entry in wanted}, width) == wanted


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("few", [True, False])
def test_names_of_any_length_are_chosen(compiled: bool, few: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [b"n" * length for length in range(1, 300, 1 if few else 20)]
    text = tree(names, b"seed")
    if not compiled:
        monkeypatch.setattr(available, "can_read_packs", lambda: False)
    for name in names:
        wanted = [name] if few else [name, *(name + bytes((byte,)) for byte in range(1, 20))]
        assert [entry.name for entry in chosen(text, wanted, 20)] == [one for one in names if one in wanted]
