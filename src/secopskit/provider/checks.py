"""Whether a token works: one request that reads, for the vendors that publish one.

A row names the request and what its status means. What neither list has, such as 403 where that may be a
missing permission as well as a dead token, is not known. No row puts the token into an address: addresses
stand in logs. `source` is the vendor's page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from secopskit.errors import SecopsError
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from secopskit.web.retry import Listener

# Not "invalid_auth", which Slack also says to an address that it does not admit.
_SLACK_DEAD: Final = frozenset({"token_revoked", "token_expired", "account_inactive"})


class Vitality(Enum):
    """What became of a value that was tried. The value is how sentences say it."""

    ALIVE = "works"
    DEAD = "does not work"
    UNKNOWN = "is not known to work or not"


class TokenCheck(NamedTuple):
    """A request that tells whether a token works.

    `alive` and `dead` are statuses; `header` and `prefix` say how the token is sent; `headers` go besides.
    `by_body` is for vendors that answer 200 whatever the token.
    """

    base_url: str
    path: str
    source: str
    alive: frozenset[int] = frozenset({200})
    dead: frozenset[int] = frozenset({401})
    method: str = "GET"
    header: str = "Authorization"
    prefix: str = "Bearer "
    headers: Mapping[str, str] = {}
    by_body: Callable[[Any], Vitality] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLook:
    """What was seen. `reason` says by which request; `answered` tells whether the vendor said anything."""

    vitality: Vitality
    reason: str
    answered: bool = field(default=True)


def _slack(body: Any) -> Vitality:
    if not isinstance(body, dict):
        return Vitality.UNKNOWN
    if body.get("ok") is True:
        return Vitality.ALIVE
    return Vitality.DEAD if body.get("error") in _SLACK_DEAD else Vitality.UNKNOWN


_OR_FORBIDDEN: Final = frozenset({200, 403})
"""For vendors that say 401 to what is no token, and 403 to one that lacks the permission."""
_GITHUB: Final = TokenCheck("https://api.github.com", "/user", "https://docs.github.com/en/rest/users/users")
_GITLAB: Final = TokenCheck(
    "https://gitlab.com/api/v4", "/personal_access_tokens/self",
    "https://docs.gitlab.com/api/personal_access_tokens/",
    header="PRIVATE-TOKEN", prefix="",
)  # fmt: skip
_SLACK: Final = TokenCheck(
    "https://slack.com/api", "/auth.test", "https://docs.slack.dev/reference/methods/auth.test",
    method="POST", dead=frozenset(), by_body=_slack,
)  # fmt: skip
_STRIPE: Final = TokenCheck(
    "https://api.stripe.com", "/v1/balance", "https://docs.stripe.com/api/balance", alive=_OR_FORBIDDEN
)
_DIGITALOCEAN: Final = TokenCheck(
    "https://api.digitalocean.com", "/v2/account",
    "https://docs.digitalocean.com/reference/api/digitalocean/", alive=_OR_FORBIDDEN,
)  # fmt: skip
_ANTHROPIC: Final = TokenCheck(
    "https://api.anthropic.com", "/v1/models", "https://docs.anthropic.com/en/api/models-list",
    header="x-api-key", prefix="", headers={"anthropic-version": "2023-06-01"},
)  # fmt: skip
_HUGGING_FACE: Final = TokenCheck(
    "https://huggingface.co", "/api/whoami-v2", "https://huggingface.co/docs/hub/api"
)

CHECK_BY_RULE: Final[dict[str, TokenCheck]] = {
    "airtable-personal-access-token": TokenCheck(
        "https://api.airtable.com", "/v0/meta/whoami",
        "https://airtable.com/developers/web/api/get-user-id-scopes",
    ),
    "anthropic-admin-key": _ANTHROPIC._replace(
        path="/v1/organizations/me", source="https://docs.anthropic.com/en/api/admin-api/organization/get-me"
    ),
    "anthropic-api-key": _ANTHROPIC,
    "asana-access-token": TokenCheck(
        "https://app.asana.com/api/1.0", "/users/me", "https://developers.asana.com/reference/getuser",
        alive=_OR_FORBIDDEN,
    ),
    "buildkite-token": TokenCheck(
        "https://api.buildkite.com", "/v2/access-token",
        "https://buildkite.com/docs/apis/rest-api/access-token",
    ),
    "circleci-access-token": TokenCheck(
        "https://circleci.com/api/v2", "/me", "https://circleci.com/docs/api/v2/",
        header="Circle-Token", prefix="",
    ),
    "digitalocean-oauth-token": _DIGITALOCEAN,
    "digitalocean-pat": _DIGITALOCEAN,
    "discord-bot-token": TokenCheck(
        "https://discord.com/api/v10", "/users/@me", "https://discord.com/developers/docs/reference",
        prefix="Bot ",
    ),
    "doppler-token": TokenCheck(
        "https://api.doppler.com", "/v3/me", "https://docs.doppler.com/reference/auth-me"
    ),
    "github-app-installation-token": _GITHUB._replace(
        path="/installation/repositories", source="https://docs.github.com/en/rest/apps/installations"
    ),
    "github-app-user-token": _GITHUB,
    "github-fine-grained-pat": _GITHUB,
    "github-oauth-token": _GITHUB,
    "github-pat": _GITHUB,
    "gitlab-pat": _GITLAB,
    "groq-api-key": TokenCheck(
        "https://api.groq.com", "/openai/v1/models", "https://console.groq.com/docs/api-reference"
    ),
    "heroku-api-token": TokenCheck(
        "https://api.heroku.com", "/account",
        "https://devcenter.heroku.com/articles/platform-api-reference",
        alive=_OR_FORBIDDEN, headers={"Accept": "application/vnd.heroku+json;version=3"},
    ),
    "hetzner-cloud-token": TokenCheck(
        "https://api.hetzner.cloud", "/v1/locations", "https://docs.hetzner.cloud/"
    ),
    "huggingface-access-token": _HUGGING_FACE,
    "huggingface-org-token": _HUGGING_FACE,
    "mistral-api-key": TokenCheck("https://api.mistral.ai", "/v1/models", "https://docs.mistral.ai/api/"),
    "netlify-access-token": TokenCheck(
        "https://api.netlify.com", "/api/v1/user", "https://open-api.netlify.com/"
    ),
    "notion-token": TokenCheck(
        "https://api.notion.com", "/v1/users/me", "https://developers.notion.com/reference/get-self",
        alive=_OR_FORBIDDEN, headers={"Notion-Version": "2022-06-28"},
    ),
    "npm-access-token": TokenCheck(
        "https://registry.npmjs.org", "/-/whoami", "https://docs.npmjs.com/cli/commands/npm-whoami"
    ),
    "openai-api-key": TokenCheck(
        "https://api.openai.com", "/v1/models",
        "https://platform.openai.com/docs/api-reference/models/list", alive=_OR_FORBIDDEN,
    ),
    "openrouter-api-key": TokenCheck(
        "https://openrouter.ai", "/api/v1/key", "https://openrouter.ai/docs/api-reference/limits"
    ),
    "pulumi-access-token": TokenCheck(
        "https://api.pulumi.com", "/api/user", "https://www.pulumi.com/docs/reference/cloud-rest-api/",
        prefix="token ", headers={"Accept": "application/vnd.pulumi+8"},
    ),
    "replicate-api-token": TokenCheck(
        "https://api.replicate.com", "/v1/account", "https://replicate.com/docs/reference/http"
    ),
    "sendgrid-api-key": TokenCheck(
        "https://api.sendgrid.com", "/v3/scopes",
        "https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions",
    ),
    "slack-bot-token": _SLACK,
    "slack-user-token": _SLACK,
    "stripe-restricted-key": _STRIPE,
    "stripe-secret-key": _STRIPE,
    "stripe-test-key": _STRIPE,
    "supabase-access-token": TokenCheck(
        "https://api.supabase.com", "/v1/projects",
        "https://supabase.com/docs/reference/api/introduction", alive=_OR_FORBIDDEN,
    ),
}  # fmt: skip


def look(
    check: TokenCheck,
    value: SecretValue,
    *,
    tell: Listener,
    sleep: Callable[[float], None],
    now: Callable[[], float],
    base_url: str = "",
) -> TokenLook:
    """Try the value once, at the vendor or at `base_url`. A vendor that cannot be reached is no error."""
    from secopskit.web.retry import RetryPolicy
    from secopskit.web.vendor import VendorClient

    try:
        client = VendorClient(
            base_url or check.base_url,
            tell=tell,
            token=value,
            token_header=check.header,
            token_prefix=check.prefix,
            headers={name: SecretValue(text.encode()) for name, text in check.headers.items()},
            policy=RetryPolicy(tries=3, patience=60.0),
            sleep=sleep,
            now=now,
        )
        answer = client.call(check.method, check.path, again=True, accept=check.alive | check.dead)
    except ImportError:
        reason = "the extra `sync` is not installed, with which vendors are asked"
        return TokenLook(vitality=Vitality.UNKNOWN, reason=reason, answered=False)
    except SecopsError as error:
        status = getattr(error, "status", 0)
        return TokenLook(vitality=Vitality.UNKNOWN, reason=str(error), answered=bool(status))
    reason = f"{check.method} {check.path} at {client.host}: HTTP {answer.status}"
    if check.by_body is not None:
        return TokenLook(vitality=check.by_body(answer.body), reason=reason)
    vitality = Vitality.ALIVE if answer.status in check.alive else Vitality.DEAD
    return TokenLook(vitality=vitality, reason=reason)
