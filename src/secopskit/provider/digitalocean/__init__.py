"""DigitalOcean: Spaces keys, users of managed databases, and, by hand, personal tokens.

Facts are those of the published description of API v2 (https://docs.digitalocean.com/reference/api/).
"""

from __future__ import annotations

from typing import Final

from secopskit.provider.interface import Credential, Provider, Surroundings
from secopskit.provider.vendor.kinds import BASE_URL, PATIENCE, VARIABLE, WORDS, matching, one_of
from secopskit.provider.vendor.logins import login_url
from secopskit.settings.options import Option

_WHAT: Final = one_of("auto", "spaces-key", "database-user", "token")
_UUID: Final = matching(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID")

SETTINGS: Final = (
    Option("what", _WHAT, "auto", "What is rotated; `auto`: what the old value looks like.", "rotate"),
    Option("api_url", BASE_URL, "https://api.digitalocean.com", "The API.", "rotate"),
    Option(
        "token_env",
        VARIABLE,
        "DIGITALOCEAN_ACCESS_TOKEN",
        "The variable with the token to rotate with.",
        "rotate",
    ),
    Option(
        "id_name",
        VARIABLE,
        "SPACES_ACCESS_KEY_ID",
        "Spaces: the declared name of the access key's id, which changes with the secret.",
        "rotate",
    ),
    Option(
        "access_key",
        matching(r"[A-Z0-9]{16,128}", "id of an access key"),
        "",
        "Spaces: the old key's id, where `id_name` is not declared.",
        "rotate",
    ),
    Option(
        "spaces_url",
        BASE_URL,
        "",
        "Spaces: where a key is tried, `https://fra1.digitaloceanspaces.com`; nothing: it is not tried.",
        "rotate",
    ),
    Option("cluster", _UUID, "", "Database: the id of the cluster.", "rotate"),
    Option(
        "user",
        WORDS,
        "",
        "Database: the user whose password is reset; nothing: the one in the URL.",
        "rotate",
    ),
    Option(
        "patience",
        PATIENCE,
        "90s",
        "How long a change may take until it is known everywhere.",
        "rotate",
    ),
)


def provider(credential: Credential, surroundings: Surroundings) -> Provider:
    """The rotation of a DigitalOcean credential."""
    match _what(credential):
        case "database-user":
            from secopskit.provider.digitalocean.database_user import DigitalOceanUserProvider

            return DigitalOceanUserProvider(credential, surroundings)
        case "token":
            from secopskit.provider.digitalocean.token import DigitalOceanTokenProvider

            return DigitalOceanTokenProvider(credential, surroundings)
        case _:
            from secopskit.provider.digitalocean.spaces import SpacesKeyProvider

            return SpacesKeyProvider(credential, surroundings)


def _what(credential: Credential) -> str:
    """What the credential is: as declared, else as its old value begins."""
    what, old = str(credential.settings["what"]), credential.old
    if what != "auto":
        return what
    if old is not None and old.reveal().startswith(b"dop_v1_"):
        return "token"
    return "database-user" if old is not None and login_url(old) else "spaces-key"
