"""What Odoo refuses, as errors: in the words of any version from 13 to 19, and of both protocols.

What a server adds for its developers (`data.debug`, a traceback in a fault) is never repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, Final

from secopskit.errors import SecopsError
from secopskit.secret import REDACTED
from secopskit.settings.options import shown

MANUAL: Final = (
    "By hand: log in, open the menu behind your picture, Preferences (My Profile), Account Security, "
    "Change Password; then declare it with `provider: manual`."
)
_LONGEST: Final = 200
_SHORTEST: Final = 4


class OdooFaultKind(Enum):
    """Why Odoo did not do it."""

    DENIED = "access denied"
    FORBIDDEN = "the user may not do this"
    USER = "refused"
    NO_DATABASE = "its database cannot be opened"
    NO_RPC = "no remote interface"
    OTHER = "an error in Odoo"


class OdooFaultError(SecopsError):
    """Odoo answered, and refused."""

    def __init__(self, kind: OdooFaultKind, *, reason: str = "", advice: str = "") -> None:
        super().__init__(f"Odoo: {kind.value}" + (f": {reason}" if reason else ""), advice=advice)
        self.kind = kind


_BY_NAME: Final = {
    "AccessDenied": OdooFaultKind.DENIED,
    "AccessError": OdooFaultKind.FORBIDDEN,
    "UserError": OdooFaultKind.USER,
    "ValidationError": OdooFaultKind.USER,
    "RedirectWarning": OdooFaultKind.USER,
    "Warning": OdooFaultKind.USER,  # what UserError was called in old versions
    "except_orm": OdooFaultKind.USER,
    "OperationalError": OdooFaultKind.NO_DATABASE,  # psycopg2: the database cannot be connected to
    "NotFound": OdooFaultKind.NO_RPC,
}
_BY_CODE: Final = {
    2: OdooFaultKind.USER,
    3: OdooFaultKind.DENIED,
    4: OdooFaultKind.FORBIDDEN,
}
_NOT_FOUND: Final = 404


def json_fault(error: Any, secrets: Iterable[str]) -> OdooFaultError:
    """The `error` of a JSON-RPC answer. Its `code` says little: 200 in older versions, 0 in newer."""
    if not isinstance(error, Mapping):
        return OdooFaultError(OdooFaultKind.OTHER)
    if error.get("code") == _NOT_FOUND:
        return no_rpc()
    data = error.get("data")
    data = data if isinstance(data, Mapping) else {}
    name = str(data.get("name", "")).rpartition(".")[2]
    return _fault(_BY_NAME.get(name, OdooFaultKind.OTHER), str(data.get("message") or ""), secrets)


def xml_fault(code: object, text: object, secrets: Iterable[str]) -> OdooFaultError:
    """A fault of XML-RPC; of one that the application made by mistake the text is a traceback."""
    kind = _BY_CODE.get(code, OdooFaultKind.OTHER) if isinstance(code, int) else OdooFaultKind.OTHER
    return _fault(kind, str(text), secrets)


def texts_in(arguments: Iterable[Any]) -> Iterator[str]:
    """Every text in the arguments of a call: some are passwords, and none needs to be repeated."""
    for one in arguments:
        if isinstance(one, str):
            yield one
        elif isinstance(one, list | tuple):
            yield from texts_in(one)


def no_rpc() -> OdooFaultError:
    """The remote interface is not there: it ends in versions after 19, and can be switched off."""
    return OdooFaultError(
        OdooFaultKind.NO_RPC, reason="neither that nor another was found at this address", advice=MANUAL
    )


def _fault(kind: OdooFaultKind, text: str, secrets: Iterable[str]) -> OdooFaultError:
    reason = _fit(text, secrets) if kind is OdooFaultKind.USER else ""
    advice = {
        OdooFaultKind.DENIED: "The password is wrong, or an API key, or Odoo refuses everybody for a minute.",
        OdooFaultKind.NO_DATABASE: "Check `database`.",
        OdooFaultKind.OTHER: "Look into Odoo's log.",
    }.get(kind, MANUAL)
    return OdooFaultError(kind, reason=reason, advice=advice)


def _fit(text: str, secrets: Iterable[str]) -> str:
    """The first line of what is meant for the user, without the passwords that were sent."""
    line = text.strip().partition("\n")[0]
    for secret in sorted((text for text in secrets if len(text) >= _SHORTEST), key=len, reverse=True):
        line = line.replace(secret, REDACTED)
    return shown(line) if len(line) <= _LONGEST else ""
