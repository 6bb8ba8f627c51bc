"""The conversation with DigitalOcean's API about one account."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from secopskit.errors import SecopsError
from secopskit.provider.interface import Surroundings
from secopskit.provider.vendor.talk import VendorTalk, open_client, token_of
from secopskit.secret import SecretValue

TOKENS: Final = "Make one at https://cloud.digitalocean.com/account/api/tokens."
_ADVICE: Final = {
    401: f"The token is not accepted: it is wrong, expired or revoked. {TOKENS}",
    403: "The token lacks a scope for it: see https://docs.digitalocean.com/reference/api/scopes/.",
    404: "It is not there, or not in the account of this token.",
    429: "DigitalOcean allows 5,000 requests an hour and 250 a minute to a token: try again later.",
}
_PAGE: Final = 200
_MOST_PAGES: Final = 100


def open_account(
    settings: Mapping[str, Any], surroundings: Surroundings, hidden: Collection[SecretValue]
) -> VendorTalk:
    """A conversation with the token that the settings name. Raises ConfigError."""
    token = token_of(settings["token_env"], surroundings, where=TOKENS)
    client = open_client(settings["api_url"], surroundings, token=token)
    return VendorTalk(vendor="DigitalOcean", client=client, advice=_ADVICE, hidden=(token, *hidden))


def listed(talk: VendorTalk, path: str, key: str, *, doing: str) -> Iterator[dict[str, Any]]:
    """The items of a list under `key`, page by page."""
    for page in range(1, _MOST_PAGES + 1):
        query = {"per_page": str(_PAGE), "page": str(page)}
        found = talk.ask("GET", path, doing=doing, query=query, expects=dict)
        items = found.get(key) or []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise talk.misunderstood(doing)
        yield from items
        if not within(found, "links", "pages", "next"):
            return
    raise SecopsError(f"DigitalOcean: {doing}: the list has no end")


def within(document: Any, *path: str) -> Any:
    """What stands there in nested objects; None where there are none."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document
