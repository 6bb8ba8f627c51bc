"""Supabase's database password: chosen here, set once or twice alike, tried directly first, then pooled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from urllib.parse import quote

import pytest

from secopskit.errors import ConfigError, RefusedError
from secopskit.provider.interface import RotationPhase, VerificationError
from secopskit.provider.supabase.database import SupabasePasswordProvider
from secopskit.provider.vendor.database import LoginAnswer, LoginTrial
from secopskit.provider.vendor.logins import login_url
from secopskit.provider.vendor.talk import VendorRefusalError
from secopskit.secret import SecretValue
from support.values import alnum
from support.vendors.rotation import Bench, Clock, begin, no_secret_in, value
from support.vendors.server import Fault, Reply, serving
from support.vendors.supabase import Supabase

POOLER = "aws-0-eu-central-1.pooler.supabase.com"


@pytest.fixture
def vendor() -> Iterator[Supabase]:
    supabase = Supabase()
    supabase.pooler = {
        "database_type": "PRIMARY",
        "db_user": f"postgres.{supabase.ref}",
        "db_host": POOLER,
        "db_port": 6543,
        "db_name": "postgres",
    }
    with serving(supabase):
        yield supabase
    assert not supabase.violations


@dataclass
class Doors:
    """The project's two doors. The pooler refuses a new password `lag` times; `closed` ones do not answer."""

    vendor: Supabase
    clock: Clock
    lag: int = 0
    closed: str = ""
    tried: list[tuple[str, SecretValue, float]] = field(default_factory=list)

    def log_in(self, url: SecretValue) -> LoginTrial:
        parsed = login_url(url)
        assert parsed is not None
        [host] = parsed.hosts
        self.tried.append((host, parsed.password, self.clock.time))
        if self.closed and self.closed in host:
            return LoginTrial(LoginAnswer.UNREACHABLE, "no route")
        pooled = "pooler" in host
        wanted = f"postgres.{self.vendor.ref}" if pooled else "postgres"
        right = parsed.password == value(self.vendor.password) and parsed.user == wanted
        if pooled and self.lag:
            self.lag -= 1
            right = False
        return LoginTrial(LoginAnswer.ADMITTED if right else LoginAnswer.REFUSED, "no")


def direct(vendor: Supabase, password: str) -> str:
    return f"postgresql://postgres:{password}@db.{vendor.ref}.supabase.co:5432/postgres?sslmode=require"


def pooled(vendor: Supabase, password: str) -> str:
    return f"postgres://postgres.{vendor.ref}:{password}@{POOLER}:6543/postgres#x"


def build(vendor: Supabase, old: str | None, **settings: str) -> tuple[SupabasePasswordProvider, Doors]:
    at = Bench(variables={"SUPABASE_ACCESS_TOKEN": vendor.token})
    given = {"what": "database-password", "project": vendor.ref, "api_url": vendor.url} | settings
    built = at.provider("supabase", given, old=old, name="DATABASE_URL")
    assert isinstance(built, SupabasePasswordProvider)
    doors = Doors(vendor, at.clock)
    return replace(built, try_login=doors.log_in), doors


def test_it_is_set_tried_and_written_into_all_urls(vendor: Supabase) -> None:
    old = vendor.password = f"{alnum(4)}@/%{alnum(4)}"
    quoted = quote(old, safe="")
    provider, doors = build(vendor, direct(vendor, quoted))
    doors.lag = 3
    draft, new = begin(provider)
    assert draft.value is not None
    text = draft.value.reveal().decode()
    assert provider.phase is RotationPhase.SINGLE
    assert vendor.password == text
    assert new.value == value(direct(vendor, text))
    assert len(text) == 43
    assert provider.outline().strength == "256 bits"
    said = provider.verify(new)
    assert "directly was admitted" in said
    assert "through the pooler was admitted" in said
    times = [when for host, _, when in doors.tried if host == POOLER]
    assert doors.tried[0][0].startswith("db.")
    assert all(later - earlier >= 2 for earlier, later in pairwise(times))
    assert provider.rewrite(value(pooled(vendor, quoted)), new) == value(pooled(vendor, text))
    assert provider.rewrite(value(old), new) == draft.value
    pairs = f"host=db.{vendor.ref}.supabase.co user=postgres password=%s"
    assert provider.rewrite(value(pairs % old), new) == value(pairs % text)
    assert "refused" in provider.revoke(new)
    assert not [1 for host, word, _ in doors.tried if host == POOLER and word != draft.value]
    assert no_secret_in({**draft.memo, **new.memo}, old, text)
    assert provider.dies() == (value(direct(vendor, quoted)), value(old))


def test_what_is_not_concerned_stays(vendor: Supabase) -> None:
    old = vendor.password
    provider, _ = build(vendor, direct(vendor, old))
    _, new = begin(provider)
    for other in (
        direct(vendor, "another-password"),
        direct(vendor, old).replace("postgres:", "shop:"),
        direct(vendor, old).replace(vendor.ref, "z" * 20),
        pooled(vendor, old).replace(vendor.ref, "z" * 20),
        f"postgresql://postgres:{old}@db.example.com/postgres",
        f"host=db.example.com password={old}",
        "another-password",
    ):
        assert provider.rewrite(value(other), new) is None, other


