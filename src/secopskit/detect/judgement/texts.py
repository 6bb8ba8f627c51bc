"""Files of texts for readers and of schemas: `password: Enter your password`. Their names tell."""

from __future__ import annotations

from typing import Final

from secopskit.lazy_regex import LazyRegex

LANGUAGES: Final = (
    "en|de|fr|es|it|pt|nl|ru|pl|ja|zh|ko|sv|da|fi|nb|nn|no|cs|sk|hu|ro|bg|el|tr|uk|ar|he|fa|hi|id|ms|th|vi|ca|eu|gl"
    "|et|lv|lt|sl|hr|sr|ka|hy|az|kk|mk|sq|bs|is|ga|cy|af|sw|ta|te|bn|ur|ne"
)
"""Codes of languages (ISO 639), as the source of an expression."""
_TEXTS: Final = LazyRegex(
    rf"(?i)(?:^|/)(?:locales?|i18n|l10n|langs?|languages?|translations?|messages|schemas?)/"
    rf"|(?:^|[/._-])(?:{LANGUAGES})(?:[-_][a-z]{{2,4}})?\.(?:json|ya?ml|properties|resx|xml|ini|php|toml|arb)$"
    # Of Android, which has more languages than others; `car` is a kind of device.
    rf"|(?:^|/)values-(?:(?!car\b)[a-z]{{2,3}}|b\+[a-z]{{2,3}})(?:[-+]\w{{2,8}}){{0,2}}/[\w.-]{{1,80}}\.xml$"
    r"|(?:^|/)messages\.properties$|openapi|swagger|schema\.json$"
)


def is_texts(path: str) -> bool:
    """Whether a file of that name holds texts for readers, or schemas."""
    return _TEXTS.search(path) is not None
