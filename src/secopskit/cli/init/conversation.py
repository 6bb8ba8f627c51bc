"""The conversation of `secops init`: each step is explained, shown and asked for, on standard error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from secopskit.cli.terminal.ask import Terminal
from secopskit.conduct.consent import NOBODY, Respondent
from secopskit.errors import ExitCode, RefusedError, UsageError
from secopskit.harden.plan import plan_again
from secopskit.harden.tell import plan_facts, plan_story, speaks, step_facts, step_story
from secopskit.report.page import Para, as_text
from secopskit.report.text import visible

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.harden.model import HardenPlan, ListedSecret, StepPlan
    from secopskit.harden.project import HardenProject
    from secopskit.harden.run import HardenOutcome


_NO_WORDS: Final = frozenset({"y", "yes", "n", "no", "ok"})


class Conversation:
    """A plan gone through with the one who decides; with `yes`, nobody is asked."""

    def __init__(self, voice: Voice, project: HardenProject, *, yes: bool) -> None:
        self._voice = voice
        self._project = project
        self._yes = yes
        self._person: Respondent = NOBODY if yes else Terminal()
        self._left_out: list[str] = []
        self._accepted = False

    def hold(self, plan: HardenPlan) -> HardenPlan:
        """The plan that was agreed to. Raises UsageError where nobody can be asked.

        Raises RefusedError where every step was declined.
        """
        if not plan.empty and not self._yes and not self._person.present:
            raise UsageError(
                "nobody is here to be asked", advice="Look at it with --dry-run, then run again with --yes."
            )
        if self._yes:
            return plan
        agreed = tuple(self._asked(self._renewed(step)) for step in plan.steps)
        if not plan.empty and not any(step.changes for step in agreed):
            raise RefusedError("declined", advice="Nothing was changed.")
        return replace(plan, steps=agreed)

    def conclude(self, plan: HardenPlan, outcome: HardenOutcome) -> ExitCode:
        """Say what was done and what is left to do."""
        blocked = [step for step in plan.steps if step.problem]
        facts = plan_facts(
            plan,
            result="written" if outcome.done else "nothing to do",
            written=outcome.done,
            left_out=tuple(self._left_out),
        )
        if not outcome.done:
            said = [block for step in facts.steps if speaks(step) for block in step_story(step)]
            blocks = (*said, Para("Nothing to do."))
        else:
            shown = plan_story(facts) if self._yes else ()
            done = Para(f"Written: {', '.join(outcome.done)}.")
            look = Para("Look at it with `git status` and `git diff`, then commit it.")
            undo = Para("`secops init --undo` takes all of it back; `secops status` shows what is left.")
            blocks = (*shown, done, look, undo)
        self._voice.page("init", facts, blocks)
        if self._left_out:
            names = ", ".join(self._left_out)
            self._voice.tell(f"Left out: {names}. To keep it so, CI included: `init: {{skip: [{names}]}}`.")
        if not blocked:
            return ExitCode.OK
        return ExitCode.FINDINGS if outcome.done else ExitCode.REFUSED

    def _renewed(self, step: StepPlan) -> StepPlan:
        """The step as it stands after what was accepted meanwhile."""
        return plan_again(self._project, step.name) if self._accepted else step

    def _asked(self, step: StepPlan) -> StepPlan:
        """The step if it was agreed to; else without its changes."""
        facts = step_facts(step)
        if step.changes or step.notes or step.problem:
            self._voice.tell("\n" + as_text(step_story(facts)).rstrip("\n"))
        if step.offered and self._person.present:
            return self._accepting(step)
        if not step.changes or self._person.agrees(f"Do this ({step.name})?"):
            return step
        self._left_out.append(step.name)
        return replace(step, changes=())

    def _accepting(self, step: StepPlan) -> StepPlan:
        from secopskit.harden.steps.baseline import AcceptanceWord, accepting

        words = list[AcceptanceWord]()
        for number, secret in enumerate(step.offered, 1):
            self._voice.tell(f"{_shown(secret)} ({number} of {len(step.offered)})")
            reason = self._word("Why is it accepted? (empty: it is not)")
            owner = self._word("Who answers for it?") if reason else ""
            if reason and owner:
                words.append(AcceptanceWord(secret.fingerprint, reason, owner))
        edit = accepting(self._project, words)
        self._accepted = edit is not None
        return replace(step, changes=(edit,) if edit else ())

    def _word(self, question: str) -> str:
        """What somebody says to an open question; empty for a no, and for a yes, which says nothing."""
        word = self._person.types(question).strip()
        if word.casefold() not in _NO_WORDS:
            return word
        self._voice.tell("  That says neither why nor who: it is not accepted.")
        return ""


def _shown(secret: ListedSecret) -> str:
    return f"  {secret.rule} in {visible(secret.path)}, line {secret.line}"
