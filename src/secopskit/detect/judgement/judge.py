"""Turns settings into matches: the one place that decides whether a value is a secret.

`secopskit.formats` only parses: it yields `Setting`s. What the key says, whether the value is a
reference, a placeholder, weak or real, and which rule that makes, is decided here. A detector that
knows more of a setting than its key makes a `SecretCandidate` of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect import witness
from secopskit.detect.judgement.candidate import (
    LONGEST,
    SecretCandidate,
    candidates_of,
    in_use,
    shown_key,
    values_inside,
)
from secopskit.detect.judgement.place import SettingPlace, Trust
from secopskit.detect.judgement.verdict import ValueVerdict, is_made_at_start, runs_with, verdict_on
from secopskit.detect.value.filters import (
    PLACEHOLDER,
    KeyKind,
    is_password_hash,
)
from secopskit.detect.value.web_tokens import told
from secopskit.findings import Confidence, Match, Severity
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import LazyRegex
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


WEAK_RULE: Final = "weak-password"
HASH_RULE: Final = "password-hash"


def judge(
    settings: Iterable[Setting], place: SettingPlace, *, unless: Callable[[Setting], bool] | None = None
) -> Iterator[Match]:
    """The matches among `settings`, by what their keys and values say; those left out that `unless` tells."""
    for setting in settings:
        candidates = candidates_of(setting, place.trust)
        if unless and (candidates or witness.present()) and unless(setting):
            continue  # asked of the few that count
        if candidates:
            yield from judge_candidates(candidates, place)
        elif witness.present():
            key, against = shown_key(setting.key), witness.NAME_SAYS_NOTHING
            witness.tell(setting.span, setting.value, place.rule, name=key, against=against)


def judge_candidates(candidates: Iterable[SecretCandidate | None], place: SettingPlace) -> Iterator[Match]:
    """The matches among `candidates`."""
    for candidate in candidates:
        if candidate:
            yield from judge_candidate(candidate, place)


def judge_candidate(candidate: SecretCandidate, place: SettingPlace) -> Iterator[Match]:
    """The matches in one candidate: its value, or the passwords in URLs and connection strings it holds."""
    if not 0 < len(candidate.value) <= LONGEST:
        return
    inner = list(values_inside(candidate))
    if inner:
        for part in inner:
            yield from _judge_value(part, KeyKind.PASSWORD, place)
    elif candidate.kind is not None and candidate.kind is not KeyKind.URL:
        yield from _judge_value(candidate, candidate.kind, place)


def _judge_value(candidate: SecretCandidate, kind: KeyKind, place: SettingPlace) -> Iterator[Match]:
    candidate = in_use(candidate)
    if place.trust is not Trust.TEMPLATE and _is_hash(candidate.value):
        yield from _hash(candidate)
        return
    verdict = verdict_on(candidate, kind, place.trust)
    if verdict.against == PLACEHOLDER and place.weak is None and runs_with(candidate, kind, place.trust):
        verdict = ValueVerdict(weak=True, confidence=Confidence.MEDIUM)
    elif (candidate.rule or place.trust is Trust.DEPLOYED) and is_made_at_start(candidate, kind):
        verdict = ValueVerdict(confidence=Confidence.MEDIUM, severity=Severity.MEDIUM)
    rule = WEAK_RULE if verdict.weak else candidate.rule or place.rule
    witness.tell(
        candidate.span, candidate.value, rule, name=shown_key(candidate.key), against=verdict.against
    )
    if verdict.against:
        return
    human = place.human if verdict.confidence is Confidence.MEDIUM else None
    note, says = candidate.note or f"key {shown_key(candidate.key)}", told(candidate.value)
    yield Match(
        rule_id=rule,
        span=candidate.span,
        secret=SecretValue(candidate.value),
        confidence=verdict.confidence,
        severity=place.weak if verdict.weak else human or verdict.severity or says.severity,
        note=f"{note}, {says.note}" if says.note else note,
    )


_LOGIN: Final = LazyRegex(rb"[\w.@-]{1,64}:(?=[${*\\])")


def _is_hash(value: bytes) -> bool:
    """Whether `value` is the hash of a password, perhaps with its user before it."""
    text = value.strip()
    login = _LOGIN.match(text)
    return is_password_hash(text[login.end() :] if login else text)


def _hash(candidate: SecretCandidate) -> Iterator[Match]:
    note = candidate.note or f"key {shown_key(candidate.key)}"
    witness.tell(candidate.span, candidate.value, HASH_RULE, name=shown_key(candidate.key))
    yield Match(
        rule_id=HASH_RULE,
        span=candidate.span,
        secret=SecretValue(candidate.value),
        severity=Severity.INFO,
        confidence=Confidence.HIGH,
        note=note,
    )
