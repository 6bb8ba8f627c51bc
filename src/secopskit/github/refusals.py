"""What GitHub's answers mean, in words: whose fault it is, and what to do next."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from secopskit.github.errors import GitHubError, GitHubNotFoundError
from secopskit.web.wire import WireAnswer

_SSO: Final = re.compile(r"url=(https://[A-Za-z0-9.-]+(?::\d+)?/[A-Za-z0-9._~/?=&%-]*)", re.ASCII)
_PERMISSION: Final = re.compile(r"[a-z_]{1,60}=[a-z]{1,10}(?:[,;] ?[a-z_]{1,60}=[a-z]{1,10})*", re.ASCII)
_SCOPES: Final = re.compile(r"[a-z_:]+(?:, ?[a-z_:]+)*", re.ASCII)
_WORKFLOW: Final = "not accessible by integration"
_ADMIN: Final = "admin rights"
# What GitHub says where no permission of the token would help: parts of its words, and what to do.
_NO_PERMISSION: Final = (
    ("archived", "The repository is archived, so nobody can write to it: bring it back first."),
    ("ip allow list", "The organisation lets in listed addresses only, and this machine's is none of them."),
    ("token's lifetime", "The organisation refuses tokens that live so long: make one with an earlier end."),
    (
        "via a personal access token (classic)",
        "The organisation refuses classic tokens: make another.",
    ),
    ("via a fine-grained", "The organisation refuses fine-grained tokens, or has not approved this one yet."),
)
_ADVICE: Final = {
    409: "Something else changes it at this moment, or its owner's policy forbids it. Look, and try again.",
    410: "GitHub has switched this off for the repository or the organisation.",
    422: "GitHub does not accept what was sent.",
}


def refusal(answer: WireAnswer, what: str, source: str = "") -> GitHubError:
    """The error for an answer that is no success. `what` names the request, `source` the token."""
    if answer.status == 404:
        return GitHubNotFoundError(
            f"{what}: HTTP 404",
            advice="It is not there, or the token may not see it: GitHub does not say which.",
            status=404,
        )
    if answer.status == 403:
        return GitHubError(f"{what}: HTTP 403, not permitted", advice=_forbidden(answer), status=403)
    if 300 <= answer.status < 400:
        return GitHubError(
            f"{what}: HTTP {answer.status}, it has moved",
            advice="Correct the name of the repository, or the address of the API.",
            status=answer.status,
        )
    return GitHubError(
        f"{what}: HTTP {answer.status}{_fields(answer)}",
        advice=_unknown(source) if answer.status == 401 else _ADVICE.get(answer.status, ""),
        status=answer.status,
    )


def _unknown(source: str) -> str:
    token = f"The token of {source}" if source else "The token"
    return f"{token} is wrong, expired or revoked: make a new one, or run `gh auth login`."


def _forbidden(answer: WireAnswer) -> str:
    headers = answer.headers
    if "required" in headers.get("x-github-sso", ""):
        found = _SSO.search(headers["x-github-sso"])
        return "The organisation asks for single sign-on: authorise the token" + (
            f" at {found[1]}" if found else " in the settings of your account."
        )
    said: Any = _json(answer)
    text = said.get("message", "") if isinstance(said, dict) else ""
    told = text.lower() if isinstance(text, str) else ""
    if known := next((advice for words, advice in _NO_PERMISSION if words in told), ""):
        return known
    needs = headers.get("x-accepted-github-permissions", "")
    advice = "The token lacks a permission."
    if _PERMISSION.fullmatch(needs):
        advice = f"The token needs the permission {needs}."
    elif _SCOPES.fullmatch(scopes := headers.get("x-accepted-oauth-scopes", "")):
        advice = f"The token needs one of the scopes: {scopes}."
    if _WORKFLOW in told:
        advice += (
            " The token of a workflow (GITHUB_TOKEN) never has that for secrets: use a GitHub App or a "
            "fine-grained token."
        )
    if _ADMIN in told:
        advice += " Or its owner has no admin rights there, which no permission makes up for."
    return advice


def _fields(answer: WireAnswer) -> str:
    """The names of fields that were refused. The words of the answer may quote what was sent."""
    said = _json(answer)
    errors = said.get("errors") if isinstance(said, dict) else None
    names = {
        entry["field"]
        for entry in (errors if isinstance(errors, list) else [])[:20]
        if isinstance(entry, dict)
        and isinstance(entry.get("field"), str)
        and re.fullmatch(r"[a-z_]{1,40}", entry["field"])
    }
    return f" ({', '.join(sorted(names))})" if names else ""


def _json(answer: WireAnswer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
