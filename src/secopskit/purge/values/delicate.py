"""Delicate values: too short or too common to be replaced wherever they stand.

Each is confined to the files where a scan found it, if the user agrees, or left out of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from secopskit.conduct.consent import Respondent
from secopskit.purge.values.targets import Candidate
from secopskit.report.text import listed
from secopskit.secret import SecretValue

_MOST_QUESTIONS: Final = 10
_FEW: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledCandidates:
    """The candidates that stay, delicate ones confined, and those that are left out."""

    kept: tuple[Candidate, ...]
    left_out: tuple[Candidate, ...]


def settle(
    candidates: Iterable[Candidate], *, places_only: bool, respondent: Respondent
) -> SettledCandidates:
    """Confine the delicate candidates or leave them out.

    Those that no scan found have no place to be confined to. With `places_only`, all others are
    confined; without it, the respondent is asked about the first few, if present.
    """
    kept, left_out, asked = list[Candidate](), list[Candidate](), 0
    for one in candidates:
        if not one.delicate or one.confined:
            kept.append(one)
            continue
        agreed = places_only
        if one.paths and not agreed and asked < _MOST_QUESTIONS and respondent.present:
            asked += 1
            agreed = respondent.agrees(_question(one))
        if agreed and one.paths:
            kept.append(replace(one, confined=True))
        else:
            left_out.append(one)
    return SettledCandidates(kept=tuple(kept), left_out=tuple(left_out))


def settle_common(
    settled: SettledCandidates,
    common: Mapping[SecretValue, str],
    *,
    places_only: bool,
    respondent: Respondent,
) -> SettledCandidates:
    """Settle the kept candidates again: the values in `common` turned out to be too common, and why."""
    marked = (replace(one, common=common.get(one.value, "")) for one in settled.kept)
    again = settle(marked, places_only=places_only, respondent=respondent)
    return replace(again, left_out=settled.left_out + again.left_out)


def why_left_out(candidate: Candidate) -> str:
    """Why a delicate value is not part of the plan, and what can be done about it."""
    way = (
        "--places-only replaces it in the files where the scan found it"
        if candidate.paths
        else "no scan found it, so there is no place to confine it to: remove whole files with --path"
    )
    where = f" ({listed(candidate.paths, _FEW)})" if candidate.paths else ""
    return f"{candidate.label}{where}: it is {candidate.delicate} to be replaced wherever it stands; {way}."


def _question(candidate: Candidate) -> str:
    return (
        f"{candidate.label}: it is {candidate.delicate} to be replaced wherever it stands.\n"
        f"Replace it in {listed(candidate.paths, _FEW)}, where it was found, and nowhere else?"
    )
