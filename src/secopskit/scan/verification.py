"""A live check of what a scan has found: planned first, so that it can be said what goes where, then asked.

Only built-in rules say by themselves who is asked. A rule file of the scanned repository could name any
host, and would be sent what stands there: its host is asked only if the user has named it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from secopskit.errors import SecopsError
from secopskit.findings import Finding, FindingVerification, ScanResult, Severity, VerificationState
from secopskit.named_tuple import NamedTuple
from secopskit.rules.find import builtin_rule
from secopskit.rules.inquiry import Inquiry, Protocol
from secopskit.rules.load import load
from secopskit.state.smallfiles import read_small
from secopskit.verify.ask import Asker, PreparedQuestion
from secopskit.verify.model import NOWHERE, IssuerAnswer, NoIssuerError, Surrounding, UnaskableError
from secopskit.verify.run import ask_all, hosts_of

if TYPE_CHECKING:
    from secopskit.findings import Location
    from secopskit.rules.model import Rule
    from secopskit.scan.session import ScanSession

MOST: Final = 200
"""How many values are asked about, where nobody says."""
_OURS: Final = (".yml", ".yaml")  # only rule files of our own form have inquiries
_PLACES: Final = 5  # that a pair is looked for at
_NOBODY: Final = FindingVerification(VerificationState.UNASKED, "nobody can be asked about this kind")
_ORDER: Final = {VerificationState.ACTIVE: 0, VerificationState.INACTIVE: 2}


class VerifyWish(NamedTuple):
    """What the user allows: hosts besides those of built-in rules, and how many values are asked about."""

    hosts: Collection[str] = ()
    most: int = MOST


class _Notes:
    """Who is told that we wait."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        self._notice = notice

    def note(self, text: str) -> None:
        """See `secopskit.web.retry.Listener`."""
        self._notice(text)


class LiveCheck:
    """The questions about the findings of `result`; nothing is sent before `ask`."""

    def __init__(
        self,
        session: ScanSession,
        result: ScanResult,
        wish: VerifyWish,
        *,
        notice: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._session, self._result, self._wish, self._now = session, result, wish, now
        hosts = frozenset(host.lower() for host in wish.hosts)
        self._asker = Asker(tell=_Notes(notice), sleep=sleep, now=now, admitted=hosts)
        self._inquiries: dict[str, Inquiry] = {}
        self._questions: dict[str, PreparedQuestion] = {}
        self._known: dict[str, FindingVerification] = {}
        self._last: tuple[tuple[str, str | None], bytes] = (("", None), b"")
        for finding in result.findings:
            self._plan(finding)

    @property
    def hosts(self) -> tuple[tuple[str, int], ...]:
        """How many values will go to which host, most first."""
        return hosts_of(self._questions)

    def ask(self) -> ScanResult:
        """The result with what the issuers say: what works is critical and comes first."""
        moment = f"{datetime.fromtimestamp(self._now(), UTC):%Y-%m-%dT%H:%M:%SZ}"
        told = {name: self._told(name, answer, moment) for name, answer in ask_all(self._questions).items()}
        known: Mapping[str, FindingVerification] = {**self._known, **told}
        findings = [self._judged(one, known.get(one.id, _NOBODY)) for one in self._result.findings]
        return self._result._replace(findings=tuple(sorted(findings, key=_rank)))

    def _plan(self, finding: Finding) -> None:
        inquiry = self._inquiry(finding.rule_id)
        if inquiry is None or finding.secret is None:
            return
        try:
            self._admit(finding.rule_id, inquiry)
            around = NOWHERE if inquiry.stands_alone else self._surrounding(finding)
            question = self._asker.prepare(inquiry, finding.secret, around)
        except NoIssuerError:
            return
        except UnaskableError as error:
            self._known[finding.id] = FindingVerification(VerificationState.UNKNOWN, str(error))
            return
        if len(self._questions) >= self._wish.most:
            words = f"not asked: at most {self._wish.most} values are (--verify-limit)"
            self._known[finding.id] = FindingVerification(VerificationState.UNKNOWN, words)
            return
        self._inquiries[finding.id] = inquiry
        self._questions[finding.id] = question

    def _inquiry(self, rule_id: str) -> Inquiry | None:
        rule = builtin_rule(rule_id) or self._own_rules.get(rule_id)
        return rule.verify if rule else None

    @cached_property
    def _own_rules(self) -> dict[str, Rule]:
        files = map(Path, self._session.config.scan.extra_rules)
        return {rule.id: rule for rule in load(file for file in files if file.suffix in _OURS)}

    def _admit(self, rule_id: str, inquiry: Inquiry) -> None:
        """Raises UnaskableError where a rule of somebody else's names a host that the user has not named."""
        if inquiry.protocol is not Protocol.HTTP or builtin_rule(rule_id):
            return
        if inquiry.host.lower() not in self._asker.admitted:
            raise UnaskableError(
                f"its rule is not built in, and names its host itself: --verify-host {inquiry.host}"
            )

    def _told(self, name: str, answer: IssuerAnswer, moment: str) -> FindingVerification:
        if self._inquiries[name].elsewhere:
            answer = answer.doubted(f"; it may belong to {self._inquiries[name].elsewhere}")
        return FindingVerification(answer.state, answer.detail, answer.account, answer.scopes, moment)

    def _judged(self, finding: Finding, verification: FindingVerification) -> Finding:
        inquiry = self._inquiries.get(finding.id)
        severity = finding.severity
        if verification.state is VerificationState.ACTIVE and not (inquiry and inquiry.sandbox):
            severity = Severity.CRITICAL
        elif verification.state is VerificationState.INACTIVE and severity > Severity.LOW:
            severity = Severity(severity - 1)
        return finding._replace(severity=severity, verification=verification)

    def _surrounding(self, finding: Finding) -> Surrounding:
        """The text around the value, from the first of its places where it stands as it is."""
        value = finding.secret.reveal() if finding.secret else b""
        for location in finding.locations[:_PLACES]:
            text = self._content(location)
            begun = _line_start(text, location.line) + location.column - 1
            at = begun if text.startswith(value, begun) else text.find(value)
            if value and at >= 0:
                return Surrounding(text, at)
        return NOWHERE

    def _content(self, location: Location) -> bytes:
        """The text of a place, empty where it is not at hand any more. The last one is kept."""
        key = (location.path, location.oid)
        if self._last[0] != key:
            self._last = (key, self._read(location))
        return self._last[1]

    def _read(self, location: Location) -> bytes:
        limit, repository = self._session.limit, self._session.repository
        try:
            if location.oid and repository:
                size = int(repository.run("cat-file", "-s", location.oid))
                return repository.run("cat-file", "blob", location.oid) if size <= limit else b""
            path = os.path.join(self._session.root, location.path)
            return read_small(path, limit=limit, within=os.path.dirname(path))
        except (SecopsError, OSError, ValueError):
            return b""


def _line_start(text: bytes, line: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.find(b"\n", at) + 1
        if not at:
            return 0
    return at


def _rank(finding: Finding) -> int:
    known = finding.verification
    return _ORDER.get(known.state, 1) if known else 1
