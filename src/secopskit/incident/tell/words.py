"""The words that every form of the report uses."""

from __future__ import annotations

from secopskit.incident.tell.facts import IncidentFacts, SecretFacts
from secopskit.report.text import count


def headline(facts: IncidentFacts) -> str:
    """`3 exposed secrets: 2 found, 1 rotated`, or that there is none, as far as it was looked at."""
    if not facts.secrets:
        whole = facts.complete and not facts.limits
        return "No exposed secret" if whole else "No exposed secret in what was there to look at"
    counts = ", ".join(f"{number} {state}" for state, number in facts.counts.items())
    return f"{count(len(facts.secrets), 'exposed secret')}: {counts}"


def verdict(facts: IncidentFacts) -> str:
    """What it comes to, in a sentence."""
    if facts.gating:
        several = "have" if facts.gating > 1 else "has"
        words = "are" if facts.gating > 1 else "is"
        back = sum(one.came_back for one in facts.secrets)
        what = (
            f"{facts.gating} {words} neither rotated nor accepted, or {several} come back"
            if back
            else (f"{facts.gating} {words} neither rotated nor accepted")
        )
        return f"{what}: do that before anything is merged."
    settled = facts.counts.get("closed", 0) + facts.counts.get("accepted", 0)
    if left := len(facts.secrets) - settled:
        return f"Nothing keeps a merge waiting; {count(left, 'secret')} still to be brought to the end."
    return "Nothing is left to do here." if facts.secrets else ""


def exposed(secret: SecretFacts) -> str:
    """`2026-03-02 to 2026-03-09 (7 days)`: how long it could be used by whoever had it."""
    facts = secret.exposure
    since = facts.since[:10] or "unknown"
    if secret.kind == "file":
        return f"since {since}"
    if not facts.until:
        return f"since {since}, and may still work" if secret.state != "accepted" else f"since {since}"
    if facts.days == 0:
        return f"{since} to {facts.until[:10]} (less than a day)"
    days = "" if facts.days is None else f" ({count(facts.days, 'day')})"
    return f"{since} to {facts.until[:10]}{days}"


def standing(secret: SecretFacts) -> str:
    """Where it stands: the first place, and how many more there are."""
    more = f" and {count(secret.places - 1, 'more place')}" if secret.places > 1 else ""
    tip = (
        "" if secret.at_tip else "; in the history alone" if secret.in_history else "; not in the history now"
    )
    return f"{secret.place}{more}{tip}"


def acceptance(secret: SecretFacts) -> str:
    """Who accepted it, why and until when; empty where nobody has."""
    known = secret.acceptance
    if known is None:
        return ""
    reason = known.reason or "no reason given"
    owner = known.owner or "no owner"
    until = f"until {known.expires}" if known.expires else "without an expiry"
    return f"{reason} ({owner}, {until})" if known.holds else f"does not hold: {reason} ({owner}, {until})"
