"""What a rule says about the making anew of what it finds: steps, pages, and the form of the value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.named_tuple import NamedTuple
from secopskit.rules.find import builtin_rule

if TYPE_CHECKING:
    from secopskit.rules.inquiry import Inquiry
    from secopskit.secret import SecretValue

_SEVERAL_LINES: Final = re.compile(r"BEGIN|PuTTY")


class Guidance(NamedTuple):
    """What is known about a kind of credential.

    `remediation` are sentences of the rule, `pages` its references. `several_lines` tells that the value
    is a text of several lines, such as a private key. `inquiry` is what its issuer can be asked about a value
    that stands alone, None where nobody can.
    """

    title: str
    vendor: str
    remediation: str
    pages: tuple[str, ...]
    several_lines: bool
    inquiry: Inquiry | None


def guidance_for(rule_id: str) -> Guidance | None:
    """What the built-in rule says; None for no rule of that name."""
    rule = builtin_rule(rule_id)
    if rule is None:
        return None
    return Guidance(
        title=rule.title,
        vendor=rule.vendor,
        remediation=" ".join(rule.remediation.split()),
        pages=rule.references,
        several_lines=rule.multiline or _SEVERAL_LINES.search(rule.pattern) is not None,
        inquiry=rule.verify if rule.verify and rule.verify.stands_alone else None,
    )


def has_form(rule_id: str, old: SecretValue | None, new: SecretValue) -> bool:
    """Whether the new value looks like what the rule finds; yes where the rule has no form of its own.

    A rule that is about what stands around a value does not fit the old value alone, and then says nothing
    about the new one.
    """
    rule = builtin_rule(rule_id)
    if rule is None or not rule.pattern:
        return True
    form = re.compile(rule.pattern.encode())
    stands_alone = not rule.context and not form.groups
    judges = stands_alone if old is None else form.fullmatch(old.reveal()) is not None
    return not judges or form.fullmatch(new.reveal()) is not None
