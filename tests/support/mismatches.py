"""Audits of projects for the tests of their reports: rules, mismatches and facts made by hand."""

from __future__ import annotations

from dataclasses import replace

from secopskit.audit.model import FixStage, Fold, Mismatch, MismatchEvidence, MismatchRule
from secopskit.audit.outcome import AcceptedMismatch, AuditOutcome, HeldBack
from secopskit.audit.rank import rank
from secopskit.collect.facts import (
    DynamicLookup,
    Endpoint,
    EndpointKind,
    FactPlace,
    ImageName,
    JobFacts,
    ProjectFacts,
    PublishedPort,
    Service,
    SettingKind,
    Stack,
    StackKind,
    Upstream,
    UseKind,
    VariableUse,
)
from secopskit.findings import Severity, Skipped, SkipReason, SuppressedBy
from support.report_samples import BIDI, ESCAPE, HOSTILE_PATHS, MARKUP

COMPOSE = "docker-compose.yml"


def rule(name: str, severity: Severity, fold: Fold = Fold.EACH, **more: object) -> MismatchRule:
    made = MismatchRule(
        id=name,
        title=name.replace("-", " ").capitalize(),
        severity=severity,
        judge=lambda _facts: (),
        explanation=f"Why `{name}` matters.",
        fold=fold,
    )
    return made._replace(**more)  # type: ignore[arg-type]  # the tests name real fields


DEFAULT_PASSWORD = rule("default-password", Severity.CRITICAL, stage=FixStage.REPLACE)
OPEN_PORT = rule("open-database-port", Severity.HIGH, stage=FixStage.CLOSE, reference="https://example.com/p")
WRONG_TARGET = rule("migration-wrong-database", Severity.CRITICAL, stage=FixStage.POINT)
GOES_NOWHERE = rule("variable-goes-nowhere", Severity.MEDIUM, stage=FixStage.DROP)
UNDOCUMENTED = rule("undocumented-variable", Severity.LOW, Fold.PROJECT)
NO_HEALTH_CHECK = rule("no-health-check", Severity.LOW, Fold.STACK, stage=FixStage.LAST)
TRACKED = rule("env-file-tracked", Severity.HIGH, stage=FixStage.UNTRACK)


def mismatch(of: MismatchRule, subject: str, path: str = COMPOSE, line: int = 7, **more: object) -> Mismatch:
    made = Mismatch(
        rule_id=of.id,
        subject=subject,
        message=f"What is said of {subject} in one place is not what is done in the other.",
        fix=f"Say the same of {subject} in both places.",
        evidence=(MismatchEvidence(FactPlace(path, line), "where it begins"),),
    )
    return replace(made, **more)  # type: ignore[arg-type]  # the tests name real fields


def service(name: str, line: int, image: str = "", **more: object) -> Service:
    base, _, tag = image.partition(":")
    made = Service(
        name=name, place=FactPlace(COMPOSE, line), image=ImageName(base, tag) if base else None, names=(name,)
    )
    return replace(made, **more)  # type: ignore[arg-type]  # the tests name real fields


def endpoint(key: str, host: str, scope: str = "", database: str = "", **more: object) -> Endpoint:
    made = Endpoint(
        kind=EndpointKind.POSTGRES,
        host=host,
        port=5432,
        database=database,
        user="app",
        password=None,
        tls="",
        key=key,
        scope=scope,
        place=FactPlace(COMPOSE, 12),
    )
    return made._replace(**more)  # type: ignore[arg-type]  # the tests name real fields


def shop_facts() -> ProjectFacts:
    """Two stacks with three databases, a workflow, a proxy."""
    port = PublishedPort("", 5432, 5432, "tcp", FactPlace(COMPOSE, 9))
    odoo = Stack(
        name="odoo",
        kind=StackKind.COMPOSE,
        files=(COMPOSE,),
        services=(
            service("web", 3, "odoo:18", depends_on=("db",)),
            service("db", 8, "postgres:16", ports=(port,)),
            service("proxy", 20, "nginx:1.27", depends_on=("web",)),
        ),
    )
    shop = Stack(
        name="shop",
        kind=StackKind.COMPOSE,
        files=("supabase/docker-compose.yml",),
        directory="supabase",
        services=(
            replace(service("studio", 3), place=FactPlace("supabase/docker-compose.yml", 3)),
            replace(
                service("db", 9, "supabase/postgres:15"), place=FactPlace("supabase/docker-compose.yml", 9)
            ),
        ),
        limits=("an include from a URL was not read",),
    )
    return ProjectFacts(
        name="shop",
        paths=frozenset({COMPOSE, "supabase/docker-compose.yml", ".env.sample", "web/app.py"}),
        stacks=(odoo, shop),
        uses=(VariableUse("DATABASE_URL", FactPlace("web/app.py", 4), UseKind.CODE, "python"),),
        jobs=(JobFacts(system="github", name="migrate", place=FactPlace(".github/workflows/db.yml", 5)),),
        endpoints=(
            endpoint("DATABASE_URL", "db", "web", "odoo", odoo=True),
            endpoint(
                "PROD_DATABASE_URL",
                "db.example.com",
                "migrate",
                "postgres",
                place=FactPlace(".github/workflows/db.yml", 9),
                tls="disable",
                setting=SettingKind.WORKFLOW,
            ),
            endpoint(
                "POSTGRES_HOST", "db", "studio", "postgres", place=FactPlace("supabase/docker-compose.yml", 5)
            ),
        ),
        upstreams=(Upstream("web", 8069, FactPlace("nginx.conf", 4)),),
        dynamic=(DynamicLookup("javascript", FactPlace("web/env.js", 3)),),
        skipped=(
            Skipped("logo.png", SkipReason.BINARY),
            Skipped("dump.sql", SkipReason.TOO_LARGE),
            Skipped(HOSTILE_PATHS[0], SkipReason.UNREADABLE, MARKUP),
        ),
        limits=("2 compose files were not understood",),
    )


