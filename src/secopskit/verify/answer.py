"""What an issuer's answer means: alive, dead or nothing at all; whose the value is, and what it may do."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from secopskit.findings import VerificationState
from secopskit.rules.inquiries import scalar_text
from secopskit.rules.inquiry import AnswerSign, Inquiry
from secopskit.secret import REDACTED, SecretValue
from secopskit.verify.model import IssuerAnswer
from secopskit.web.wire import WireAnswer

_LONGEST: Final = 120
_MOST: Final = 30  # scopes that are told one by one
_HEADER: Final = "header "
_SEPARATORS: Final = re.compile(r"[,\s]+")


def read_answer(
    inquiry: Inquiry, answer: WireAnswer, what: str, hidden: Collection[SecretValue]
) -> IssuerAnswer:
    """The meaning of `answer` to the request `what`. No text of it repeats what is `hidden`."""
    body = _parsed(answer.body)
    detail = f"{what}: HTTP {answer.status}"
    if any(_shows(sign, answer, body) for sign in inquiry.inactive):
        return IssuerAnswer(VerificationState.INACTIVE, detail)
    if not any(_shows(sign, answer, body) and _is_of_the_issuer(sign, body) for sign in inquiry.active):
        return IssuerAnswer(VerificationState.UNKNOWN, f"{detail}, which says neither")
    told = [_told(path, answer, body, hidden) for path in inquiry.account]
    return IssuerAnswer(
        VerificationState.ACTIVE,
        detail,
        account=", ".join(dict.fromkeys(text for texts in told for text in texts[:1])),
        scopes=_scopes(inquiry, answer, body, hidden),
    )


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _shows(sign: AnswerSign, answer: WireAnswer, body: Any) -> bool:
    if answer.status != sign.status or sign.text.encode() not in answer.body:
        return False
    if not sign.path:
        return True
    there = [one for one in _at(sign.path, body) if one is not None]
    if not sign.values:
        return bool(there)
    return any(_scalar(one) in sign.values for one in there)


def _is_of_the_issuer(sign: AnswerSign, body: Any) -> bool:
    """Whether an answer speaks for the value: a page that something on the way has put in its place does not.

    Firewalls and portals answer 403 and 200 of their own, in HTML. Issuers answer in JSON.
    """
    return bool(sign.path or sign.text) or isinstance(body, dict | list)


def _scalar(value: Any) -> str:
    return "" if isinstance(value, dict | list) else scalar_text(value)


def _scopes(
    inquiry: Inquiry, answer: WireAnswer, body: Any, hidden: Collection[SecretValue]
) -> tuple[str, ...]:
    texts = (text for path in inquiry.scopes for text in _told(path, answer, body, hidden))
    names = list(dict.fromkeys(name for text in texts for name in _SEPARATORS.split(text) if name))
    if len(names) > _MOST:
        return (*names[:_MOST], f"and {len(names) - _MOST} more")
    return tuple(names)


def _told(path: str, answer: WireAnswer, body: Any, hidden: Collection[SecretValue]) -> list[str]:
    """The texts that stand at `path` of an answer, fit to be shown."""
    if path.startswith(_HEADER):
        found: list[Any] = [answer.headers.get(path.removeprefix(_HEADER).strip().lower())]
    else:
        found = list(_at(path, body))
    texts = (_scalar(one).strip() for one in found if one not in (None, ""))
    return [_shown(text, hidden) for text in texts if text]


def _at(path: str, body: Any) -> Iterator[Any]:
    """What stands at `path`: names of members and numbers of items between dots, `*` for each of them."""
    found = [body]
    for step in path.split("."):
        found = [child for one in found for child in _children(one, step)][:1000]
    for one in found:
        yield from one if isinstance(one, list) else (one,)


def _children(value: Any, step: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values()) if step == "*" else [value[step]] if step in value else []
    if isinstance(value, list):
        if step == "*":
            return value
        return [value[int(step)]] if step.isdecimal() and int(step) < len(value) else []
    return []


def _shown(text: str, hidden: Collection[SecretValue]) -> str:
    for value in hidden:
        text = text.replace(value.reveal().decode("utf-8", "replace") or "\0", REDACTED)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
