"""Names of settings that say together where something is: host, port, user, with the same beginning."""

from __future__ import annotations

import re
from typing import Final

from secopskit.collect.facts import EndpointKind
from secopskit.named_tuple import NamedTuple

_SIGNS: Final = re.compile(r"[^A-Z0-9]+")
_PART: Final = re.compile(
    r"(?P<prefix>[A-Z0-9_]{1,80}?)_?(?P<part>HOST|HOSTNAME|HOST_NAME|SERVER|ADDR|ADDRESS|PORT|USER|USERNAME"
    r"|USER_NAME|LOGIN|PASSWORD|PASS|PASSWD|PWD|NAME|DATABASE|DB|DBNAME|DB_NAME|SSLMODE|SSL_MODE|SSL|TLS"
    r"|TYPE|ENGINE|DRIVER|CONNECTION|CLIENT|DIALECT|ADAPTER|VENDOR)"
)
_FIELDS: Final = {
    name: field
    for field, names in {
        "host": "HOST HOSTNAME HOST_NAME SERVER ADDR ADDRESS",
        "port": "PORT",
        "user": "USER USERNAME USER_NAME LOGIN",
        "password": "PASSWORD PASS PASSWD PWD",
        "dbname": "NAME DATABASE DB DBNAME DB_NAME",
        "sslmode": "SSLMODE SSL_MODE SSL TLS",
        "type": "TYPE ENGINE DRIVER CONNECTION CLIENT DIALECT ADAPTER VENDOR",
    }.items()
    for name in names.split()
}
_KINDS: Final = {
    name: kind
    for kind, names in {
        EndpointKind.POSTGRES: "POSTGRES POSTGRESQL POSTGRESDB PG PGSQL PSQL",
        EndpointKind.MYSQL: "MYSQL MYSQLDB MARIADB",
        EndpointKind.REDIS: "REDIS VALKEY KEYDB",
        EndpointKind.MONGODB: "MONGO MONGODB",
        EndpointKind.AMQP: "AMQP RABBITMQ RABBIT",
        EndpointKind.SMTP: "SMTP MAIL EMAIL MAILER",
        EndpointKind.OTHER: "DB DATABASE ELASTICSEARCH ELASTIC OPENSEARCH CLICKHOUSE MEMCACHED KAFKA MINIO "
        "CACHE BROKER",
    }.items()
    for name in names.split()
}
_OWN_PREFIX: Final = re.compile(r"PG(HOST|PORT|USER|PASSWORD|DATABASE|SSLMODE)")
_ADDRESSES: Final = re.compile(
    r"(?:.{1,80}_)?(?:ENDPOINT|ADDR|ADDRESS|BROKERS?|BOOTSTRAP_SERVERS?|SERVERS?|UPSTREAM|HOSTS?|BACKEND)"
)
_OF_PORTS: Final = {
    5432: EndpointKind.POSTGRES,
    3306: EndpointKind.MYSQL,
    6379: EndpointKind.REDIS,
    27017: EndpointKind.MONGODB,
    5672: EndpointKind.AMQP,
    25: EndpointKind.SMTP,
    587: EndpointKind.SMTP,
    1025: EndpointKind.SMTP,
}
USUAL_PORTS: Final = {
    EndpointKind.POSTGRES: 5432,
    EndpointKind.MYSQL: 3306,
    EndpointKind.REDIS: 6379,
    EndpointKind.MONGODB: 27017,
    EndpointKind.AMQP: 5672,
}
"""The port that clients take where none is said."""


class PartName(NamedTuple):
    """A name read as the part of an endpoint: `field` is libpq's keyword for it, or `type`."""

    prefix: str
    field: str
    kind: EndpointKind


def part_name(name: str) -> PartName | None:
    """What part of which endpoint a setting of this name is; None where its name does not say so.

    Only prefixes that end with the name of a kind of server count: a bare `HOST` is where a program
    itself listens.
    """
    plain = plain_name(name)
    if own := _OWN_PREFIX.fullmatch(plain):
        return PartName("PG", _FIELDS[own[1]], EndpointKind.POSTGRES)
    found = _PART.fullmatch(plain)
    if found is None:
        return None
    prefix = found["prefix"].rstrip("_")
    kind = kind_of_name(prefix)
    return None if kind is None else PartName(prefix, _FIELDS[found["part"]], kind)


def plain_name(name: str) -> str:
    """`name` in capitals, with `_` for every sign and before every capital within."""
    return _SIGNS.sub("_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[:200]).upper()).strip("_")


def kind_of_name(prefix: str) -> EndpointKind | None:
    """The kind of server that the last word of a prefix names."""
    return _KINDS.get(prefix.rpartition("_")[2])


def kind_of_port(port: int | None) -> EndpointKind:
    """The kind of server that usually listens on `port`."""
    return _OF_PORTS.get(port or 0, EndpointKind.OTHER)


def names_address(name: str) -> bool:
    """Whether a setting of this name holds `host:port`."""
    return _ADDRESSES.fullmatch(plain_name(name)) is not None
