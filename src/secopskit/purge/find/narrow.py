"""A survey of fewer values, made from one of more: nothing is read again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from secopskit.purge.model import ArchivedHit, PurgeTarget, Survey


def narrowed(survey: Survey, before: Sequence[PurgeTarget], after: Sequence[PurgeTarget]) -> Survey:
    """The survey that a search for the targets `after` would give; `survey` is one for those `before`.

    Each value of `after` must be in `before`, with the same forms. There it may stand everywhere, here
    in some blobs only, not the other way round. `bytes_read` stays what was read.
    """
    by_value = {target.value: target for target in after}
    numbers = {target.number: by_value[target.value] for target in before if target.value in by_value}

    def kept(found: Mapping[str, tuple[int, ...]], *, blobs: bool) -> dict[str, tuple[int, ...]]:
        """The objects in which a target of `after` stands; a confined one in its own blobs alone."""
        left = dict[str, tuple[int, ...]]()
        for oid, old in found.items():
            targets = (numbers[number] for number in old if number in numbers)
            own = {one.number for one in targets if one.blobs is None or (blobs and oid in one.blobs)}
            if own:
                left[oid] = tuple(sorted(own))
        return left

    blobs = kept(survey.blobs, blobs=True)
    return replace(
        survey,
        blobs=blobs,
        archives={
            oid: tuple(_hits(hits, numbers, blobs[oid]))
            for oid, hits in survey.archives.items()
            if oid in blobs
        },
        trees=kept(survey.trees, blobs=False),
        commits=kept(survey.commits, blobs=False),
        tags=kept(survey.tags, blobs=False),
    )


def _hits(
    hits: Iterable[ArchivedHit], numbers: Mapping[int, PurgeTarget], own: Collection[int]
) -> Iterator[ArchivedHit]:
    """The members of an archive in which a target of `own` stands; `numbers` maps their old numbers."""
    for member, old in hits:
        new = {numbers[number].number for number in old if number in numbers}
        if left := tuple(sorted(new.intersection(own))):
            yield ArchivedHit(member, left)
