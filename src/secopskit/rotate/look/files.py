"""The dotenv files that a rotation is going to write: looked at before a value is made for them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from secopskit.errors import RefusedError
from secopskit.origin import build_origin
from secopskit.rotate.look.declared import DeclaredPlace
from secopskit.rotate.request import RotationContext, RotationRequest
from secopskit.settings.declaration import OriginChoice


def require_files(
    context: RotationContext, request: RotationRequest, places: Iterable[DeclaredPlace]
) -> None:
    """Return if the files of the request, and those of declared `places`, can be written.

    Raises SecopsError for the first that is not there to be edited, says nothing certain, or stands where
    nothing can be put.
    """
    named = (*request.edits, *filter(None, [request.to_file]))
    for file in named:
        if file in request.edits or os.path.lexists(_path(context, file)):
            build_origin(OriginChoice("dotenv", (file,)), context.origins).read(())
    for file in dict.fromkeys((*named, *_declared(places))):
        _require_directory(file, os.path.dirname(_path(context, file)))


def _declared(places: Iterable[DeclaredPlace]) -> Iterator[str]:
    """The dotenv files that sources and sinks are; what they say is looked at where they are read."""
    for place in places:
        origin = place.declared.origin
        if origin and origin.kind == "dotenv":
            yield from origin.arguments[:1]
        yield from (sink.name for sink in place.declared.sinks if sink.kind == "dotenv")


def _require_directory(file: str, directory: str) -> None:
    """A file is replaced whole: what counts is whether its directory takes a new one."""
    if not os.path.isdir(directory):
        raise RefusedError(f"{file}: its directory is not there", advice=f"Make {directory} first.")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise RefusedError(
            f"{file}: its directory cannot be written to", advice=f"Check the mode and owner of {directory}."
        )


def _path(context: RotationContext, file: str) -> str:
    return os.path.realpath(os.path.join(context.origins.base, file))
