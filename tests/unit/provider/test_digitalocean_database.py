"""Database users of DigitalOcean: the vendor chooses the password, so it must be seen before it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.provider.digitalocean.database_user import DigitalOceanUserProvider
from secopskit.provider.interface import RotationPhase, VerificationError
from secopskit.provider.vendor.database import LoginAnswer, LoginTrial
from secopskit.provider.vendor.logins import login_url
from secopskit.provider.vendor.talk import VendorRefusalError
from secopskit.secret import SecretValue
from support.vendors.digitalocean import DigitalOcean
from support.vendors.rotation import Bench, begin, no_secret_in, value
from support.vendors.server import Fault, Reply, serving


@pytest.fixture
def vendor() -> Iterator[DigitalOcean]:
    account = DigitalOcean()
    with serving(account):
        yield account
    assert not account.violations


def url_of(password: str, scheme: str = "postgresql") -> str:
    return f"{scheme}://shop:{password}@db-1.db.ondigitalocean.com:25060/defaultdb?sslmode=require"


def build(
    vendor: DigitalOcean, old: str | None = "", tries: list[SecretValue] | None = None
) -> DigitalOceanUserProvider:
    settings = {
        "what": "database-user",
        "api_url": vendor.url,
        "cluster": vendor.cluster,
        "user": vendor.user,
    }
    at = Bench(variables={"DIGITALOCEAN_ACCESS_TOKEN": vendor.token})
    built = at.provider(
        "digitalocean", settings, old=url_of(vendor.password) if old == "" else old, name="DATABASE_URL"
    )
    assert isinstance(built, DigitalOceanUserProvider)

    def log_in(url: SecretValue) -> LoginTrial:
        if tries is not None:
            tries.append(url)
        parsed = login_url(url)
        right = parsed is not None and parsed.password == value(vendor.password)
        return LoginTrial(LoginAnswer.ADMITTED if right else LoginAnswer.REFUSED, "no")

    return replace(built, try_login=log_in)


def test_the_password_is_reset_once_and_all_urls_follow(vendor: DigitalOcean) -> None:
    tries = list[SecretValue]()
    old = vendor.password
    provider = build(vendor, tries=tries)
    draft, new = begin(provider)
    assert provider.phase is RotationPhase.SINGLE
    assert new.value == value(url_of(vendor.password))
    assert old != vendor.password
    assert "admitted" in provider.verify(new)
    assert provider.rewrite(value(old), new) == value(vendor.password)
    assert provider.rewrite(value(url_of(old, "mysql")), new) == value(url_of(vendor.password, "mysql"))
    assert provider.rewrite(value(f"user=shop password={old}"), new) == value(
        f"user=shop password={vendor.password}"
    )
    assert provider.rewrite(value(url_of("another")), new) is None
    assert provider.rewrite(value(url_of(old).replace("shop", "boss")), new) is None
    assert "refused" in provider.revoke(new)
    assert tries[-1] == value(url_of(old))
    assert vendor.resets == 1
    assert no_secret_in({**draft.memo, **new.memo}, old, vendor.password)
    assert provider.dies() == (value(url_of(old)), value(old))
    with pytest.raises(RefusedError):
        provider.rollback(draft, new)


def test_every_step_may_be_done_twice(vendor: DigitalOcean) -> None:
    old = url_of(vendor.password)
    provider, again = build(vendor), build(vendor, old)
    draft = provider.prepare()
    assert "nothing was reset" in provider.rollback(draft, None)
    assert provider.create(draft) == again.create(draft)
    new = again.create(draft)
    assert vendor.resets == 1
    for each in (provider, again):
        each.verify(new)
        each.revoke(new)
    with pytest.raises(RefusedError):
        again.rollback(draft, None)


def test_a_token_that_may_not_see_it_resets_nothing(vendor: DigitalOcean) -> None:
    vendor.scopes.discard("database:view_credentials")
    provider = build(vendor)
    with pytest.raises(RefusedError) as caught:
        provider.prepare()
    assert "view_credentials" in caught.value.advice
    assert not vendor.resets


def test_a_scope_that_goes_in_between_loses_nothing(vendor: DigitalOcean) -> None:
    provider = build(vendor)
    draft = provider.prepare()
    vendor.faults = [Fault("GET", "users", Reply(200, {"user": {"name": "shop"}}), skip=1)]
    vendor.scopes.discard("database:view_credentials")
    with pytest.raises(SecopsError):
        provider.create(draft)
    vendor.scopes.add("database:view_credentials")
    assert provider.create(draft).value == value(url_of(vendor.password))
    assert vendor.resets == 1


_PASSING = {
    "reset, and cut": Fault("POST", "reset_auth", where="after"),
    "reset, and no password": Fault("POST", "reset_auth", Reply(200, {"user": {"name": "shop"}})),
    "429": Fault("POST", "reset_auth", Reply(429, {"id": "too_many_requests", "message": "x"}), times=2),
    "look 500": Fault("GET", "users", Reply(500), times=2),
    "look cut": Fault("GET", "users", where="after", times=2),
}


@pytest.mark.parametrize("fault", _PASSING)
def test_faults_lose_no_password(vendor: DigitalOcean, fault: str) -> None:
    vendor.faults = [replace(_PASSING[fault])]
    provider = build(vendor)
    draft = provider.prepare()
    try:
        new = provider.create(draft)
    except SecopsError:
        new = provider.create(draft)  # what a resumed run does
    assert new.value == value(url_of(vendor.password))
    assert vendor.resets == 1
    provider.verify(new)
    provider.revoke(new)


def test_a_reset_whose_answer_is_lost_is_seen_at_once(vendor: DigitalOcean) -> None:
    vendor.faults = [replace(_PASSING["reset, and cut"])]
    _, new = begin(build(vendor))
    assert new.value == value(url_of(vendor.password))
    assert vendor.resets == 1


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422, 500])
def test_a_refusal_leaves_the_password(vendor: DigitalOcean, status: int) -> None:
    old = vendor.password
    said = {"id": "x", "message": f"password {old} is bad"}
    vendor.faults = [Fault("POST", "reset_auth", Reply(status, said), times=9)]
    provider = build(vendor)
    draft = provider.prepare()
    with pytest.raises(SecopsError) as caught:
        provider.create(draft)
    assert old not in f"{caught.value}{caught.value.advice}"
    assert isinstance(caught.value, VendorRefusalError)
    assert vendor.password == old
    assert "nothing was reset" in provider.rollback(draft, None)


def test_where_the_password_at_hand_is_not_the_present_one_it_is_reset_all_the_same(
    vendor: DigitalOcean,
) -> None:
    leaked = vendor.password
    provider = build(vendor, url_of("stale-password"))
    draft, new = begin(provider)
    assert vendor.password != leaked
    assert new.value == value(url_of(vendor.password))
    with pytest.raises(RefusedError):
        provider.rollback(draft, None)


def test_an_old_password_that_is_shown_again_is_no_success(vendor: DigitalOcean) -> None:
    old = vendor.password
    provider = build(vendor)
    _, new = begin(provider)
    vendor.password = old
    for step in (provider.verify, provider.revoke):
        with pytest.raises(VerificationError):
            step(new)


def test_other_engines_and_unknown_old_values_say_what_was_not_looked_at(vendor: DigitalOcean) -> None:
    for old in (url_of(vendor.password, "mysql"), None):
        provider = build(vendor, old)
        _, new = begin(provider)
        assert "no login was tried" in provider.verify(new)
        assert "tried" in provider.revoke(new)


def test_cluster_and_user_must_be_declared() -> None:
    for settings in ({"what": "database-user"}, {"what": "database-user", "user": "shop"}):
        with pytest.raises(ConfigError, match="cluster"):
            Bench().provider("digitalocean", settings, old=None).outline()


def test_the_old_value_tells_what_it_is(vendor: DigitalOcean) -> None:
    at = Bench(variables={"DIGITALOCEAN_ACCESS_TOKEN": vendor.token})
    phases = {
        url_of(vendor.password): RotationPhase.SINGLE,
        "dop_v1_" + "a" * 64: RotationPhase.MANUAL,
        "a" * 43: RotationPhase.DUAL,
        None: RotationPhase.DUAL,
    }
    for old, phase in phases.items():
        assert at.provider("digitalocean", {"cluster": vendor.cluster}, old=old).phase is phase
    settings = {"api_url": vendor.url, "cluster": vendor.cluster}
    built = at.provider("digitalocean", settings, old=url_of(vendor.password))
    assert built.prepare().memo == {"known": "yes"}
