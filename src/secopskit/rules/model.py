"""The Rule type, and how its pattern is composed from what an author writes."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final, Self

from secopskit.findings import Confidence, Severity
from secopskit.lazy_regex import LazyRegex, compiled
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from secopskit.rules.inquiry import Inquiry


class RuleKind(Enum):
    """Who applies the rule: the pattern engine, or a detector that parses whole files."""

    PATTERN = "pattern"
    STRUCTURE = "structure"


# Between a context word and its value: the rest of the name, quotes, an assignment sign.
# Everything is bounded, so a hostile line costs no more than its length.
_WORDS_OF_A_PART: Final = 12
_PLAIN: Final = LazyRegex(r"[a-z0-9_]{2,40}")
CONTEXT_GROUP: Final = "context"
"""In the expression of a rule that is `named`: the word of its context that stood there."""
_NAME_REST = r"[\w .\-\[\]\"'`\\]{0,40}?"
_ASSIGN = r"(?:=>|:=|<-|\|\|=?|[=:,(>]|\?=)"
_VALUE_LEAD = r"[\s=>\"'`({\[\\]{0,8}"
_LEFT_BOUNDARY = r"(?<![0-9A-Za-z])"
_RIGHT_BOUNDARY = r"(?![0-9A-Za-z])"


class RuleAllowance(NamedTuple):
    """What a rule of another tool does not report: one of these, or with `every` each kind that is given.

    `paths` are expressions for paths, `regexes` for what `target` names (secret, match or line), and
    `stopwords` texts in small letters that stand in the secret.
    """

    paths: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()
    target: str = "secret"
    stopwords: tuple[str, ...] = ()
    every: bool = False


class Rule(NamedTuple):
    """One rule, as written by its author in `rules/<vendor>.yml`. See docs/rules.md.

    `pattern` is a Python regular expression over bytes. The secret is its group named `secret` (of several
    whose names begin so, the one that took part), else its first group, else the whole match. `lines` is
    over how many lines a match may go; `multiline` sets no bound. `entropy` is the least Shannon entropy of
    the secret in bits per character. `filters` and `validator` are names in
    `secopskit.detect.value.filters` and `secopskit.detect.validators`. `verify` is what its issuer can be
    asked, None where nobody can. A finding of a rule that is `named` tells in its note which word of
    `context` it stood beside. `keywords` and `allow` are those of a rule that was written for another tool,
    see `secopskit.rules.gitleaks`: where one of the keywords stands in a file, it is looked for in the whole
    file. `source` is the file of one that did not come with us.
    """

    id: str
    vendor: str
    title: str
    severity: Severity
    confidence: Confidence
    remediation: str
    kind: RuleKind = RuleKind.PATTERN
    pattern: str = ""
    context: tuple[str, ...] = ()
    boundary: bool = True
    multiline: bool = False
    lines: int = 1
    entropy: float = 0.0
    filters: tuple[str, ...] = ("placeholder",)
    validator: str = ""
    path: str = ""
    references: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    negative_examples: tuple[str, ...] = ()
    example_path: str = "example.txt"
    verify: Inquiry | None = None
    named: bool = False
    keywords: tuple[str, ...] = ()
    allow: tuple[RuleAllowance, ...] = ()
    source: str = ""

    @property
    def expression(self) -> str:
        """The whole regular expression: context, boundaries and pattern together."""
        # With a context before it, the whole match is name and value; the secret is the value.
        unmarked = self.context and not re.compile(self.pattern).groups
        core = f"(?P<secret>{self.pattern})" if unmarked else self.pattern
        if self.boundary:
            core = f"{_LEFT_BOUNDARY}(?:{core}){_RIGHT_BOUNDARY}"
        if self.context:
            words = f"(?i:{_either(self.context)})"
            words = f"(?P<{CONTEXT_GROUP}>{words})" if self.named else words
            core = f"{words}{_NAME_REST}{_ASSIGN}{_VALUE_LEAD}{core}"
        return core

    @property
    def parts(self) -> tuple[Self, ...]:
        """The rule in pieces that Hyperscan takes: each with a few of its context words, else as it is."""
        starts = range(0, len(self.context), _WORDS_OF_A_PART)
        return tuple(self._replace(context=self.context[at : at + _WORDS_OF_A_PART]) for at in starts) or (
            self,
        )

    def compiled(self) -> re.Pattern[bytes]:
        """The expression compiled for bytes (ASCII classes). Raises `re.error`."""
        return compiled(self.expression.encode())


def _either(words: tuple[str, ...]) -> str:
    """An expression for any of `words`. Many plain ones are put together by their first letters.

    `re` tries alternatives one by one at every place of a line: of a hundred that is dear.
    """
    if len(words) <= _WORDS_OF_A_PART:
        return "|".join(words)
    plain, other = dict[str, list[str]](), list[str]()
    for word in words:
        if _PLAIN.fullmatch(word):
            plain.setdefault(word[0], []).append(word[1:])
        else:
            other.append(word)
    return "|".join([*(f"{first}(?:{'|'.join(rest)})" for first, rest in plain.items()), *other])
