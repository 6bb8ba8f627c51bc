"""Settings written as source code: Django's settings.py, WordPress' wp-config.php and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.candidate import SecretCandidate, candidate_of
from secopskit.detect.judgement.judge import judge_candidates
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.detect.value.filters import KeyKind
from secopskit.formats.code import source
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "settings-secret"
DJANGO_RULE: Final = "django-secret-key"
WORDPRESS_RULE: Final = "wordpress-secret"
_WORDPRESS: Final = frozenset(
    f"{name}_{kind}" for name in ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE") for kind in ("KEY", "SALT")
)
_DJANGO: Final = LazyRegex(rb"(?i)django|INSTALLED_APPS|MIDDLEWARE")


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a settings file written as code."""
    yield from judge_candidates(_candidates(blob), place_for(blob.path, RULE, Trust.SETTINGS))


def _candidates(blob: Blob) -> Iterator[SecretCandidate | None]:
    wordpress = "wp-config" in blob.path
    django = blob.path.endswith(".py") and _DJANGO.search(blob.data) is not None
    for setting in source.settings(blob.data):
        if setting.key in _WORDPRESS:
            yield SecretCandidate(setting.key, setting.value, setting.span, KeyKind.SECRET, WORDPRESS_RULE)
        elif django and setting.key == "SECRET_KEY":
            yield candidate_of(setting, rule=DJANGO_RULE)
        else:
            yield candidate_of(setting, rule=WORDPRESS_RULE if wordpress else "")
