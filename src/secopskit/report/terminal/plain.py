"""What a blocked commit prints: what, where, why, and how to go on. No imports to wait for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from secopskit.findings import Finding, Location, ScanResult, Severity
from secopskit.report.facts.clean import Clean, clean_words, cleanness
from secopskit.report.facts.live import noted
from secopskit.report.facts.summary import asides, skip_line, suppression, what_was_read
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.text import count, in_a_name, place, role_words, visible

_COLOR: Final = {
    Severity.CRITICAL: "1;31",
    Severity.HIGH: "31",
    Severity.MEDIUM: "33",
    Severity.LOW: "36",
    Severity.INFO: "36",
}
_PLACES_SHOWN: Final = 3
_KEYSTORE: Final = "keystore"  # its rule
_Paint = Callable[[str, str], str]


class PlainReporter:
    """One block a finding, in plain text."""

    name = "plain"
    complete = True

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report."""
        paint = _ansi if options.color else _no_color
        if not result.findings:
            whole = cleanness(result) is Clean.WHOLLY
            mark = paint("32", "ok") if whole else paint("33", "!")
            lines = [f"{mark}  {clean_words(result)}: {what_was_read(result.stats)}"]
        else:
            number = count(len(result.findings), "finding")
            lines = [paint("1", f"secops: {number} in {visible(result.target)}")]
            for finding in result.findings:
                lines += ["", *_block(finding, paint, options)]
            lines += ["", *_ways_out(result, paint, options)]
        lines += _asides(result, options)
        return "\n".join(lines) + "\n"


def _block(finding: Finding, paint: _Paint, options: RenderOptions) -> list[str]:
    severity = paint(_COLOR[finding.severity], finding.severity.label.upper())
    lines = [f"{severity}  {visible(finding.title)}  {paint('2', visible(finding.preview))}"]
    shown = finding.locations if options.verbosity > 0 else finding.locations[:_PLACES_SHOWN]
    lines += [f"  {paint('1', place(location))}{_commit(location)}{_role(location)}" for location in shown]
    if hidden := len(finding.locations) - len(shown):
        lines.append(f"  and {count(hidden, 'more place')} (-v shows them)")
    if note := noted(finding):
        lines.append(f"  why    {visible(note)}")
    if finding.remediation:
        lines.append(f"  fix    {visible(finding.remediation)}")
    if _is_allowable(finding, options):
        lines.append(f"  allow  # secops: allow[{visible(finding.rule_id)}] reason")
    return lines


def _is_allowable(finding: Finding, options: RenderOptions) -> bool:
    """Whether a comment would do: one that is heeded here, at a place that has a line to end.

    Nobody writes into an archive (`dist.zip!.env`) or a keystore.
    """
    lines = (one for one in finding.locations if not in_a_name(one) and "!" not in one.path)
    return options.comments and finding.rule_id != _KEYSTORE and any(lines)


def _role(location: Location) -> str:
    words = role_words(location)
    return f"  {words}" if words else ""


def _commit(location: Location) -> str:
    origin = location.provenance
    if origin is None or not origin.commit:
        return ""
    return f"  (commit {visible(origin.commit[:10])}, {visible(origin.author)})"


def _ways_out(result: ScanResult, paint: _Paint, options: RenderOptions) -> list[str]:
    lines = ["Was it pushed or shared before? Then rotate it: deleting the line is not enough."]
    if any(_is_allowable(finding, options) for finding in result.findings):
        lines.append("A false alarm? End its line with the comment after `allow`, and say why.")
    elif not options.comments:
        lines.append(
            "A false alarm? No comment counts that comes with the change: ask whoever decides there."
        )
    forms = ("To skip this check once: {}", "(with the pre-commit framework: {})")
    lines += [form.format(paint("1", command)) for form, command in zip(forms, options.skip, strict=False)]
    return lines


def _asides(result: ScanResult, options: RenderOptions) -> list[str]:
    lines = asides(result, counts=options.verbosity >= 0)
    if options.verbosity > 0:
        lines += [f"  {skip_line(one)}" for one in result.skipped]
    if options.show_suppressed:
        lines += [f"  {suppression(one)}" for one in result.suppressed]
    return lines


def _ansi(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"


def _no_color(_code: str, text: str) -> str:
    return text


REPORTER: Final[Reporter] = PlainReporter()
