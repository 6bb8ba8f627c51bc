"""The filter of the rule that knows vendors by their names alone: is it a key that stands beside one?

Such a vendor issues opaque values, so the words around one have to say what it is: a name such as
`SHODAN_KEY`, or a call that makes a client (`shodan.Shodan("…")`, `new Pipedrive('…')`). Digests and ids
stand beside the names of vendors as well, and far more often.
"""

from __future__ import annotations

from typing import Final

from secopskit.detect.name.keys import words
from secopskit.detect.value.generic_filters import against_token, is_drawn
from secopskit.detect.witness import NAME_SAYS_NOTHING
from secopskit.lazy_regex import LazyRegex

_LOOK_BACK: Final = 160
_DRAWN: Final = 15.0
_SURELY_DRAWN: Final = 24.0


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The last word of a name that is that of a key. Weaker ones than elsewhere: the vendor's name helps.
_KEYS: Final = _set(
    "key keys apikey apikeys accesskey authkey secretkey secret secrets token tokens apitoken accesstoken "
    "auth authorization authtoken api access credential credentials password passwd pass pwd pw license "
    "licence bearer ikey skey akey appid appcode"
)
_KEY_PAIRS: Final = frozenset({("app", "id"), ("api", "id"), ("app", "code"), ("access", "code")})
_PUBLIC: Final = _set("public pub publishable site cache sort primary foreign partition translation i18n")
# Words behind it that say which of several, or nothing.
_QUALIFIERS: Final = _set(
    "prod production dev development test testing live staging sandbox main default value val string str "
    "new old current v"
)
# What makes a client, beside the vendor's own name: `ipinfo.getHandler("…")`, `meraki.DashboardAPI("…")`.
_CLIENTS: Final = _set(
    "client api sdk handler service auth authenticate login init initialize configure config connect "
    "setup session dashboard geocode geocoder geocoding wrapper"
)
_NO_CLIENT: Final = _set("id ids hash url uri path file name report image video media embed public search")
_ONLY_HEX: Final = LazyRegex(rb"(?i:[0-9a-f]{6,512}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_ADDRESS: Final = LazyRegex(rb"0[xX][0-9A-Fa-f]{8,}")
# The names before a value, up to what ends a statement or another value.
_NAMES: Final = LazyRegex(rb"[\w.\- :\[\]\"'`\\{>=(]{2,120}(?:,[ \t]{0,3}[\"'`])?$")
_CALL: Final = LazyRegex(rb"([A-Za-z_][\w.]{0,80})\([ \t]{0,3}[brfu]{0,2}[\"'`]$")
# One name alone: at the beginning of its line or behind a comma, without digits.
_ALONE: Final = LazyRegex(
    rb"(?:^|[,;])[ \t]{0,40}(?:(?:export|const|let|var|final|static|set|env|ENV|String)[ \t]{1,4}){0,3}"
    rb"[\"'`]?([A-Za-z_.-]{4,40})[\"'`]?[ \t]{0,4}(?:=>|:=|[:=])[ \t]{0,4}[\"'`]?$"
)


def against_vendor_secret(value: bytes, line: bytes) -> str:
    """The filter: drops what is not drawn, and what no word beside it calls a key."""
    if _ADDRESS.match(value):
        return "is an address or a number in hexadecimal"
    if against := against_token(value, line):
        return against
    at = line.find(value)
    before = line[max(0, at - _LOOK_BACK) : max(at, 0)]
    if _is_called_key(before):
        return "" if is_drawn(value, least=_DRAWN) else "is not random enough for a name of that kind"
    if call := _CALL.search(before):
        return "" if _makes_client(call[1]) else "is given to a call that makes no client"
    if _ONLY_HEX.fullmatch(value) or not is_drawn(value, least=_SURELY_DRAWN):
        return "stands beside a vendor's name, and nothing calls it a key"
    return "" if _stands_alone(before) else NAME_SAYS_NOTHING


def _is_called_key(before: bytes) -> bool:
    """Whether the name that ends `before` is that of a key."""
    found = _NAMES.search(before)
    parts = words(found[0].decode("ascii", "replace")) if found else []
    while parts and (parts[-1] in _QUALIFIERS or parts[-1].isdigit()):
        parts.pop()
    if not parts or not _PUBLIC.isdisjoint(parts[-2:]):
        return False
    return parts[-1] in _KEYS or tuple(parts[-2:]) in _KEY_PAIRS


def _makes_client(callee: bytes) -> bool:
    """Whether `callee` is named after a vendor or a client, and nothing else."""
    path = callee.decode("ascii", "replace").split(".")
    last = words(path[-1])
    if len(last) > 3 or not _NO_CLIENT.isdisjoint(last):
        return False
    if len(path) == 1 or not _CLIENTS.isdisjoint(last):
        return True
    return "".join(last) in path[-2].lower().replace("_", "")


def _stands_alone(before: bytes) -> bool:
    """Whether one short name, the vendor's and hardly more, is all that `before` says: `OPENCAGE = "`."""
    found = _ALONE.search(before)
    parts = words(found[1].decode("ascii", "replace")) if found else []
    return 0 < len(parts) <= 2 and _PUBLIC.isdisjoint(parts)
