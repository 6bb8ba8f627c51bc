"""Spaces keys: a pair of values that change together, and grants that stay what they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.provider.interface import Provider, RotationPhase, VerificationError
from secopskit.provider.vendor.talk import VendorRefusalError
from support.vendors.digitalocean import DigitalOcean, SpacesKeyEntry
from support.vendors.rotation import Bench, Clock, begin, no_secret_in, value
from support.vendors.server import Fault, Reply, serving

FULL = [{"bucket": "", "permission": "fullaccess"}]
SCOPED = [{"bucket": "assets", "permission": "readwrite"}, {"bucket": "backups", "permission": "read"}]


@pytest.fixture
def vendor() -> Iterator[DigitalOcean]:
    account = DigitalOcean(keys=[SpacesKeyEntry(f"k{n}", FULL) for n in range(3)])
    account.keys.append(SpacesKeyEntry("shop", SCOPED))
    with serving(account):
        yield account
    assert not account.violations


def old_of(vendor: DigitalOcean) -> SpacesKeyEntry:
    return vendor.keys[3]


def build(
    vendor: DigitalOcean, *, declared: bool = True, clock: Clock | None = None, **settings: str
) -> Provider:
    old = next(key for key in vendor.keys if key.name == "shop")
    at = Bench(
        variables={"DIGITALOCEAN_ACCESS_TOKEN": vendor.token},
        names={"SPACES_ACCESS_KEY_ID": old.id} if declared else {},
        clock=clock or Clock(),
    )
    given = {"api_url": vendor.url, "spaces_url": vendor.url} | settings
    return at.provider("digitalocean", given, old=old.secret)


@pytest.mark.parametrize("grants", [FULL, SCOPED], ids=["full", "scoped"])
def test_a_pair_is_made_with_the_grants_of_the_old_one(
    vendor: DigitalOcean, grants: list[dict[str, str]]
) -> None:
    old, vendor.lag = old_of(vendor), 2
    old.grants = grants
    provider = build(vendor)
    draft, new = begin(provider)
    made = vendor.keys[-1]
    assert provider.phase is RotationPhase.DUAL
    assert made.grants == grants
    assert new.value == value(made.secret)
    assert new.companions == {"SPACES_ACCESS_KEY_ID": value(made.id)}
    assert "signed request" in provider.verify(new)
    assert provider.rewrite(value(old.secret), new) == new.value
    assert provider.rewrite(value(old.id), new) == value(made.id)
    assert provider.rewrite(value("other"), new) is None
    assert old in vendor.keys
    assert "refused" in provider.revoke(new)
    assert old not in vendor.keys
    assert made in vendor.keys
    assert no_secret_in({**draft.memo, **new.memo}, old.secret, made.secret)


def test_every_step_may_be_done_twice(vendor: DigitalOcean) -> None:
    old, provider = old_of(vendor), build(vendor)
    again = build(vendor)
    draft = provider.prepare()
    lost, new = provider.create(draft), again.create(draft)
    assert lost.value != new.value
    assert len(vendor.keys) == 5
    for each in (provider, again):
        each.verify(new)
        assert old in vendor.keys
    for each in (provider, again):
        each.revoke(new)
    assert [key.name for key in vendor.keys[:3]] == ["k0", "k1", "k2"]
    assert vendor.keys[3].secret == new.value.reveal().decode()


_FAULTS = {
    "made, and cut": Fault("POST", "keys", where="after"),
    "cut": Fault("POST", "keys", where="before", times=2),
    "500": Fault("POST", "keys", Reply(500, {"id": "server_error", "message": "no"})),
    "429": Fault("POST", "keys", Reply(429, {"id": "too_many_requests", "message": "no"}), times=4),
    "429 until": Fault(
        "POST",
        "keys",
        Reply(429, None, {"ratelimit-remaining": "0", "ratelimit-reset": "1800000090"}),
    ),
    "deleted, and cut": Fault("DELETE", "keys", where="after"),
    "delete 503": Fault("DELETE", "keys", Reply(503)),
    "page 502": Fault("GET", "page=2", Reply(502)),
    "tried 503": Fault("GET", "assets", Reply(503), times=3),
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_fault_that_passes_changes_nothing_of_the_outcome(vendor: DigitalOcean, fault: str) -> None:
    vendor.faults = [replace(_FAULTS[fault])]
    old, provider = old_of(vendor), build(vendor)
    _, new = begin(provider)
    provider.verify(new)
    provider.revoke(new)
    assert len(vendor.keys) == 4
    assert old not in vendor.keys
    assert value(vendor.keys[-1].secret) == new.value
    assert not vendor.faults[0].times


def test_a_limit_is_waited_out_as_the_vendor_says(vendor: DigitalOcean) -> None:
    vendor.faults = [replace(_FAULTS["429 until"])]
    clock = Clock()
    provider = build(vendor, clock=clock)
    begin(provider)
    assert clock.slept == [91.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_refusal_leaves_a_key_that_works(vendor: DigitalOcean, method: str, status: int) -> None:
    old, provider = old_of(vendor), build(vendor)
    vendor.faults = [Fault(method, "keys", Reply(status, {"id": "no", "message": f"{old.secret} is bad"}))]

    def whole() -> None:
        draft = provider.prepare()
        new = provider.create(draft)
        provider.verify(new)
        provider.revoke(new)

    if (method, status) == ("DELETE", 404):  # gone, the vendor says, and lists it
        with pytest.raises(VerificationError, match="still lists"):
            whole()
    else:
        with pytest.raises(VendorRefusalError) as caught:
            whole()
        assert caught.value.status == status
        assert old.secret not in str(caught.value)
    assert old in vendor.keys


def test_a_token_that_may_not_see_secrets_leaves_no_key_behind(vendor: DigitalOcean) -> None:
    provider = build(vendor)
    draft = provider.prepare()
    made = Reply(201, {"key": {"name": "n", "access_key": "A" * 20, "grants": []}})
    vendor.faults = [Fault("POST", "keys", made)]
    with pytest.raises(SecopsError, match="does not show"):
        provider.create(draft)
    vendor.scopes.discard("spaces_key:create_credentials")
    with pytest.raises(VendorRefusalError, match="create_credentials"):
        provider.create(draft)
    assert len(vendor.keys) == 4


def test_the_old_key_stays_while_the_new_one_is_refused(vendor: DigitalOcean) -> None:
    old, provider = old_of(vendor), build(vendor, patience="10s")
    _, new = begin(provider)
    vendor.lag = 100
    for step in (provider.verify, provider.revoke):
        with pytest.raises(VerificationError, match="not accepted"):
            step(new)
    assert old in vendor.keys


def test_rolling_back_deletes_the_new_key_only(vendor: DigitalOcean) -> None:
    provider, before = build(vendor), list(vendor.keys)
    draft, new = begin(provider)
    assert "deleted" in provider.rollback(draft, new)
    assert "no new key" in provider.rollback(draft, None)
    assert vendor.keys == before
    _, new = begin(provider)
    provider.revoke(new)
    with pytest.raises(RefusedError):
        provider.rollback(draft, new)
    assert value(vendor.keys[-1].secret) == new.value


def test_without_an_address_of_spaces_the_key_is_said_to_be_untried(vendor: DigitalOcean) -> None:
    provider = build(vendor, spaces_url="")
    _, new = begin(provider)
    assert "not tried" in provider.verify(new)
    assert "not tried" in provider.revoke(new)
    assert any("spaces_url" in each for each in provider.outline().unknown)
    assert not vendor.counted("GET", "^/[a-z]*$")


def test_the_id_of_the_old_key_must_be_known(vendor: DigitalOcean) -> None:
    with pytest.raises(ConfigError, match="id of the old key"):
        build(vendor, declared=False).prepare()
    assert build(vendor, declared=False, access_key=old_of(vendor).id).prepare().memo["old"]
    with pytest.raises(RefusedError, match="no Spaces key"):
        build(vendor, declared=False, access_key="A" * 20).prepare()


def test_settings_are_checked(vendor: DigitalOcean) -> None:
    wrong: list[dict[str, Any]] = [
        {"api_url": "http://example.com"},
        {"what": "droplet"},
        {"access_key": "no id"},
        {"unknown": "x"},
        {"patience": "2h"},
    ]
    for settings in wrong:
        with pytest.raises(ConfigError):
            build(vendor, **settings)
