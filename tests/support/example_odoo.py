"""What `secops audit` finds in `examples/odoo-supabase`, and what it says nothing of."""

from __future__ import annotations

from typing import Final, NamedTuple

from support.cli import ROOT

EXAMPLE: Final = ROOT / "examples" / "odoo-supabase"


class ExpectedMismatch(NamedTuple):
    """A disagreement that is there: the id of its rule, its subject, and where a reader is sent first."""

    rule: str
    subject: str
    path: str


EXPECTED: Final = frozenset(
    ExpectedMismatch(*each)
    for each in (
        ("migration-hits-odoo", "production: DATABASE_URL", ".github/workflows/migrate.yml"),
        ("two-databases", "DATABASE_URL", ".env.example"),
        (
            "secret-in-client-bundle",
            "NEXT_PUBLIC_SUPABASE_SERVICE_ROLE_KEY",
            "apps/web/app/checkout/page.tsx",
        ),
        ("variable-goes-nowhere", "ODOO_WEBHOOK_KEY", "compose.yml"),
        ("variable-never-passed", "web: STRIPE_WEBHOOK_SECRET", "apps/web/app/api/stripe/route.ts"),
        ("build-argument-without-arg", "NEXT_PUBLIC_SITE_URL", "compose.yml"),
        ("defaults-differ", "ORDER_TIMEOUT", ".env.example"),
        ("password-repeated", "bridge: DATABASE_URL", "compose.yml"),
        ("template-host", "REDIS_URL: redis", ".env.example"),
        ("undefined-service", "upstream storage", "nginx/default.conf"),
        ("wrong-port", "bridge: ODOO_RPC_URL", "compose.yml"),
        ("wrong-port", "upstream web:8080", "nginx/default.conf"),
        ("plain-connection", "SHOP_DATABASE_URL", ".env.staging"),
        ("open-port", "odoo-db", "compose.yml"),
        ("open-port", "pgadmin", "compose.yml"),
        ("default-credentials", "ODOO_DB_PASSWORD", "compose.yml"),
        ("default-credentials", "PGADMIN_PASSWORD", "compose.yml"),
        ("default-credentials", "admin_passwd", "odoo/config/odoo.conf"),
        ("unpinned-image", "proxy", "compose.yml"),
        ("database-health-check", "odoo-db", "compose.yml"),
        ("database-health-check", "cache", "compose.yml"),
        ("database-volume", "metabase-db", "compose.yml"),
        ("docker-socket", "updater", "compose.prod.yml"),
        ("environment-file-tracked", ".env.staging", ".env.staging"),
        ("ignored-path-tracked", "odoo/config/odoo.conf", "odoo/config/odoo.conf"),
        ("ignored-path-tracked", "odoo/config/odoo.prod.conf", "odoo/config/odoo.prod.conf"),
        ("undocumented-variable", "ORDER_EXPORT_BUCKET", "bridge/bridge.py"),
        ("undocumented-variable", "SHOP_WEBHOOK_URL", "odoo/addons/shop_bridge/models/sale_order.py"),
        ("compose-variable-undefined", "ALERT_CHANNEL", "compose.yml"),
        ("documented-but-unused", "LEGACY_EXPORT_CRON", ".env.example"),
        (
            "environments-differ",
            "the job deploy of .github/workflows/deploy-production.yml",
            ".github/workflows/deploy-staging.yml",
        ),
    )
)
"""All that is told, and all of it is true: a case of each rule for which nobody has to be asked, and more."""

SILENT: Final = (
    "TARGET",
    "STAMP",
    "KEEP",
    "PIP_VERSION",
    "PIP_NO_CACHE_DIR",
    "PYTHONUNBUFFERED",
    "NODE_ENV",
    "PORT",
    "CI",
    "GITHUB_SHA",
    "NEXT_PUBLIC_SUPABASE_ANON_KEY",
    "NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY",
    "POSTGRES_DB",
    "POSTGRES_USER",
    "MB_DB_HOST",
    "MB_DB_PASS",
    "CACHE_URL",
    "odoo-gevent",
    "8072",
    "staging: DATABASE_URL",
    "migrations: DATABASE_URL",
)
"""Names that look like a mistake: they stand in no subject."""
