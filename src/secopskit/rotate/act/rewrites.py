"""What a rotation changes: every value that is read somewhere, and what it becomes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from secopskit.formats import dotenv
from secopskit.origin import build_origin
from secopskit.provider.interface import Credential, NewValue, Provider
from secopskit.rotate.keep.values import ValueRewrite
from secopskit.rotate.look.declared import DeclaredPlace, DeclaredValues, read_declared
from secopskit.rotate.request import RotationContext, RotationRequest
from secopskit.secret import SecretValue
from secopskit.settings.declaration import OriginChoice
from secopskit.state.smallfiles import read_small

_LARGEST: Final = 1024 * 1024


def rewrites_of(
    context: RotationContext,
    request: RotationRequest,
    credential: Credential,
    provider: Provider,
    new: NewValue,
) -> tuple[ValueRewrite, ...]:
    """Every value that the rotation changes: declared ones, and those in files that we were told to edit."""
    declared = read_declared(context)
    rewrites = [*_declared(declared, credential, provider, new)]
    for file in request.edits:
        rewrites += _in_file(context, file, provider, new)
    if request.to_file:
        rewrites += _collected(request.to_file, credential, new, rewrites)
    return tuple(rewrites)


def _declared(
    declared: DeclaredValues, credential: Credential, provider: Provider, new: NewValue
) -> Iterator[ValueRewrite]:
    for place in declared.places:
        after = _after(place, credential, provider, new)
        if after is not None and after != place.value:
            yield ValueRewrite(place.environment, place.name, "", place.value, after)


def _after(
    place: DeclaredPlace, credential: Credential, provider: Provider, new: NewValue
) -> SecretValue | None:
    """What becomes of the value of a declared name; None where it stays."""
    ours = place.environment == credential.environment
    if ours and place.name in new.companions:
        return new.companions[place.name]
    if place.value is not None and (after := provider.rewrite(place.value, new)) is not None:
        return after
    return new.value if ours and place.name == credential.name else None


def _in_file(
    context: RotationContext, file: str, provider: Provider, new: NewValue
) -> Iterator[ValueRewrite]:
    origin = build_origin(OriginChoice("dotenv", (file,)), context.origins)
    keys = {setting.key for setting in dotenv.settings(read_small(path_of(context, file), limit=_LARGEST))}
    for key, found in origin.read(sorted(keys)).items():
        after = provider.rewrite(found.value, new)
        if after is not None and after != found.value:
            yield ValueRewrite("", key, file, found.value, after)


def _collected(
    file: str, credential: Credential, new: NewValue, rewrites: Sequence[ValueRewrite]
) -> Iterator[ValueRewrite]:
    """The credential's new value, and all that changes with it, for a file of their own."""
    values = {credential.name: new.value, **new.companions}
    values |= {
        one.name: one.after for one in rewrites if one.environment == credential.environment and not one.file
    }
    for name, value in values.items():
        yield ValueRewrite("", name, file, None, value)


def taken_back(rewrites: Iterable[ValueRewrite]) -> tuple[ValueRewrite, ...]:
    """The rewrites that put back what was there; those of names that had no value are left out."""
    return tuple(
        one._replace(before=one.after, after=one.before) for one in rewrites if one.before is not None
    )


def path_of(context: RotationContext, file: str) -> str:
    """The path of a file that a declaration or the user names."""
    return os.path.join(context.origins.base, file)
