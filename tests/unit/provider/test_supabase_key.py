"""Supabase's secret keys: no value lost, never both dead, whatever the management API does in between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.provider.interface import Provider, RotationPhase, VerificationError
from secopskit.provider.vendor.talk import VendorRefusalError
from support.origins import Somebody
from support.vendors.rotation import Bench, begin, no_secret_in, value
from support.vendors.server import Fault, Reply, serving
from support.vendors.supabase import Supabase, SupabaseKeyEntry, jwt


@pytest.fixture
def vendor() -> Iterator[Supabase]:
    supabase = Supabase()
    with serving(supabase):
        yield supabase
    assert not supabase.violations


def bench(vendor: Supabase, **more: Any) -> Bench:
    return Bench(variables={"SUPABASE_ACCESS_TOKEN": vendor.token}, **more)


def build(vendor: Supabase, at: Bench | None = None, *, old: str | None = "", **settings: str) -> Provider:
    declared = {"project": vendor.ref, "api_url": vendor.url, "project_url": vendor.url} | settings
    return (at or bench(vendor)).provider(
        "supabase", declared, old=vendor.old.value if old == "" else old, rule="supabase-secret-key"
    )


def test_a_new_key_lives_beside_the_old_one_until_that_is_deleted(vendor: Supabase) -> None:
    old, vendor.lag = vendor.old, 3
    provider = build(vendor)
    draft, new = begin(provider)
    text = new.value.reveal().decode()
    assert provider.phase is RotationPhase.DUAL
    assert {old.value, text} <= vendor.living()
    assert "accepted" in provider.verify(new)
    assert old.value in vendor.living()
    assert provider.rewrite(value(old.value), new) == new.value
    assert provider.rewrite(value("another"), new) is None
    assert not provider.in_use(new)
    said = provider.revoke(new)
    assert "deleted" in said
    assert "refused" in said
    assert text in vendor.living()
    assert old.value not in vendor.living()
    [(gone, query)] = vendor.deleted
    assert gone == old.value
    assert query["was_compromised"] == "true"
    assert "supabase-secret-key" in query["reason"]
    assert no_secret_in({**draft.memo, **new.memo}, old.value, text)
    assert provider.dies() == (value(old.value),)


def test_every_step_may_be_done_twice(vendor: Supabase) -> None:
    old, provider = vendor.old.value, build(vendor)
    draft = provider.prepare()
    lost, new = provider.create(draft), provider.create(draft)
    assert lost.value != new.value
    assert lost.value.reveal().decode() not in vendor.living()
    assert len(vendor.keys) == 2
    again = build(vendor)  # as after a crash: all that is left is the journal
    for _ in range(2):
        again.verify(new)
        assert old in vendor.living()
    first, second = again.revoke(new), build(vendor, old=old).revoke(new)
    assert "refused" in first
    assert "refused" in second
    assert [key.value for key in vendor.keys] == [new.value.reveal().decode()]


_FAULTS = {
    "cut before": Fault("POST", "api-keys", where="before"),
    "cut after": Fault("POST", "api-keys", where="after"),
    "500 after nothing": Fault("POST", "api-keys", Reply(500)),
    "429 without Retry-After": Fault("POST", "api-keys", Reply(429, {"message": "Too many"}), times=3),
    "list 503": Fault("GET", "api-keys", Reply(503), times=2),
    "delete cut after": Fault("DELETE", "api-keys", where="after"),
    "delete 502": Fault("DELETE", "api-keys", Reply(502)),
    "use cut": Fault("GET", "rest", where="after", times=2),
    "use 500": Fault("GET", "rest", Reply(500), times=3),
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_fault_that_passes_changes_nothing_of_the_outcome(vendor: Supabase, fault: str) -> None:
    from dataclasses import replace

    vendor.faults = [replace(_FAULTS[fault])]
    old, provider = vendor.old.value, build(vendor)
    _, new = begin(provider)
    provider.verify(new)
    provider.revoke(new)
    assert [key.value for key in vendor.keys] == [new.value.reveal().decode()]
    assert old not in vendor.living()
    assert vendor.faults[0].times == 0


_REFUSALS = {401: {"message": "Unauthorized"}, 403: {"message": "no"}, 404: {}, 409: {}, 422: {}}


@pytest.mark.parametrize("status", _REFUSALS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refusal_leaves_the_old_key_alone(vendor: Supabase, status: int, method: str) -> None:
    vendor.faults = [Fault(method, "api-keys", Reply(status, _REFUSALS[status]))]
    old, provider = vendor.old, build(vendor)
    with pytest.raises(VendorRefusalError) as caught:
        begin(provider)
    assert caught.value.status == status
    assert vendor.keys == [old]


def test_a_key_that_cannot_be_deleted_is_said_and_both_live(vendor: Supabase) -> None:
    old, provider = vendor.old, build(vendor)
    _, new = begin(provider)
    vendor.lacking = ["api_gateway_keys_write"]
    with pytest.raises(VendorRefusalError) as caught:
        provider.revoke(new)
    assert "api_gateway_keys_write" in caught.value.advice
    assert old in vendor.keys
    vendor.lacking = []
    provider.revoke(new)
    assert old not in vendor.keys


def test_the_old_key_stays_while_the_new_one_is_refused(vendor: Supabase) -> None:
    old, provider = vendor.old, build(vendor, patience="10s")
    _, new = begin(provider)
    vendor.keys.pop()
    for step in (provider.verify, provider.revoke):
        with pytest.raises(VerificationError):
            step(new)
    assert vendor.keys == [old]


def test_a_key_whose_value_is_not_shown_is_deleted_again(vendor: Supabase) -> None:
    provider, old = build(vendor), vendor.old
    draft = provider.prepare()
    vendor.reveals = False
    with pytest.raises(SecopsError, match="does not show"):
        provider.create(draft)
    assert vendor.keys == [old]


def test_what_is_not_shown_is_known_by_how_it_begins(vendor: Supabase) -> None:
    vendor.reveals = False
    vendor.keys.append(SupabaseKeyEntry("other", "secret", vendor.new_value()))
    assert build(vendor).prepare().memo["old"] == vendor.old.id


def test_rolling_back_deletes_the_new_key_only(vendor: Supabase) -> None:
    old, provider = vendor.old, build(vendor)
    draft, new = begin(provider)
    assert "deleted" in provider.rollback(draft, new)
    assert vendor.keys == [old]
    assert "no new key" in provider.rollback(draft, None)
    _, new = begin(provider)
    provider.revoke(new)
    with pytest.raises(RefusedError):
        provider.rollback(draft, new)
    assert [key.value for key in vendor.keys] == [new.value.reveal().decode()]


def test_an_old_key_that_is_nowhere_must_be_dead(vendor: Supabase) -> None:
    dead = vendor.new_value()
    provider = build(vendor, old=dead)
    _, new = begin(provider)
    assert "dead before" in provider.revoke(new)
    assert len(vendor.keys) == 2
    vendor.faults = [Fault("GET", "rest", Reply(200, {}))]  # it works, so the project is another one
    with pytest.raises(RefusedError, match="does not list"):
        provider.prepare()


def test_without_the_old_value_its_name_must_be_said(vendor: Supabase) -> None:
    with pytest.raises(ConfigError, match="no key has the name"):
        build(vendor, old=None).prepare()
    provider, old = build(vendor, old=None, key_name="default"), vendor.old
    _, new = begin(provider)
    assert "not tried" in provider.revoke(new)
    assert old not in vendor.keys


@pytest.mark.parametrize("anon", ["", "true"])
def test_the_legacy_keys_go_when_somebody_answers_for_the_anon_key(vendor: Supabase, anon: str) -> None:
    somebody = Somebody(agreeing=True)
    at = bench(vendor, respondent=somebody)
    provider = build(vendor, at, old=vendor.service_role, **({"anon_moved": anon} if anon else {}))
    draft, new = begin(provider)
    assert any("anon" in cost for cost in provider.outline().costs)
    provider.verify(new)
    assert "disabled" in provider.revoke(new)
    assert bool(somebody.asked) is not bool(anon)
    assert vendor.service_role not in vendor.living()
    assert "disabled" in provider.revoke(new)
    assert "deleted" in provider.rollback(draft, new)
    assert vendor.service_role in vendor.living()
    assert new.value.reveal().decode() not in vendor.living()


def test_nobody_answers_for_the_anon_key(vendor: Supabase) -> None:
    for at in (bench(vendor), bench(vendor, respondent=Somebody())):
        provider = build(vendor, at, old=vendor.service_role)
        _, new = begin(provider)
        with pytest.raises(RefusedError, match="anon"):
            provider.revoke(new)
        assert vendor.legacy


def test_where_legacy_keys_cannot_be_disabled_the_way_by_hand_is_told(vendor: Supabase) -> None:
    vendor.legacy = None
    provider = build(vendor, old=vendor.service_role, anon_moved="true")
    _, new = begin(provider)
    with pytest.raises(RefusedError) as caught:
        provider.revoke(new)
    assert "dashboard" in caught.value.advice


def test_a_public_key_and_one_of_another_project_are_refused(vendor: Supabase) -> None:
    for public in (vendor.anon, "sb_publishable_" + "a" * 20):
        with pytest.raises(RefusedError, match="public by design"):
            build(vendor, old=public).prepare()
    with pytest.raises(ConfigError, match="another project"):
        build(vendor, old=jwt("service_role", "z" * 20)).prepare()
    assert not vendor.asked


def test_what_is_missing_is_said_before_anything_happens(vendor: Supabase) -> None:
    with pytest.raises(ConfigError, match="SUPABASE_ACCESS_TOKEN"):
        build(vendor, Bench()).prepare()
    with pytest.raises(ConfigError, match="project"):
        bench(vendor).provider("supabase", {}, old=None).outline()
    assert not vendor.asked


def test_the_new_key_stays_where_the_old_one_is_refused(vendor: Supabase) -> None:
    provider = build(vendor, patience="4s")
    draft, new = begin(provider)
    vendor.faults = [Fault("GET", "rest", Reply(401), times=99)]
    with pytest.raises(VerificationError, match="the new key stays"):
        provider.rollback(draft, new)
    assert new.value.reveal().decode() in vendor.living()
