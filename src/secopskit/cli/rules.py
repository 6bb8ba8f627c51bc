"""`secops rules`: what is looked for. List the rules, show one, check rule files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.completion.values import rule_ids
from secopskit.cli.help import Example, HelpGroup
from secopskit.cli.options import global_options, settings_of
from secopskit.errors import ExitCode, UsageError
from secopskit.findings import Severity
from secopskit.report.text import count as counted
from secopskit.report.text import visible
from secopskit.rules.closest import closest_rule
from secopskit.rules.examples import expand
from secopskit.rules.load import builtin_files, load, load_all, load_sound
from secopskit.rules.model import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secopskit.rules.check import RuleProblem

_COLOURS = {Severity.CRITICAL: "red", Severity.HIGH: "bright_red", Severity.MEDIUM: "yellow"}


@click.group(
    cls=HelpGroup,
    examples=(
        Example("secops rules list", "All rules."),
        Example("secops rules show github-pat", "One rule, with examples."),
    ),
)
@global_options
def rules() -> None:
    """List, show and check the rules."""


@rules.command(
    "list", examples=(Example("secops rules list --json", "For a program: patterns and examples too."),)
)
@click.option("--json", "as_json", is_flag=True, help="Everything about each rule, as JSON.")
@global_options
def list_rules(*, as_json: bool) -> None:
    """List the rules that a scan here uses, ordered by id: the built-in ones, and those of the repository."""
    known = _known()
    if as_json:
        click.echo(json.dumps({"version": 1, "rules": [_as_json(rule) for rule in known]}, indent=2))
        return
    width = max((len(rule.id) for rule in known), default=0)
    for rule in known:
        severity = click.style(f"{rule.severity.label:8}", fg=_COLOURS.get(rule.severity))
        source = f"  ({visible(rule.source)})" if rule.source else ""
        click.echo(f"{rule.id:{width}}  {severity}  {rule.confidence.label:6}  {visible(rule.title)}{source}")


@rules.command(
    examples=(Example("secops rules show stripe-secret-key", "What it finds, how sure it is, what to do."),)
)
@click.argument("rule_id", metavar="ID", shell_complete=rule_ids)
@global_options
def show(rule_id: str) -> None:
    """Show the rule ID with its examples (whose values are generated)."""
    known = {rule.id: rule for rule in _known()}
    if rule_id not in known:
        raise UsageError(f"there is no rule {rule_id!r}", advice=closest_rule(rule_id, known))
    rule = known[rule_id]
    for name, value in _as_json(rule).items():
        if value in ("", [], 0.0, None):
            continue
        lines = [str(line) for line in value] if isinstance(value, list) else [str(value)]
        click.echo(click.style(f"{name.replace('_', ' ')}:", bold=True))
        for line in lines:
            click.echo("\n".join(f"  {part}" for part in line.splitlines()))


@rules.command(
    examples=(
        Example(
            "secops rules check my-rules.yaml", "Does it compile, is it bounded, does it find its examples?"
        ),
        Example(
            "secops rules check --cost --on .", "What each rule costs on the files here, the dearest first."
        ),
    )
)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--cost", is_flag=True, help="Print what each rule costs for each MiB of text, instead of checking."
)
@click.option(
    "--on",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --cost: measure on the files of this directory, not on text made of examples.",
)
@global_options
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...], *, cost: bool, directory: Path | None) -> ExitCode:
    """Check the rule FILES, or the built-in rules.

    Each rule must compile, be bounded, have a literal to look for, be fast on hostile text, and find its
    examples but not its negative examples, judged as a scan judges. Where another rule claims all examples of
    one, that is a problem; where it claims some, it is told. Of a gitleaks or betterleaks TOML, what is
    not used is told.
    """
    from secopskit.detect.checks.bench import detector_bench
    from secopskit.rules.check import RuleProblem, check_files
    from secopskit.rules.gitleaks.read import read_gitleaks

    if directory is not None and not cost:
        raise UsageError("--on says what to measure on", advice="Add --cost.")
    files = files or tuple(builtin_files())
    others = [read_gitleaks(file) for file in files if file.suffix == ".toml"]
    own = [file for file in files if file.suffix != ".toml"]
    if cost:
        return _print_costs((*load_sound(own), *(rule for each in others for rule in each.rules)), directory)
    count, problems = check_files(own, detector_bench())
    problems += () if problems else tuple(_further_problems(own))
    count += sum(len(each.rules) for each in others)
    problems += tuple(
        RuleProblem(file=each.file, rule_id="", message=message)
        for each in others
        for message in each.left_out
    )
    for problem in problems:
        click.echo(visible(str(problem)))
    if not settings_of(context).quiet:
        told = counted(len(problems), "problem") if problems else "no problems"
        click.echo(f"{counted(count, 'rule')} in {counted(len(files), 'file')}: {told}", err=True)
    return ExitCode.FINDINGS if problems else ExitCode.OK


def _further_problems(files: Iterable[Path]) -> Iterator[RuleProblem]:
    """What only a sound rule can be asked: whether others are in its way."""
    from secopskit.detect.checks.shadows import shadowed
    from secopskit.rules.check import RuleProblem

    known = load(files)
    for shadow in shadowed(known):
        if shadow.wholly:
            yield RuleProblem(file=shadow.rule.vendor, rule_id=shadow.rule.id, message=str(shadow))
        else:
            click.echo(visible(f"{shadow.rule.id}: {shadow}"), err=True)


def _print_costs(known: tuple[Rule, ...], directory: Path | None) -> ExitCode:
    """A line a rule that costs anything, the dearest first."""
    from secopskit.detect.checks.costs import costs, made_texts, texts_below

    texts = texts_below(directory) if directory else made_texts(known)
    free = 0
    click.echo("   ms/MiB  judged/MiB  rule")
    for one in costs(known, texts):
        if one.judged:
            click.echo(f"{one.milliseconds:9.2f}  {one.judged:10.0f}  {one.rule_id}")
        else:
            free += 1
    click.echo(f"{free} rules cost nothing there", err=True)
    return ExitCode.OK


def _known() -> tuple[Rule, ...]:
    """The rules of a scan of the current directory. Raises ConfigError."""
    from secopskit.scan.session import ScanSession

    rules, notes = load_all(map(Path, ScanSession(".").detector_options.extra_rules))
    for note in notes:
        click.echo(f"secops: {visible(note)}", err=True)
    return rules


def _as_json(rule: Rule) -> dict[str, Any]:
    fields = rule._asdict() | {"allow": [one._asdict() for one in rule.allow]}
    fields |= {
        "severity": rule.severity.label,
        "confidence": rule.confidence.label,
        "kind": rule.kind.value,
        "verify": rule.verify.summary if rule.verify else "",
        "examples": [expand(example, seed=rule.id) for example in rule.examples],
        "negative_examples": [expand(example, seed=rule.id) for example in rule.negative_examples],
    }
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
