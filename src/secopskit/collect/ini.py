"""Settings of programs in INI form: odoo.conf and its like, properties of Spring. The scope is the section.

What configures a server by its own grammar (nginx, PostgreSQL, Redis, PHP, supervisor, …) or a tool of
developers holds no settings of this project, and is left alone.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.facts import FactPlace, SettingKind, VariableSetting
from secopskit.collect.interface import Collector
from secopskit.collect.value import ConfigValue
from secopskit.formats import ini
from secopskit.formats.setting import numbered
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import Fact
    from secopskit.findings import Blob

_NAME: Final = LazyRegex(
    r"(?i)\.(?:conf|ini|cfg|cnf|properties)(?:\.(?:example|sample|dist|template|tmpl|tpl|j2|jinja2?|"
    r"erb|in|default))?$"
)
_OTHERS: Final = LazyRegex(
    r"(?i)(?:^|/)(?:php[\w.-]{0,30}|www|supervisord?|nginx|apache2?|httpd|postgresql|pg_[\w]{1,20}|"
    r"postgres|redis|valkey|"
    r"my|mysqld?|mariadb|haproxy|fail2ban|logrotate|rsyslog|syslog|sysctl|sshd?|named|resolv|turnserver|"
    r"setup|tox|pytest|mypy|alembic|babel|flake8|pylint|\.?isort|\.?bumpversion|\.?coveragerc|versioneer|"
    r"desktop|buildout|ansible|hosts|inventory|gradle|gradle-wrapper|log4j2?|logback|logging|"
    r"sonar-project|lombok|"
    r"messages(?:_\w{2,8})?|fluent(?:d|-bit)|dovecot|opendkim|vector|uwsgi|gunicorn|pip|npmrc|"
    r"dnsmasq|unbound)"
    r"\.[\w.-]{1,30}$"
    r"|(?:^|/)(?:nginx|supervisor|supervisord|php|php-fpm|apache2?|httpd|conf\.d|sites-(?:available|enabled)|"
    r"systemd|fail2ban|i18n|lang|locales?|translations?)/"
)
_SECTION: Final = LazyRegex(rb"(?m)^[ \t]{0,8}\[[\w .:/-]{1,80}\][ \t\r]{0,8}$")
_SUPERVISED: Final = LazyRegex(
    rb"(?m)^\[(?:program:|supervisor|unix_http_server|inet_http_server|group:|eventlistener:|Unit\]|"
    rb"PHP\]|mysqld?\]|"
    rb"client\]|uwsgi\]|alembic\]|loggers\])"
)
_SIGNS: Final = (".conf", ".ini", ".cfg", ".cnf", ".properties")
_MOST: Final = 5000


def wants(path: str) -> bool:
    """Whether it may be such a file, by its name and directory."""
    return any(sign in path for sign in _SIGNS) and bool(_NAME.search(path)) and not _OTHERS.search(path)


def collect(blob: Blob) -> Iterator[Fact]:
    """The settings, if it is an INI file with sections, or properties."""
    is_properties = ".properties" in blob.path.rpartition("/")[2]
    if _SUPERVISED.search(blob.data) or not (is_properties or _SECTION.search(blob.data)):
        return
    for line, setting in islice(numbered(blob.data, ini.settings(blob.data)), _MOST):
        if setting.key.startswith(("-", "/")):
            continue
        yield VariableSetting(
            name=setting.key,
            value=ConfigValue(setting.value),
            place=FactPlace(blob.path, line),
            kind=SettingKind.INI,
            scope=setting.path[0] if setting.path else "",
        )


COLLECTOR: Final = Collector("ini", wants, collect)
