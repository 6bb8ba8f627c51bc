"""The matcher of all values of a purge: tells where they stand in some bytes, and takes them out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from secopskit.detect.engine import Buffer, choose
from secopskit.errors import SecopsError, UsageError
from secopskit.purge.model import PurgeTarget
from secopskit.purge.values.binary import binary_format
from secopskit.purge.values.literals import Cluster, Hit, Search, Sign
from secopskit.purge.values.replacement import ReplacementForm, replacement
from secopskit.purge.values.wellformed import Wellformed
from secopskit.purge.values.wire import targets_from_wire, targets_to_wire

__all__ = ["Hit", "ValueMatcher"]

_MOST_ROUNDS: Final = 8
_MOST_KEPT: Final = 4
_IN_FILES: Final = (
    ReplacementForm.PLAIN,
    ReplacementForm.QUOTED,
    ReplacementForm.WORD,
    ReplacementForm.DIGITS,
)


class ValueMatcher:
    """The values of `targets` in all their forms.

    A target with `blobs` stands in those alone: give the id of the blob that the data is the
    content of; without one, only the targets that apply everywhere are looked for. `engine` is one
    of `detect.engine.ENGINES`. Unless `checked`, raises UsageError for an empty value, or a replacement
    with a value in it.
    """

    def __init__(
        self, targets: Sequence[PurgeTarget], *, engine: str = "auto", checked: bool = False
    ) -> None:
        self.targets = tuple(targets)
        self._engine = choose(engine)
        self._by_number = {target.number: target for target in self.targets}
        self._everywhere = tuple(target for target in self.targets if target.blobs is None)
        self._bound = tuple(target for target in self.targets if target.blobs is not None)
        self._searches: dict[tuple[int, ...], Search] = {(): _search_for(self._engine, self._everywhere)}
        if not checked:
            self._check()

    def __repr__(self) -> str:
        return f"ValueMatcher({len(self.targets)} values)"

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def bound_blobs(self) -> frozenset[str]:
        """The ids of the blobs to which some of the targets are bound."""
        return frozenset[str]().union(*(target.blobs or () for target in self._bound))

    @property
    def longest(self) -> int:
        """The bytes of the longest form of any target."""
        return self._everything.longest

    def contains(self, data: Buffer, oid: str | None = None) -> tuple[int, ...]:
        """The numbers of the targets that stand in `data`, in any form, in order."""
        hits = self._search(oid).hits(data)
        return tuple(sorted({number for hit in hits for number in hit.numbers})) if hits else ()

    def spans(self, data: Buffer, oid: str | None = None) -> list[Hit]:
        """Where something has to be replaced: from left to right, what overlaps is one."""
        return [
            Hit(cluster.start, cluster.end, cluster.numbers, cluster.hits[0].form)
            for cluster in self._search(oid).apart(data)
        ]

    def hits(self, data: Buffer) -> list[Hit]:
        """Every occurrence of every target that applies everywhere, overlapping ones included."""
        return self._search(None).hits(data)

    @property
    def sign_width(self) -> int | None:
        """The most bytes that one of `signs` takes; None if those of a part are not those of the whole."""
        search = self._search(None)
        return search.widest if search.exhaustive else None

    def signs(self, data: Buffer) -> list[Sign]:
        """What `hits` goes by: numbers, and the offsets of their ends, ascending."""
        return self._search(None).signs(data)

    def judged(self, data: Buffer, signs: Iterable[Sign]) -> list[Hit]:
        """The `hits` in `data`, given all of its `signs`."""
        return self._search(None).judged(data, signs)

    def redact(self, data: bytes, *, oid: str | None = None, paths: Iterable[str] = ()) -> bytes:
        """`data` without the targets; `data` itself where none stands in it.

        `paths` are the names the content has: what parses as the format that they promise still
        does afterwards, as far as there is a way. Content that is no text keeps its
        length. Raises SecopsError if a value cannot be taken out.
        """
        search = self._search(oid)
        if binary_format(data):
            return self._certain(data, ReplacementForm.LENGTH, search)
        plain = self._rendered(data, search, ReplacementForm.PLAIN)
        if plain is None:
            raise _stubborn()
        if plain is data:
            return data
        format_ = Wellformed(data, paths)
        for kind in _IN_FILES:
            text = plain if kind is ReplacementForm.PLAIN else self._rendered(data, search, kind)
            if text is not None and format_.still(text):
                return text
        return plain

    def redact_name(self, name: bytes) -> bytes:
        """A path, its last part or the name of a ref without the targets, and still a name."""
        return self._certain(name, ReplacementForm.WORD)

    def redact_text(self, name: str) -> str:
        """As `redact_name`, for a name in the form of `os.fsdecode`."""
        return os.fsdecode(self.redact_name(os.fsencode(name)))

    def redact_identity(self, text: bytes) -> bytes:
        """The name or the e-mail address of an author or committer without the targets."""
        return self._certain(text, ReplacementForm.IDENTITY)

    def to_wire(self) -> bytes:
        """The values, to cross a private pipe to a process of ours."""
        return targets_to_wire(self.targets)

    @classmethod
    def from_wire(cls, text: bytes, *, engine: str = "auto") -> ValueMatcher:
        """The other end of `to_wire`."""
        return cls(targets_from_wire(text), engine=engine, checked=True)

    def _search(self, oid: str | None) -> Search:
        if oid is None or not self._bound:
            return self._searches[()]
        own = tuple(target for target in self._bound if target.blobs and oid in target.blobs)
        numbers = tuple(target.number for target in own)
        if numbers not in self._searches:
            self._searches[numbers] = _search_for(self._engine, (*self._everywhere, *own))
        return self._searches[numbers]

    def _certain(self, text: bytes, kind: ReplacementForm, search: Search | None = None) -> bytes:
        redacted = self._rendered(text, search or self._search(None), kind)
        if redacted is None:
            raise _stubborn()
        return redacted

    def _rendered(self, data: bytes, search: Search, kind: ReplacementForm) -> bytes | None:
        """`data` redacted; None if what takes a value's place makes up a value with what is around it."""
        for _ in range(_MOST_ROUNDS):
            clusters = search.apart(data)
            if not clusters:
                return data
            parts, end = list[bytes](), 0
            for cluster in clusters:
                parts += (data[end : cluster.start], self._replaced(cluster, data, search, kind))
                end = cluster.end
            data = b"".join((*parts, data[end:]))
        return None

    def _replaced(self, cluster: Cluster, data: bytes, search: Search, kind: ReplacementForm) -> bytes:
        """What takes the place of a cluster: its first hit's replacement, of others as much as must be."""
        text, end = b"", cluster.start
        for hit in cluster.hits:
            form = search.form_of(hit, data)
            own = replacement(self._by_number[form.number], form, kind)
            if hit is cluster.hits[0]:
                text = own
            elif len(own) == hit.end - hit.start:  # it must keep its length
                text += own[end - hit.start :]
            end = hit.end
        return text

    @property
    def _everything(self) -> Search:
        """The search for all targets, bound or not."""
        return _search_for(self._engine, self.targets) if self._bound else self._searches[()]

    def _check(self) -> None:
        if any(not len(target.value) for target in self.targets):
            raise UsageError("an empty value cannot be removed", advice="Leave it out of the list.")
        everything = self._everything
        texts = {
            replacement(self._by_number[form.number], form, kind)
            for form in everything.forms
            for kind in (ReplacementForm.PLAIN, ReplacementForm.WORD, ReplacementForm.IDENTITY)
        }
        for text in texts:
            for hit in everything.hits(text):
                raise UsageError(
                    f"the replacement text contains value {hit.numbers[0]} that is to be removed",
                    advice="Choose another text with --replacement.",
                )


def _search_for(engine: str, targets: Iterable[PurgeTarget]) -> Search:
    """The search for what `targets` are written as, which is all that it depends on."""
    return _kept_search(
        engine,
        tuple(
            PurgeTarget(
                number=one.number, value=one.value, extra_forms=one.extra_forms, label="", fingerprint=""
            )
            for one in targets
        ),
    )


@lru_cache(maxsize=_MOST_KEPT)
def _kept_search(engine: str, targets: tuple[PurgeTarget, ...]) -> Search:
    """It takes time to make, and every step of a purge wants the same."""
    return Search(engine, targets)


def _stubborn() -> SecopsError:
    return SecopsError(
        "a value cannot be taken out: its replacement makes it up again with the text around it",
        advice="Choose another text with --replacement.",
    )
