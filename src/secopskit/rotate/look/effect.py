"""The effect of a rotation: what becomes of each value. The plan asks it, and so does the publication."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from secopskit.formats import dotenv
from secopskit.named_tuple import NamedTuple
from secopskit.origin import build_origin
from secopskit.origin.interface import OriginValue
from secopskit.provider.interface import Credential, NewValue, Provider
from secopskit.rotate.look.declared import DeclaredPlace, DeclaredValues
from secopskit.rotate.look.forms import concerns
from secopskit.rotate.request import RotationContext
from secopskit.secret import SecretValue
from secopskit.settings.declaration import OriginChoice
from secopskit.state.smallfiles import read_small

_LARGEST: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class RotationEffect:
    """What the new value of a credential makes of other values. `new` may be a stand-in."""

    declared: DeclaredValues
    credential: Credential
    provider: Provider
    new: NewValue

    def after(self, place: DeclaredPlace) -> SecretValue | None:
        """What becomes of the value of a declared name; None where it stays. Raises RefusedError."""
        ours = place.environment == self.credential.environment
        if ours and place.name in self.new.companions:
            return self.new.companions[place.name]
        if place.value is not None and (found := self.after_elsewhere(place.name, place.value)) is not None:
            return found
        return self.new.value if ours and place.name == self.credential.name else None

    def after_elsewhere(self, name: str, value: SecretValue) -> SecretValue | None:
        """What becomes of the value of a name in another environment, or in a file that nobody declares.

        What changes with the credential changes there too, where it was the same.
        """
        if name in self.new.companions and value == self._companions_now[name]:
            return self.new.companions[name]
        return self.provider.rewrite(value, self.new)

    @cached_property
    def _companions_now(self) -> Mapping[str, SecretValue | None]:
        environment = self.credential.environment
        return {name: self.declared.current(environment, name) for name in self.new.companions}


class Affected(NamedTuple):
    """The declared names that get new values, and those that have the old one in a form that stays.

    `edited` are keys in files that we were told to edit: (file, key).
    """

    written: tuple[DeclaredPlace, ...] = ()
    left: tuple[DeclaredPlace, ...] = ()
    edited: tuple[tuple[str, str], ...] = ()


def affected(
    context: RotationContext,
    declared: DeclaredValues,
    credential: Credential,
    provider: Provider,
    files: Iterable[str] = (),
) -> Affected:
    """What a rotation will change, before there is a new value. Raises SecopsError; a file may lack."""
    effect = RotationEffect(
        declared=declared, credential=credential, provider=provider, new=provider.stand_in()
    )
    written = tuple(place for place in declared.places if effect.after(place) is not None)
    left = (place for place in declared.places if place not in written)
    return Affected(
        written,
        tuple(place for place in left if _has(place, credential, provider)),
        tuple(_edited(context, effect, files)),
    )


def _has(place: DeclaredPlace, credential: Credential, provider: Provider) -> bool:
    old = (*((credential.old,) if credential.old else ()), *provider.dies())
    return any(concerns(place.value, value) for value in old)


def _edited(
    context: RotationContext, effect: RotationEffect, files: Iterable[str]
) -> Iterator[tuple[str, str]]:
    for file in files:
        for key, found in values_in(context, file).items():
            if effect.after_elsewhere(key, found.value) is not None:
                yield file, key


def values_in(context: RotationContext, file: str) -> Mapping[str, OriginValue]:
    """What a dotenv file has that nobody declares. Raises SecopsError."""
    origin = build_origin(OriginChoice("dotenv", (file,)), context.origins)
    origin.read(())  # says more of one that is not there
    path = os.path.join(context.origins.base, file)
    keys = {setting.key for setting in dotenv.settings(read_small(path, limit=_LARGEST))}
    return origin.read(sorted(keys))
