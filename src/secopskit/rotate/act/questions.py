"""The questions of a rotation: what must be agreed to before each step that changes something."""

from __future__ import annotations

from collections.abc import Sequence

from secopskit.conduct.consent import TypedName, YesNo, obtain
from secopskit.errors import RefusedError
from secopskit.origin import build_origin
from secopskit.provider.interface import Outline, RotationPhase
from secopskit.rotate.act.drain import Usage
from secopskit.rotate.keep.journal import RotationRecord
from secopskit.rotate.keep.values import ValueRewrite
from secopskit.rotate.request import RotationConsents, RotationContext
from secopskit.sink.words import sink_words


def agree_to_create(
    context: RotationContext,
    record: RotationRecord,
    phase: RotationPhase,
    outline: Outline,
    consents: RotationConsents,
    seen: Usage,
) -> None:
    """Obtain the consent to make a new value. Raises RefusedError, UsageError."""
    match phase:
        case RotationPhase.DUAL:
            obtain(
                YesNo(question=f"{record.id}: {_sentence(outline.create)} Go on?"),
                context.respondent,
                yes=consents.consented,
            )
        case RotationPhase.MANUAL:
            obtain(YesNo(question=f"{record.id}: {_sentence(outline.create)} Begin?"), context.respondent)
        case RotationPhase.SINGLE:
            _agree_to_outage(context, record, outline, consents, seen)


def require_person(
    context: RotationContext, record: RotationRecord, phase: RotationPhase, outline: Outline
) -> None:
    """See that somebody is here where a person has to do it. Raises RefusedError."""
    if phase is RotationPhase.MANUAL and not context.respondent.present:
        raise RefusedError(
            f"{record.id}: a person has to rotate it, and nobody is here: {outline.create}",
            advice=f"Run `secops rotate apply {record.id}` at a terminal.",
        )


def _agree_to_outage(
    context: RotationContext,
    record: RotationRecord,
    outline: Outline,
    consents: RotationConsents,
    seen: Usage,
) -> None:
    """One value at a time: whoever has not the new one yet fails, and that is agreed to by name."""
    if consents.accepts_outage(record.id, record.name):
        return
    costs = outline.costs or ("Readers fail from now on until they have the new value.",)
    running = (*seen.busy, *seen.unknown)
    needed = TypedName(
        name=record.name,
        prompt=f"Type {record.name} to end the old value now",
        warning="\n".join((f"{record.id}: {_sentence(outline.create)}", *map(_sentence, costs), *running)),
        unattended=f"Accept it by name: `--accept-outage {record.id}`.",
    )
    obtain(needed, context.respondent, yes=consents.consented)


def agree_to_publish(
    context: RotationContext,
    record: RotationRecord,
    rewrites: Sequence[ValueRewrite],
    consents: RotationConsents,
) -> None:
    """Obtain the consent to write the new value where it is read. Raises RefusedError, UsageError."""
    question = f"{record.id}: write the new value to {', '.join(_destinations(context, rewrites))}?"
    obtain(YesNo(question=question), context.respondent, yes=consents.consented)


def _destinations(context: RotationContext, rewrites: Sequence[ValueRewrite]) -> list[str]:
    """Where values are about to be written, each place once."""
    declared = {
        (environment.name, value.name): value
        for environment in context.sync.environments
        for value in environment.values
    }
    places = dict[str, None]()
    for one in rewrites:
        value = None if one.file else declared.get((one.environment, one.name))
        if value is None:
            places[f"{one.name} in {one.file}"] = None
            continue
        origin = build_origin(value.origin, context.origins) if value.origin else None
        if origin and origin.writable:
            places[f"{one.name} in {origin.label}"] = None
        places |= dict.fromkeys(
            f"{one.name} in {sink_words(sink, value, one.environment)}" for sink in value.sinks
        )
    return list(places)


def agree_to_revoke(
    context: RotationContext,
    record: RotationRecord,
    outline: Outline,
    consents: RotationConsents,
    unknown: Sequence[str],
) -> None:
    """Obtain the consent to end the old value, a question of its own. Raises RefusedError, UsageError."""
    lines = [*unknown, f"{record.id}: {_sentence(outline.revoke or 'the old value ends')} End it now?"]
    obtain(YesNo(question="\n".join(lines)), context.respondent, yes=consents.consented)


def agree_to_roll_back(
    context: RotationContext, record: RotationRecord, reason: str, consents: RotationConsents
) -> bool:
    """Whether a rollback is wanted after a failure; without anybody to ask, only if all was agreed to."""
    if consents.consented:
        return True
    if not context.respondent.present:
        return False
    return context.respondent.agrees(
        f"{record.id}: {reason.removeprefix(f'{record.id}: ')}\nRoll back to the old value?"
    )


def agree_to_revoke_busy(
    context: RotationContext, record: RotationRecord, seen: Usage, consents: RotationConsents
) -> bool:
    """Whether the old value may end though it is seen to be used: only a person can say so, now."""
    if consents.consented or not context.respondent.present:
        return False
    lines = [*seen.busy, f"{record.id}: the old value is still in use. Go on nevertheless?"]
    return context.respondent.agrees("\n".join(lines))


def _sentence(text: str) -> str:
    """A provider's words with a full stop, for something follows."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
