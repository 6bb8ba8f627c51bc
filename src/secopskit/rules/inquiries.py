"""Reads `inquiries:` of a rule file: what may be asked of an issuer, and nothing that could change anything.

The host is written out, so that no text of a scanned repository leads a request elsewhere: only first labels
of it may come from a value (`{dc}.api.example.com`), and then as a label that a host's name may have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.rules.inquiry import SLOT, VALUE, AnswerSign, Inquiry, Protocol

_METHODS: Final = ("GET", "HEAD", "POST")
_REQUEST: Final = re.compile(r"([A-Z]+) (https://\S+)")
# A label may be a slot; the last two are always written out.
_HOST: Final = re.compile(r"(?:\{[a-z][a-z0-9_]*\}\.)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?=/)")
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_ADVICE: Final = "See docs/verify.md."


def read_inquiries(entries: object, where: str) -> dict[str, Inquiry]:
    """The inquiries of a file by their names. Raises ConfigError; `where` names the file."""
    if not isinstance(entries, Mapping):
        raise ConfigError(f"{where}: `inquiries` maps names to what is asked", advice=_ADVICE)
    return {
        str(name): _inquiry(str(name), entry, f"{where}: inquiry {name!r}") for name, entry in entries.items()
    }


def _inquiry(name: str, entry: object, where: str) -> Inquiry:
    if not _NAME.fullmatch(name) or not isinstance(entry, Mapping):
        raise _wrong(where, "a name in lower case, and a mapping under it")
    if unknown := sorted(str(key) for key in set(entry) - set(_READERS)):
        raise ConfigError(
            f"{where}: unknown field {unknown[0]!r}", advice=f"Known fields: {', '.join(sorted(_READERS))}."
        )
    fields: dict[str, Any] = {}
    for key, value in entry.items():
        fields |= _READERS[key](value, f"{where}: {key!r}")
    if "source" not in fields:
        raise _wrong(where, "`source`: the vendor's page")
    inquiry = Inquiry(name=name, **fields)
    _consistent(inquiry, where)
    return inquiry


def _consistent(inquiry: Inquiry, where: str) -> None:
    """Raises ConfigError for an inquiry that nobody could ask, or that nobody could understand."""
    if inquiry.protocol is not Protocol.HTTP:
        return
    if not inquiry.url or not inquiry.active:
        raise _wrong(where, "`request` and `active`")
    known = {VALUE, *(name for name, _ in (*inquiry.parts, *inquiry.near))}
    used = {slot for text in _texts(inquiry) for slot in SLOT.findall(text)}
    if missing := sorted(used - known):
        raise _wrong(where, f"no slot {{{missing[0]}}}, which nothing fills")
    if not used - {name for name, _ in inquiry.near}:
        raise _wrong(where, "a place for {value}")
    if inquiry.method != "POST" and (inquiry.form or inquiry.body):
        raise _wrong(where, "`form` and `body` with POST only")


def _texts(inquiry: Inquiry) -> tuple[str, ...]:
    pairs = (*inquiry.headers, *inquiry.form)
    return (inquiry.url, *inquiry.basic, *(text for _, text in pairs))


def _request(value: object, where: str) -> dict[str, Any]:
    found = _REQUEST.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[1] not in _METHODS or not _HOST.match(found[2].removeprefix("https://")):
        raise _wrong(where, f"`METHOD https://host/path` with one of {', '.join(_METHODS)}")
    return {"method": found[1], "url": found[2]}


def _protocol(value: object, where: str) -> dict[str, Any]:
    known = {one.value: one for one in Protocol}
    if not isinstance(value, str) or value not in known:
        raise _wrong(where, f"one of {', '.join(known)}")
    return {"protocol": known[value]}


def _source(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, str) or not value.startswith("https://"):
        raise _wrong(where, "an https address")
    return {"source": value}


def _pairs(field: str) -> Callable[[object, str], dict[str, Any]]:
    def read(value: object, where: str) -> dict[str, Any]:
        sound = isinstance(value, Mapping) and all(isinstance(one, str) for one in (*value, *value.values()))
        if not sound or not isinstance(value, Mapping):
            raise _wrong(where, "names with texts")
        return {field: tuple(value.items())}

    return read


def _patterns(field: str) -> Callable[[object, str], dict[str, Any]]:
    pairs = _pairs(field)

    def read(value: object, where: str) -> dict[str, Any]:
        found = pairs(value, where)
        for name, pattern in found[field]:
            try:
                sound = bool(SLOT.fullmatch(f"{{{name}}}")) and re.compile(pattern.encode()).groups <= 1
            except re.error:
                sound = False
            if not sound:
                raise _wrong(where, "names with regular expressions of one group at most")
        return found

    return read


def _words(field: str, least: int = 1) -> Callable[[object, str], dict[str, Any]]:
    def read(value: object, where: str) -> dict[str, Any]:
        texts = value if isinstance(value, list) else [value]
        if len(texts) < least or not all(isinstance(one, str) for one in texts):
            raise _wrong(where, "a list of texts")
        return {field: tuple(texts)}

    return read


def _body(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(where, "a mapping, which is sent as JSON")
    return {"body": json.dumps(value, separators=(",", ":"))}


def _signs(field: str) -> Callable[[object, str], dict[str, Any]]:
    def read(value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, list):
            raise _wrong(where, "a list of statuses")
        return {field: tuple(_sign(one, where) for one in value)}

    return read


def _sign(value: object, where: str) -> AnswerSign:
    if isinstance(value, int):
        return AnswerSign(value)
    if not isinstance(value, Mapping) or set(value) - {"status", "json", "is", "text"}:
        raise _wrong(where, "statuses, or `status` with `json`, `is` and `text`")
    wanted = value.get("is", [])
    values = wanted if isinstance(wanted, list) else [wanted]
    return AnswerSign(
        status=int(value.get("status", 200)),
        path=str(value.get("json", "")),
        values=tuple(map(scalar_text, values)),
        text=str(value.get("text", "")),
    )


def scalar_text(value: object) -> str:
    """A number, a truth or a text of JSON or YAML, in the one spelling that they are compared in."""
    return value if isinstance(value, str) else json.dumps(value)


def _text(field: str) -> Callable[[object, str], dict[str, Any]]:
    def read(value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, str) or not value.strip():
            raise _wrong(where, "a text")
        return {field: value}

    return read


def _flag(field: str) -> Callable[[object, str], dict[str, Any]]:
    def read(value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, bool):
            raise _wrong(where, "true or false")
        return {field: value}

    return read


def _wrong(where: str, expected: str) -> ConfigError:
    return ConfigError(f"{where} needs {expected}", advice=_ADVICE)


_READERS: Final[dict[str, Callable[[object, str], dict[str, Any]]]] = {
    "request": _request,
    "protocol": _protocol,
    "source": _source,
    "headers": _pairs("headers"),
    "basic": _words("basic", 2),
    "form": _pairs("form"),
    "body": _body,
    "parts": _patterns("parts"),
    "near": _patterns("near"),
    "active": _signs("active"),
    "inactive": _signs("inactive"),
    "account": _words("account"),
    "scopes": _words("scopes"),
    "elsewhere": _text("elsewhere"),
    "sandbox": _flag("sandbox"),
}
