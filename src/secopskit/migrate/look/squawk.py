"""What squawk has to say about SQL files: a linter of PostgreSQL migrations, from an optional extra.

It reads copies in a directory of ours, so that no configuration of the repository's reaches it,
and of its rules those are left out that secops keeps by itself.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from secopskit.errors import SecopsError
from secopskit.migrate.model import Hazard, Migration, Script, StatementReport
from secopskit.settings.environment import program_directories

_SECONDS: Final = 120
# Limits on waiting are set for each file, and a file either runs whole or goes on where it stopped.
_KEPT_BY_US: Final = (
    *("require-lock-timeout", "require-statement-timeout", "prefer-robust-stmts"),
    "transaction-nesting",  # a BEGIN and COMMIT of the file's own are left out, or refused
)
# What a dry run knows better: it has seen whether the table was written anew or read from end to end.
_SEEN_BY_TRACE: Final = frozenset(
    {
        "changing-column-type",
        "adding-field-with-default",
        "adding-not-nullable-field",
        "adding-foreign-key-constraint",
        "constraint-missing-not-valid",
        "disallowed-unique-constraint",
        "require-concurrent-index-creation",
        "prefer-text-field",
    }
)
_COMMANDS: Final = re.compile(r"^\\(?:\.|(?:un)?restrict\b.*)$", re.MULTILINE)
_INSTALL: Final = "Install it with `pip install 'secopskit[lint]'`."


def find_program() -> str | None:
    """The program, from the environment that secops runs in or from PATH; None if there is none."""
    places = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable), *program_directories()]
    return shutil.which("squawk", path=os.pathsep.join(places))


def lint(
    migrations: Sequence[Migration], *, version: int | None = None, exclude: Iterable[str] = ()
) -> tuple[Hazard, ...]:
    """squawk's findings in the files that apply `migrations`; their rules are called `squawk:…`.

    `version` is PostgreSQL's major one, `exclude` names more rules (without the prefix) to leave out.
    Raises SecopsError if squawk is missing or fails.
    """
    program = find_program()
    if program is None:
        raise SecopsError("squawk is not installed", advice=_INSTALL)
    options = ["--reporter=json", f"--exclude={','.join((*_KEPT_BY_US, *exclude))}"]
    if version is not None:
        options.append(f"--pg-version={version}.0")
    found: list[Hazard] = []
    for transaction in (True, False):
        some = [m for m in migrations if m.up.directives.transaction is transaction]
        if some:
            wrapped = ["--assume-in-transaction"] if transaction else []
            found += _run([program, *options, *wrapped], some)
    order = {migration.version: number for number, migration in enumerate(migrations)}
    return tuple(sorted(found, key=lambda hazard: (order[hazard.version], hazard.line, hazard.rule)))


def known_better(hazard: Hazard, reports: Sequence[StatementReport], seen: Iterable[Hazard]) -> bool:
    """Whether a dry run of the same file (`reports`) knows better than squawk's `hazard`.

    It did not happen, or stands among what was `seen` already, with the facts.
    """
    if unconfirmed(hazard, reports):
        return True
    if hazard.rule.removeprefix("squawk:") not in _SEEN_BY_TRACE:
        return False
    line = max((report.line for report in reports if report.line <= hazard.line), default=0)
    return any((other.version, other.line) == (hazard.version, line) for other in seen)


def unconfirmed(hazard: Hazard, reports: Sequence[StatementReport]) -> bool:
    """Whether a dry run of the same file (`reports`) shows that what squawk fears does not happen."""
    rule = hazard.rule.removeprefix("squawk:")
    if rule not in _SEEN_BY_TRACE or rule == hazard.rule:
        return False
    report = next((report for report in reversed(reports) if report.line <= hazard.line), None)
    if report is None:
        return False
    there = {lock.relation for lock in report.locks if lock.existed}
    return not there & {*report.scans, *report.rewrites} and not report.required


def _run(command: list[str], migrations: Sequence[Migration]) -> list[Hazard]:
    with tempfile.TemporaryDirectory(prefix="secops-lint-") as directory:  # 0700
        for number, migration in enumerate(migrations):
            Path(directory, f"{number}.sql").write_text(_readable(migration.up), encoding="utf-8")
        names = [f"{number}.sql" for number in range(len(migrations))]
        environment = {"PATH": os.defpath, "HOME": directory, "NO_COLOR": "1"}
        try:
            done = subprocess.run(
                [*command, *names],
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
            answers = json.loads(done.stdout)
            if not isinstance(answers, list):
                raise TypeError  # noqa: TRY301 - told below, with the other surprises
            return [_hazard(answer, migrations[int(answer["file"].partition(".")[0])]) for answer in answers]
        except subprocess.TimeoutExpired:
            raise SecopsError(f"squawk took more than {_SECONDS} s") from None
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            raise SecopsError(
                "squawk failed, or answered in an unknown way", advice="Is it a version of 2.x? " + _INSTALL
            ) from None


def _hazard(answer: dict[str, Any], migration: Migration) -> Hazard:
    return Hazard(
        rule=f"squawk:{answer['rule_name']}",
        version=migration.version,
        line=int(answer["line"]) + 1,
        message=str(answer["message"]),
        advice=str(answer["help"] or ""),
    )


def _readable(script: Script) -> str:
    """The file without what is no SQL (data of COPY, psql's commands), with every line in its place.

    Comments stay: some are addressed to squawk.
    """
    text, position, pieces = script.text, 0, []
    for statement in script.statements:
        if statement.copy_data:
            start = text.index(statement.copy_data, statement.end)
            pieces += [text[position:start], "\n" * statement.copy_data.count("\n")]
            position = start + len(statement.copy_data)
    return _COMMANDS.sub("", "".join(pieces) + text[position:])
