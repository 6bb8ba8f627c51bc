"""What `secops audit` is to find in `examples/odoo-supabase`, and what it is to say nothing of."""

from __future__ import annotations

from typing import Final, NamedTuple

from support.cli import ROOT

EXAMPLE: Final = ROOT / "examples" / "odoo-supabase"


class ExpectedMismatch(NamedTuple):
    """A disagreement that is there: `about` says which kind, `path` is where a reader may be sent."""

    about: str
    path: str
    subject: str


EXPECTED: Final = (
    ExpectedMismatch("migration of the wrong database", ".github/workflows/migrate.yml", "DATABASE_URL"),
    ExpectedMismatch("two databases, one name", "apps/web/.env.example", "DATABASE_URL"),
    ExpectedMismatch(
        "secret for browsers", "apps/web/app/checkout/page.tsx", "NEXT_PUBLIC_SUPABASE_SERVICE_ROLE_KEY"
    ),
    ExpectedMismatch("goes nowhere", "compose.yml", "ODOO_WEBHOOK_KEY"),
    ExpectedMismatch("never passed", "apps/web/app/api/stripe/route.ts", "STRIPE_WEBHOOK_SECRET"),
    ExpectedMismatch("never passed", "apps/web/instrumentation.ts", "SENTRY_DSN"),
    ExpectedMismatch("never passed", "apps/web/app/checkout/page.tsx", "NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY"),
    ExpectedMismatch("build argument without ARG", "compose.yml", "NEXT_PUBLIC_SITE_URL"),
    ExpectedMismatch("defaults differ", "compose.yml", "ODOO_DB_NAME"),
    ExpectedMismatch("defaults differ", "compose.yml", "ORDER_TIMEOUT"),
    ExpectedMismatch("password repeated", "compose.yml", "DATABASE_URL"),
    ExpectedMismatch("host of a template that nobody is", ".env.example", "REDIS_URL"),
    ExpectedMismatch("service that nobody defines", "nginx/default.conf", "storage"),
    ExpectedMismatch("port nobody listens on", "nginx/default.conf", "8080"),
    ExpectedMismatch("port nobody listens on", "compose.yml", "ODOO_RPC_URL"),
    ExpectedMismatch("hard-coded beside its variable", "apps/web/lib/odoo.ts", "https://erp.acme-shop.net"),
    ExpectedMismatch("TLS off", ".env.staging", "SHOP_DATABASE_URL"),
    ExpectedMismatch("database open to the world", "compose.yml", "odoo-db"),
    ExpectedMismatch("admin page open to the world", "compose.yml", "pgadmin"),
    ExpectedMismatch("default credential", "compose.yml", "PGADMIN_DEFAULT_PASSWORD"),
    ExpectedMismatch("default credential", "compose.yml", "POSTGRES_PASSWORD"),
    ExpectedMismatch("unpinned image", "compose.yml", "proxy"),
    ExpectedMismatch("no health check", "compose.yml", "odoo-db"),
    ExpectedMismatch("no volume", "compose.yml", "metabase-db"),
    ExpectedMismatch("docker socket", "compose.prod.yml", "updater"),
    ExpectedMismatch("environment file tracked", ".env.staging", ".env.staging"),
    ExpectedMismatch("ignored path tracked", "odoo/config/odoo.conf", "odoo/config/odoo.conf"),
    ExpectedMismatch("undocumented", "bridge/bridge.py", "ORDER_EXPORT_BUCKET"),
    ExpectedMismatch("undocumented", "odoo/addons/shop_bridge/models/sale_order.py", "SHOP_WEBHOOK_URL"),
    ExpectedMismatch("undocumented in Compose", "compose.yml", "ALERT_CHANNEL"),
    ExpectedMismatch("documented, unused", ".env.example", "LEGACY_EXPORT_CRON"),
    ExpectedMismatch(
        "differs between environments", ".github/workflows/deploy-staging.yml", "STRIPE_WEBHOOK_SECRET"
    ),
)
"""One case of each kind that can be seen without asking anybody."""

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
    "POSTGRES_DB",
    "POSTGRES_USER",
    "MB_DB_HOST",
    "MB_DB_PASS",
    "CACHE_URL",
    "odoo-gevent",
)
"""Names that no mismatch may have as its subject."""
