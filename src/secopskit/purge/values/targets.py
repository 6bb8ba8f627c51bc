"""The targets of a plan, made from what the user names: findings, values, replacements.

A value so short or so common that replacing it wherever it stands would wreck the history is
*delicate*: it is replaced in the files where a scan found it, if the user agrees, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from secopskit.detect.chance.randomness import looks_random
from secopskit.detect.value.passwords import is_weak_password
from secopskit.errors import UsageError
from secopskit.findings import Finding
from secopskit.formats.archives.member_paths import outer_paths
from secopskit.purge.model import DEFAULT_REPLACEMENT, PurgeTarget, Style
from secopskit.secret import SecretValue

MIN_LENGTH: Final = 8
_FEW_SIGNS: Final = 5
_LONG_ENOUGH: Final = 10  # from here on a word with digits behind is no word of the language any more
_MANY_FILES: Final = 50
_SHORTEST_ID: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A value that somebody wants gone. `finding` tells where a scan found it, if one did.

    `common` says that it stands in so many files that it must be an ordinary word. `confined` tells
    that the user agreed to have it replaced in the files of the finding only.
    """

    value: SecretValue
    label: str
    finding: Finding | None = None
    extra_forms: tuple[SecretValue, ...] = ()
    common: str = ""
    confined: bool = False

    @property
    def delicate(self) -> str:
        """Why the value cannot be replaced wherever it stands; empty where it can."""
        return why_delicate(self.value) or self.common

    @property
    def paths(self) -> tuple[str, ...]:
        """The files in which a scan found it, whatever their version; with a member, its archive."""
        found = [place.path for place in (self.finding.locations if self.finding else ())]
        files = (file for path in found if not path.startswith("<") for file in (path, *outer_paths(path)))
        return tuple(dict.fromkeys(files))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacements:
    """The replacements of the values: `text` in this `style`, but for those `own` has a text for.

    `own` goes by the number of the value or the id of its finding.
    """

    text: bytes = DEFAULT_REPLACEMENT
    style: Style = Style.TEXT
    own: Mapping[str, bytes] | None = None


def why_delicate(value: SecretValue) -> str:
    """Why this value cannot be replaced wherever it stands, in words that fit `it is … to be replaced`."""
    raw = value.reveal().strip()
    if len(raw) < MIN_LENGTH:
        return "too short"
    if len(set(raw)) < _FEW_SIGNS:
        return "made of too few signs"
    wordy = not any(chr(sign).isdigit() for sign in raw) or raw.isdigit() or len(raw) < _LONG_ENOUGH
    return "too common a word" if wordy and is_weak_password(raw) else ""


def why_common(value: SecretValue, files: int, found: int) -> str:
    """Why a value that stands in so many files, in `found` of them for a scan, must be a word; or nothing."""
    if files <= max(_MANY_FILES, 2 * found) or looks_random(value.reveal()):
        return ""
    return f"in too many files ({files:,})"


def choose(
    findings: Iterable[Finding], *, rules: Sequence[str] = (), ids: Sequence[str] = (), strict: bool = True
) -> tuple[Finding, ...]:
    """The findings of these rules, and those whose id begins so; all where neither is given.

    If `strict`, raises UsageError for a rule or an id that no finding has, or an id that several have.
    """
    findings = tuple(findings)
    if not strict and (rules or ids):
        return tuple(f for f in findings if f.rule_id in rules or f.id.startswith(tuple(ids)))
    chosen = {_by_id(findings, one).id for one in ids}
    for rule in rules:
        of_rule = {finding.id for finding in findings if finding.rule_id == rule}
        if not of_rule:
            raise UsageError(f"no finding of rule {rule}", advice=_known(f.rule_id for f in findings))
        chosen |= of_rule
    return tuple(f for f in findings if f.id in chosen) if rules or ids else findings


def _by_id(findings: tuple[Finding, ...], start: str) -> Finding:
    found = [finding for finding in findings if finding.id.startswith(start) and len(start) >= _SHORTEST_ID]
    if len(found) != 1:
        problem = "several findings begin so" if found else "no finding has this id"
        raise UsageError(f"{start}: {problem}", advice=_known(finding.id for finding in findings))
    return found[0]


def _known(names: Iterable[str]) -> str:
    several = list(dict.fromkeys(names))
    shown = ", ".join(several[:12]) + (", …" if len(several) > 12 else "")
    return f"There are: {shown}." if several else "The scan found nothing."


def from_findings(
    findings: Iterable[Finding], forms: Mapping[str, tuple[SecretValue, ...]] | None = None
) -> tuple[Candidate, ...]:
    """Candidates for the findings that have a value. `forms` by finding id: see `spelling.spellings`."""
    return tuple(
        Candidate(
            value=finding.secret,
            label=f"{finding.title}, finding {finding.id}",
            finding=finding,
            extra_forms=(forms or {}).get(finding.id, ()),
        )
        for finding in findings
        if finding.secret
    )


def from_values(values: Iterable[SecretValue], source: str) -> tuple[Candidate, ...]:
    """Candidates for values that the user gave, `source` says how."""
    return tuple(
        Candidate(value=value, label=f"value {number} of {source}") for number, value in enumerate(values, 1)
    )


def merged(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Each value once; what a scan knows of it wins over what was given by hand."""
    known: dict[SecretValue, Candidate] = {}
    for candidate in candidates:
        before = known.get(candidate.value)
        if before is None or (candidate.finding and not before.finding):
            known[candidate.value] = candidate
    return tuple(known.values())


def number(
    candidates: Iterable[Candidate],
    replacements: Replacements,
    *,
    key: bytes,
    own_blobs: Callable[[Candidate], frozenset[str]],
) -> tuple[PurgeTarget, ...]:
    """The targets, numbered. Delicate candidates are among them only where they are confined.

    `key` is the repository's fingerprint key. `own_blobs` gives the blobs in which a
    confined value is replaced. Raises UsageError where a replacement is for no value.
    """
    kept = [one for one in candidates if one.confined or not one.delicate]
    targets = []
    for index, one in enumerate(kept, 1):
        target = _target(index, one, key)
        if one.confined:
            target = replace(target, blobs=own_blobs(one))
        targets.append(_with_replacement(target, replacements))
    names = {name for target in targets for name in (str(target.number), target.finding_id)}
    if unknown := [name for name in replacements.own or () if name not in names]:
        raise UsageError(
            f"{unknown[0]}: no value of the plan has this number or finding id",
            advice="The plan (without --apply) lists both.",
        )
    return tuple(targets)


def _target(index: int, candidate: Candidate, key: bytes) -> PurgeTarget:
    finding = candidate.finding
    return PurgeTarget(
        number=index,
        value=candidate.value,
        label=candidate.label,
        fingerprint=candidate.value.fingerprint(key).text,
        preview=candidate.value.preview(),
        rule_id=finding.rule_id if finding else "",
        finding_id=finding.id if finding else "",
        remediation=finding.remediation if finding else "",
        extra_forms=candidate.extra_forms,
    )


def _with_replacement(target: PurgeTarget, replacements: Replacements) -> PurgeTarget:
    own = replacements.own or {}
    text = own.get(target.finding_id) or own.get(str(target.number))
    if text is not None:
        return replace(target, replacement=text, style=Style.TEXT)
    return replace(target, replacement=replacements.text, style=replacements.style)
