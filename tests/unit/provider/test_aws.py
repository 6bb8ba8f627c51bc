"""Access keys of AWS: two at most, without names, and one of them always works."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from secopskit.errors import ConfigError, RefusedError, SecopsError, UsageError
from secopskit.provider.aws.iam import AwsRefusalError
from secopskit.provider.interface import Provider, RotationPhase, VerificationError
from support.vendors.aws import Aws, AwsKeyEntry
from support.vendors.rotation import Bench, begin, no_secret_in, value
from support.vendors.server import Fault, Reply, serving


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Iterator[Aws]:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, f"{tmp_path}/none")
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    account = Aws()
    account.add("shop").created -= timedelta(days=400)
    with serving(account):
        yield account
    assert not account.violations


def build(vendor: Aws, *, old: AwsKeyEntry | None = None, secret: bool = True, **settings: str) -> Provider:
    key = old or vendor.keys[0]
    at = Bench(names={"AWS_ACCESS_KEY_ID": key.id})
    return at.provider("aws", {"api_url": vendor.url} | settings, old=key.secret if secret else None)


def alive(vendor: Aws) -> set[str]:
    return {key.secret for key in vendor.keys if key.active}


def test_a_pair_is_made_and_the_old_one_disabled_and_deleted(vendor: Aws) -> None:
    old, vendor.lag = vendor.keys[0], 3
    provider = build(vendor)
    draft, new = begin(provider)
    made = vendor.keys[1]
    assert provider.phase is RotationPhase.DUAL
    assert (new.value, new.companions) == (value(made.secret), {"AWS_ACCESS_KEY_ID": value(made.id)})
    assert "shop" in provider.verify(new)
    assert not provider.in_use(new)
    assert {old.secret, made.secret} == alive(vendor)
    assert provider.rewrite(value(old.secret), new) == new.value
    assert provider.rewrite(value(old.id), new) == value(made.id)
    assert provider.rewrite(value("x"), new) is None
    assert "STS refused it" in provider.revoke(new)
    assert vendor.keys == [made]
    actions = [one.path for one in vendor.asked]
    assert actions.index("UpdateAccessKey") < actions.index("DeleteAccessKey")
    assert no_secret_in({**draft.memo, **new.memo}, old.secret, made.secret)


def test_every_step_may_be_done_twice(vendor: Aws) -> None:
    old = vendor.keys[0]
    provider, again = build(vendor), build(vendor)
    draft = provider.prepare()
    lost, new = provider.create(draft), again.create(draft)
    assert lost.value != new.value
    assert alive(vendor) == {old.secret, new.value.reveal().decode()}
    for each in (provider, again):
        each.verify(new)
    for each in (provider, again):
        each.revoke(new)
    assert alive(vendor) == {new.value.reveal().decode()}


def xml(status: int, code: str, text: str = "no") -> Reply:
    return Aws._error(status, code, text)


_FAULTS = {
    "made, and cut": Fault("POST", "CreateAccessKey", where="after"),
    "cut": Fault("POST", "CreateAccessKey", where="before"),
    "make 500": Fault("POST", "CreateAccessKey", xml(500, "ServiceFailure")),
    "make throttled": Fault("POST", "CreateAccessKey", xml(400, "Throttling"), times=3),
    "list 503": Fault("POST", "ListAccessKeys", xml(503, "ServiceUnavailable"), times=2),
    "who 500": Fault("POST", "GetCallerIdentity", xml(500, "ServiceFailure"), times=3),
    "disabled, and cut": Fault("POST", "UpdateAccessKey", where="after"),
    "deleted, and cut": Fault("POST", "DeleteAccessKey", where="after"),
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_fault_that_passes_changes_nothing_of_the_outcome(vendor: Aws, fault: str) -> None:
    vendor.faults = [replace(_FAULTS[fault])]
    provider = build(vendor)
    _, new = begin(provider)
    provider.verify(new)
    provider.revoke(new)
    assert alive(vendor) == {new.value.reveal().decode()}
    assert not vendor.faults[0].times


@pytest.mark.parametrize(
    "action", ["ListAccessKeys", "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"]
)
@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "NotAuthorized"), (403, "AccessDenied"), (404, "NoSuchEntity"), (409, "X"), (422, "X")],
)
def test_a_refusal_leaves_a_key_that_works(vendor: Aws, action: str, status: int, code: str) -> None:
    old = vendor.keys[0]
    vendor.faults = [Fault("POST", action, xml(status, code, f"{old.secret} is bad"))]
    provider = build(vendor)
    known = {old.secret}

    def whole() -> None:
        _, new = begin(provider)
        known.add(new.value.reveal().decode())
        provider.verify(new)
        provider.revoke(new)

    if (action, code) == ("DeleteAccessKey", "NoSuchEntity"):
        whole()  # disabled, and gone by what AWS says
    else:
        with pytest.raises(AwsRefusalError) as caught:
            whole()
        assert old.secret not in str(caught.value)
    assert alive(vendor) & known


def test_what_is_disabled_and_still_accepted_is_not_deleted(vendor: Aws) -> None:
    old, provider = vendor.keys[0], build(vendor, patience="10s")
    _, new = begin(provider)
    vendor.faults = [Fault("POST", "UpdateAccessKey", Aws._answer("UpdateAccessKey"))]
    with pytest.raises(VerificationError, match="still accepts"):
        provider.revoke(new)
    assert old in vendor.keys


def test_the_old_key_stays_while_the_new_one_is_refused(vendor: Aws) -> None:
    old, provider = vendor.keys[0], build(vendor, patience="10s")
    _, new = begin(provider)
    vendor.keys[1].lag = 99
    for step in (provider.verify, provider.revoke):
        with pytest.raises(VerificationError, match="does not accept"):
            step(new)
    assert old.active


def test_a_second_key_stands_in_the_way(vendor: Aws) -> None:
    other = vendor.add("shop")
    with pytest.raises(RefusedError, match=f"{other.id}, active, never used"):
        build(vendor).prepare()
    other.used = vendor.now
    with pytest.raises(RefusedError, match="last used at"):
        build(vendor).prepare()
    assert len(vendor.keys) == 2


def test_a_key_of_somebody_else_is_not_swept(vendor: Aws) -> None:
    provider = build(vendor)
    draft = provider.prepare()
    other = vendor.add("shop")
    other.used = vendor.now
    with pytest.raises(RefusedError, match="not made by this rotation"):
        provider.create(draft)
    other.used, other.created = None, vendor.now - timedelta(days=1)
    with pytest.raises(RefusedError, match="not made by this rotation"):
        provider.create(draft)
    assert other in vendor.keys


def test_rolling_back_brings_the_old_key_to_life(vendor: Aws) -> None:
    old, provider = vendor.keys[0], build(vendor)
    draft, new = begin(provider)
    old.active = False
    assert "deleted" in provider.rollback(draft, new)
    assert alive(vendor) == {old.secret}
    assert "deleted" in provider.rollback(draft, new)
    assert "no new key" in provider.rollback(draft, None)
    provider.create(draft)
    assert "deleted" in provider.rollback(draft, None)
    _, new = begin(provider)
    provider.revoke(new)
    with pytest.raises(RefusedError):
        provider.rollback(draft, new)
    assert alive(vendor) == {new.value.reveal().decode()}


def test_it_tells_when_the_old_key_is_still_used(vendor: Aws) -> None:
    provider = build(vendor)
    _, new = begin(provider)
    vendor.keys[0].used = vendor.now + timedelta(hours=1)
    assert "was used at" in provider.in_use(new)


def test_somebody_else_may_rotate(vendor: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    boss = vendor.add("boss")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", boss.id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", boss.secret)
    provider = build(vendor, secret=False, user="shop")
    assert build(vendor, secret=False).prepare().memo["user"] == "shop"
    _, new = begin(provider)
    provider.verify(new)
    assert provider.rewrite(value("anything"), new) is None
    vendor.denied = {"UpdateAccessKey"}
    with pytest.raises(AwsRefusalError, match="not authorized"):
        provider.revoke(new)
    vendor.denied = set()
    assert "not tried" in provider.revoke(new)
    assert vendor.of("shop")[0].used is None
    assert len(vendor.of("shop")) == 1


def test_a_profile_may_rotate(vendor: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    boss = vendor.add("boss")
    with open(f"{tmp_path}/credentials", "w", encoding="utf-8") as file:
        file.write(f"[boss]\naws_access_key_id = {boss.id}\naws_secret_access_key = {boss.secret}\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/credentials")
    old = vendor.keys[0]
    provider = build(vendor, profile="boss")
    _, new = begin(provider)
    provider.verify(new)
    provider.revoke(new)
    assert old not in vendor.keys
    assert old.used is None
    with pytest.raises(ConfigError, match="ProfileNotFound"):
        build(vendor, old=vendor.keys[-1], profile="nobody", user="shop").prepare()


def test_keys_that_are_no_users_are_refused(vendor: Aws) -> None:
    at = Bench(names={"AWS_ACCESS_KEY_ID": "ASIA" + "A" * 16})
    with pytest.raises(RefusedError, match="temporary"):
        at.provider("aws", {"api_url": vendor.url}, old="x").prepare()
    vendor.root = True
    with pytest.raises(RefusedError, match="not one of an IAM user"):
        build(vendor).prepare()
    vendor.root = False
    with pytest.raises(RefusedError, match="no access key"):
        build(vendor, user="other").prepare()
    with pytest.raises(ConfigError, match="id of the old key"):
        Bench().provider("aws", {"api_url": vendor.url}, old="x").prepare()
    with pytest.raises(ConfigError, match="NoCredentials"):
        build(vendor, secret=False).prepare()


def test_nothing_of_it_goes_to_a_log(vendor: Aws, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    provider = build(vendor)
    _, new = begin(provider)
    provider.verify(new)
    provider.revoke(new)
    assert new.value.reveal().decode() not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith("botocore")]


def test_without_boto3_the_extra_is_named(vendor: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(UsageError) as caught:
        build(vendor).prepare()
    assert "secopskit[aws]" in caught.value.advice
    assert isinstance(caught.value, SecopsError)
