"""INI and its relatives: odoo.conf, .cfg, .conf, .ini, .properties, .my.cnf, .boto, AWS credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.candidate import SecretCandidate, candidate_of
from secopskit.detect.judgement.judge import judge, judge_candidates
from secopskit.detect.judgement.place import SettingPlace, Trust, place_for
from secopskit.detect.value.filters import KeyKind
from secopskit.formats import ini
from secopskit.formats.logins import access_list
from secopskit.formats.setting import SettingForm
from secopskit.formats.trees import json_file
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match
    from secopskit.formats.setting import Setting

RULE: Final = "ini-secret"
NPM_RULE: Final = "npmrc-auth"
_ODOO: Final = {"admin_passwd": "odoo-admin-password", "db_password": "odoo-db-password"}
_ODOO_SIGN: Final = prepared(
    rb"(?m)^[ \t]{0,8}(?:admin_passwd|addons_path|xmlrpc_port|list_db|dbfilter)[ \t]{0,8}="
)
# With nothing but a blank before its value, a name must say more than it does before a sign.
_DIRECTIVE: Final = prepared(
    r"(?!(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached|js)_pass$)"  # of nginx: where a request goes
    r"(?:[A-Za-z][\w.-]{0,40}(?:pass|passwd|password|pw|secret|token)|pass|password)",
    re.ASCII,
)
# Of Redis, its Sentinels, and what is like it.
_SERVERS_OWN: Final = prepared(r"masterauth|primaryauth|requirepass|tls-key-file-pass")
# Of FreeRADIUS, Asterisk and strongSwan: people make these secrets up, as they do passwords.
_PEERS: Final = prepared(
    r"(?i)(?:^|/)(?:(?:clients|proxy|home_servers|sip|pjsip|iax|manager|users|ari|voicemail|swanctl)"
    r"(?:[._-][\w-]{1,40})?\.conf|swanctl/conf\.d/[\w.-]{1,80}\.conf)$"
)
_LOGIN_FILE: Final = prepared(
    r"(?i)(?:^|/)(?:\.?my\.cnf|\.pypirc|\.boto|credentials|\.credentials|\.s3cfg|\.npmrc|\.esmtprc|\.msmtprc|\.pgpass"
    r"|\.?odoo[\w.-]*\.conf|odoo[\w.-]*\.conf|openerp-server\.conf|redis[\w.-]*\.conf|config)$"
)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in an INI-like file."""
    place, odoo = _place(blob)
    shared = _PEERS.search(blob.path) is not None
    yield from judge_candidates(_candidates(blob.data, _ODOO if odoo else {}, shared=shared), place)
    if b'":' in blob.data:  # JSON under another name
        yield from judge(json_file.settings(blob.data), place)
    if b"ansible_" in blob.data:
        yield from judge(ini.inventory(blob.data), place)
    trust = min(place.trust, Trust.SETTINGS, key=lambda trust: trust.value)
    yield from judge(_directives(blob.data), SettingPlace(rule=RULE, trust=trust))


def _directives(data: bytes) -> Iterator[Setting]:
    """The lines of a name and a value that say a secret, and the passwords of Redis's users."""
    for setting in ini.directives(data):
        if _SERVERS_OWN.fullmatch(setting.key):
            yield setting._replace(form=SettingForm.PASSWORD)
        elif _DIRECTIVE.fullmatch(setting.key):
            yield setting
    if b" >" in data and b"user " in data:
        yield from access_list(data)


def _place(blob: Blob) -> tuple[SettingPlace, bool]:
    """How far to trust the file, and whether it is Odoo's."""
    odoo = _ODOO_SIGN.search(blob.data) is not None
    trust = Trust.DEPLOYED if odoo or _LOGIN_FILE.search(blob.path) else Trust.SETTINGS
    return place_for(blob.path, NPM_RULE if blob.path.endswith(".npmrc") else RULE, trust), odoo


def _candidates(data: bytes, rules: dict[str, str], *, shared: bool) -> Iterator[SecretCandidate | None]:
    """What may be a secret; with `shared`, a `secret` is one that two sides share, as a password is."""
    for found in ini.settings(data):
        # In such files no shell's directory.
        setting = found._replace(key="pwd") if found.key == "PWD" else found
        key = setting.key
        if shared and key == "secret":
            setting = setting._replace(form=SettingForm.PASSWORD)
        # `_auth` of .npmrc is user:password in base64; there is no weaker way to write it.
        if key.endswith("_auth") and key.lstrip("/").rpartition(":")[2] == "_auth":
            yield SecretCandidate(key, setting.value, setting.span, KeyKind.CREDENTIALS, NPM_RULE)
        else:
            yield candidate_of(setting, rule=rules.get(key, ""))
