"""The archives of a plan: which of them hold a value, and what is to become of them, with consent."""

from __future__ import annotations

from typing import Final

from secopskit.conduct.consent import Respondent
from secopskit.conduct.tell import Tell
from secopskit.git.repository import Repository
from secopskit.progress import ProgressStage
from secopskit.purge.find.named import archived_names
from secopskit.purge.model import ArchiveFate
from secopskit.purge.plan import PlanDraft, with_archives
from secopskit.report.text import count, listed, visible

_FEW: Final = 3


def settled_archives(
    repository: Repository, made: PlanDraft, fate: ArchiveFate | None, respondent: Respondent, tell: Tell
) -> PlanDraft:
    """The draft with a decision: the one that was made beforehand, or that the respondent takes.

    Without any it stays open, and the plan cannot be applied. Raises GitError.
    """
    if not made.archive_paths:
        return made
    if fate is None and respondent.present and respondent.agrees(_question(made)):
        fate = ArchiveFate.DROP
    with tell.progress() as progress:
        progress.stage(ProgressStage.FINDING_EXTENT)
        return with_archives(repository, made, fate)


def undecided(made: PlanDraft) -> str:
    """Why the plan cannot be applied, as long as nobody has said what becomes of archives; else empty."""
    if not made.archive_paths or made.archives is not None:
        return ""
    which = f"{count(len(made.archive_paths), 'archive')} in the history {_hold(made)} a value"
    return f"{which}: say what becomes of such files: --archives drop, replace or keep"


def _hold(made: PlanDraft) -> str:
    return "holds" if len(made.archive_paths) == 1 else "hold"


def _question(made: PlanDraft) -> str:
    names = [
        visible(name)
        for oid, paths in made.archive_paths.items()
        for name in archived_names(paths, made.survey.archives.get(oid, ()))
    ]
    return (
        f"{listed(tuple(dict.fromkeys(names)), _FEW)}: a value stands in {_these(made)}, and nothing can "
        "be cut out of an archive.\nRemove the whole file from every commit?"
    )


def _these(made: PlanDraft) -> str:
    return "this archive" if len(made.archive_paths) == 1 else "these archives"
