"""Personal tokens of DigitalOcean: made and deleted by a person, checked by us."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secopskit.errors import RefusedError
from secopskit.provider.interface import Provider, RotationPhase, VerificationError
from support.origins import Somebody
from support.vendors.digitalocean import DigitalOcean
from support.vendors.rotation import Bench, begin, value
from support.vendors.server import Fault, Reply, serving


@pytest.fixture
def vendor() -> Iterator[DigitalOcean]:
    account = DigitalOcean()
    with serving(account):
        yield account
    assert not account.violations


def build(vendor: DigitalOcean, somebody: Somebody | None, old: str | None = "") -> tuple[Provider, Bench]:
    at = Bench(respondent=somebody) if somebody else Bench()
    settings = {"what": "token", "api_url": vendor.url, "patience": "10s"}
    return at.provider("digitalocean", settings, old=vendor.token if old == "" else old), at


def test_a_person_makes_it_and_both_are_checked(vendor: DigitalOcean) -> None:
    made = "dop_v1_" + "b" * 64
    somebody = Somebody(secrets=[f" {made}\n"], agreeing=True)
    provider, at = build(vendor, somebody)
    vendor.tokens.add(made)
    _, new = begin(provider)
    assert provider.phase is RotationPhase.MANUAL
    assert any("cloud.digitalocean.com/account/api/tokens" in note for note in at.tell.notes)
    assert new.value == value(made)
    assert "accepted" in provider.verify(new)
    with pytest.raises(VerificationError, match="not refused"):
        provider.revoke(new)
    vendor.tokens.remove(vendor.token)
    assert "refused" in provider.revoke(new)
    assert provider.rewrite(value(vendor.token), new) == new.value
    with pytest.raises(RefusedError):
        provider.rollback(provider.prepare(), new)


def test_a_token_that_may_not_read_the_account_is_accepted(vendor: DigitalOcean) -> None:
    made = "dop_v1_" + "c" * 64
    provider, _ = build(vendor, Somebody(secrets=[made], agreeing=True))
    vendor.tokens.add(made)
    vendor.scopes.clear()
    _, new = begin(provider)
    assert "may not read" in provider.verify(new)
    vendor.faults = [Fault("GET", "account", Reply(500), times=99)]
    with pytest.raises(VerificationError, match="not accepted"):
        provider.verify(new)


@pytest.mark.parametrize("given", ["", "two words", "pässword"])
def test_what_is_no_token_is_refused(vendor: DigitalOcean, given: str) -> None:
    provider, _ = build(vendor, Somebody(secrets=[given], agreeing=True))
    with pytest.raises(RefusedError):
        begin(provider)
    provider, _ = build(vendor, Somebody(secrets=[vendor.token], agreeing=True))
    with pytest.raises(RefusedError, match="old token"):
        begin(provider)


def test_somebody_must_be_there_and_say_that_it_is_deleted(vendor: DigitalOcean) -> None:
    provider, _ = build(vendor, None)
    with pytest.raises(RefusedError, match="nobody"):
        provider.prepare()
    made = "dop_v1_" + "d" * 64
    provider, _ = build(vendor, Somebody(secrets=[made]))
    _, new = begin(provider)
    with pytest.raises(RefusedError, match="not deleted"):
        provider.revoke(new)
    provider, _ = build(vendor, Somebody(secrets=[made], agreeing=True), old=None)
    _, new = begin(provider)
    assert "not tried" in provider.revoke(new)
