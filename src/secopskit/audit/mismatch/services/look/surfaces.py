"""Programs that are no database, and have a door to one or a surface to administer something.

Images and ports are those that their own pages tell: https://supabase.com/docs/guides/self-hosting/docker,
https://min.io/docs/minio/container/index.html, https://docs.pi-hole.net/docker/,
https://hub.docker.com/r/jc21/nginx-proxy-manager, https://prometheus.io/docs/operating/security/,
https://www.jaegertracing.io/docs/, https://hub.docker.com/r/apache/kafka and those of the other images.
"""

from __future__ import annotations

from typing import Final

from secopskit.collect.facts import ImageName
from secopskit.named_tuple import NamedTuple


class SurfaceImage(NamedTuple):
    """A program by its doors: `ports` are those of a database or a queue, `consoles` those of a surface."""

    label: str
    ports: tuple[int, ...] = ()
    consoles: tuple[int, ...] = ()


_POOLER: Final = "a pooler of PostgreSQL"
_BY_NAME: Final = {
    name: surface
    for names, surface in (
        ("supabase/supavisor", SurfaceImage(f"Supavisor ({_POOLER})", (5432, 6543), (4000,))),
        ("supabase/logflare", SurfaceImage("Logflare", consoles=(4000,))),
        ("edoburu/pgbouncer bitnami/pgbouncer", SurfaceImage(f"PgBouncer ({_POOLER})", (5432, 6432))),
        (
            "minio/minio chainguard/minio bitnami/minio",
            SurfaceImage("MinIO", consoles=(9001,)),
        ),
        ("pihole/pihole", SurfaceImage("Pi-hole", consoles=(80, 443))),
        ("adguard/adguardhome", SurfaceImage("AdGuard Home", consoles=(80, 443, 3000))),
        ("jc21/nginx-proxy-manager", SurfaceImage("Nginx Proxy Manager", consoles=(81,))),
        ("prom/prometheus", SurfaceImage("Prometheus", consoles=(9090,))),
        ("prom/alertmanager", SurfaceImage("Alertmanager", consoles=(9093,))),
        ("jaegertracing/all-in-one jaegertracing/jaeger", SurfaceImage("Jaeger", consoles=(16686,))),
        ("axllent/mailpit", SurfaceImage("Mailpit", consoles=(8025,))),
        ("mailhog/mailhog", SurfaceImage("MailHog", consoles=(8025,))),
        ("netdata/netdata", SurfaceImage("Netdata", consoles=(19999,))),
        ("cadvisor/cadvisor google/cadvisor", SurfaceImage("cAdvisor", consoles=(8080,))),
        ("apache/kafka bitnami/kafka confluentinc/cp-kafka", SurfaceImage("Kafka", (9092,))),
        ("nats", SurfaceImage("NATS", (4222, 6222), (8222,))),
        ("apache/activemq-classic", SurfaceImage("ActiveMQ", (61616, 5672, 61613, 1883), (8161,))),
        ("solr", SurfaceImage("Solr", consoles=(8983,))),
        ("qdrant/qdrant", SurfaceImage("Qdrant", (6333, 6334))),
    )
    for name in names.split()
}


def surface_of(image: ImageName | None) -> SurfaceImage | None:
    """What an image is known to offer besides its own work; None for any other."""
    return _BY_NAME.get(image.name.removeprefix("library/")) if image else None
