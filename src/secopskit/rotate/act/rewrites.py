"""What a rotation changes: every value that is read somewhere, and what it becomes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from secopskit.provider.interface import Credential, NewValue, Provider
from secopskit.rotate.keep.values import ValueRewrite
from secopskit.rotate.look.declared import read_declared
from secopskit.rotate.look.effect import RotationEffect, values_in
from secopskit.rotate.request import RotationContext, RotationRequest


def rewrites_of(
    context: RotationContext,
    request: RotationRequest,
    credential: Credential,
    provider: Provider,
    new: NewValue,
) -> tuple[ValueRewrite, ...]:
    """Every value that the rotation changes: declared ones, and those in files that we were told to edit."""
    declared = read_declared(context)
    effect = RotationEffect(declared=declared, credential=credential, provider=provider, new=new)
    rewrites = [*_declared(effect)]
    for file in request.edits:
        rewrites += _in_file(context, file, effect)
    if request.to_file:
        rewrites += _collected(request.to_file, credential, new, rewrites)
    return tuple(rewrites)


def _declared(effect: RotationEffect) -> Iterator[ValueRewrite]:
    for place in effect.declared.places:
        after = effect.after(place)
        if after is not None and after != place.value:
            yield ValueRewrite(place.environment, place.name, "", place.value, after)


def _in_file(context: RotationContext, file: str, effect: RotationEffect) -> Iterator[ValueRewrite]:
    for key, found in values_in(context, file).items():
        after = effect.after_elsewhere(key, found.value)
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