def test_every_step_may_be_done_twice_and_taken_back(vendor: Supabase) -> None:
    old = vendor.password
    (provider, _), (again, doors) = build(vendor, old), build(vendor, old)
    draft = provider.prepare()
    assert provider.create(draft) == again.create(draft)
    new = again.create(draft)
    assert new.value == draft.value
    for each in (provider, again):
        each.verify(new)
        each.revoke(new)
    assert "old password was set again" in again.rollback(draft, new)
    assert vendor.password == old
    assert doors.tried[-1][:2] == (f"db.{vendor.ref}.supabase.co", value(old))
    with pytest.raises(RefusedError):
        build(vendor, None)[0].rollback(draft, new)


_FAULTS = {
    "set, and cut": Fault("PATCH", "password", where="after"),
    "cut": Fault("PATCH", "password", where="before"),
    "500": Fault("PATCH", "password", Reply(500, {"message": "x"}), times=2),
    "429": Fault("PATCH", "password", Reply(429, {"message": "x"}), times=3),
    "pooler 502": Fault("GET", "pooler", Reply(502), times=2),
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_fault_that_passes_changes_nothing_of_the_outcome(vendor: Supabase, fault: str) -> None:
    vendor.faults = [replace(_FAULTS[fault])]
    provider, _ = build(vendor, direct(vendor, vendor.password))
    draft, new = begin(provider)
    provider.verify(new)
    provider.revoke(new)
    assert draft.value == value(vendor.password)
    assert not vendor.faults[0].times


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_leaves_the_password_and_quotes_none(vendor: Supabase, status: int) -> None:
    old = vendor.password
    provider, _ = build(vendor, direct(vendor, old))
    draft = provider.prepare()
    assert draft.value is not None
    text = draft.value.reveal().decode()
    body = {"message": f"bad: {text} {old}\x1b[31m", "missing_permissions": ["database_config_write"]}
    vendor.faults = [Fault("PATCH", "password", Reply(status, body))]
    with pytest.raises(VendorRefusalError) as caught:
        provider.create(draft)
    said = f"{caught.value} {caught.value.advice}"
    assert "database_config_write" in caught.value.advice
    assert not any(each in said for each in (old, text, "\x1b"))
    assert vendor.password == old


def test_doors_that_are_closed_are_said(vendor: Supabase) -> None:
    provider, doors = build(vendor, vendor.password)
    _, new = begin(provider)
    doors.closed = "db."
    assert "not tried directly: no route" in provider.verify(new)
    assert "not tried: no route" in provider.revoke(new)
    vendor.pooler = None
    assert "no pooler" in provider.verify(new)


def test_a_password_that_stays_refused_is_an_error(vendor: Supabase) -> None:
    old = vendor.password
    provider, doors = build(vendor, old, patience="10s")
    _, new = begin(provider)
    doors.lag = 99
    with pytest.raises(VerificationError, match="through the pooler"):
        provider.verify(new)
    vendor.password = old
    with pytest.raises(VerificationError, match="still admitted"):
        provider.revoke(new)


def test_declared_doors_are_taken(vendor: Supabase) -> None:
    url = "postgresql://postgres@localhost:5433/postgres?sslmode=disable"
    provider, doors = build(
        vendor,
        url.replace("@", f":{vendor.password}@"),
        direct_url=url,
        pooler_url=url.replace("local", "pool"),
    )
    draft, new = begin(provider)
    assert draft.value is not None
    assert new.value == value(url.replace("@", f":{draft.value.reveal().decode()}@"))
    provider.verify(new)
    assert [host for host, _, _ in doors.tried] == ["localhost", "poolhost"]
    for wrong in ("postgresql://postgres:word@h/db", "mysql://u@h/db", "postgresql://h/db"):
        with pytest.raises(ConfigError):
            build(vendor, None, direct_url=wrong)


def test_a_url_of_another_role_is_refused(vendor: Supabase) -> None:
    provider, _ = build(vendor, direct(vendor, vendor.password).replace("postgres:", "shop:"))
    with pytest.raises(RefusedError) as caught:
        provider.prepare()
    assert "provider `postgres`" in caught.value.advice
    assert not vendor.asked


def test_a_url_tells_what_it_is_and_of_which_project(vendor: Supabase) -> None:
    at = Bench(variables={"SUPABASE_ACCESS_TOKEN": vendor.token})
    for url in (direct(vendor, vendor.password), pooled(vendor, vendor.password)):
        built = at.provider("supabase", {"api_url": vendor.url}, old=url)
        assert isinstance(built, SupabasePasswordProvider)
        assert vendor.ref in built.outline().create
        assert built.prepare().memo == {"project": vendor.ref}
    key = at.provider("supabase", {"api_url": vendor.url}, old=vendor.service_role)
    assert vendor.ref in key.outline().create
    for nothing in (None, "sb_secret_x", "postgresql://postgres:word@db.example.com/db"):
        with pytest.raises(ConfigError, match="project"):
            at.provider("supabase", {}, old=nothing).outline()
