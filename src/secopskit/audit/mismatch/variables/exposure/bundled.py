"""Secrets that become part of what browsers are sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, evidence
from secopskit.audit.mismatch.variables.names import is_public_name, is_publishable, is_secret_name
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import FactPlace, ProjectFacts
from secopskit.detect.name.keys import KeyKind, sensitive_key, words
from secopskit.findings import Severity


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Whose API keys work for whoever has them: nobody makes one for browsers.
_SERVERS: Final = _set(
    "openai anthropic gemini groq mistral cohere deepseek openrouter replicate elevenlabs sendgrid resend "
    "mailgun postmark twilio brevo supabase neon upstash cloudflare vercel github gitlab aws pinecone"
)
_EXPLANATION: Final = """\
Build tools write variables with a public prefix (`NEXT_PUBLIC_`, `VITE_`, `REACT_APP_`) into the scripts
that browsers load. Everybody who opens the page has the value.

Wrong: `NEXT_PUBLIC_SUPABASE_SERVICE_ROLE_KEY`, `VITE_OPENAI_API_KEY`.
Right: the name without the prefix, read on the server alone; the browser asks the server.

No fault: keys that are made for browsers: anonymous, publishable, site and client keys, keys of maps and of
analytics.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    places = defaultdict[str, list[tuple[FactPlace, str]]](list)
    for use in project.uses:
        if use.role in LIVE_ROLES and (use.bundled or is_public_name(use.name)) and _is_secret(use.name):
            places[use.name].append((use.place, "read where browsers get it"))
    for setting in project.settings:
        if setting.role in LIVE_ROLES and is_public_name(setting.name) and _is_secret(setting.name):
            places[setting.name].append((setting.place, "set under a public name"))
    for name, found in sorted(places.items()):
        plain = name.split("PUBLIC_", 1)[-1] if "PUBLIC_" in name else name.partition("_")[2]
        fix = (
            f"Rename it to `{plain}` and read it on the server only"
            if is_public_name(name)
            else "Read it on the server"
        )
        yield Mismatch(
            rule_id=RULE.id,
            subject=name,
            message=f"`{name}` becomes part of what browsers are sent: everybody who opens the page has it.",
            fix=fix + ", then replace the value: it has been public.",
            evidence=evidence(found),
        )


def _is_secret(name: str) -> bool:
    parts = words(name.replace("NEXT_PUBLIC_", "").replace("NUXT_PUBLIC_", "").replace("EXPO_PUBLIC_", ""))
    if "role" in parts and "service" in parts:
        return True
    plain = "_".join(parts).upper().removeprefix("PUBLIC_")
    if is_publishable(plain):
        return False
    kind = sensitive_key(plain) if is_secret_name(plain) else None
    if kind in (KeyKind.PASSWORD, KeyKind.SECRET):
        return True
    return kind is KeyKind.TOKEN and not _SERVERS.isdisjoint(parts)


RULE: Final = MismatchRule(
    id="secret-in-client-bundle",
    title="Secret that browsers are sent",
    severity=Severity.CRITICAL,
    judge=_judge,
    explanation=_EXPLANATION,
    reference=""
    "https://nextjs.org/docs/app/guides/environment-variables#bundling-environment-variables-for-the-browser",
    stage=FixStage.REPLACE,
)
