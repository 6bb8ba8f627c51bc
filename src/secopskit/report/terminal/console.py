"""The report for a person at a terminal: findings under their rules, the worst last, beside the summary.

A terminal shows the end of what was printed: there stand the worst findings, what they amount to and
what to do next. Every text from the scanned repository goes through `visible`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.findings import Finding, ScanResult
from secopskit.report.facts.clean import Clean, clean_words, cleanness, sentence_case
from secopskit.report.facts.exposure import exposure, since, until
from secopskit.report.facts.grouped import RuleGroup, ShownFinding, how_many, rule_groups, select
from secopskit.report.facts.live import live_counts
from secopskit.report.facts.presence import is_gone
from secopskit.report.facts.summary import (
    by_reason,
    by_severity,
    how_it_was_read,
    in_history,
    next_steps,
    phrase,
    skip_line,
    suppressed_words,
    suppression,
    tests_words,
    what_was_read,
)
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.page import wrapped
from secopskit.report.terminal.lines import (
    BOLD,
    DIM,
    GREEN,
    SEVERITY_STYLE,
    YELLOW,
    Paint,
    group_lines,
    painted,
    unpainted,
)
from secopskit.report.text import count, visible

_NARROWEST: Final = 40
_INDENT: Final = "  "
_PLACES_OF_ONE: Final = 5

_Rows = list[tuple[str, str]]


class ConsoleReporter:
    """A group a rule, its advice once; ends with a summary and the next steps."""

    name = "console"
    complete = True

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report."""
        options = options._replace(width=max(options.width, _NARROWEST))
        paint = painted if options.color else unpainted
        groups = rule_groups(result.findings)
        shown = select(groups, options.limit, _PLACES_OF_ONE if options.limit else 0)
        lines: list[str] = []
        for group, some in zip(reversed(groups), reversed(shown), strict=True):
            lines += [*_group(group, some, options, paint), ""]
        lines += _summary(result, shown, options, paint)
        lines += _next_steps(result, options, paint)
        return "\n".join(line.rstrip(" ") for line in lines) + "\n"


def _group(
    group: RuleGroup, shown: Sequence[ShownFinding], options: RenderOptions, paint: Paint
) -> Iterator[str]:
    yield from _heading(group, options, paint)
    if not shown:
        return
    if group.remediation:
        yield from wrapped(visible(group.remediation), options.width, _INDENT, _INDENT)
    lines = dict[str, list[str]]()
    for finding, own in group_lines(shown, options.width, paint):
        kind = "" if not in_history(finding) else "only in history" if is_gone(finding) else "still there"
        lines.setdefault(kind, []).extend([*own, *_facts(finding, options, paint)])
    # What is still there comes last: nearest to the summary.
    for kind in sorted(lines, key=("only in history", "", "still there").index):
        if kind:
            style = DIM if kind == "only in history" else SEVERITY_STYLE[group.severity]
            yield _INDENT + paint(style, kind)
        yield from lines[kind]
    if more := len(group.findings) - len(shown):
        yield _INDENT + paint(DIM, f"and {count(more, 'more finding')}")


def _heading(group: RuleGroup, options: RenderOptions, paint: Paint) -> Iterator[str]:
    """`HIGH  Slack webhook  slack-webhook, 2 findings`, on two lines where one has no width for it."""
    severity, title = group.severity.name, visible(group.title)
    rest = f"{visible(group.rule_id)}, {how_many(group)}"
    head = f"{paint(SEVERITY_STYLE[group.severity], severity)}  {paint(BOLD, title)}"
    if len(severity) + len(title) + len(rest) + 4 <= options.width:
        yield f"{head}  {paint(DIM, rest)}"
    else:
        yield head
        yield from (paint(DIM, line) for line in wrapped(rest, options.width, _INDENT, _INDENT))


