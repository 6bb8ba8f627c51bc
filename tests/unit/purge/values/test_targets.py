"""What is to be purged: findings chosen, values judged, rotation stated."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from secopskit.errors import UsageError
from secopskit.findings import Confidence, Finding, Location, Severity
from secopskit.purge.model import PurgeTarget, Style
from secopskit.purge.values import rotation, targets
from secopskit.purge.values.targets import Candidate, Replacements
from secopskit.secret import SecretValue
from secopskit.state.rotations import read_rotations, record_rotations
from support.history import opened
from support.repos import Repo
from support.values import alnum, github_token

KEY = bytes(32)


def finding(value: str | None, *, rule: str = "some-rule", path: str = "a.py") -> Finding:
    secret = SecretValue(value.encode()) if value else None
    fingerprint = (secret or SecretValue(path.encode())).fingerprint(KEY)
    return Finding(
        id=fingerprint.text[:12],
        rule_id=rule,
        title="A secret",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        fingerprint=fingerprint,
        preview="",
        locations=(Location(path=path, line=1, end_line=1, column=1, end_column=2, oid="0" * 40),),
        secret=secret,
    )


def made(*candidates: Candidate, replacements: Replacements | None = None) -> tuple[PurgeTarget, ...]:
    return targets.number(
        candidates, replacements or Replacements(), key=KEY, own_blobs=lambda _one: frozenset({"1" * 40})
    )


@pytest.mark.parametrize(
    "word", ["ghp", "admin", "postgres", "changeme", "aaaaaaaaaaaa", "12345678", "password"]
)
def test_short_and_common_values_are_delicate(word: str) -> None:
    assert targets.why_delicate(SecretValue(word.encode()))


def test_others_are_not() -> None:
    for value in ("swordfish7xQ", "Winter2019-rainbow", github_token(), alnum(12)):
        assert not targets.why_delicate(SecretValue(value.encode()))


def test_a_delicate_value_is_a_target_only_where_it_is_confined() -> None:
    one = targets.from_findings([finding("admin")])[0]
    assert made(one) == ()
    (target,) = made(replace(one, confined=True))
    assert target.blobs == frozenset({"1" * 40})
    (other,) = made(*targets.from_findings([finding(alnum(20))]))
    assert other.blobs is None


def test_a_word_in_many_files_is_common_and_a_token_never_is() -> None:
    word, token = SecretValue(b"internal-gateway"), SecretValue(github_token().encode())
    assert targets.why_common(word, 300, 1)
    assert not targets.why_common(word, 300, 200)
    assert not targets.why_common(word, 20, 1)
    assert not targets.why_common(token, 5000, 1)


def test_findings_are_chosen_by_rule_and_by_the_beginning_of_their_id() -> None:
    one, two, three = (
        finding(alnum(20), rule="r1"),
        finding(alnum(20), rule="r2"),
        finding(alnum(20), rule="r2"),
    )
    several = (one, two, three)
    assert targets.choose(several) == several
    assert targets.choose(several, rules=["r2"]) == (two, three)
    assert targets.choose(several, ids=[one.id[:6]]) == (one,)
    assert targets.choose(several, rules=["r1"], ids=[three.id]) == (one, three)
    for rules, ids in ((["r3"], []), ([], ["zzzz"]), ([], [one.id[:2]])):
        with pytest.raises(UsageError):
            targets.choose(several, rules=rules, ids=ids)
    assert targets.choose(several, rules=["r3"], ids=["zzzz"], strict=False) == ()


def test_a_value_counts_once_and_what_a_scan_knows_of_it_wins() -> None:
    value = alnum(20)
    given = targets.from_values([SecretValue(value.encode()), SecretValue(b"another-value-1")], "values.txt")
    found = targets.from_findings([finding(value), finding(None)])
    both = targets.merged((*given, *found))
    assert [one.finding is not None for one in both] == [True, False]
    assert [target.number for target in made(*both)] == [1, 2]
    assert all(value not in repr(target) for target in made(*both))


def test_each_value_may_have_a_replacement_of_its_own() -> None:
    one, two = finding(alnum(20)), finding(alnum(20))
    first, second = made(
        *targets.from_findings([one, two]),
        replacements=Replacements(text=b"GONE", style=Style.RULE, own={two.id: b"<b>"}),
    )
    assert (first.replacement, first.style) == (b"GONE", Style.RULE)
    assert (second.replacement, second.style) == (b"<b>", Style.TEXT)
    with pytest.raises(UsageError, match="7"):
        made(*targets.from_findings([one]), replacements=Replacements(own={"7": b"x"}))


def test_rotation_is_stated_for_all_by_number_or_by_finding() -> None:
    one, two = finding(alnum(20)), finding(alnum(20))
    chosen = made(*targets.from_findings([one, two]))

    def stated(*names: str) -> list[bool]:
        return [target.rotated for target in rotation.with_rotation(chosen, {}, names)]

    assert stated() == [False, False]
    assert stated("all") == [True, True]
    assert stated("2") == [False, True]
    assert stated(one.id[:6]) == [True, False]
    for wrong in ("3", "repo", "zzzz"):
        with pytest.raises(UsageError, match="no value"):
            stated(wrong)


def test_rotation_may_be_on_record(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    repository = opened(repo)
    chosen = made(*targets.from_findings([finding(alnum(20)), finding(alnum(20))]))
    assert read_rotations(repository.state_dir) == {}
    record_rotations(repository.state_dir, [chosen[1].fingerprint], datetime.now(UTC))
    record = read_rotations(repository.state_dir)
    assert [one.rotated for one in rotation.with_rotation(chosen, record, ())] == [False, True]
    refused = rotation.refusal(chosen[:1])
    assert refused.exit_code == 5
    assert "--rotated 1" in refused.advice
