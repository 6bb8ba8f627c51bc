"""Where something points at."""

from __future__ import annotations

from enum import Enum

from secopskit.collect.facts.places import FactPlace, FileRole
from secopskit.collect.facts.variables import SettingKind
from secopskit.collect.value import ConfigValue
from secopskit.named_tuple import NamedTuple


class EndpointKind(Enum):
    """What answers at an endpoint."""

    POSTGRES = "PostgreSQL"
    MYSQL = "MySQL"
    REDIS = "Redis"
    MONGODB = "MongoDB"
    AMQP = "AMQP"
    HTTP = "HTTP"
    SMTP = "SMTP"
    OTHER = "other"


class Endpoint(NamedTuple):
    """Where a setting points at: a URL, a DSN, or host and port under sibling names.

    `key` is the name of the setting, `scope` its service, job or section. `host` and `database` may hold
    references; a part that is not said is empty or None. `password` is the part of the URL, or of the
    sibling. `tls` is the mode as written (`require`, `disable`), empty where nothing is said. `keys` are all
    settings it was put together from. `odoo` tells that an Odoo server reads it. `setting` is what holds it,
    `role` what that file is for; `stack` are the files of the stack whose service is given it, none for what
    stands in a file by itself. `assumed` tells that the port is the usual one, as none is written.
    """

    kind: EndpointKind
    host: str
    port: int | None
    database: str
    user: str
    password: ConfigValue | None
    tls: str
    key: str
    scope: str
    place: FactPlace
    keys: tuple[str, ...] = ()
    odoo: bool = False
    setting: SettingKind | None = None
    role: FileRole = FileRole.PRODUCT
    stack: tuple[str, ...] = ()
    assumed: bool = False
