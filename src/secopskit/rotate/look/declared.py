"""Declared values: what `.secops.yaml` says about names, and what their sources have for them now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.origin import build_origin
from secopskit.origin.interface import Origin, OriginValue
from secopskit.rotate.request import RotationContext
from secopskit.secret import SecretValue
from secopskit.settings.declaration import DeclaredEnvironment, DeclaredValue, OriginChoice

# A plan asks nobody for values, and standard input is read once only.
_ASKING: Final = frozenset({"prompt", "stdin"})


class DeclaredPlace(NamedTuple):
    """A declared name in its environment. `found` is what its source has, None for nothing.

    `origin` is None where no source is declared, or where it would have to ask; `label` names it. `problem`
    is why a source that is there cannot be read: what it could not take is not to be made.
    """

    environment: str
    declared: DeclaredValue
    origin: Origin | None
    label: str
    found: OriginValue | None
    problem: SecopsError | None = None

    @property
    def name(self) -> str:
        """The declared name."""
        return self.declared.name

    @property
    def value(self) -> SecretValue | None:
        """The value, if it is at hand."""
        return self.found.value if self.found else None

    @property
    def writable(self) -> bool:
        """Whether a new value can be written to its source."""
        return self.origin is not None and self.origin.writable


class DeclaredValues(NamedTuple):
    """All declared names with what their sources have; `notes` say which sources could not be read."""

    places: tuple[DeclaredPlace, ...] = ()
    notes: tuple[str, ...] = ()

    def get(self, environment: str, name: str) -> DeclaredPlace | None:
        """A declared name; of a name that is declared once, without its environment, too."""
        found = [
            place for place in self.places if place.name == name and environment in ("", place.environment)
        ]
        return found[0] if found and (environment or len(found) == 1) else None

    def current(self, environment: str, name: str) -> SecretValue | None:
        """The value that a declared name has now."""
        place = self.get(environment, name)
        return place.value if place else None


def read_declared(context: RotationContext) -> DeclaredValues:
    """What the sources of all declared names have. A source that cannot be read is a note."""
    places, notes = list[DeclaredPlace](), dict[str, None]()
    for environment in context.sync.environments:
        for choice, names in _by_source(environment).items():
            origin, label, found, error = _read(context, choice, [one.key for one in names])
            # One that is merely not there yet is made.
            problem = error if isinstance(error, ConfigError | RefusedError) else None
            places += [
                DeclaredPlace(environment.name, one, origin, label, found.get(one.key), problem)
                for one in names
            ]
            if error:
                notes[_note(label, error)] = None
    return DeclaredValues(tuple(places), tuple(notes))


def _note(label: str, error: SecopsError) -> str:
    """What is told of a source that cannot be read: its name once, for most errors begin with it."""
    text = str(error)
    return text if text.startswith(label) else f"{label} cannot be read: {text}"


def _by_source(environment: DeclaredEnvironment) -> dict[OriginChoice | None, list[DeclaredValue]]:
    sources = dict[OriginChoice | None, list[DeclaredValue]]()
    for value in environment.values:
        sources.setdefault(value.origin, []).append(value)
    return sources


def _read(
    context: RotationContext, choice: OriginChoice | None, keys: Iterable[str]
) -> tuple[Origin | None, str, Mapping[str, OriginValue], SecopsError | None]:
    if choice is None:
        return None, "", {}, None
    if choice.kind in _ASKING:
        return None, choice.kind, {}, None
    origin = build_origin(choice, context.origins)
    try:
        return origin, origin.label, origin.read(list(keys)), None
    except SecopsError as error:
        return origin, origin.label, {}, error
