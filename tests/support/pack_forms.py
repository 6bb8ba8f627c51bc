"""The forms in which a repository may have its objects."""

from __future__ import annotations

from support.repos import Repo


def as_deep_chains(repo: Repo) -> None:
    repo.git("repack", "-adfq", "--depth=250", "--window=250")


def as_whole_objects(repo: Repo) -> None:
    repo.git("repack", "-adfq", "--depth=0")


def with_deltas_by_id(repo: Repo) -> None:
    repo.git("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=250")


def with_far_offsets(repo: Repo) -> None:
    as_deep_chains(repo)
    (index,) = (repo.path / "objects/pack").glob("*.idx")
    index.unlink()
    repo.git("index-pack", "--index-version=2,0x1000", str(index.with_suffix(".pack")))


def as_loose_objects(repo: Repo) -> None:
    (pack,) = (repo.path / "objects/pack").glob("*.pack")
    aside = repo.path / "aside.pack"
    pack.rename(aside)
    pack.with_suffix(".idx").unlink()
    repo.git("unpack-objects", "-q", stdin=aside.read_bytes())


def as_several_packs(repo: Repo) -> None:
    """One of the older half, one of everything, and some objects loose as well."""
    older = repo.git("rev-list", "--objects", "main~30")
    repo.git("pack-objects", "-q", str(repo.path / "objects/pack/pack"), stdin=older.encode())
    newer = repo.git("rev-list", "--objects", "main~40..main")
    repo.git("pack-objects", "-q", str(repo.path / "objects/pack/pack"), stdin=newer.encode())
    repo.git("hash-object", "-w", "--stdin", stdin=b"same\n")
    repo.git("hash-object", "-w", "--stdin", stdin=b"not in any pack\n")


FORMS = [
    as_deep_chains,
    as_whole_objects,
    with_deltas_by_id,
    with_far_offsets,
    as_loose_objects,
    as_several_packs,
]
