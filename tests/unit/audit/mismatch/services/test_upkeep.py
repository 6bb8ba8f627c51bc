"""Rules about versions, health checks and volumes: what they tell, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secopskit.audit.mismatch import rules
from secopskit.audit.model import Fold, Mismatch
from secopskit.collect.facts import (
    DockerfileFacts,
    DockerfileStage,
    FactPlace,
    FileRole,
    ImageName,
    ProjectFacts,
    Service,
    ServiceBuild,
    StackKind,
)
from support.service_facts import image, project, service, stack

BUILD = ServiceBuild("db", "db/Dockerfile", (), "", FactPlace("compose.yml", 3))


def found(rule: str, facts: ProjectFacts) -> list[Mismatch]:
    return list(rules()[rule].judge(facts))


@pytest.mark.parametrize(
    "of", ["postgres", "redis:latest", "ghcr.io/acme/web", "acme/n8n:stable", "acme/relay:nightly-alpine"]
)
def test_images_without_a_version(of: str) -> None:
    (only,) = found("unpinned-image", project(stack(service("a", of))))
    assert rules()["unpinned-image"].fold is Fold.STACK
    assert "version" in only.fix


@pytest.mark.parametrize(
    "one",
    [
        service("a", "postgres:17"),
        service("a", "acme/web", build=BUILD),
        replace(service("a"), image=ImageName("postgres", digest="sha256:0")),
        replace(service("a"), image=ImageName("acme/web", computed=True)),
        service("a"),
    ],
)
def test_images_with_a_version(one: Service) -> None:
    assert found("unpinned-image", project(stack(one))) == []


@pytest.mark.parametrize("of", ["acme/web:stable-1.27", "acme/web:main-4f2a91c", "acme/web:edgeware"])
def test_tags_that_only_begin_as_moving_ones_do(of: str) -> None:
    assert found("unpinned-image", project(stack(service("web", of)))) == []


def test_services_of_one_image_are_one_line_at_where_it_is_named() -> None:
    places = [FactPlace("compose.yml", line) for line in (4, 14)]
    services = [
        service(f"worker-{number}", "acme/worker:nightly", image_place=place)
        for number, place in enumerate(places)
    ]
    (only,) = found("unpinned-image", project(stack(*services)))
    assert [each.place for each in only.evidence] == places
    assert "worker-0 and 1 more run acme/worker:nightly" in only.message


def test_an_image_built_here_needs_none() -> None:
    here = stack(service("a", "acme/web", build=BUILD), service("worker", "acme/web"))
    assert found("unpinned-image", project(here)) == []


@pytest.mark.parametrize("of", ["postgres:17", "mariadb:11", "redis:7"])
def test_databases_without_health_check(of: str) -> None:
    facts = project(stack(service("db", of), service("web", "a/b:1", depends_on=("db",))))
    (only,) = found("database-health-check", facts)
    assert len(only.evidence) == 2


def test_databases_that_need_none() -> None:
    web = service("web", "a/b:1", depends_on=("db",))
    quiet = (
        stack(service("db", "postgres:17", health_check=True), web),
        stack(service("db", "postgres:17"), files=("lone.yml",)),
        stack(service("db", "a/b:1"), web, files=("other.yml",)),
        stack(service("db", "postgres:17"), web, files=("test.yml",), role=FileRole.TEST),
        stack(service("db", "postgres:17"), web, files=("ci.yml",), kind=StackKind.WORKFLOW),
        stack(service("db", "postgres:17"), web, files=("base.yml",)),
        stack(service("db", "postgres:17", health_check=True), web, files=("base.yml", "prod.yml")),
    )
    assert found("database-health-check", project(*quiet)) == []


@pytest.mark.parametrize(
    "one",
    [
        service("db", "postgres:17"),
        service("db", "mysql:8", volumes=["./my.cnf:/etc/mysql/my.cnf:ro"]),
        service("db", "mongo:7", volumes=["/data/db"]),
    ],
)
def test_data_that_goes_with_its_container(one: Service) -> None:
    assert len(found("database-volume", project(stack(one)))) == 1


@pytest.mark.parametrize(
    "one",
    [
        service("db", "postgres:17", volumes=["data:/var/lib/postgresql/data"]),
        service("db", "postgres:18", volumes=["data:/var/lib/postgresql"]),
        service("db", "mongo:7", volumes=["./mongo:/data/db"]),
        service("cache", "redis:7"),
        service("db", "postgres:17", env={"PGDATA": "/x"}, volumes=["data:/x"]),
        service("web", "acme/web:1"),
    ],
)
def test_data_that_stays(one: Service) -> None:
    assert found("database-volume", project(stack(one))) == []


def test_a_volume_of_an_overlay_counts_and_a_built_database_is_one() -> None:
    base = service("db", "postgres:17")
    kept = service("db", "postgres:17", volumes=["data:/var/lib/postgresql/data"])
    both = project(stack(base), stack(kept, files=("compose.yml", "compose.prod.yml")))
    assert found("database-volume", both) == []
    stage = DockerfileStage("", image("postgres:17"), FactPlace("db/Dockerfile", 1))
    file = DockerfileFacts(path="db/Dockerfile", stages=(stage,))
    facts = project(stack(service("db", build=BUILD)), dockerfiles=(file,))
    assert len(found("database-volume", facts)) == 1


def test_every_rule_explains_itself() -> None:
    for rule in rules().values():
        assert rule.title
        for word in ("Wrong", "Right", "No fault") if rule.judge.__module__.count(".services.") else ():
            assert word in rule.explanation, rule.id
