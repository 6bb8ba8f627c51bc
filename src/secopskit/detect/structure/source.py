"""Settings written as source code: Django's settings.py, WordPress' wp-config.php and the like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.judge import judge
from secopskit.detect.structure.setting import Setting, Trust, place_for
from secopskit.detect.value.filters import KeyKind
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "settings-secret"
DJANGO_RULE: Final = "django-secret-key"
WORDPRESS_RULE: Final = "wordpress-secret"
_TEXT: Final = rb"[bru]{0,2}(?:\"((?:[^\"\\\n]|\\.){1,2000})\"|'((?:[^'\\\n]|\\.){1,2000})')"
_DEFINE: Final = re.compile(
    rb"define[ \t]{0,8}\([ \t]{0,20}['\"](\w{1,80})['\"][ \t]{0,8},[ \t]{0,40}" + _TEXT
)
# NAME = "…", $name = '…', 'name' => '…', "name": "…", name: '…'
_ASSIGN: Final = re.compile(
    rb"(?m)(?:^|[\s{(\[,.;])[$'\"]{0,2}([A-Za-z_]\w{0,80})['\"]?\]?[ \t]{0,40}(?:=>|=|:)[ \t]{0,40}"
    + _TEXT
    + rb"[ \t]{0,8}(?=[,;\]})\r\n#/]|$)"
)
_WORDPRESS: Final = frozenset(
    f"{name}_{kind}" for name in ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE") for kind in ("KEY", "SALT")
)
_DJANGO: Final = re.compile(rb"(?i)django|INSTALLED_APPS|MIDDLEWARE")


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a settings file written as code."""
    place = place_for(blob.path, RULE, Trust.SETTINGS)
    yield from judge(_settings(blob), place)


def _settings(blob: Blob) -> Iterator[Setting]:
    wordpress = "wp-config" in blob.path
    django = blob.path.endswith(".py") and _DJANGO.search(blob.data) is not None
    for pattern in (_DEFINE, _ASSIGN):
        for found in pattern.finditer(blob.data):
            name = found[1].decode()
            group = 2 if found[2] is not None else 3
            rule, kind = WORDPRESS_RULE if wordpress else "", None
            if name in _WORDPRESS:
                rule, kind = WORDPRESS_RULE, KeyKind.SECRET
            elif django and name == "SECRET_KEY":
                rule = DJANGO_RULE
            yield Setting(key=name, value=found[group], span=Span(*found.span(group)), rule=rule, kind=kind)
