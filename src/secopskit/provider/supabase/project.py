"""One project of Supabase, as its management API has it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.named_tuple import NamedTuple
from secopskit.provider.interface import Credential, Surroundings
from secopskit.provider.vendor.logins import login_url
from secopskit.provider.vendor.talk import VendorTalk, open_client, token_of
from secopskit.secret import SecretValue

TOKENS: Final = "Make one at https://supabase.com/dashboard/account/tokens."
_ADVICE: Final = {
    401: f"The access token is not accepted: it is wrong, or has expired. {TOKENS}",
    403: "The access token may not do this in this project.",
    404: "Check the project's reference, and that the token's account may see it.",
    429: "Supabase allows some 60 requests a minute to all tokens of an account: try again in a minute.",
}
_REF: Final = re.compile(r"[a-z]{20}")
_JWT_PARTS: Final = 3
_SECRET_PREFIX: Final = "sb_secret_"  # noqa: S105 - what such keys begin with


class ProjectKey(NamedTuple):
    """A key of a project. `value` is None where Supabase does not show it; `kind` is that of the API."""

    id: str
    name: str
    kind: str
    value: SecretValue | None
    prefix: str


class LegacyKey(NamedTuple):
    """What a legacy key, which is a JWT, says of itself. Its signature is not looked at."""

    role: str
    project: str


def legacy_key(value: SecretValue | None) -> LegacyKey | None:
    """What `value` is, if it is a legacy key."""
    parts = value.reveal().split(b".") if value else []
    if len(parts) != _JWT_PARTS:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4)))
        return LegacyKey(str(claims["role"]), str(claims.get("ref", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupabaseProject:
    """A project and the conversation about it."""

    ref: str
    talk: VendorTalk

    @property
    def path(self) -> str:
        """The project's path in the API."""
        return f"/v1/projects/{self.ref}"

    def api_keys(self) -> list[ProjectKey]:
        """All keys, with their values where the token may see them."""
        found = self.talk.ask(
            "GET",
            f"{self.path}/api-keys",
            doing="listing the keys",
            query={"reveal": "true"},
            expects=list,
        )
        return [_key(item) for item in found if isinstance(item, dict)]

    def make_key(self, name: str) -> ProjectKey:
        """Make a secret key. Not sent twice."""
        made = self.talk.ask(
            "POST",
            f"{self.path}/api-keys",
            doing="making a key",
            again=False,
            query={"reveal": "true"},
            body={"type": "secret", "name": name},
            expects=dict,
        )
        return _key(made)

    def delete_key(self, key_id: str, *, reason: str = "", leaked: bool = False) -> None:
        """Delete a key for good; one that is not there is no error."""
        query = {"reason": reason} if reason else {}
        self.talk.ask(
            "DELETE",
            f"{self.path}/api-keys/{key_id}",
            doing="deleting a key",
            query=query | ({"was_compromised": "true"} if leaked else {}),
            missing=True,
        )

    def legacy_enabled(self) -> bool | None:
        """Whether the legacy keys work; None where the API does not say it (any more)."""
        found = self.talk.ask(
            "GET",
            f"{self.path}/api-keys/legacy",
            doing="looking at the legacy keys",
            missing=True,
            expects=dict,
        )
        return None if found is None else bool(found.get("enabled"))

    def enable_legacy(self, enabled: bool) -> bool:
        """Enable or disable the legacy keys; False where the API cannot (any more)."""
        found = self.talk.ask(
            "PUT",
            f"{self.path}/api-keys/legacy",
            doing="enabling the legacy keys" if enabled else "disabling the legacy keys",
            query={"enabled": "true" if enabled else "false"},
            missing=True,
        )
        return found is not None


def _key(item: Mapping[str, Any]) -> ProjectKey:
    value = item.get("api_key")
    return ProjectKey(
        str(item.get("id") or ""),
        str(item.get("name") or ""),
        str(item.get("type") or ""),
        SecretValue(value.encode()) if isinstance(value, str) and value else None,
        str(item.get("prefix") or ""),
    )


def matching_key(keys: Collection[ProjectKey], old: SecretValue | None, name: str) -> ProjectKey | None:
    """The secret key whose value is `old`, else the one that alone begins as it does, else that of `name`."""
    secret = [key for key in keys if key.kind == "secret"]
    if old is not None:
        text = old.reveal().decode("utf-8", "replace")
        same = [key for key in secret if key.value == old]
        begun = [
            key for key in secret if len(key.prefix) > len(_SECRET_PREFIX) and text.startswith(key.prefix)
        ]
        found = same or begun
    else:
        found = [key for key in secret if name and key.name == name]
    return found[0] if len(found) == 1 else None


def open_project(
    credential: Credential, surroundings: Surroundings, hidden: Collection[SecretValue]
) -> SupabaseProject:
    """The project of the credential. Raises ConfigError."""
    ref, settings = project_ref(credential), credential.settings
    token = token_of(settings["token_env"], surroundings, where=TOKENS)
    client = open_client(settings["api_url"], surroundings, token=token)
    talk = VendorTalk(vendor="Supabase", client=client, advice=_ADVICE, hidden=(token, *hidden))
    return SupabaseProject(ref=ref, talk=talk)


def project_ref(credential: Credential) -> str:
    """The reference of the project: as declared, else as the old value tells. Raises ConfigError."""
    ref = credential.settings["project"] or (_told_by(credential.old) if credential.old else "")
    if not ref:
        raise ConfigError(
            "the provider `supabase` needs the setting `project`",
            advice="It is the part before .supabase.co in the project's address.",
        )
    return str(ref)


def _told_by(old: SecretValue) -> str:
    """The project that a legacy key or a database URL names; empty for none."""
    legacy, url = legacy_key(old), login_url(old)
    told = [legacy.project] if legacy else []
    if url is not None:
        told += [url.user.rpartition(".")[2], *(host.split(".")[1] for host in url.hosts if "." in host)]
    return next((ref for ref in told if _REF.fullmatch(ref)), "")
