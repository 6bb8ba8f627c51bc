"""Images: which server is in them, where it listens, where it keeps its data.

Ports and directories are those that the images' own pages tell (https://hub.docker.com).
"""

from __future__ import annotations

from typing import Final

from secopskit.collect.facts import EndpointKind, ImageName
from secopskit.named_tuple import NamedTuple


class ServerImage(NamedTuple):
    """A server by what it does. `ports` are where its image listens, the first is the usual one.

    `data` are the directories that hold what must survive; none for what is a cache. `admin` tells that it
    is a surface to administer something else; `consoles` are the ports of such a surface in a server.
    """

    label: str
    ports: tuple[int, ...]
    data: tuple[str, ...] = ()
    kind: EndpointKind = EndpointKind.OTHER
    admin: bool = False
    consoles: tuple[int, ...] = ()


_POSTGRES: Final = ServerImage(
    "PostgreSQL",
    (5432,),
    ("/var/lib/postgresql", "/bitnami/postgresql", "/home/postgres", "/pgdata", "/data", "/config"),
    EndpointKind.POSTGRES,
)
_MYSQL: Final = ServerImage(
    "MySQL",
    (3306, 33060),
    ("/var/lib/mysql", "/bitnami/mysql", "/bitnami/mariadb", "/config"),
    EndpointKind.MYSQL,
)
_REDIS: Final = ServerImage("Redis", (6379,), (), EndpointKind.REDIS)
_MONGO: Final = ServerImage(
    "MongoDB", (27017,), ("/data/db", "/bitnami/mongodb", "/data"), EndpointKind.MONGODB
)
_RABBIT: Final = ServerImage(
    "RabbitMQ", (5672, 5671, 15672, 15692, 4369, 25672), (), EndpointKind.AMQP, consoles=(15672,)
)
_ELASTIC: Final = ServerImage("Elasticsearch", (9200, 9300), ("/usr/share/elasticsearch/data",))
_BY_BASE: Final = {
    name: server
    for names, server in (
        ("postgres postgresql postgis pgvector timescaledb timescaledb-ha spilo-15 postgres-ha", _POSTGRES),
        ("mysql mysql-server percona percona-server", _MYSQL),
        ("mariadb mariadb-galera", _MYSQL._replace(label="MariaDB")),
        ("redis redis-stack-server valkey keydb dragonfly", _REDIS),
        ("mongo mongodb mongodb-community-server", _MONGO),
        ("rabbitmq rabbitmq-server", _RABBIT),
        ("elasticsearch elasticsearch-oss", _ELASTIC),
        ("opensearch", ServerImage("OpenSearch", (9200, 9300, 9600), ("/usr/share/opensearch/data",))),
        (
            "clickhouse clickhouse-server",
            ServerImage(
                "ClickHouse",
                (8123, 9000, 9004, 9005, 9009, 8443, 9440),
                ("/var/lib/clickhouse", "/bitnami/clickhouse"),
            ),
        ),
        ("memcached", ServerImage("Memcached", (11211,))),
        ("influxdb", ServerImage("InfluxDB", (8086,), ("/var/lib/influxdb", "/var/lib/influxdb2"))),
        ("neo4j", ServerImage("Neo4j", (7687, 7474, 7473), ("/data",))),
        ("couchdb", ServerImage("CouchDB", (5984,), ("/opt/couchdb/data",))),
        ("cassandra", ServerImage("Cassandra", (9042, 7000, 7001, 7199), ("/var/lib/cassandra",))),
        ("cockroach", ServerImage("CockroachDB", (26257, 8080), ("/cockroach",))),
        ("etcd", ServerImage("etcd", (2379, 2380))),
        ("zookeeper", ServerImage("ZooKeeper", (2181, 2888, 3888, 8080))),
    )
    for name in names.split()
}
_ADMIN_BY_BASE: Final = {
    "pgadmin4": ("pgAdmin", (80, 443, 5050)),
    "adminer": ("Adminer", (8080,)),
    "phpmyadmin": ("phpMyAdmin", (80, 8080)),
    "mongo-express": ("mongo-express", (8081,)),
    "redis-commander": ("Redis Commander", (8081,)),
    "redisinsight": ("RedisInsight", (5540, 8001)),
    "kibana": ("Kibana", (5601,)),
    "opensearch-dashboards": ("OpenSearch Dashboards", (5601,)),
    "portainer": ("Portainer", (9000, 9443, 8000)),
    "portainer-ce": ("Portainer", (9000, 9443, 8000)),
    "portainer-ee": ("Portainer", (9000, 9443, 8000)),
    "studio": ("Supabase Studio", (3000,)),
    "postgres-meta": ("Supabase's postgres-meta", (8080,)),
    "pgweb": ("pgweb", (8081,)),
    "kafka-ui": ("Kafka UI", (8080,)),
    "dozzle": ("Dozzle", (8080,)),
    "flower": ("Flower", (5555,)),
    "kafdrop": ("Kafdrop", (9000,)),
    "akhq": ("AKHQ", (8080,)),
    "cloudbeaver": ("CloudBeaver", (8978,)),
    "sqlpad": ("SQLPad", (3000,)),
    "dockge": ("Dockge", (5001,)),
    "docker-socket-proxy": ("the Docker API", (2375,)),
}
_OF_SUPABASE: Final = frozenset({"studio", "postgres-meta"})
_APPLICATIONS: Final = {
    "odoo": ("Odoo", (8069, 8071, 8072)),
    "metabase": ("Metabase", (3000,)),
    "mailpit": ("Mailpit", (1025, 8025, 1110)),
    "mailhog": ("MailHog", (1025, 8025)),
    "prometheus": ("Prometheus", (9090,)),
    "minio": ("MinIO", (9000, 9001)),
    "supavisor": ("Supavisor", (5432, 6543, 4000)),
    "logflare": ("Logflare", (4000,)),
    "grafana": ("Grafana", (3000,)),
}
_WELL_KNOWN: Final = {
    5432: _POSTGRES,
    3306: _MYSQL,
    6379: _REDIS,
    27017: _MONGO,
}
DOCKER_PORT: Final = 2375
"""Where the Docker API listens without TLS."""


def server_of(image: ImageName | None) -> ServerImage | None:
    """The server that an image is known for; None for any other."""
    if image is None:
        return None
    if image.base in _ADMIN_BY_BASE and (image.base not in _OF_SUPABASE or "supabase" in image.name):
        label, ports = _ADMIN_BY_BASE[image.base]
        return ServerImage(label, ports, admin=True)
    if image.name.endswith("mssql/server") or image.base == "azure-sql-edge":
        return ServerImage("SQL Server", (1433,), ("/var/opt/mssql",))
    return _BY_BASE.get(image.base)


def application_of(image: ImageName | None) -> ServerImage | None:
    """The program of an image that always listens on the same ports, unless it is told otherwise.

    Servers are such, and a few applications.
    """
    if image is not None and image.base in _APPLICATIONS:
        return ServerImage(*_APPLICATIONS[image.base])
    server = server_of(image)
    return None if server is None or server.admin else server


def server_of_port(port: int | None) -> ServerImage | None:
    """The database that is so well known for a port that nothing else listens there."""
    return _WELL_KNOWN.get(port or 0)


def is_database(server: ServerImage | None) -> bool:
    """Whether it holds data of others, or is a queue or cache of them."""
    return server is not None and not server.admin
