"""The plugins of detect-secrets that secops can run: their rule ids, and where they can strike at all.

A plugin costs microseconds on every line. Its `gate` is an expression over bytes of which
every line that the plugin could report has a match, so the plugin sees only those lines.
`IPPublicDetector` is left out: an address is no secret, and the library's own filters drop it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One plugin. `on` tells whether it runs where nobody named plugins one by one."""

    rule_id: str
    gate: re.Pattern[bytes]
    on: bool = True


def _plugin(rule_id: str, gate: bytes, *, on: bool = True) -> Plugin:
    return Plugin(rule_id=f"yelp-{rule_id}", gate=re.compile(gate), on=on)


_WORDS: Final = rb"(?i:(?:key|pw|pass|token))"

PLUGINS: Final[dict[str, Plugin]] = {
    "ArtifactoryDetector": _plugin("artifactory", rb"AKC[A-Za-z0-9]{10}|AP[\dA-F][A-Za-z0-9]{8}"),
    "AWSKeyDetector": _plugin(
        "aws-key", rb"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}|[\"'][0-9A-Za-z/+]{40}[\"']"
    ),
    "AzureStorageKeyDetector": _plugin("azure-storage-key", rb"AccountKey="),
    "Base64HighEntropyString": _plugin(
        "base64-high-entropy-string", rb"[\"'][A-Za-z0-9+/=\\_-]{20}", on=False
    ),
    "BasicAuthDetector": _plugin("basic-auth", rb"://"),
    "CloudantDetector": _plugin(
        "cloudant", rb"(?i:cl(?:oudant|ou)?[_-]?(?:api)?)" + _WORDS + rb"|(?i:cloudant\.com)"
    ),
    "DiscordBotTokenDetector": _plugin("discord-bot-token", rb"[MNO][\w-]{23,25}\.[\w-]{6}\."),
    "GitHubTokenDetector": _plugin("github-token", rb"gh[pousr]_"),
    "GitLabTokenDetector": _plugin(
        "gitlab-token", rb"gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-|GR1348941"
    ),
    "HexHighEntropyString": _plugin("hex-high-entropy-string", rb"[\"'][0-9A-Fa-f]{8}", on=False),
    "IbmCloudIamDetector": _plugin("ibm-cloud-iam", rb"(?<![\w-])[\w-]{44}(?![\w-])"),
    "IbmCosHmacDetector": _plugin("ibm-cos-hmac", rb"(?i:secret[-_]?(?:access)?[-_]?key)"),
    "JwtTokenDetector": _plugin("jwt-token", rb"eyJ"),
    "KeywordDetector": _plugin(
        "keyword",
        rb"(?i:(?:api|auth|service|account|db|database|private|priv|client)_?key|pass|pwd|secret|contrase)",
    ),
    "MailchimpDetector": _plugin("mailchimp", rb"[0-9a-z]-us\d"),
    "NpmDetector": _plugin("npm", rb":_authToken="),
    "OpenAIDetector": _plugin("openai", rb"T3BlbkFJ"),
    "PrivateKeyDetector": _plugin("private-key", rb"BEGIN [A-Z2 ]{0,14}PRIVATE KEY|PuTTY-User-Key-File-2"),
    "PypiTokenDetector": _plugin("pypi-token", rb"pypi-Ag"),
    "SendGridDetector": _plugin("sendgrid", rb"SG\.[\w-]{22}\."),
    "SlackDetector": _plugin("slack", rb"(?i:xox[abpors]-|hooks\.slack\.com)"),
    "SoftlayerDetector": _plugin(
        "softlayer", rb"(?i:(?:softlayer|sl)[_-]?(?:api)?[_-]?)" + _WORDS + rb"|(?i:api.softlayer.com)"
    ),
    "SquareOAuthDetector": _plugin("square-oauth", rb"sq0csp-"),
    "StripeDetector": _plugin("stripe", rb"[rs]k_live_"),
    "TelegramBotTokenDetector": _plugin("telegram-bot-token", rb"\d:[\w-]{35}"),
    "TwilioKeyDetector": _plugin("twilio-key", rb"(?:AC|SK)[a-z0-9]{32}"),
}
ENTROPY: Final = ("Base64HighEntropyString", "HexHighEntropyString")


def choose_plugins(named: Iterable[str] | None = None, *, entropy: bool = False) -> tuple[str, ...]:
    """The plugins to run: those `named` (say, by a baseline), or all that make sense.

    Names that the library does not have, or that are not for us, are left out. The two that
    judge by entropy run only on request.
    """
    chosen = {name for name, plugin in PLUGINS.items() if plugin.on} if named is None else set(named)
    chosen = chosen - set(ENTROPY) | (set(ENTROPY) if entropy else set())
    return tuple(name for name in PLUGINS if name in chosen)
