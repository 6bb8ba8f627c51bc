"""Passwords that a URL, or the env_file of another service, repeats beside the variable that holds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import evidence
from secopskit.audit.model import FixStage, Fold, Mismatch, MismatchRule
from secopskit.collect.assemble.repeats import RepeatedPassword, repeated_passwords
from secopskit.collect.facts import ProjectFacts
from secopskit.findings import Severity

_EXPLANATION: Final = """\
A password has a variable, and a URL in the same stack has the password once more. Who changes the
variable, as every guide says one should, breaks the connection: the URL keeps the old one. A rotation has
to change both.

Wrong:

```yaml
db:  {environment: {POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:-the-password}"}}
api: {environment: {DATABASE_URL: "${DATABASE_URL:-postgresql://shop:the-password@db/shop}"}}
```

Right: `DATABASE_URL: postgresql://shop:${POSTGRES_PASSWORD:-…}@db/shop`, which changes with it.

Two services with an `env_file` each cannot share a variable: that is told as less severe.

No fault: a URL that takes the variable in, and one whose host is another service than the variable's.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    for repeat in repeated_passwords(project):
        if repeat.bare:
            yield _in_two_files(repeat)
        elif repeat.interpolated:
            yield _mismatch(repeat)


def _mismatch(repeat: RepeatedPassword) -> Mismatch:
    where = f"The default of `{repeat.override}`" if repeat.override else f"`{repeat.key}`"
    owner = f" of `{repeat.service}`" if repeat.service else ""
    return Mismatch(
        rule_id=RULE.id,
        subject=f"{repeat.service}: {repeat.key}" if repeat.service else repeat.key,
        message=f"{where}{owner} repeats the password that `{repeat.variable}` holds: changing only "
        f"`{repeat.variable}` breaks the connection.",
        fix=f"In {repeat.place.path}, write `${{{repeat.variable}}}` in place of the password in "
        f"`{repeat.key}`" + _rest(repeat),
        evidence=evidence(
            [(repeat.place, "the password, once more, in a URL"), (repeat.home, f"held by {repeat.variable}")]
        ),
        stack=repeat.stack,
        severity=None if repeat.service else Severity.LOW,
        development=repeat.development,
        alone=bool(repeat.service),
    )


def _in_two_files(repeat: RepeatedPassword) -> Mismatch:
    here, there = repeat.place.path, repeat.home.path
    return Mismatch(
        rule_id=RULE.id,
        subject=f"{repeat.service}: {repeat.key}",
        message=f"`{repeat.key}` in {here} repeats the password that `{repeat.variable}` holds in {there}: "
        "changing only one of them breaks the connection.",
        fix="Change both together, or hold it once, in the file that Compose reads itself, for both: "
        f"`{repeat.key}: ${{…}}` under services.{repeat.service}.environment.",
        evidence=evidence(
            [(repeat.place, "the password, once more"), (repeat.home, f"held by {repeat.variable}")]
        ),
        stack=repeat.stack,
        severity=Severity.LOW,
        development=repeat.development,
    )


def _rest(repeat: RepeatedPassword) -> str:
    """In a Compose file, a variable that has a default needs it again: what sets nothing goes on as it is."""
    if not repeat.service:
        return ", or change both together."
    if repeat.home.path.endswith((".yml", ".yaml")):
        return f", with the default as in {repeat.home.path}:{repeat.home.line}."
    return "."


RULE: Final = MismatchRule(
    id="password-repeated",
    title="Password that is repeated beside its variable",
    severity=Severity.MEDIUM,
    judge=_judge,
    explanation=_EXPLANATION,
    fold=Fold.STACK,
    stage=FixStage.JOIN,
)