def _facts(finding: Finding, options: RenderOptions, paint: Paint) -> list[str]:
    rows: _Rows = []
    if options.show_secrets and finding.secret is not None:
        value = finding.secret.reveal().decode("utf-8", "surrogateescape")
        rows.append(("value", visible(value)))
    if options.verbosity > 0:
        if known := exposure(finding):
            rows += [("since", since(known)), ("now" if known.present else "until", until(known))]
        rows.append(("id", f"{visible(finding.id)}, {finding.confidence.label} confidence"))
        rows += [("see", visible(reference)) for reference in finding.references]
    return _rows(rows, options.width, paint, indent=6, label_width=5)


def _rows(rows: _Rows, width: int, paint: Paint, *, indent: int, label_width: int) -> list[str]:
    """Labels and their texts in two columns; a row without text is left out."""
    after = " " * (indent + label_width + 1)
    lines = []
    for label, text in rows:
        first, *rest = wrapped(text, width, after, after) if text else ("",)
        if first:
            lines.append(f"{'':{indent}}{paint(DIM, f'{label:<{label_width}}')} {first[len(after) :]}")
        lines += rest
    return lines


def _summary(
    result: ScanResult, shown: Sequence[Sequence[ShownFinding]], options: RenderOptions, paint: Paint
) -> list[str]:
    target, read, how = visible(result.target), what_was_read(result.stats), how_it_was_read(result.stats)
    if result.findings:
        lines = [paint(DIM, "─" * options.width)]
        rows = [
            ("scanned", target),
            ("found", _found(result)),
            ("asked", live_counts(result)),
            ("not shown", _not_shown(result, shown)),
            ("read", read),
            ("with", how),
        ]
    else:
        mark = paint(GREEN, "✓") if cleanness(result) is Clean.WHOLLY else paint(YELLOW, "!")
        lines = [f"{mark} {sentence_case(clean_words(result))}: {read}."]
        rows = [("with", how if options.verbosity > 0 else "")]
    if options.verbosity >= 0:
        rows.append(("skipped", phrase(by_reason(result))))
    rows += [("suppressed", suppressed_words(result)), ("in tests", tests_words(result))]
    rows += [("not seen", visible(limit)) for limit in result.limits]
    lines += _rows(rows, options.width, paint, indent=2, label_width=10)
    return lines + [paint(DIM, f"    {line}") for line in _passed_over(result, options)]


def _passed_over(result: ScanResult, options: RenderOptions) -> list[str]:
    """What was suppressed or skipped, one by one, for those who asked."""
    lines = [suppression(item) for item in result.suppressed] if options.show_suppressed else []
    if options.verbosity > 0:
        lines += [skip_line(item) for item in result.skipped]
    return lines


def _found(result: ScanResult) -> str:
    text = ", ".join(
        f"{number:,} {severity.label}" for severity, number in by_severity(result.findings).items()
    )
    if not any(in_history(finding) for finding in result.findings):
        return text
    gone = sum(is_gone(finding) for finding in result.findings)
    return f"{text}; {len(result.findings) - gone:,} still there, {gone:,} only in history"


def _not_shown(result: ScanResult, shown: Sequence[Sequence[ShownFinding]]) -> str:
    """What the limit left out, with its count, and how to see it."""
    findings = len(result.findings) - sum(map(len, shown))
    places = sum(len(finding.locations) for finding in result.findings)
    places -= sum(len(one.places) for some in shown for one in some)
    if not places:
        return ""
    left = f"{count(findings, 'finding')}, {count(places, 'place')}" if findings else count(places, "place")
    return f"{left} (--limit 0 shows all, -f oneline a line each)"


def _next_steps(result: ScanResult, options: RenderOptions, paint: Paint) -> list[str]:
    steps = next_steps(result)
    if not steps:
        return []
    rows = [(f"{n}.", step) for n, step in enumerate(steps, 1)]
    rows_ = _rows(rows, options.width, paint, indent=2, label_width=2)
    return ["", _INDENT + paint(BOLD, "What to do next"), *rows_]


REPORTER: Final[Reporter] = ConsoleReporter()
