"""Repositories whose objects lie in packs of every form, and what a reader of packs makes of them."""

from __future__ import annotations

import hashlib
import random
import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from secopskit.git.packs.portions import share
from secopskit.git.packs.reader import PackReader
from secopskit.git.packs.sources import ObjectSources
from secopskit.git.packs.walk import ReadObject
from support.repos import Repo

KINDS = ("blob", "commit", "tag", "tree")
NEEDLE = b"needle-in-a-haystack"
UNLIMITED = 1 << 40


def history(versions: int, seed: int) -> bytes:
    """A stream for `git fast-import`: files that grow, shrink and are shuffled, and a binary one."""
    chance = random.Random(seed)
    lines = [b"line %d of %d\n" % (n, chance.randrange(10**9)) for n in range(150)]
    parts = list[bytes]()
    for turn in range(versions):
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(lines))
            kind = chance.randrange(4)
            if kind == 0:
                lines[at:at] = [b"new %d\n" % chance.randrange(10**9)]
            elif kind == 1 and len(lines) > 50:
                del lines[at : at + 3]
            elif kind == 2:
                lines[at] = NEEDLE + b" %d\n" % turn
            else:
                lines.append(lines.pop(at))
        binary = b"\0\1" + chance.randbytes(60) * 20
        parts.append(b"commit refs/heads/main\ncommitter A <a@b> %d +0000\n" % (turn + 1))
        parts.append(_data(b"change %d, %s" % (turn, NEEDLE if turn % 7 == 0 else b"")))
        for name, content in ((b"a/text", b"".join(lines)), (b"binary", binary), (b"same", b"same\n")):
            parts.append(b"M 100644 inline %s\n" % name + _data(content))
    parts.append(b"tag v1\nfrom refs/heads/main\ntagger A <a@b> 9 +0000\n" + _data(b"a tag"))
    return b"".join(parts)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def with_history(path: Path, *options: str, versions: int = 60, seed: int = 1) -> Repo:
    """A bare repository with such a history."""
    repo = Repo.create(path, "--bare", *options)
    repo.git("-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", stdin=history(versions, seed))
    return repo


def everything(repo: Repo) -> dict[str, str]:
    """The kinds of all objects by their ids, as git tells them."""
    told = repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
    return dict(line.split(" ") for line in told.splitlines())


def opened(repo: Repo, *others: Repo, algorithm: str = "sha1") -> ObjectSources:
    """The sources of a bare repository, and of those that it borrows from."""
    return ObjectSources.open([str(one.path / "objects") for one in (repo, *others)], algorithm)


def reader(sources: ObjectSources, *, margin: int | None = len(NEEDLE) - 1) -> PackReader:
    """A reader for searches for the needle, without a limit."""
    return PackReader(sources, limit=UNLIMITED, margin=margin)


def search(data: bytes | memoryview) -> list[tuple[int, int]]:
    """The hits of the needle."""
    raw, found, at = bytes(data), list[tuple[int, int]](), -1
    while (at := raw.find(NEEDLE, at + 1)) >= 0:
        found.append((0, at + len(NEEDLE)))
    return found


Found = list[tuple[ReadObject, list[tuple[int, int]]]]


def read_all(
    reading: PackReader, sources: ObjectSources, kinds: Iterable[str] = KINDS, *, jobs: int = 2
) -> tuple[list[ReadObject], Found]:
    """All objects, and those in which the needle stands with its hits."""
    objects, found = list[ReadObject](), Found()
    for portion in share(sources, tuple(kinds), jobs):
        for chunk in reading.chunks(portion):
            objects += chunk.objects
            found += [(one.read, one.hits()) for one in chunk.settle(search(chunk.data))]
    return objects, found


def hashes_to(read: ReadObject, algorithm: str) -> str:
    """The id that an object's content stands for."""
    digest: Callable[[bytes], hashlib._Hash] = hashlib.sha1 if algorithm == "sha1" else hashlib.sha256
    return digest(b"%s %d\0" % (read.kind.encode(), len(read.content)) + read.content).hexdigest()


def crafted(repo: Repo, entries: Iterable[tuple[str, bytes]], width: int = 20) -> Path:
    """A pack of these entries (id in hexadecimal, raw entry) with an index that fits; its path."""
    body, places = bytearray(b"PACK" + struct.pack(">I", 2) + bytes(4)), dict[bytes, tuple[int, int]]()
    for oid, raw in entries:
        places[bytes.fromhex(oid)] = (len(body), zlib.crc32(raw))
        body += raw
    body[8:12] = struct.pack(">I", len(places))
    body += hashlib.sha1(body).digest()
    path = repo.path / "objects/pack/pack-crafted.pack"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body)
    ids = sorted(places)
    fanout = [sum(oid[0] <= first for oid in ids) for first in range(256)]
    index = b"\xfftOc" + struct.pack(">I256I", 2, *fanout) + b"".join(ids)
    index += b"".join(struct.pack(">I", places[oid][1]) for oid in ids)
    index += b"".join(struct.pack(">I", places[oid][0]) for oid in ids)
    path.with_suffix(".idx").write_bytes(signed(index + body[-width:]))
    return path


def signed(index: bytes) -> bytes:
    """An index with its checksum at the end."""
    return index + hashlib.sha1(index).digest()


def entry(kind: int, size: int, content: bytes, base: bytes = b"") -> bytes:
    """An entry of a pack: its header tells `size`, whatever its content; `base` is what a delta names."""
    first, rest = size & 15 | kind << 4, size >> 4
    head = bytearray()
    while rest:
        head.append(first | 0x80)
        first, rest = rest & 0x7F, rest >> 7
    head.append(first)
    return bytes(head) + base + zlib.compress(content, 1)
