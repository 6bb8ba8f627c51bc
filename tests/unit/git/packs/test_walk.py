"""What is read of a pack by its tables: these must fit each other, and nothing beyond them is read."""

from __future__ import annotations

import zlib
from array import array
from typing import Any

import pytest

from secopskit.git.packs.compiled import Regions
from secopskit.git.packs.packfile import KINDS
from secopskit.git.packs.portions import FamilyStart
from secopskit.git.packs.unread import Doubtful, LargeObject
from secopskit.git.packs.walk import FamilyWalk, PackTables, ReadChunk

CONTENT = b"a blob"
PACKED = b"\x36" + zlib.compress(CONTENT)
OID = "ab" * 20


def tables(**changed: Any) -> PackTables:
    """Those of one blob, which stands at the beginning; and what is `changed` of them."""
    usual: dict[str, Any] = {
        "ids": bytes.fromhex(OID),
        "offsets": array("q", (0, len(PACKED))),
        "sums": array("I", (zlib.crc32(PACKED),)),
        "numbers": array("i", (0,)),
        "kinds": bytes((KINDS.index("blob"),)),
        "heads": b"\1",
        "sizes": array("q", (len(CONTENT),)),
        "bases": array("i", (-1,)),
        "first": array("i", (0, 0)),
        "kids": array("i", (0,)),
        "used": b"\1",
        "unwanted": b"",
    }
    return PackTables(memoryview(PACKED), 20, KINDS, **{**usual, **changed})


def read(given: PackTables) -> tuple[list[tuple[str, bytes]], list[Doubtful]]:
    regions = Regions(3)
    walk, chunk = FamilyWalk(regions, 100), ReadChunk(regions, lambda *_: True, 100, whole=False)
    walk.begin(given, FamilyStart(0))
    assert walk.fill(chunk)
    return [(one.oid, one.content) for one in chunk.objects], walk.doubtful


def test_an_object_is_read() -> None:
    assert read(tables()) == ([(OID, CONTENT)], [])


@pytest.mark.parametrize(
    "changed",
    [
        {"offsets": array("q", (0, 1 << 40))},
        {"offsets": array("q", (-9, 0))},
        {"offsets": array("q", (5, 3))},
        {"offsets": array("q", (0, 4))},
        {"sums": array("I", (7,))},
        {"heads": b"\xff"},
        {"heads": b"\0"},
        {"sizes": array("q", (1,))},
        {"sizes": array("q", (7,))},
    ],
    ids=str,
)
def test_what_cannot_be_there_is_doubtful(changed: dict[str, Any]) -> None:
    objects, doubtful = read(tables(**changed))
    assert (objects, [doubt.oid for doubt in doubtful]) == ([], [OID])


def test_what_says_that_it_is_large_is_told_of_and_not_inflated() -> None:
    regions = Regions(3)
    walk, chunk = FamilyWalk(regions, 100), ReadChunk(regions, lambda *_: True, 100, whole=False)
    walk.begin(tables(sizes=array("q", (1 << 40,))), FamilyStart(0))
    assert walk.fill(chunk)
    assert (chunk.objects, walk.large) == ([], [LargeObject(OID, "blob", 1 << 40)])


@pytest.mark.parametrize(
    "changed",
    [
        {"ids": b""},
        {"offsets": array("q", (0,))},
        {"kinds": b""},
        {"kinds": b"\7"},
        {"numbers": array("i", (1,))},
        {"numbers": array("i", (-1,))},
        {"bases": array("i", (1,))},
        {"kids": array("i", (1,))},
        {"first": array("i", (0, 2))},
        {"first": array("i", (-1, 0))},
        {"unwanted": b"\0\0"},
    ],
    ids=str,
)
def test_tables_that_do_not_fit(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"different lengths|beyond the end"):
        tables(**changed)


def test_there_is_no_place_beyond_the_end() -> None:
    given, walk = tables(), FamilyWalk(Regions(3), 100)
    for place in (-1, 1):
        with pytest.raises(IndexError):
            given.oid(place)
        with pytest.raises(IndexError):
            given.is_wanted(place)
        with pytest.raises(IndexError):
            given.heirs(place)
        with pytest.raises(IndexError):
            walk.begin(given, FamilyStart(place))
        with pytest.raises(IndexError):
            walk.begin(given, FamilyStart(0, heirs=(place,)))
