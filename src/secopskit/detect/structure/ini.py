"""INI and its relatives: odoo.conf, .cfg, .conf, .ini, .properties, .my.cnf, .boto, AWS credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.json_file import settings as pairs
from secopskit.detect.structure.judge import judge
from secopskit.detect.structure.lines import assignments
from secopskit.detect.structure.setting import Setting, SettingPlace, Trust, place_for
from secopskit.detect.value.filters import KeyKind
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "ini-secret"
NPM_RULE: Final = "npmrc-auth"
_ODOO: Final = {"admin_passwd": "odoo-admin-password", "db_password": "odoo-db-password"}
_ODOO_SIGN: Final = re.compile(
    rb"(?m)^[ \t]{0,8}(?:admin_passwd|addons_path|xmlrpc_port|list_db|dbfilter)[ \t]{0,8}="
)
# `requirepass foo`, `password "foo"`: a name and a value with only a blank between them.
_SPACED: Final = re.compile(
    rb"(?m)^[ \t]{0,40}([A-Za-z][\w.-]{0,40}(?:pass|passwd|password|pw|secret|token)|pass|password)"
    rb"[ \t]{1,20}(?:\"([^\"\n]{1,400})\"|'([^'\n]{1,400})'|([^\s\"'=:#;{(<][^\s;{]{0,400}));?[ \t]{0,20}$"
)
_LOGIN_FILE: Final = re.compile(
    r"(?i)(?:^|/)(?:\.?my\.cnf|\.pypirc|\.boto|credentials|\.credentials|\.s3cfg|\.npmrc|\.esmtprc|\.msmtprc|\.pgpass"
    r"|\.?odoo[\w.-]*\.conf|odoo[\w.-]*\.conf|openerp-server\.conf|redis[\w.-]*\.conf|config)$"
)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in an INI-like file."""
    trust = Trust.DEPLOYED if _LOGIN_FILE.search(blob.path) else Trust.SETTINGS
    odoo = _ODOO_SIGN.search(blob.data) is not None
    place = place_for(
        blob.path, NPM_RULE if blob.path.endswith(".npmrc") else RULE, Trust.DEPLOYED if odoo else trust
    )
    found = list(assignments(blob.data))
    if odoo:
        found = [setting._replace(rule=_ODOO.get(setting.key, "")) for setting in found]
    yield from judge(map(_typed, found), place)
    if b'":' in blob.data:  # JSON under another name
        yield from judge(pairs(blob.data), place)
    yield from judge(
        _spaced(blob.data), SettingPlace(rule=RULE, trust=min(place.trust, Trust.SETTINGS, key=_order))
    )


def _order(trust: Trust) -> int:
    return trust.value


def _typed(setting: Setting) -> Setting:
    """`_auth` of .npmrc is user:password in base64; there is no weaker way to write it."""
    if setting.key.endswith("_auth") and setting.key.lstrip("/").rpartition(":")[2] == "_auth":
        return setting._replace(kind=KeyKind.CREDENTIALS, rule=NPM_RULE)
    return setting


def _spaced(data: bytes) -> Iterator[Setting]:
    for found in _SPACED.finditer(data):
        group = next(number for number in (2, 3, 4) if found[number] is not None)
        yield Setting(key=found[1].decode(), value=found[group], span=Span(*found.span(group)))
