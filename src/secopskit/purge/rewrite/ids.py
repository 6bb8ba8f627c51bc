"""Old ids of commits in messages and notes, put right as soon as the new ones are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from secopskit.purge.find.naming import SHORTEST, CommitIds, id_words
from secopskit.purge.model import Extent
from secopskit.report.text import count

TextChange = Callable[[bytes], bytes]


class IdRenamer:
    """Puts new ids in the place of old ones; `told` says what was done.

    Words that look like an id and are none can stand in a circle: what is not known in time is left.
    """

    def __init__(self, extent: Extent) -> None:
        self._names: Mapping[str, tuple[str, ...]] = {} if extent.keep_ids else extent.names
        self._kept = len(extent.names) if extent.keep_ids else 0
        changing = set(extent.commits)
        self._staying = CommitIds(oid for oid in extent.all_commits if oid not in changing)
        self._new: dict[str, str] = {}
        self._by_prefix: dict[str, list[str]] = {}
        self._late: list[str] = []
        self._texts = self._replaced = 0

    def learn(self, old: str, new: str) -> None:
        """A commit has become another one."""
        self._new[old] = new
        self._by_prefix.setdefault(new[:SHORTEST], []).append(new)

    def change_for(self, oid: str) -> TextChange | None:
        """What changes the message or note that stands in `oid`; None where no id in it has to change."""
        named = self._names.get(oid, ())
        if not any(name in self._new for name in named):
            self._late += named
            return None
        return lambda text: self._changed(text, named)

    @property
    def told(self) -> str:
        """What was done, in a sentence; empty where nothing was to be done."""
        if self._kept:
            return f"old ids of commits stay in {count(self._kept, 'message or note', 'messages and notes')}"
        done = f"old ids in messages and notes: {self._replaced:,} in {count(self._texts, 'text')} put right"
        left = sum(name in self._new for name in self._late)
        if not left:
            return done if self._replaced else ""
        return f"{done}, {left:,} left: the new ids were not known in time"

    def _changed(self, text: bytes, named: tuple[str, ...]) -> bytes:
        parts, end = list[bytes](), 0
        for word in id_words(text):
            old = word[0].decode("ascii")
            meant = next((name for name in named if name.startswith(old)), "")
            if not meant:
                continue
            if meant not in self._new:
                self._late.append(meant)
                continue
            parts += (text[end : word.start()], self._short(self._new[meant], len(old)).encode())
            end = word.end()
            self._replaced += 1
        self._texts += bool(parts)
        return b"".join((*parts, text[end:]))

    def _short(self, new: str, length: int) -> str:
        """The beginning of a new id: as long as the old one was, or as it must be to mean no other."""
        alike = [one for one in self._by_prefix.get(new[:SHORTEST], ()) if one != new]
        for size in range(length, len(new)):
            word = new[:size]
            if not any(one.startswith(word) for one in alike) and not self._staying.any(word):
                return word
        return new
