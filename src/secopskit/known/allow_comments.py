"""Allow comments: what people wrote beside a secret to say that it may stay.

`secops: allow`, `secops: allow[rule-id, other-rule] reason`, and the comments of gitleaks,
betterleaks and detect-secrets. Pure: bytes in, answers out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_COMMENTS: Final = 10_000  # in one file; what stands after them is not allowed anything
MAX_REASON: Final = 200
_LOOK_AHEAD: Final = 1000

_MARK: Final = LazyRegex(
    rb"secops:[ \t]{0,4}allow(?:\[(?P<rules>[^\]\r\n]{0,1000})\])?(?![\w\[-])"
    rb"|(?P<other>gitleaks|betterleaks):allow(?![\w-])"
    rb"|pragma:[ ]?(?:allow|white)list[ -](?P<next>nextline[ -])?secret(?![\w-])"
)
# One of them stands in every mark.
_WORDS: Final = (b"secops:", b"leaks:allow", b"pragma:")
# A line that is a comment and nothing else, in the languages that secrets are found in.
_COMMENT_LINE: Final = LazyRegex(
    rb"[ \t]{0,400}(?:#|//|--(?!>)|;|![ \t!]|/\*|\*|<!--|\{#|\{\{/\*|%|(?i:rem)[ \t])", re.DOTALL
)
_RULE_ID: Final = LazyRegex(r"[a-z0-9-]{1,48}")
_CLOSER: Final = LazyRegex(r"\*/|--+>|#\}|%\}")
# A reason is plain words: anything that could be an assignment, a quoted value or a token
# ends it, so that a secret behind the comment is never repeated in a report.
_NOT_WORDS: Final = LazyRegex(r"[^\w \t.,;:()/#@+'-]|\S{25,}")


class Allowance(NamedTuple):
    """Why something may stay: `who` names the mechanism, `reason` is what its author wrote."""

    who: str
    reason: str = ""


class _Comment(NamedTuple):
    who: str
    reason: str
    rules: frozenset[str] | None  # None: every rule
    column: int  # 1-based, of the mark; 0 where the comment stands on the line above

    def covers(self, rule_id: str) -> bool:
        return self.rules is None or rule_id in self.rules


class InlineAllowances:
    """The allow comments of one file. Made once per file with findings, then asked per finding."""

    def __init__(self, data: bytes) -> None:
        self._by_line: dict[int, list[_Comment]] = {}
        if not any(word in data for word in _WORDS):
            return
        line, start, position = 1, 0, 0
        for number, mark in enumerate(_MARK.finditer(data)):
            if number == MAX_COMMENTS:
                return
            line += data.count(b"\n", position, mark.start())
            start = max(start, data.rfind(b"\n", position, mark.start()) + 1)
            position = mark.start()
            self._add(data, mark, line, start)

    def _add(self, data: bytes, mark: re.Match[bytes], line: int, start: int) -> None:
        who = (mark["other"] or b"").decode() or (
            "secops" if mark[0].startswith(b"secops") else "detect-secrets"
        )
        rules = mark["rules"]
        named = (
            None
            if rules is None
            else frozenset(re.split(r"[,\s]+", rules.decode("ascii", "replace").strip()))
        )
        rest = re.split(rb"[\r\n]", data[mark.end() : mark.end() + _LOOK_AHEAD], maxsplit=1)[0].decode(
            "utf-8", "replace"
        )
        text, *code = _CLOSER.split(rest, maxsplit=1)
        reason = _reason(text)
        alone = _COMMENT_LINE.match(data, start, mark.start()) is not None and not any(map(str.strip, code))
        column = mark.start() - start + 1
        if not mark["next"]:
            self._put(line, _Comment(who=who, reason=reason, rules=named, column=column))
        if alone and (mark["next"] or who == "secops"):
            self._put(line + 1, _Comment(who=who, reason=reason, rules=named, column=0))

    def _put(self, line: int, comment: _Comment) -> None:
        self._by_line.setdefault(line, []).append(comment)

    def find(self, line: int, rule_id: str, *, column: int = 0) -> Allowance | None:
        """The comment that lets `rule_id` stand on `line` (1-based), if there is one.

        `column` is where the secret starts. What follows a comment's mark is its reason,
        unless the secret itself stands there: then the reason is withheld.
        """
        for comment in self._by_line.get(line, ()):
            if comment.covers(rule_id):
                hidden = 0 < comment.column <= column
                return Allowance(who=comment.who, reason="" if hidden else comment.reason)
        return None

    def unknown(self, line: int, known: Collection[str]) -> tuple[str, ...]:
        """What the comments for `line` name that could be a rule and is none of the `known` ones."""
        named = (name for comment in self._by_line.get(line, ()) for name in comment.rules or ())
        return tuple(sorted({name for name in named if _RULE_ID.fullmatch(name) and name not in known}))


def inline_allowance(data: bytes, line: int, rule_id: str, *, column: int = 0) -> Allowance | None:
    """`InlineAllowances.find` for a single question."""
    return InlineAllowances(data).find(line, rule_id, column=column)


def _reason(text: str) -> str:
    return _NOT_WORDS.split(text, maxsplit=1)[0].strip(" \t-:,;#")[:MAX_REASON]
