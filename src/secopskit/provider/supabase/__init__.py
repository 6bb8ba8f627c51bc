"""Supabase: secret keys and the database password of a project, through the management API.

Facts are those of the published description of the API (https://api.supabase.com/api/v1) and of
https://supabase.com/docs/guides/getting-started/api-keys. What is published nowhere, such as how soon
a new key works, is waited for as long as `patience` says, never assumed.
"""

from __future__ import annotations

from typing import Final

from secopskit.provider.interface import Credential, Provider, Surroundings
from secopskit.provider.vendor.kinds import BASE_URL, LOGIN, PATIENCE, VARIABLE, matching, one_of
from secopskit.provider.vendor.logins import login_url
from secopskit.settings.options import FLAG, Option

_REF: Final = matching(r"[a-z]{20}", "20 small letters")
_KINDS: Final = one_of("auto", "secret-key", "database-password")

SETTINGS: Final = (
    Option(
        "what",
        _KINDS,
        "auto",
        "What is rotated; `auto`: the password of a database URL, else a key.",
        "rotate",
    ),
    Option(
        "project", _REF, "", "The project's reference; nothing: the one that the old value names.", "rotate"
    ),
    Option(
        "project_url",
        BASE_URL,
        "",
        "Where a key is tried; nothing: `https://<project>.supabase.co`.",
        "rotate",
    ),
    Option("api_url", BASE_URL, "https://api.supabase.com", "The management API.", "rotate"),
    Option("token_env", VARIABLE, "SUPABASE_ACCESS_TOKEN", "The variable with the access token.", "rotate"),
    Option(
        "key_name",
        matching(r"[a-z_][a-z0-9_]{3,63}", "name of a key"),
        "",
        "The old key's name at Supabase, where its value is not at hand.",
        "rotate",
    ),
    Option(
        "anon_moved",
        FLAG,
        "false",
        "Whether all that read the anon key have a publishable key by now: legacy keys end together.",
        "rotate",
    ),
    Option(
        "direct_url",
        LOGIN,
        "",
        "Where a new password is tried first; nothing: the project's own host, port 5432.",
        "rotate",
    ),
    Option(
        "pooler_url",
        LOGIN,
        "",
        "Where it is tried next; nothing: what the management API says of the pooler.",
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
    """The rotation of a Supabase credential. Raises ConfigError."""
    what = credential.settings["what"]
    is_url = credential.old is not None and login_url(credential.old) is not None
    if what == "database-password" or (what == "auto" and is_url):
        from secopskit.provider.supabase.database import SupabasePasswordProvider

        return SupabasePasswordProvider(credential, surroundings)
    from secopskit.provider.supabase.secret_key import SupabaseKeyProvider

    return SupabaseKeyProvider(credential, surroundings)
