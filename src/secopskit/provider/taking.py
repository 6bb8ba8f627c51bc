"""Taking a new value from the person who has made it: not shown, not the old one, and of the right form."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from secopskit.errors import ConfigError, RefusedError
from secopskit.provider.guidance import guidance_for, has_form
from secopskit.provider.interface import Credential, Surroundings
from secopskit.secret import SecretValue
from secopskit.state.smallfiles import read_small

_TRIES: Final = 3


def take_value(
    credential: Credential, around: Surroundings, rule_id: str, doubt_of: Callable[[SecretValue], str]
) -> SecretValue:
    """The new value. `doubt_of` may doubt one that has the right form; the person may insist on it.

    Raises RefusedError where none is given.
    """
    for _ in range(_TRIES):
        value = _asked(credential, around, rule_id)
        if value == credential.old:
            around.tell.note("That is the old value. Make a new one and give that.")
        elif value:
            doubt = _doubt_about_form(rule_id, credential.old, value) or doubt_of(value)
            if not doubt or around.respondent.agrees(f"{doubt} Use it anyway?"):
                return value
            around.tell.note(f"{doubt} It was not used.")
    raise _not_given(credential)


def _doubt_about_form(rule_id: str, old: SecretValue | None, value: SecretValue) -> str:
    if has_form(rule_id, old, value):
        return ""
    guidance = guidance_for(rule_id)
    return f"This does not look like: {guidance.title if guidance else rule_id}."


def _asked(credential: Credential, around: Surroundings, rule_id: str) -> SecretValue:
    """What the person gives: a line, or of a value over several lines the file that has it."""
    if _has_several_lines(credential, rule_id):
        return _from_file(credential, around)
    typed = around.respondent.reads_secret(f"New value of {credential.id} (empty: give up)")
    if not typed:
        raise _not_given(credential)
    return SecretValue(typed.encode("utf-8", "surrogateescape"))


def _from_file(credential: Credential, around: Surroundings) -> SecretValue:
    """The whole file that the person names; nothing where it cannot be read, which is told."""
    name = around.respondent.types(f"File with the new value of {credential.id} (empty: give up)").strip()
    if not name:
        raise _not_given(credential)
    try:
        value = SecretValue(read_small(os.path.join(around.base, os.path.expanduser(name))))
    except ConfigError as error:
        around.tell.note(str(error))
        return SecretValue(b"")
    if not value:
        around.tell.note("There is nothing in it.")
    return value


def _has_several_lines(credential: Credential, rule_id: str) -> bool:
    old, guidance = credential.old, guidance_for(rule_id)
    return (guidance is not None and guidance.several_lines) or (
        old is not None and b"\n" in old.reveal().strip()
    )


def _not_given(credential: Credential) -> RefusedError:
    return RefusedError(
        f"{credential.id}: no new value was given", advice="The old one is as it was. Run it again."
    )
