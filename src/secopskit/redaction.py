"""Names without values: a path, an author, a branch or a reason may hold a secret that was found.

It is taken out of all of them at once, before anything is rendered, so no form of a report has to know.
Which values: short ones and plain words stay, for a password `postgres` must not make every directory of
that name unreadable. A value is taken out if it has 8 characters or more, 5 different ones or more, and is
neither a word with up to four digits behind it nor a number, of less than 12 characters; below 16 characters
only where no letter or digit stands beside it. A place stays known by what is left of its path, by its line
and column, by the id of the object, and by `Location.place`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from secopskit.progress import still_at_work
from secopskit.secret import REDACTED

if TYPE_CHECKING:
    from secopskit.findings import Finding, FindingVerification, Location, Provenance, ScanResult
    from secopskit.secret import SecretValue

_SHORTEST: Final = 8
_FEWEST_SIGNS: Final = 5
_LONGEST_WORD: Final = 11
_WORD: Final = r"[A-Za-z]+[0-9]{0,4}|[0-9]+"
_WHEREVER: Final = 16  # characters from which a value is taken out even of the midst of a word


class NameRedaction:
    """Takes `values` out of names. One pass over a name, however many values there are."""

    def __init__(self, values: Iterable[SecretValue]) -> None:
        texts = {value.reveal().decode("utf-8", "surrogateescape").strip() for value in values}
        self._by_start: dict[str, list[str]] = {}
        for text in sorted(filter(_is_telling, texts), key=len, reverse=True):
            self._by_start.setdefault(text[:_SHORTEST], []).append(text)
        self._known: dict[str, str] = {}

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> NameRedaction:
        """What takes the values of `findings` out of names."""
        return cls(finding.secret for finding in findings if finding.secret is not None)

    def __bool__(self) -> bool:
        return bool(self._by_start)

    def __call__(self, name: str) -> str:
        """`name` with `***` for every value in it, the longest first."""
        if not self._by_start or len(name) < _SHORTEST:
            return name
        if name not in self._known:
            self._known[name] = self._redacted(name)
        return self._known[name]

    def stands_in(self, names: Iterable[str]) -> bool:
        """Whether there is a value in one of `names`."""
        return bool(self) and any(self._changes(name) for name in names)

    def _changes(self, name: str) -> bool:
        still_at_work()  # there may be a million of them
        return self(name) != name

    def _redacted(self, name: str) -> str:
        parts, done, at = list[str](), 0, 0
        while at <= len(name) - _SHORTEST:
            for value in self._by_start.get(name[at : at + _SHORTEST], ()):
                if name.startswith(value, at) and _stands_alone(name, at, value):
                    parts += (name[done:at], REDACTED)
                    done = at = at + len(value)
                    break
            else:
                at += 1
        return "".join((*parts, name[done:])) if parts else name


def _is_telling(text: str) -> bool:
    """Whether a name that holds `text` gives it away, rather than being called by a common word."""
    if len(text) < _SHORTEST or len(set(text)) < _FEWEST_SIGNS:
        return False
    return len(text) > _LONGEST_WORD or not re.fullmatch(_WORD, text)


def _stands_alone(name: str, start: int, value: str) -> bool:
    if len(value) >= _WHEREVER:
        return True
    end = start + len(value)
    return not (name[start - 1 : start].isalnum() or name[end : end + 1].isalnum())


def redacted_result(result: ScanResult) -> ScanResult:
    """`result` with no value that it holds in any of its names. The values themselves stay."""
    names = NameRedaction.of((*result.findings, *(one.finding for one in result.suppressed)))
    if not names:
        return result
    return result._replace(
        target=names(result.target),
        findings=tuple(_finding(one, names) for one in result.findings),
        suppressed=tuple(
            one._replace(finding=_finding(one.finding, names), reason=names(one.reason))
            for one in result.suppressed
        ),
        skipped=tuple(one._replace(path=names(one.path), detail=names(one.detail)) for one in result.skipped),
        limits=tuple(map(names, result.limits)),
    )


def _finding(finding: Finding, names: Callable[[str], str]) -> Finding:
    return finding._replace(
        title=names(finding.title),
        note=names(finding.note),
        verification=_verification(finding.verification, names) if finding.verification else None,
        locations=tuple(_location(one, names) for one in finding.locations),
    )


def _verification(known: FindingVerification, names: Callable[[str], str]) -> FindingVerification:
    return known._replace(
        detail=names(known.detail),
        account=names(known.account),
        scopes=tuple(map(names, known.scopes)),
    )


def _location(location: Location, names: Callable[[str], str]) -> Location:
    known = location.provenance
    return location._replace(
        path=names(location.path), provenance=_provenance(known, names) if known else None
    )


def _provenance(known: Provenance, names: Callable[[str], str]) -> Provenance:
    return known._replace(author=names(known.author), refs=tuple(map(names, known.refs)))


class SeenValues:
    """The values that scans of this process have found, for what is said outside of a report.

    An error names a file, a question a branch: whoever writes them does not know what a scan has found.
    """

    def __init__(self) -> None:
        self._findings: list[Iterable[Finding]] = []
        self._values: list[SecretValue] = []
        self._names: NameRedaction | None = None

    def note(self, result: ScanResult) -> None:
        """Remember the values of `result`. Costs nothing until something is said."""
        if result.findings or result.suppressed:
            self._findings += (result.findings, tuple(one.finding for one in result.suppressed))
            self._names = None

    def note_values(self, values: Iterable[SecretValue]) -> None:
        """Remember `values`."""
        self._values += values
        self._names = None

    def forget(self) -> None:
        """Begin anew."""
        self._findings.clear()
        self._values.clear()
        self._names = None

    def hidden(self, text: str) -> str:
        """`text` without the values."""
        if not self._findings and not self._values:
            return text
        if self._names is None:
            found = (one.secret for findings in self._findings for one in findings if one.secret is not None)
            self._names = NameRedaction((*self._values, *found))
        return self._names(text)


SEEN: Final = SeenValues()
