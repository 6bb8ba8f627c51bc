"""Open ports of this host: what the kernel tells, what answers, and what that says of a stack."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from secopskit.audit.live.model import DatabaseNature, LiveDatabase, LiveFacts, OpenPort
from secopskit.audit.live.ports import host_addresses, is_answered, listeners, look_at_ports
from secopskit.audit.live.rules import live_rules
from secopskit.audit.model import Mismatch
from secopskit.collect.facts import FactPlace, ProjectFacts
from secopskit.findings import Severity
from support.service_facts import job, project, service, setting, stack

HEAD = "  sl  local_address rem_address   st tx_queue\n"
LISTENING = "   0: {} 00000000:0000 {} x\n"
TCP = HEAD + "".join(
    LISTENING.format(place, state)
    for place, state in (("0100007F:1538", "0A"), ("00000000:0050", "0A"), ("0100007F:0051", "01"))
)
EVERY, MAPPED = "0" * 32, "0" * 16 + "FFFF00000100007F"
TCP6 = HEAD + "".join(LISTENING.format(place, "0A") for place in (f"{EVERY}:18EB", f"{MAPPED}:1F90"))
DB = service("db", "postgres:17", ports=["5432:5432"])


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "tcp").write_text(TCP)
    (tmp_path / "tcp6").write_text(TCP6)
    return tmp_path


def test_what_the_kernel_tells(proc: Path, tmp_path: Path) -> None:
    assert listeners(proc) == {
        5432: frozenset({"127.0.0.1"}),
        80: frozenset({"0.0.0.0"}),
        6379: frozenset({"::"}),
        8080: frozenset({"127.0.0.1"}),
    }
    assert listeners(tmp_path / "none") is None


def test_ports_by_who_listens_and_by_who_answers(proc: Path) -> None:
    services = (DB, service("web", "nginx:1", ports=["80:80"]), service("api", "a/b:1", ports=["9000:9000"]))
    look = look_at_ports(
        [stack(*services)], addresses=["192.0.2.7"], answers=lambda address, port: port == 9000, proc=proc
    )
    assert look.ports == (
        OpenPort("0.0.0.0", 80, "web", "shop"),
        OpenPort("127.0.0.1", 5432, "db", "shop"),
        OpenPort("127.0.0.1", 9000, "api", "shop"),
        OpenPort("192.0.2.7", 9000, "api", "shop"),
    )
    assert look.limits == ()


def test_ports_whose_number_stands_nowhere_are_said(proc: Path) -> None:
    services = (DB, *(service(name, "a/b:1", ports=["3000"]) for name in ("web", "api")))
    look = look_at_ports([stack(*services)], addresses=[], answers=lambda *_: False, proc=proc)
    assert look.limits == ("ports that a variable or Docker decides were not tried: those of api, web",)


def test_a_console_that_answers_beyond_this_host() -> None:
    minio = service("minio", "minio/minio:1", ports=["127.0.0.1:9000:9000", "127.0.0.1:9001:9001"])
    ports = tuple(OpenPort("0.0.0.0", number, "minio", "shop") for number in (9000, 9001))
    (only,) = told(LiveFacts(ports=ports), project(stack(minio)))
    assert "the console of MinIO" in only.message


def test_without_the_kernel_it_is_said(tmp_path: Path) -> None:
    look = look_at_ports([stack(DB)], addresses=[], answers=lambda *_: False, proc=tmp_path)
    assert look.ports == ()
    assert len(look.limits) == 1


def test_a_port_that_answers_for_real() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert is_answered("127.0.0.1", port)
    assert not is_answered("127.0.0.1", port)
    assert all(not address.startswith("127.") for address in host_addresses())


def told(live: LiveFacts, facts: ProjectFacts) -> list[Mismatch]:
    return [mismatch for rule in live_rules(live) for mismatch in rule.judge(facts)]


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7"])
def test_a_database_that_answers_beyond_this_host(address: str) -> None:
    live = LiveFacts(ports=(OpenPort(address, 5432, "db", "shop"),))
    (only,) = told(live, project(stack(DB)))
    assert only.evidence[0].place == DB.ports[0].place


@pytest.mark.parametrize(
    "port",
    [
        OpenPort("127.0.0.1", 5432, "db", "shop"),
        OpenPort("::1", 5432, "db", "shop"),
        OpenPort("0.0.0.0", 80, "web", "shop"),
        OpenPort("0.0.0.0", 5432, "db", "another"),
    ],
)
def test_ports_that_may_be_open(port: OpenPort) -> None:
    facts = project(stack(DB, service("web", "nginx:1", ports=["80:80"])))
    assert told(LiveFacts(ports=(port,)), facts) == []


@pytest.mark.parametrize(
    ("key", "nature", "worst"),
    [
        ("SUPABASE_DB_URL", DatabaseNature.ODOO, Severity.CRITICAL),
        ("SUPABASE_DB_URL", DatabaseNature.OTHER, Severity.HIGH),
        ("ODOO_DATABASE_URL", DatabaseNature.SUPABASE, Severity.HIGH),
    ],
)
def test_databases_unlike_their_name(key: str, nature: DatabaseNature, worst: Severity) -> None:
    live = LiveFacts(databases=(LiveDatabase("database x at db", nature, "17.2", key),))
    (only,) = told(live, project(settings=[setting(key, "x", line=7)]))
    assert only.severity is worst
    assert only.evidence[0].place == FactPlace(".env", 7)


@pytest.mark.parametrize(
    ("key", "nature"),
    [
        ("SUPABASE_DB_URL", DatabaseNature.SUPABASE),
        ("ODOO_DATABASE_URL", DatabaseNature.ODOO),
        ("DATABASE_URL", DatabaseNature.ODOO),
        ("DATABASE_URL", DatabaseNature.OTHER),
    ],
)
def test_databases_like_their_name(key: str, nature: DatabaseNature) -> None:
    live = LiveFacts(databases=(LiveDatabase("database x at db", nature, "17.2", key),))
    assert told(live, project()) == []


def test_a_job_that_migrates_what_turns_out_to_be_odoo() -> None:
    live = LiveFacts(
        databases=(LiveDatabase("database x at db", DatabaseNature.ODOO, "17.2", "DATABASE_URL"),)
    )
    place = FactPlace("deploy.yml", 9)
    (only,) = told(live, project(jobs=(job("alembic upgrade head", secrets=(("DATABASE_URL", place),)),)))
    assert only.evidence[1].place == place
    assert told(live, project(jobs=(job("make test", secrets=(("DATABASE_URL", place),)),))) == []
