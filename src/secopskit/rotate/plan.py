"""The plan of a rotation: for each credential its provider's outline, what gets new values, what breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from secopskit.errors import SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.provider import build_provider
from secopskit.provider.interface import Provider, RotationPhase
from secopskit.rotate.look.choose import choose
from secopskit.rotate.look.declared import DeclaredPlace, DeclaredValues, read_declared
from secopskit.rotate.look.effect import Affected, affected
from secopskit.rotate.look.files import require_files
from secopskit.rotate.look.forms import concerns
from secopskit.rotate.look.readers import FoundReaders, SoughtCredential, find_readers
from secopskit.rotate.look.tracked import tracked_notes
from secopskit.rotate.look.trusted import require_trusted
from secopskit.rotate.model import (
    ChosenCredential,
    PlannedRotation,
    PlannedWrite,
    RotationPlan,
)
from secopskit.rotate.request import RotationContext, RotationRequest
from secopskit.secret import SecretValue
from secopskit.sink.words import sink_words

_NOWHERE: Final = "there is no place for its new value"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationProposal:
    """A plan, with the credentials (and their values) that it is about."""

    plan: RotationPlan
    request: RotationRequest
    credentials: tuple[ChosenCredential, ...]


class _Gathered(NamedTuple):
    """What is known of one credential. `old` are the forms of the value until now."""

    chosen: ChosenCredential
    provider: Provider | None
    old: tuple[SecretValue, ...]
    affected: Affected = Affected()
    problem: str = ""
    advice: str = ""


def make_plan(context: RotationContext, request: RotationRequest) -> RotationProposal:
    """The plan for what is asked. Changes nothing. Raises SecopsError."""
    declared = read_declared(context)
    choice = choose(context, request, declared)
    gathered = [_gather(context, request, declared, one) for one in choice.credentials]
    wanted = [
        SoughtCredential(one.chosen.credential.id, one.old, one.chosen.credential.name) for one in gathered
    ]
    found = find_readers(context.repository, wanted, limit=context.session.limit, record=context.sync.record)
    rotations = tuple(_outlined(_planned(context, request, one, found), one.provider) for one in gathered)
    notes = (*declared.notes, *choice.notes, *tracked_notes(context.repository, rotations))
    plan = RotationPlan(rotations=rotations, lost=choice.lost, notes=notes)
    return RotationProposal(plan=plan, request=request, credentials=choice.credentials)


def _gather(
    context: RotationContext, request: RotationRequest, declared: DeclaredValues, one: ChosenCredential
) -> _Gathered:
    """The provider, the forms of the old value and what changes, or the reason why it cannot be known."""
    old = (one.credential.old,) if one.credential.old else ()
    own = tuple(place for place in declared.places if _is_own(place, one))
    known = _Gathered(one, None, old, Affected(own), one.problem, one.advice)
    if one.problem:
        return known
    environment = one.credential.environment
    surroundings = context.surroundings(lambda name: declared.current(environment, name))
    try:
        require_trusted(context, one.credential)
        provider = build_provider(one.credential, surroundings)
        known = known._replace(provider=provider, old=tuple(dict.fromkeys((*old, *provider.dies()))))
        return known._replace(affected=affected(context, declared, one.credential, provider, request.edits))
    except SecopsError as error:
        return known._replace(problem=str(error), advice=error.advice)


def _planned(
    context: RotationContext,
    request: RotationRequest,
    one: _Gathered,
    found: FoundReaders,
) -> PlannedRotation:
    credential = one.chosen.credential
    places = one.affected.written
    unreadable = next(
        (place.problem for place in places if place.problem and _is_own(place, one.chosen)), None
    )
    trouble = unreadable or _unwritable(context, request, places)
    return PlannedRotation(
        id=credential.id,
        name=credential.name,
        environment=credential.environment,
        provider=credential.provider,
        rule_id=credential.rule_id,
        phase=RotationPhase.MANUAL,
        fingerprint=credential.old.fingerprint(context.key).text if credential.old else "",
        outline=None,
        findings=tuple(
            note._replace(dies=any(concerns(value, form) for form in one.old))
            for note, value in zip(one.chosen.findings, one.chosen.values, strict=True)
        ),
        readers=found.readers[credential.id],
        unread=found.unread,
        writes=tuple(map(_write, places)),
        edits=request.edits,
        edited=one.affected.edited,
        to_file=request.to_file,
        problem=one.problem or str(trouble or ""),
        advice=one.advice or (trouble.advice if trouble else ""),
        misdeclared=one.chosen.misdeclared,
        notes=(*one.chosen.notes, *map(_left, one.affected.left)),
    )


def _unwritable(
    context: RotationContext, request: RotationRequest, places: Iterable[DeclaredPlace]
) -> SecopsError | None:
    """Why the files that it is to be written to cannot be."""
    try:
        require_files(context, request, places)
    except SecopsError as error:
        return error
    return None


def _outlined(planned: PlannedRotation, provider: Provider | None) -> PlannedRotation:
    if provider is None:
        return planned
    planned = replace(planned, phase=provider.phase)
    try:
        planned = replace(planned, outline=provider.outline())
    except SecopsError as error:
        return replace(planned, problem=str(error), advice=error.advice)
    return _with_a_place(planned)


def _with_a_place(planned: PlannedRotation) -> PlannedRotation:
    """A new value that nobody could read again must not be made."""
    if planned.problem:
        return planned
    kept = [write for write in planned.writes if write.writable]
    lasting = [write for write in planned.writes if write.origin and not write.writable]
    if planned.to_file or (kept and not lasting):
        return planned
    if planned.edited:
        return planned
    if lasting:
        where = ", ".join(dict.fromkeys(write.origin for write in lasting))
        return replace(
            planned,
            problem=f"{_NOWHERE}: we cannot write to {where}",
            advice="Name a file for it with --to-file FILE, and put it into its source from there.",
        )
    return replace(
        planned,
        problem=_NOWHERE,
        advice="Declare its source, name a dotenv file that has it with --edit FILE, or a new one with "
        "--to-file FILE.",
    )


def _is_own(place: DeclaredPlace, one: ChosenCredential) -> bool:
    return (place.environment, place.name) == (one.credential.environment, one.credential.name)


def _left(place: DeclaredPlace) -> str:
    """That a declared name keeps the old value, since nothing tells how to write the new one into it."""
    where = f" in {place.label}" if place.label else ""
    return (
        f"{place.name} of {place.environment}{where} has the old value in a form that is not changed for "
        "you: change it by hand, and where it is published."
    )


def _write(place: DeclaredPlace) -> PlannedWrite:
    return PlannedWrite(
        environment=place.environment,
        name=place.name,
        origin=place.label,
        key=place.declared.key,
        writable=place.writable,
        sinks=tuple(sink_words(sink, place.declared, place.environment) for sink in place.declared.sinks),
        files=tuple(sink.name for sink in place.declared.sinks if sink.kind == "dotenv"),
    )
