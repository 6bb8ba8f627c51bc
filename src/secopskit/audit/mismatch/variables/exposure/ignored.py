"""Files that git is told to ignore and tracks all the same."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import evidence
from secopskit.audit.mismatch.variables.exposure.tracked import tracked_environments
from secopskit.audit.model import FixStage, Fold, Mismatch, MismatchRule
from secopskit.collect.facts import FactPlace, FileRole, ProjectFacts, SettingKind
from secopskit.findings import Severity
from secopskit.lazy_regex import LazyRegex

_KEYS: Final = LazyRegex(r"(?i)\.(?:pem|key|p12|pfx|jks|keystore|sql|dump)$|(?:^|/)id_(?:rsa|ed25519|ecdsa)$")
# They are there so that git has a directory, whose other files it is to ignore.
_KEEPS: Final = LazyRegex(r"(?:^|/)\.(?:git)?keep$|(?:^|/)\.(?:gitignore|gitempty|placeholder|empty)$")
_EXPLANATION: Final = """\
`.gitignore` keeps files out that are not tracked yet. One that was added before, or with `-f`, stays
tracked: each change of it is committed, though everybody believes that git ignores it.

Wrong: `.env` in `.gitignore` and in `git ls-files`.
Right: `git rm --cached .env`, or an exception, `!.env.example`, where it is meant to be tracked.

No fault: `.gitkeep` and the like in a directory that is ignored. Environment files are told by
`environment-file-tracked`.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    dotenv = {
        each.place.path
        for each in project.settings
        if each.kind is SettingKind.DOTENV and each.role is not FileRole.TEST
    }
    both = (project.ignored & project.tracked) - {each.subject for each in tracked_environments(project)}
    found = [path for path in sorted(both) if "{{" not in path and not _KEEPS.search(path)]
    for path in found:
        delicate = path in dotenv or _KEYS.search(posixpath.basename(path)) is not None
        yield Mismatch(
            rule_id=RULE.id,
            subject=path,
            message=f"{path} matches `.gitignore` and is tracked all the same: its changes are committed.",
            fix=f"`git rm --cached {path}` if it is to be ignored, else an exception in `.gitignore`: "
            f"`!/{path}`.",
            evidence=evidence([(FactPlace(path, 1), "ignored and tracked")]),
            severity=Severity.MEDIUM if delicate else None,
            alone=delicate,
        )


RULE: Final = MismatchRule(
    id="ignored-path-tracked",
    title="File that is ignored and tracked",
    severity=Severity.LOW,
    judge=_judge,
    explanation=_EXPLANATION,
    fold=Fold.PROJECT,
    stage=FixStage.UNTRACK,
)
