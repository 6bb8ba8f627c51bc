"""Facts gathered from plans, records and providers, made fit to be shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from secopskit.provider import PROVIDERS, settings_of
from secopskit.provider.interface import Outline
from secopskit.report.text import visible
from secopskit.rotate.keep.journal import RotationJournal, RotationRecord
from secopskit.rotate.look.mentions import is_mention
from secopskit.rotate.model import PlannedRotation, Reader, RotationPlan
from secopskit.rotate.outcome import RotationOutcome
from secopskit.rotate.run import RotationStatus
from secopskit.rotate.tell.facts import (
    FoundFacts,
    PlannedFacts,
    ProviderFacts,
    ProvidersFacts,
    ReaderFacts,
    RecordFacts,
    RotationOutcomeFacts,
    RotationPlanFacts,
    RotationStatusFacts,
    SettingFacts,
    StepFacts,
    WriteFacts,
)
from secopskit.settings.options import Option

# --- the plan ---------------------------------------------------------------------------------


def plan_facts(plan: RotationPlan, *, saved: bool) -> RotationPlanFacts:
    """The facts of a plan."""
    return RotationPlanFacts(
        rotations=tuple(map(planned_facts, plan.rotations)),
        not_found=tuple(
            FoundFacts(
                id=visible(one.id),
                rule=visible(one.rule_id),
                title=visible(one.title),
                place=visible(one.place),
            )
            for one in plan.lost
        ),
        notes=_shown(plan.notes),
        saved=saved,
    )


def planned_facts(one: PlannedRotation) -> PlannedFacts:
    """The facts of a planned rotation."""
    return PlannedFacts(
        id=visible(one.id),
        provider=one.provider,
        phase=one.phase.value,
        rule=visible(one.rule_id),
        has_old_value=bool(one.fingerprint),
        steps=_steps(one.outline),
        findings=tuple(
            FoundFacts(
                id=visible(each.id),
                rule=visible(each.rule_id),
                title=visible(each.title),
                place=visible(each.place),
                dies=each.dies,
            )
            for each in one.findings
        ),
        writes=tuple(
            WriteFacts(
                environment=each.environment,
                name=each.name,
                source=visible(each.origin),
                written=each.writable,
                sinks=_shown(each.sinks),
            )
            for each in one.writes
        ),
        edits=_shown(one.edits),
        to_file=visible(one.to_file),
        readers=_readers(one),
        unread=tuple(visible(each.words) for each in one.unread),
        problem=visible(one.problem),
        advice=visible(one.advice),
        notes=_shown(one.notes),
    )


def _steps(outline: Outline | None) -> StepFacts:
    if outline is None:
        return StepFacts()
    return StepFacts(
        create=visible(outline.create),
        verify=visible(outline.verify),
        drain=visible(outline.drain),
        revoke=visible(outline.revoke),
        strength=visible(outline.strength),
        costs=_shown(outline.costs),
        needs=_shown(outline.needs),
        unknown=_shown(outline.unknown),
    )


def _readers(one: PlannedRotation) -> tuple[ReaderFacts, ...]:
    by_hand = set(one.by_hand)

    def facts(reader: Reader) -> ReaderFacts:
        return ReaderFacts(
            place=f"{visible(reader.path)}:{reader.line}",
            key=visible(reader.key),
            kind=reader.kind.value,
            link=reader.link.value,
            by_hand=reader in by_hand,
            mention=is_mention(reader, one.name),
        )

    return tuple(map(facts, one.readers))


def _shown(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(visible, texts))


# --- what became of it ------------------------------------------------------------------------


def record_facts(record: RotationRecord) -> RecordFacts:
    """The facts of a record."""
    return RecordFacts(
        id=visible(record.id),
        provider=record.provider,
        step=record.step.value,
        ended=record.step.ended,
        times=dict(record.times),
        told=_shown(record.told),
        problem=visible(record.problem),
        advice=visible(record.advice),
    )


def outcome_facts(outcome: RotationOutcome) -> RotationOutcomeFacts:
    """The facts of an outcome."""
    return RotationOutcomeFacts(
        rotations=tuple(map(record_facts, outcome.records)),
        blocked=tuple(map(planned_facts, outcome.blocked)),
        code=int(outcome.code),
    )


def status_facts(status: RotationStatus) -> RotationStatusFacts:
    """The facts of how things stand."""

    def records(journal: RotationJournal | None) -> tuple[RecordFacts, ...]:
        return tuple(map(record_facts, journal.records)) if journal else ()

    state = "none"
    if status.current is not None:
        state = "running" if status.running else "unfinished" if status.unfinished else "planned"
    return RotationStatusFacts(
        state=state,
        started=status.current.started if status.current else "",
        rotations=records(status.current),
        last=records(status.last),
    )


# --- providers --------------------------------------------------------------------------------


def providers_facts(
    rules: Mapping[str, tuple[str, ...]], rule: str = "", provider: str = "", names: Collection[str] = ()
) -> ProvidersFacts:
    """The facts of all providers, or of `names`. `rules` are those that lead to each."""
    wanted = names or ([provider] if provider else list(PROVIDERS))
    return ProvidersFacts(
        providers=tuple(
            ProviderFacts(
                name=name,
                phase=PROVIDERS[name].phase,
                summary=PROVIDERS[name].summary,
                settings=tuple(map(_setting, settings_of(name))),
                rules=rules.get(name, ()),
            )
            for name in wanted
        ),
        in_full=bool(names or provider),
        rule=visible(rule),
        provider=provider,
    )


def _setting(option: Option) -> SettingFacts:
    return SettingFacts(name=option.name, kind=option.kind.text, default=option.default, help=option.help)