def shop_audit() -> AuditOutcome:
    """An audit with something of each kind: every priority, folded and not, held back, stale, limits."""
    two = (
        MismatchEvidence(FactPlace(COMPOSE, 12), "DATABASE_URL of web ends in odoo"),
        MismatchEvidence(FactPlace(".github/workflows/db.yml", 9), "the workflow reads PROD_DATABASE_URL"),
    )
    judged = [
        (DEFAULT_PASSWORD, mismatch(DEFAULT_PASSWORD, "POSTGRES_PASSWORD", line=14, stack="odoo")),
        (WRONG_TARGET, mismatch(WRONG_TARGET, "PROD_DATABASE_URL", evidence=two)),
        (OPEN_PORT, mismatch(OPEN_PORT, "db 5432", line=9, stack="odoo")),
        (OPEN_PORT, mismatch(OPEN_PORT, "db 5433", line=10, stack="dev", development=True)),
        (TRACKED, mismatch(TRACKED, ".env.production", ".env.production", 0)),
        (GOES_NOWHERE, mismatch(GOES_NOWHERE, "REDIS_TLS_CA", line=30, stack="odoo")),
        *(
            (UNDOCUMENTED, mismatch(UNDOCUMENTED, f"FEATURE_{number}", "web/app.py", number))
            for number in range(1, 24)
        ),
        (
            UNDOCUMENTED,
            mismatch(UNDOCUMENTED, "JWT_SECRET", "web/app.py", 40, alone=True, severity=Severity.HIGH),
        ),
        *(
            (NO_HEALTH_CHECK, mismatch(NO_HEALTH_CHECK, name, line=line, stack="odoo"))
            for name, line in (("db", 8), ("web", 3))
        ),
    ]
    return AuditOutcome(
        name="shop",
        facts=shop_facts(),
        lines=rank(judged),
        held_back=(
            HeldBack(
                mismatch(OPEN_PORT, "studio 3000", "supabase/docker-compose.yml"),
                OPEN_PORT,
                SuppressedBy.BASELINE,
                "behind the VPN",
                "ops",
            ),
            HeldBack(mismatch(NO_HEALTH_CHECK, "proxy"), NO_HEALTH_CHECK, SuppressedBy.RULE),
        ),
        stale=(AcceptedMismatch("0" * 16, "open-database-port", "redis 6379", "odoo", COMPOSE),),
        asked=7,
        limits=("2 compose files were not understood", "shop: an include from a URL was not read"),
    )


HOSTILE_NAMES = (
    f"A{ESCAPE}",
    f"B{MARKUP}",
    f"C{BIDI}",
    "x ::error::owned",
    "::error::owned",
    "##[error]owned",
    "a`b`|c|<b>]]>",
    'n"]; click n0 "javascript:alert(1)"',
    "end\n```\n# owned\n::warning::owned",
    "%% owned\n graph TD",
    "]( javascript:alert(1) )",
    "</svg><script>document.title='owned'</script>",
    "caf\udce9",
)


def hostile_audit() -> AuditOutcome:
    """An audit in which every name is an attack."""
    judged, services, endpoints = [], [], []
    for number, name in enumerate(HOSTILE_NAMES):
        of = (DEFAULT_PASSWORD, OPEN_PORT, UNDOCUMENTED, NO_HEALTH_CHECK)[number % 4]
        path = HOSTILE_PATHS[number % len(HOSTILE_PATHS)]
        evidence = MismatchEvidence(FactPlace(path, number), f"{name} says")
        judged.append((of, mismatch(of, name, stack=name, evidence=(evidence,))))
        services.append(
            replace(
                service(name, number, f"{name}:latest"),
                place=FactPlace(path, number),
                depends_on=HOSTILE_NAMES[:2],
            )
        )
        endpoints.append(endpoint(name, HOSTILE_NAMES[number - 1], name, name, place=FactPlace(path, number)))
    stack = Stack(
        name=HOSTILE_NAMES[1],
        kind=StackKind.COMPOSE,
        files=HOSTILE_PATHS,
        services=tuple(services),
        limits=(HOSTILE_NAMES[3],),
    )
    facts = ProjectFacts(
        name=HOSTILE_NAMES[4],
        paths=frozenset(HOSTILE_PATHS),
        stacks=(stack,),
        endpoints=tuple(endpoints),
        jobs=(JobFacts(system="github", name=HOSTILE_NAMES[8], place=FactPlace(HOSTILE_PATHS[5], 3)),),
        upstreams=(Upstream(HOSTILE_NAMES[7], None, FactPlace(HOSTILE_PATHS[7], 1)),),
        skipped=tuple(Skipped(path, SkipReason.UNREADABLE, MARKUP) for path in HOSTILE_PATHS),
    )
    return AuditOutcome(
        name=facts.name,
        facts=facts,
        lines=rank(judged),
        held_back=tuple(
            HeldBack(found, of, SuppressedBy.BASELINE, HOSTILE_NAMES[5], HOSTILE_NAMES[6])
            for of, found in judged[:3]
        ),
        stale=(AcceptedMismatch("0" * 16, HOSTILE_NAMES[0], HOSTILE_NAMES[2], "", HOSTILE_PATHS[3]),),
        limits=HOSTILE_NAMES,
    )
