"""What is to be rotated: from names, from findings, or from all that is declared, to credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from secopskit.errors import ConfigError, UsageError
from secopskit.named_tuple import NamedTuple
from secopskit.origin import build_origin
from secopskit.provider import parse_settings
from secopskit.provider.interface import Credential
from secopskit.rotate.look.declared import DeclaredPlace, DeclaredValues
from secopskit.rotate.look.forms import concerns
from secopskit.rotate.look.search import FoundValue, find_values
from secopskit.rotate.model import ChosenCredential, LostFinding
from secopskit.rotate.request import RotationContext, RotationRequest
from secopskit.secret import SecretValue
from secopskit.settings.declaration import OriginChoice
from secopskit.settings.rotate import DeclaredCredential
from secopskit.state.rotations import read_rotations

MANUAL: Final = "manual"
_NAME: Final = re.compile(r"[^A-Za-z0-9_]+", re.ASCII)
_DECLARE: Final = "Declare it under `rotate` in .secops.yaml: docs/ROTATION.md."


class Choice(NamedTuple):
    """The chosen credentials, and the findings whose value nobody has any more."""

    credentials: tuple[ChosenCredential, ...]
    lost: tuple[LostFinding, ...] = ()
    notes: tuple[str, ...] = ()


def choose(context: RotationContext, request: RotationRequest, declared: DeclaredValues) -> Choice:
    """The credentials that the request means. Raises UsageError where it means nothing that there is."""
    if request.reported:
        return _from_findings(context, request, declared)
    if request.names:
        chosen = [one for name in request.names for one in _named(context, request, declared, name)]
        return Choice(tuple({one.credential.id: one for one in chosen}.values()))
    wanted = tuple(_wanted(context, request))
    if not wanted:
        raise UsageError("nothing is declared that could be rotated", advice=_DECLARE)
    return Choice(tuple(_declared(context, request, one, declared) for one in wanted))


# --- names ------------------------------------------------------------------------------------


def _wanted(context: RotationContext, request: RotationRequest) -> Iterator[DeclaredCredential]:
    for one in context.rotate.credentials:
        if not request.environments or one.environment in request.environments:
            yield one


def _named(
    context: RotationContext, request: RotationRequest, declared: DeclaredValues, text: str
) -> list[ChosenCredential]:
    environment, _, name = text.rpartition("/")

    def is_meant(environment_of: str, name_of: str) -> bool:
        return name_of == name and environment in ("", environment_of)

    found = [one for one in _wanted(context, request) if is_meant(one.environment, one.name)]
    if found:
        return [_declared(context, request, one, declared) for one in found]
    places = [
        place
        for place in declared.places
        if is_meant(place.environment, place.name)
        and (not request.environments or place.environment in request.environments)
    ]
    if not places:
        raise UsageError(f"{text}: is not declared", advice=_DECLARE)
    return [_undeclared(place, MANUAL, "") for place in places]


def _declared(
    context: RotationContext, request: RotationRequest, one: DeclaredCredential, declared: DeclaredValues
) -> ChosenCredential:
    """A credential of the section `rotate`; its settings may be wrong, which is then its problem."""
    credential = Credential(
        name=one.name,
        environment=one.environment,
        provider=one.provider,
        old=declared.current(one.environment, one.name) or _edited(context, request, one.name),
    )
    try:
        settings = parse_settings(one.provider, one.settings, source=one.place)
    except ConfigError as error:
        return ChosenCredential(credential, problem=str(error), advice=error.advice, misdeclared=True)
    return ChosenCredential(replace(credential, settings=settings))


def _edited(context: RotationContext, request: RotationRequest, name: str) -> SecretValue | None:
    """The value of a name that no source has, from the first of the files that we may edit."""
    for file in request.edits:
        found = build_origin(OriginChoice("dotenv", (file,)), context.origins).read([name])
        if name in found:
            return found[name].value
    return None


def _undeclared(place: DeclaredPlace, provider: str, rule_id: str) -> ChosenCredential:
    """A name of the section `sync` for which no provider is declared."""
    credential = Credential(
        name=place.name, environment=place.environment, provider=provider, old=place.value, rule_id=rule_id
    )
    return _with_defaults(credential)


def _with_defaults(credential: Credential, *, in_url: bool = False) -> ChosenCredential:
    """A credential whose provider has no declared settings: recognised by the rule, or `manual`."""
    try:
        settings = parse_settings(credential.provider, {}, source="")
    except ConfigError as error:
        return ChosenCredential(credential, problem=str(error), advice=f"{error.advice} {_DECLARE}".strip())
    remark = _hint(credential, in_url=in_url) if credential.provider == MANUAL else ()
    return ChosenCredential(replace(credential, settings=settings), notes=remark)


def chosen_again(context: RotationContext, credential: Credential) -> ChosenCredential:
    """A credential that a journal has, with the settings that are declared for it now. Raises ConfigError."""
    for one in context.rotate.credentials:
        if (one.environment, one.name, one.provider) == (
            credential.environment,
            credential.name,
            credential.provider,
        ):
            settings = parse_settings(one.provider, one.settings, source=one.place)
            return ChosenCredential(replace(credential, settings=settings))
    settings = parse_settings(credential.provider, {}, source="")
    return ChosenCredential(replace(credential, settings=settings))


# --- findings ---------------------------------------------------------------------------------


def _from_findings(context: RotationContext, request: RotationRequest, declared: DeclaredValues) -> Choice:
    values = find_values(context.session, request.reported, context.tell)
    chosen, notes = dict[str, ChosenCredential](), list(values.notes)
    rotated = read_rotations(context.repository.state_dir)
    for one in values.found:
        if when := rotated.get(one.note.fingerprint):
            notes.append(f"{one.note.rule_id}, finding {one.note.id} ({one.note.place}): rotated at {when}.")
            continue
        for found in _of_finding(context, request, declared, one):
            new = _renamed(found, one) if _is_another(chosen, found) else found
            known = chosen.setdefault(new.credential.id, new._replace(findings=(), values=()))
            chosen[new.credential.id] = known._replace(
                findings=(*known.findings, one.note), values=(*known.values, one.value)
            )
    return Choice(tuple(chosen.values()), values.lost, tuple(notes))


def _is_another(chosen: Mapping[str, ChosenCredential], new: ChosenCredential) -> bool:
    """Whether its name is taken by another value."""
    known = chosen.get(new.credential.id)
    return known is not None and known.credential.old != new.credential.old


def _of_finding(
    context: RotationContext, request: RotationRequest, declared: DeclaredValues, one: FoundValue
) -> Iterable[ChosenCredential]:
    """The credentials of a finding: those declared to be rotated, else a declared name, else a new one."""
    places = [place for place in declared.places if concerns(place.value, one.value)]
    names = {(place.environment, place.name) for place in places}
    rotated = [
        _declared(context, request, each, declared)
        for each in _wanted(context, request)
        if (each.environment, each.name) in names
    ]
    if rotated:
        for each in rotated:
            credential = replace(each.credential, rule_id=one.note.rule_id)
            yield each._replace(credential=credential)
        return
    rule_id = one.note.rule_id
    if places:
        yield _undeclared(places[0], _provider_of(rule_id, places[0].value), rule_id)
        return
    provider = _provider_of(rule_id, one.value)
    credential = Credential(name=_name(one), provider=provider, old=one.value, rule_id=rule_id)
    yield _with_defaults(credential, in_url=one.in_url)


def _provider_of(rule_id: str, value: SecretValue | None) -> str:
    from secopskit.provider.recognise import provider_of  # the table of rules: only findings need it

    return provider_of(rule_id, value)


def _hint(credential: Credential, *, in_url: bool) -> tuple[str, ...]:
    """What may be declared for a credential that nobody but a person can rotate as things stand."""
    from secopskit.provider.exchange import scheme_of
    from secopskit.provider.recognise import hint_of

    in_url = in_url or bool(credential.old and scheme_of(credential.old))
    hint = hint_of(credential.rule_id, in_url=in_url) if credential.rule_id else ""
    return (f"No provider is declared for it. {hint or _DECLARE}",)


def _name(one: FoundValue) -> str:
    """What to call a credential that nobody has declared: its key where it stands, else its rule."""
    hint = _NAME.sub("_", one.hint).strip("_")
    return hint or _NAME.sub("_", one.note.rule_id).upper()


def _renamed(new: ChosenCredential, one: FoundValue) -> ChosenCredential:
    name = f"{new.credential.name}_{one.note.id[:6]}"
    return new._replace(credential=replace(new.credential, name=name))
